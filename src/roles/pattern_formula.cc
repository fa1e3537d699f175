// The numbers in formulas.
//
//   (x ── Pow 2 ── ReduceMean) + epsilon ── Sqrt, or Pow -0.5      every normalisation
//
//   x / sqrt(2) ── Erf ── + 1 ── * x ── * 0.5   GELU, the last two in either order
//
//   DynamicQuantizeLinear ── y_scale ── Mul ── scale of the weight
#include "roles/patterns.h"

namespace hoarfrost::roles {

using model::kNone;
using model::NodeId;
using model::Use;
using model::ValueId;

namespace {

void MarkNumbers(const GraphView& view, NodeId n, Why why, Marks& marks) {
  for (int32_t i = 0; i < 2; ++i) {
    const ValueId v = view.input(n, i);
    if (v != kNone && view.IsScalar(v)) marks.Set(n, i, Role::kConstant, why);
  }
}

}  // namespace

void MarkEpsilon(const GraphView& view, NodeId sqrt, Marks& marks) {
  const NodeId add = view.producer(view.Behind(view.input(sqrt, 0)));
  if (add == kNone || view.kind(add) != OpKind::kAdd || StoredOperand(view, add) < 0) return;
  if (view.kind(sqrt) == OpKind::kPow) {
    if (!view.IsScalar(view.input(sqrt, 1))) return;
    marks.Set(sqrt, 1, Role::kConstant, Why::kFormula);
  }
  MarkNumbers(view, add, Why::kEpsilon, marks);
  for (int32_t i = 0; i < 2; ++i) {
    const NodeId mean = view.producer(view.Behind(view.input(add, i)));
    if (mean == kNone || view.kind(mean) != OpKind::kReduceMean) continue;
    const NodeId square = view.producer(view.Behind(view.input(mean, 0)));
    if (square == kNone || view.kind(square) != OpKind::kPow) continue;
    if (view.IsScalar(view.input(square, 1))) {
      marks.Set(square, 1, Role::kConstant, Why::kFormula);
    }
  }
}

void MarkGelu(const GraphView& view, NodeId erf, Marks& marks) {
  const NodeId scaled = view.producer(view.Behind(view.input(erf, 0)));
  if (scaled != kNone && (view.kind(scaled) == OpKind::kDiv || view.kind(scaled) == OpKind::kMul)) {
    MarkNumbers(view, scaled, Why::kFormula, marks);
  }
  Use next = view.Ahead(view.output(erf));
  if (next.node == kNone || view.kind(next.node) != OpKind::kAdd) return;
  MarkNumbers(view, next.node, Why::kFormula, marks);
  for (int i = 0; i < 2; ++i) {
    next = view.Ahead(view.output(next.node));
    if (next.node == kNone || view.kind(next.node) != OpKind::kMul) return;
    MarkNumbers(view, next.node, Why::kFormula, marks);
    const NodeId half = view.producer(view.Behind(view.input(next.node, 1 - next.slot)));
    if (half != kNone && view.kind(half) == OpKind::kMul) {
      MarkNumbers(view, half, Why::kFormula, marks);
    }
  }
}

void MarkDynamicScale(const GraphView& view, NodeId quantize, Marks& marks) {
  const ValueId scale = view.output(quantize, 1);
  if (scale == kNone) return;
  size_t seen = 0;
  for (const Use& use : view.facts().uses(scale)) {
    if (++seen > 64) return;
    if (view.kind(use.node) != OpKind::kMul) continue;
    const int32_t other = StoredOperand(view, use.node);
    if (other >= 0) marks.Set(use.node, other, Role::kQuantization, Why::kDynamicScale);
  }
}

}  // namespace hoarfrost::roles
