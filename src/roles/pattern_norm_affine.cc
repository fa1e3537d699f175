// The learned scale and shift after a normalisation that is written as arithmetic.
//
//   InstanceNormalization, x / sqrt(var + eps), x * (1 / sqrt(var + eps)), LpNormalization
//     |
//   (Reshape, Transpose, Cast)*
//     |
//   Mul ── scale       stored, learned
//     |
//   Add ── shift       stored, learned
//
// or, where scale is multiplied into the inverse deviation first (TensorFlow, JAX):
//
//   1 / sqrt(var + eps) ── Mul ── scale
//                           |  m
//            y = x * m + (shift - mean * m)
//
// var is computed from the graph's inputs here: LayerNormalization, GroupNormalization,
// RMSNormalization, and BatchNormalization of a training graph. PyTorch writes GroupNorm as
// InstanceNormalization with constant scale and bias between two Reshapes.
#include "roles/patterns.h"

namespace hoarfrost::roles {

using model::kNone;
using model::NodeId;
using model::Use;
using model::ValueId;

namespace {

bool NormalisesWithoutScale(std::string_view op) {
  return op == "InstanceNormalization" || op == "LpNormalization" ||
         op == "MeanVarianceNormalization";
}

bool IsNormalised(const GraphView& view, ValueId v) {
  const NodeId n = view.producer(view.Behind(v));
  if (n == kNone) return false;
  switch (view.kind(n)) {
    case OpKind::kNormalization:
      return NormalisesWithoutScale(view.facts().op(n).type);
    case OpKind::kDiv: {
      const ValueId by = view.input(n, 1);
      return by != kNone && view.active(by) && IsDeviation(view, by);
    }
    case OpKind::kMul:
      for (int32_t i = 0; i < 2; ++i) {
        const ValueId by = view.input(n, i);
        if (by != kNone && view.active(by) && IsInverseDeviation(view, by)) return true;
      }
      return false;
    default:
      return false;
  }
}

// A vector, or something computed from stored tensors ("1 + scale").
bool MayBeScale(const GraphView& view, ValueId v) {
  return view.VectorLength(v) != 0 || (view.tensor(v) == nullptr && !view.active(v));
}

}  // namespace

void MarkNormAffine(const GraphView& view, NodeId mul, Marks& marks) {
  const int32_t slot = StoredOperand(view, mul);
  if (slot < 0) return;
  const ValueId scale = view.input(mul, slot);
  const ValueId data = view.input(mul, 1 - slot);
  if (view.IsScalar(scale)) return;
  if (IsInverseDeviation(view, data)) {
    if (MayBeScale(view, scale) || view.IsStored(scale)) {
      marks.Set(mul, slot, Role::kWeight, Why::kNormScale);
    }
    return;
  }
  if (!IsNormalised(view, data)) return;
  const Use next = view.Ahead(view.output(mul));
  int32_t shift = -1;
  if (next.node != kNone && view.kind(next.node) == OpKind::kAdd) {
    shift = StoredOperand(view, next.node);
    if (shift >= 0 && !view.IsStored(view.input(next.node, shift))) shift = -1;
  }
  // Without a shift, a table of several dims may be anything (a rotary embedding).
  if (!MayBeScale(view, scale) && shift < 0) return;
  marks.Set(mul, slot, Role::kWeight, Why::kNormScale);
  if (shift >= 0) marks.Set(next.node, shift, Role::kWeight, Why::kNormShift);
}

void MarkNormShiftFromScale(const GraphView& view, NodeId sub, Marks& marks) {
  if (StoredOperand(view, sub) != 0 || view.VectorLength(view.input(sub, 0)) == 0) return;
  const NodeId product = view.producer(view.Behind(view.input(sub, 1)));
  if (product == kNone || view.kind(product) != OpKind::kMul) return;
  for (int32_t i = 0; i < 2; ++i) {
    const ValueId factor = view.Behind(view.input(product, i));
    if (IsInverseDeviation(view, factor)) {
      marks.Set(sub, 0, Role::kWeight, Why::kNormShift);
      return;
    }
    const NodeId scaled = view.producer(factor);
    if (scaled == kNone || view.kind(scaled) != OpKind::kMul) continue;
    if (IsInverseDeviation(view, view.input(scaled, 0)) ||
        IsInverseDeviation(view, view.input(scaled, 1))) {
      marks.Set(sub, 0, Role::kWeight, Why::kNormShift);
      return;
    }
  }
}

}  // namespace hoarfrost::roles
