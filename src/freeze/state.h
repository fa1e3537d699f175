// What is frozen in a model: the state that a plan writes down.
#ifndef HOARFROST_FREEZE_STATE_H_
#define HOARFROST_FREEZE_STATE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "freeze/select.h"
#include "freeze/users.h"
#include "hoarfrost/selection.h"
#include "plan/plan.h"
#include "summary/summary.h"

namespace hoarfrost::freeze {

// By choice of a person. Layers are those without weights: the others follow from their weights.
struct State {
  std::vector<bool> weights;  // by TensorId
  std::vector<bool> layers;   // by LayerId
  Forms forms;                // how the frozen file is written

  explicit State(const summary::Summary& model)
      : weights(model.facts.tensors.size()), layers(model.layers.layers.size()) {}

  bool nothing() const;
  friend bool operator==(const State&, const State&) = default;
};

// What a plan says of this model. InvalidArgument lists what does not fit: tensors that are not
// there, or have another shape or type, or are to be frozen and are no weights.
absl::StatusOr<State> StateOf(const plan::Plan& plan, const summary::Summary& model);

// `state` with the selection frozen, or thawed, too. InvalidArgument where a tensor is shared by a
// layer that is frozen and one that is trained, and `shared` does not decide.
absl::Status AddFrozen(const Selected& selected, SharedTensors shared,
                       const summary::Summary& model, Users& users, State& state);
absl::Status TakeFrozen(const Selected& selected, SharedTensors shared,
                        const summary::Summary& model, Users& users, State& state);

// What a state makes of each tensor, and of BatchNormalizations.
struct Outcome {
  std::vector<bool> frozen;          // by TensorId: weights that must not change
  std::vector<bool> still;           // by TensorId: statistics that must not move
  std::vector<model::NodeId> norms;  // the frozen BatchNormalizations, ascending
};

// The plan of a state: every counted weight, statistic and initializer in one of its lists, in the
// model's order. `notes` gets a warning for each half-frozen BatchNormalization.
plan::Plan MakePlan(const State& state, const summary::Summary& model, Users& users,
                    std::vector<model::Note>& notes, Outcome* outcome = nullptr);

}  // namespace hoarfrost::freeze

#endif  // HOARFROST_FREEZE_STATE_H_
