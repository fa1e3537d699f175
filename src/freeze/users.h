// Which layers use a weight, seen through nodes that hand a value on as it is.
//
// Exporters merge equal tensors through Identity (a LayerNormalization's weight is then
// Identity(bn2.weight)), transpose them, cast them; and the same tensor may serve two layers that a
// framework tied. Whoever freezes one layer has to know of the other.
#ifndef HOARFROST_FREEZE_USERS_H_
#define HOARFROST_FREEZE_USERS_H_

#include <cstdint>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "model/layers.h"
#include "summary/summary.h"

namespace hoarfrost::freeze {

using NodeList = absl::InlinedVector<model::NodeId, 4>;
using LayerList = absl::InlinedVector<model::LayerId, 2>;

class Users {
 public:
  explicit Users(const summary::Summary& model);

  // The nodes that compute with the tensor, in no order; in every scope.
  NodeList NodesOf(model::TensorId t);

  // The layer that owns the tensor and others that use it too, each once, in graph order; may be
  // empty. A tensor with several is shared. Modules around or within the owner are no others.
  LayerList LayersOf(model::TensorId t);

  // The tensors that reach input `slot` of a node, seen through the same nodes.
  absl::InlinedVector<model::TensorId, 2> TensorsAt(model::NodeId node, int32_t slot);

 private:
  bool Enter(model::ValueId value);

  const summary::Summary& model_;
  std::vector<uint32_t> seen_;  // by value: the round in which it was met
  uint32_t round_ = 0;
  std::vector<model::ValueId> todo_;
};

// True for nodes whose output is their first input, whatever its values: Identity, Transpose, ...
bool HandsOn(const model::Facts& facts, model::NodeId node, int32_t slot);

}  // namespace hoarfrost::freeze

#endif  // HOARFROST_FREEZE_USERS_H_
