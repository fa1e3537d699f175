#include "roles/patterns.h"

namespace hoarfrost::roles {

using model::kNone;
using model::NodeId;
using model::ValueId;

int32_t StoredOperand(const GraphView& view, NodeId n) {
  const ValueId a = view.input(n, 0);
  const ValueId b = view.input(n, 1);
  if (a == kNone || b == kNone) return -1;
  if (view.active(a) && !view.active(b)) return 1;
  if (view.active(b) && !view.active(a)) return 0;
  return -1;
}

bool IsDeviation(const GraphView& view, ValueId v) {
  NodeId n = view.producer(view.Behind(v));
  // max(norm, epsilon) is a norm too.
  if (n != kNone && (view.kind(n) == OpKind::kClip || view.kind(n) == OpKind::kMax)) {
    n = view.producer(view.Behind(view.input(n, 0)));
  }
  if (n == kNone) return false;
  if (view.kind(n) == OpKind::kReduceL2) return true;
  if (view.kind(n) != OpKind::kSqrt) return false;
  const NodeId under = view.producer(view.Behind(view.input(n, 0)));
  if (under == kNone) return false;
  switch (view.kind(under)) {
    case OpKind::kAdd:
      return view.IsScalar(view.input(under, 0)) || view.IsScalar(view.input(under, 1));
    case OpKind::kClip:
    case OpKind::kMax:
    case OpKind::kReduceMean:
    case OpKind::kReduceSum:
      return true;
    default:
      return false;
  }
}

bool IsInverseDeviation(const GraphView& view, ValueId v) {
  const NodeId n = view.producer(view.Behind(v));
  if (n == kNone) return false;
  switch (view.kind(n)) {
    case OpKind::kReciprocal:
      return IsDeviation(view, view.input(n, 0));
    case OpKind::kDiv:
      return view.IsScalar(view.input(n, 0)) && IsDeviation(view, view.input(n, 1));
    case OpKind::kPow: {
      // (variance + epsilon) to the power of -1/2.
      const NodeId under = view.producer(view.Behind(view.input(n, 0)));
      return under != kNone && view.kind(under) == OpKind::kAdd &&
             view.IsScalar(view.input(n, 1)) &&
             (view.IsScalar(view.input(under, 0)) || view.IsScalar(view.input(under, 1)));
    }
    default:
      return false;
  }
}

Marks FindPatterns(const GraphView& view, model::Exporter exporter) {
  Marks marks;
  // PyTorch's TorchScript exporter writes buffers and parameters alike, and frozen
  // BatchNormalization as a scale and a shift: there these two alone prove nothing.
  const bool torchscript = exporter == model::Exporter::kTorchScript;
  const size_t count = view.facts().nodes.size();
  for (size_t i = 0; i < count; ++i) {
    const NodeId n = static_cast<NodeId>(i);
    switch (view.kind(n)) {
      case OpKind::kSqrt:
        MarkBatchNorm(view, n, marks);
        MarkEpsilon(view, n, marks);
        break;
      case OpKind::kPow:
        MarkEpsilon(view, n, marks);
        break;
      case OpKind::kErf:
        MarkGelu(view, n, marks);
        break;
      case OpKind::kBatchNormalization:
        MarkWeightStandardisation(view, n, marks);
        break;
      case OpKind::kDynamicQuantizeLinear:
        MarkDynamicScale(view, n, marks);
        break;
      default:
        break;
    }
  }
  for (size_t i = 0; i < count; ++i) {
    const NodeId n = static_cast<NodeId>(i);
    switch (view.kind(n)) {
      case OpKind::kSub:
        MarkBatchNormFolded(view, n, marks);
        MarkNormShiftFromScale(view, n, marks);
        break;
      case OpKind::kMul:
        MarkNormAffine(view, n, marks);
        MarkTensorflowBatchNorm(view, n, marks);
        if (!torchscript) MarkAffine(view, n, marks);
        break;
      case OpKind::kAdd:
        MarkTensorflowBatchNorm(view, n, marks);
        break;
      case OpKind::kMatMul:
      case OpKind::kConv:
      case OpKind::kConvTranspose:
        MarkLinear(view, n, exporter, marks);
        break;
      default:
        break;
    }
  }
  return marks;
}

}  // namespace hoarfrost::roles
