#include "freeze/freeze.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/hash.h"
#include "base/text.h"
#include "freeze/build.h"
#include "freeze/original.h"
#include "freeze/select.h"
#include "freeze/state.h"
#include "freeze/users.h"

namespace hoarfrost::freeze {
namespace {

// Messages of selection and plans do not know the file.
absl::Status InFile(const wire::ByteSource& file, const absl::Status& status) {
  const std::string_view message(status.message().data(), status.message().size());
  return {status.code(), fmt::format("{}: {}", base::Escape(file.name()), message)};
}

absl::StatusOr<State> StateBefore(const Original& original) {
  if (!original.plan.has_value()) return State(*original.model);
  return StateOf(*original.plan, *original.model);
}

Forms Union(const Forms& a, const Forms& b) {
  return {a.batchnorm_arithmetic || b.batchnorm_arithmetic,
          a.dropout_identity || b.dropout_identity, a.constants || b.constants,
          a.expose_trainable || b.expose_trainable};
}

// What is asked for goes for all of a file, so a frozen one has it or refuses it.
absl::StatusOr<Forms> FormsAfter(const Original& original, const Forms& asked) {
  if (!original.plan.has_value()) return asked;
  const Forms& before = original.plan->forms;
  constexpr std::pair<bool Forms::*, std::string_view> kOptions[] = {
      {&Forms::batchnorm_arithmetic, "--batchnorm arithmetic"},
      {&Forms::dropout_identity, "--dropout identity"},
      {&Forms::constants, "--constants"},
      {&Forms::expose_trainable, "--expose-trainable"}};
  for (const auto& [form, option] : kOptions) {
    if (!(asked.*form) || before.*form) continue;
    return absl::InvalidArgumentError(fmt::format(
        "was frozen without {}, which goes for all of a file: thaw it first, and freeze all of it "
        "anew",
        option));
  }
  return before;
}

bool SelectsAnything(const Selection& selection) {
  return selection.all || selection.first > 0 || !selection.layers.empty() ||
         !selection.tensors.empty() || !selection.types.empty() || !selection.upto.empty();
}

using Entries = std::vector<const plan::Entry*>;

Entries Sorted(std::initializer_list<const std::vector<plan::Entry>*> lists) {
  Entries entries;
  for (const auto* list : lists) {
    for (const plan::Entry& entry : *list) entries.push_back(&entry);
  }
  std::sort(entries.begin(), entries.end(), [](const plan::Entry* a, const plan::Entry* b) {
    return std::tie(a->scope, a->name) < std::tie(b->scope, b->name);
  });
  return entries;
}

bool SameEntries(const Entries& a, const Entries& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const plan::Entry* x, const plan::Entry* y) { return *x == *y; });
}

// Forms that a model is written in hide layers, the order of tensors, and which statistics must
// not move; the plan that came with them tells. Where it says the same of every parameter as the
// model itself, it is the model's.
plan::Plan AsSaid(plan::Plan found, const plan::Plan& said) {
  if (!said.forms.any()) return found;
  const bool same = SameEntries(Sorted({&found.trainable}), Sorted({&said.trainable})) &&
                    SameEntries(Sorted({&found.frozen}), Sorted({&said.frozen})) &&
                    SameEntries(Sorted({&found.statistics, &found.frozen_statistics}),
                                Sorted({&said.statistics, &said.frozen_statistics}));
  if (same) return said;
  found.forms = said.forms;
  return found;
}

void NoteNothingLeft(Rewrite& rewrite) {
  if (rewrite.after.trainable > 0) return;
  rewrite.notes.push_back({model::Severity::kInfo,
                           "no trainable weight is left; ONNX Runtime training stops on a model "
                           "with nothing to train"});
}

}  // namespace

