#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "freeze/frozen_statistics.h"
#include "freeze/state.h"
#include "payload/dtype.h"

namespace hoarfrost::freeze {
namespace {

using model::kNone;
using model::LayerId;
using model::TensorId;
using roles::Role;

size_t Index(int32_t id) { return static_cast<size_t>(id); }

// A layer is frozen where all weights that it owns are, or where it has none and was chosen. So
// what a plan says of layers follows from what is frozen and not from how it was selected.
std::vector<bool> FrozenLayers(const State& state, const std::vector<bool>& frozen,
                               const summary::Summary& model) {
  std::vector<bool> owns_frozen(state.layers.size());
  std::vector<bool> owns_trained(state.layers.size());
  for (size_t t = 0; t < frozen.size(); ++t) {
    const auto id = static_cast<TensorId>(t);
    const LayerId layer = model.layers.tensor_layer[t];
    if (layer == kNone || !model.is_counted(id) || model.role(id).role != Role::kWeight) continue;
    (frozen[t] ? owns_frozen : owns_trained)[Index(layer)] = true;
  }
  std::vector<bool> layers = state.layers;
  for (size_t l = 0; l < layers.size(); ++l) {
    if (owns_frozen[l] && !owns_trained[l]) layers[l] = true;
  }
  return layers;
}

plan::Entry EntryOf(const summary::Summary& model, TensorId t) {
  const model::Tensor& tensor = model.tensor(t);
  return {std::string(tensor.name), model.facts.scopes[Index(tensor.scope)].path,
          payload::DtypeName(tensor.dtype), tensor.dims};
}

}  // namespace

plan::Plan MakePlan(const State& state, const summary::Summary& model, Users& users,
                    std::vector<model::Note>& notes, Outcome* outcome) {
  // Weights outside of every update_binding are frozen by the model itself.
  std::vector<bool> frozen = state.weights;
  for (size_t t = 0; t < frozen.size(); ++t) {
    const auto id = static_cast<TensorId>(t);
    const bool weight = model.is_counted(id) && model.role(id).role == Role::kWeight;
    frozen[t] = weight && (frozen[t] || model.frozen.stated_outside[t]);
  }
  const std::vector<bool> layers = FrozenLayers(state, frozen, model);
  FrozenBatchNorms norms = FindFrozenBatchNorms(model, frozen, layers, users, notes);
  const std::vector<bool>& still = norms.statistics;

  plan::Plan plan;
  plan.forms = state.forms;
  for (size_t t = 0; t < frozen.size(); ++t) {
    const auto id = static_cast<TensorId>(t);
    if (!model.is_counted(id)) continue;
    const model::Tensor& tensor = model.tensor(id);
    switch (model.role(id).role) {
      case Role::kWeight:
        // An integer is a weight, but no gradient reaches it.
        (frozen[t]                                 ? plan.frozen
         : payload::IsTrainableFloat(tensor.dtype) ? plan.trainable
                                                   : plan.other)
            .push_back(EntryOf(model, id));
        break;
      case Role::kStatistic:
        (still[t] ? plan.frozen_statistics : plan.statistics).push_back(EntryOf(model, id));
        break;
      default:
        // No trainer takes the value of a Constant node for a parameter.
        if (tensor.source != model::TensorSource::kConstantNode) {
          plan.other.push_back(EntryOf(model, id));
        }
    }
  }
  for (size_t l = 0; l < layers.size(); ++l) {
    if (layers[l]) plan.frozen_layers.push_back(model.layers.layers[l].path);
  }
  std::sort(plan.frozen_layers.begin(), plan.frozen_layers.end());
  if (outcome != nullptr) {
    *outcome = {std::move(frozen), std::move(norms.statistics), std::move(norms.nodes)};
  }
  return plan;
}

}  // namespace hoarfrost::freeze
