#include "freeze/build.h"

#include <string>
#include <utility>
#include <vector>

#include "base/checked.h"
#include "freeze/digest.h"
#include "freeze/edits.h"
#include "freeze/marks.h"
#include "freeze/undo.h"
#include "payload/dtype.h"
#include "wire/splice.h"

namespace hoarfrost::freeze {
namespace {

using model::TensorId;
using roles::Role;

bool IsFrozen(const State& state, const summary::Summary& model, size_t t) {
  return state.weights[t] || model.frozen.stated_outside[t];
}

// The file with plan and undo data, over the original's bytes.
absl::StatusOr<wire::Rope> FrozenFile(const wire::ByteSource& original, const EditContext& context,
                                      std::vector<model::Note>& notes) {
  EditList list;
  for (const EditMaker make : kEditMakers) {
    if (absl::Status made = make(context, list); !made.ok()) return made;
  }
  notes.insert(notes.end(), list.notes.begin(), list.notes.end());
  list.Add({wire::EditKind::kAppend, {}, MetadataField(plan::kPlanKey, plan::ToJson(context.plan))},
           {});
  absl::StatusOr<std::vector<wire::Change>> changes = wire::FindChanges(original, list.edits);
  if (!changes.ok()) return changes.status();
  wire::Rope rope = wire::ApplyChanges(original.size(), *changes);

  Undo undo;
  undo.length = rope.size();
  absl::StatusOr<std::vector<UndoItem>> items = MakeItems(original, *changes, list.labels);
  if (!items.ok()) return items.status();
  undo.original = *std::move(items);
  const auto rest = wire::MakeRopeSource(rope, original, original.name());
  absl::StatusOr<std::string> digest = DigestOf(*rest, undo.length, ItemsToJson(undo.original));
  if (!digest.ok()) return digest.status();
  undo.digest = *std::move(digest);
  rope.AppendLiteral(MetadataField(plan::kUndoKey, ToJson(undo)));
  absl::Status fits = wire::CheckGrowth(original.name(), original.size(), rope.size());
  if (!fits.ok()) return fits;
  return rope;
}

}  // namespace

Counts CountsOf(const State& state, const summary::Summary& model) {
  Counts counts;
  for (size_t t = 0; t < state.weights.size(); ++t) {
    const auto id = static_cast<TensorId>(t);
    if (!model.is_counted(id) || !model.is_parameter(id)) continue;
    const uint64_t elements = model.elements(id);
    const auto add = [&](uint64_t& sum) { sum = base::SaturatingAdd(sum, elements); };
    add(counts.parameters);
    if (model.role(id).role == Role::kStatistic) {
      add(counts.statistics);
    } else if (IsFrozen(state, model, t)) {
      add(counts.frozen);
    } else if (payload::IsTrainableFloat(model.tensor(id).dtype)) {
      add(counts.trainable);
    }
  }
  return counts;
}

absl::StatusOr<Rewrite> Build(const Original& original, const State& before, const State& after,
                              Users& users) {
  const summary::Summary& model = *original.model;
  Rewrite rewrite;
  rewrite.frozen = !after.nothing();
  rewrite.before = CountsOf(before, model);
  rewrite.after = CountsOf(after, model);
  Outcome outcome;
  rewrite.plan = MakePlan(after, model, users, rewrite.notes, &outcome);
  rewrite.frozen_tensors = rewrite.plan.frozen.size();
  if (!rewrite.frozen) {
    rewrite.rope = original.rope;
    return rewrite;
  }
  absl::StatusOr<wire::Rope> rope = FrozenFile(
      *original.source, {model, *original.source, rewrite.plan, outcome, users}, rewrite.notes);
  if (!rope.ok()) return rope.status();
  rewrite.rope = wire::Flatten(*rope, original.rope);
  return rewrite;
}

}  // namespace hoarfrost::freeze
