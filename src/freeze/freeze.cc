#include "freeze/freeze.h"

#include <fmt/format.h>

#include <string_view>
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

bool SelectsAnything(const Selection& selection) {
  return selection.all || selection.first > 0 || !selection.layers.empty() ||
         !selection.tensors.empty() || !selection.types.empty() || !selection.upto.empty();
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
  if (request.plan.has_value()) {
    absl::StatusOr<State> planned = StateOf(*request.plan, model);
    if (!planned.ok()) return InFile(file, planned.status());
    for (size_t t = 0; t < after.weights.size(); ++t) {
      if (planned->weights[t]) after.weights[t] = true;
    }
    for (size_t l = 0; l < after.layers.size(); ++l) {
      if (planned->layers[l]) after.layers[l] = true;
    }
  }
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
  return MakePlan(state, model, users, notes);
}

absl::StatusOr<plan::Plan> PlanOf(const summary::Summary& model, const plan::Plan& plan) {
  const absl::StatusOr<State> state = StateOf(plan, model);
  if (!state.ok()) return state.status();
  Users users(model);
  std::vector<model::Note> notes;
  return MakePlan(*state, model, users, notes);
}

}  // namespace hoarfrost::freeze