absl::StatusOr<Rewrite> Freeze(const wire::ByteSource& file, const std::string& directory,
                               const FreezeRequest& request) {
  const absl::StatusOr<Original> original = ReadOriginal(file, directory);
  if (!original.ok()) return original.status();
  const summary::Summary& model = *original->model;
  Users users(model);
  absl::StatusOr<State> before = StateBefore(*original);
  if (!before.ok()) return InFile(file, before.status());
  State after = *before;
  Forms asked = request.forms;
  if (request.plan.has_value()) {
    absl::StatusOr<State> planned = StateOf(*request.plan, model);
    if (!planned.ok()) return InFile(file, planned.status());
    asked = Union(asked, planned->forms);
    for (size_t t = 0; t < after.weights.size(); ++t) {
      if (planned->weights[t]) after.weights[t] = true;
    }
    for (size_t l = 0; l < after.layers.size(); ++l) {
      if (planned->layers[l]) after.layers[l] = true;
    }
  }
  const absl::StatusOr<Forms> forms = FormsAfter(*original, asked);
  if (!forms.ok()) return InFile(file, forms.status());
  after.forms = *forms;
  Selected selected;
  if (SelectsAnything(request.selection)) {
    absl::StatusOr<Selected> found = Select(request.selection, model, users);
    if (!found.ok()) return InFile(file, found.status());
    selected = *std::move(found);
    absl::Status added = AddFrozen(selected, request.shared, model, users, after);
    if (!added.ok()) return InFile(file, added);
  }
  if (after.nothing()) {
    return InFile(file, absl::InvalidArgumentError("nothing is selected to be frozen"));
  }
  absl::StatusOr<Rewrite> rewrite = Build(*original, *before, after, users);
  if (!rewrite.ok()) return rewrite.status();
  rewrite->skipped_statistics = selected.statistics;
  rewrite->skipped_constants = selected.constants;
  if (after == *before) {
    rewrite->notes.push_back({model::Severity::kInfo, "all of this was frozen before"});
  }
  NoteNothingLeft(*rewrite);
  return rewrite;
}

absl::StatusOr<Rewrite> Thaw(const wire::ByteSource& file, const std::string& directory,
                             const ThawRequest& request) {
  const absl::StatusOr<Original> original = ReadOriginal(file, directory);
  if (!original.ok()) return original.status();
  if (!original->plan.has_value()) {
    return absl::FailedPreconditionError(
        fmt::format("{}: was never frozen", base::Escape(file.name())));
  }
  const summary::Summary& model = *original->model;
  Users users(model);
  absl::StatusOr<State> before = StateBefore(*original);
  if (!before.ok()) return InFile(file, before.status());
  State after(model);
  Selected selected;
  if (request.selection.has_value()) {
    after = *before;
    absl::StatusOr<Selected> found = Select(*request.selection, model, users);
    if (!found.ok()) return InFile(file, found.status());
    selected = *std::move(found);
    absl::Status taken = TakeFrozen(selected, request.shared, model, users, after);
    if (!taken.ok()) return InFile(file, taken);
    if (after == *before) {
      return InFile(file, absl::InvalidArgumentError("nothing that is selected is frozen"));
    }
  }
  absl::StatusOr<Rewrite> rewrite = Build(*original, *before, after, users);
  if (!rewrite.ok()) return rewrite.status();
  rewrite->skipped_statistics = selected.statistics;
  rewrite->skipped_constants = selected.constants;
  if (rewrite->after.frozen > 0 && !rewrite->frozen) {
    rewrite->notes.push_back({model::Severity::kInfo,
                              "weights outside of the model's own training steps (training_info) "
                              "stay frozen: the model says so itself"});
  }
  return rewrite;
}

absl::StatusOr<plan::Plan> PlanOf(const wire::ByteSource& file, const std::string& directory) {
  absl::StatusOr<summary::Summary> model = summary::Summarize(file, directory, {});
  if (!model.ok()) return model.status();
  return PlanOf(*model);
}

plan::Plan PlanOf(const summary::Summary& model) {
  Users users(model);
  State state(model);
  state.weights = model.frozen.frozen;
  if (model.frozen.plan.has_value()) {
    // What a rewritten file no longer has is no error here; its notes say it.
    const std::vector<bool> without_weights = LayersWithoutWeights(model);
    base::ViewSet frozen_layers;
    for (const std::string& path : model.frozen.plan->frozen_layers) frozen_layers.insert(path);
    for (size_t l = 0; l < state.layers.size(); ++l) {
      state.layers[l] = without_weights[l] && frozen_layers.contains(model.layers.layers[l].path);
    }
  }
  std::vector<model::Note> notes;
  plan::Plan plan = MakePlan(state, model, users, notes);
  return model.frozen.plan.has_value() ? AsSaid(std::move(plan), *model.frozen.plan)
                                       : std::move(plan);
}

absl::StatusOr<plan::Plan> PlanOf(const summary::Summary& model, const plan::Plan& plan) {
  const absl::StatusOr<State> state = StateOf(plan, model);
  if (!state.ok()) return state.status();
  Users users(model);
  std::vector<model::Note> notes;
  return AsSaid(MakePlan(*state, model, users, notes), plan);
}

}  // namespace hoarfrost::freeze
