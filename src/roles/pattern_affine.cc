// A scale and a shift per channel, after something learned.
//
//   x ── Mul ── scale
//         |
//        Add ── shift        two stored vectors of one length
//
// BatchNormalization of which mean and variance were folded into scale and shift (Keras on
// TensorFlow), or the learned scale and shift of a layer of its own. TensorFlow names the two nodes
// ".../batchnorm/mul_1" and ".../batchnorm/add_1": with such a name one of them is enough.
#include <string_view>

#include "roles/patterns.h"

namespace hoarfrost::roles {

using model::kNone;
using model::NodeId;
using model::Use;

void MarkAffine(const GraphView& view, NodeId mul, Marks& marks) {
  const int32_t scale = StoredOperand(view, mul);
  if (scale < 0 || !view.learned(view.input(mul, 1 - scale))) return;
  const uint64_t length = view.VectorLength(view.input(mul, scale));
  if (length == 0) return;
  const Use add = view.Ahead(view.output(mul));
  if (add.node == kNone || view.kind(add.node) != OpKind::kAdd) return;
  const int32_t shift = StoredOperand(view, add.node);
  if (shift < 0 || view.VectorLength(view.input(add.node, shift)) != length) return;
  marks.Set(mul, scale, Role::kWeight, Why::kAffineScale);
  marks.Set(add.node, shift, Role::kWeight, Why::kAffineShift);
}

void MarkTensorflowBatchNorm(const GraphView& view, NodeId node, Marks& marks) {
  const int32_t slot = StoredOperand(view, node);
  if (slot < 0 || view.VectorLength(view.input(node, slot)) == 0) return;
  const bool is_scale = view.kind(node) == OpKind::kMul;
  const std::string_view name = view.proto(node).name();
  const std::string_view step = is_scale ? "/batchnorm/mul_1" : "/batchnorm/add_1";
  const size_t at = name.rfind(step);
  if (at == std::string_view::npos) return;
  // tf2onnx adds "__12" to the names of nodes that it makes out of others.
  const std::string_view rest = name.substr(at + step.size());
  if (!rest.empty() && rest.substr(0, 2) != "__") return;
  marks.Set(node, slot, Role::kWeight,
            is_scale ? Why::kBatchNormFoldedScale : Why::kBatchNormShift);
}

}  // namespace hoarfrost::roles
