// BatchNormalization for inference whose variance was folded into the scale.
//
//   x ── Sub ── mean
//         |
//        Mul ── scale / sqrt(variance + epsilon)
//         |
//        Add ── shift
//
// Three stored vectors of one length, with storage operators between them at most. Keras leaves
// this on PyTorch where constants are folded. The variance itself is in no tensor any more.
#include "roles/patterns.h"

namespace hoarfrost::roles {

using model::kNone;
using model::NodeId;
using model::Use;

void MarkBatchNormFolded(const GraphView& view, NodeId sub, Marks& marks) {
  if (StoredOperand(view, sub) != 1) return;
  const uint64_t length = view.VectorLength(view.input(sub, 1));
  if (length == 0) return;
  const Use mul = view.Ahead(view.output(sub));
  if (mul.node == kNone || view.kind(mul.node) != OpKind::kMul) return;
  const int32_t scale = StoredOperand(view, mul.node);
  if (scale < 0 || view.VectorLength(view.input(mul.node, scale)) != length) return;
  const Use add = view.Ahead(view.output(mul.node));
  if (add.node == kNone || view.kind(add.node) != OpKind::kAdd) return;
  const int32_t shift = StoredOperand(view, add.node);
  if (shift < 0 || view.VectorLength(view.input(add.node, shift)) != length) return;
  marks.Set(sub, 1, Role::kStatistic, Why::kBatchNormMean);
  marks.Set(mul.node, scale, Role::kWeight, Why::kBatchNormFoldedScale);
  marks.Set(add.node, shift, Role::kWeight, Why::kBatchNormShift);
}

}  // namespace hoarfrost::roles
