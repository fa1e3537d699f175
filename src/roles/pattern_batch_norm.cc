// BatchNormalization for inference, written as arithmetic with its statistics still stored.
//
//   variance ── Add ── epsilon          y = (x - mean) / d * scale + shift
//                |                        = (x - mean) * r * scale + shift
//               Sqrt = d                  = x * m + (shift - mean * m)
//                |                        = x * m + ((-mean) * m + shift)
//         (1 / d = r)
//                |
//         (r * scale = m)
//
// All five vectors have the length of the variance. Keras writes this on PyTorch (unfolded) and on
// JAX, PyTorch for FrozenBatchNorm2d, TensorFlow where nothing is folded; onnxoptimizer leaves it
// behind where it fuses BatchNormalization into a convolution.
#include <array>
#include <vector>

#include "roles/patterns.h"

namespace hoarfrost::roles {

using model::kNone;
using model::NodeId;
using model::Use;
using model::ValueId;

namespace {

enum class State : uint8_t {
  kDeviation,   // d
  kFactor,      // r or m
  kMeanTimes,   // mean * m
  kNormalised,  // (x - mean) / d
  kScaled,      // with the scale
};

// More than any real decomposition has; keeps hostile graphs linear.
constexpr size_t kMostSteps = 48;
constexpr size_t kMostUses = 32;

class Walk {
 public:
  Walk(const GraphView& view, uint64_t length, Marks& marks)
      : view_(view), length_(length), marks_(marks) {}

  void From(ValueId deviation) {
    Visit(deviation, State::kDeviation);
    for (size_t i = 0; i < todo_.size() && i < kMostSteps; ++i)
      Step(todo_[i].value, todo_[i].state);
  }

 private:
  struct Item {
    ValueId value;
    State state;
  };

  void Visit(ValueId v, State state) {
    if (v != kNone) todo_.push_back({v, state});
  }
  bool IsVector(ValueId v) const {
    return v != kNone && !view_.active(v) && view_.VectorLength(v) == length_;
  }

  // x of "x - mean": marks the mean.
  void CheckMean(ValueId v) {
    const NodeId n = view_.producer(view_.Behind(v));
    if (n == kNone) return;
    if (view_.kind(n) == OpKind::kSub && IsVector(view_.input(n, 1))) {
      marks_.Set(n, 1, Role::kStatistic, Why::kBatchNormMean);
    }
  }

  // A factor of the constant part: the mean itself, or the mean with its sign changed.
  bool MarkMeanFactor(NodeId n, int32_t slot) {
    const ValueId v = view_.input(n, slot);
    if (IsVector(v)) {
      marks_.Set(n, slot, Role::kStatistic, Why::kBatchNormMean);
      return true;
    }
    const NodeId neg = view_.producer(view_.Behind(v));
    if (neg == kNone || view_.kind(neg) != OpKind::kNeg || !IsVector(view_.input(neg, 0))) {
      return false;
    }
    marks_.Set(neg, 0, Role::kStatistic, Why::kBatchNormMean);
    return true;
  }

  // Whether a product of stored vectors is multiplied with data (so its factor is the scale)
  // rather than added to something (so its factor is the mean).
  bool ScalesData(ValueId v) const {
    for (int i = 0; i < 8 && v != kNone; ++i) {
      ValueId next = kNone;
      size_t seen = 0;
      for (const Use& use : view_.facts().uses(v)) {
        if (++seen > kMostUses) break;
        if (view_.kind(use.node) == OpKind::kMul) {
          const ValueId other = view_.input(use.node, 1 - use.slot);
          if (other != kNone && view_.active(other)) return true;
        }
        if (use.slot == 0 && view_.IsStorage(use.node)) next = view_.output(use.node);
      }
      v = next;
    }
    return false;
  }

  void Step(ValueId v, State state) {
    size_t seen = 0;
    for (const Use& use : view_.facts().uses(v)) {
      if (++seen > kMostUses) break;
      const NodeId n = use.node;
      const ValueId out = view_.output(n);
      if (use.slot == 0 && view_.IsStorage(n)) {
        Visit(out, state);
        continue;
      }
      if (use.slot > 1) continue;
      const int32_t other_slot = 1 - use.slot;
      const ValueId other = view_.input(n, other_slot);
      switch (view_.kind(n)) {
        case OpKind::kReciprocal:
          if (state == State::kDeviation) Visit(out, State::kFactor);
          break;
        case OpKind::kNeg:
          if (state == State::kMeanTimes) Visit(out, State::kMeanTimes);
          break;
        case OpKind::kDiv:
          if (state != State::kDeviation || use.slot != 1 || other == kNone) break;
          if (view_.active(other)) {
            CheckMean(other);
            Visit(out, State::kNormalised);
          } else if (view_.IsScalar(other)) {
            Visit(out, State::kFactor);
          } else if (IsVector(other)) {
            marks_.Set(n, other_slot, Role::kWeight, Why::kBatchNormScale);
            Visit(out, State::kFactor);
          }
          break;
        case OpKind::kMul:
          StepMul(n, other_slot, state);
          break;
        case OpKind::kAdd:
        case OpKind::kSub:
          if (state == State::kDeviation || state == State::kFactor) break;
          if (view_.kind(n) == OpKind::kSub && use.slot == 0) break;
          if (IsVector(other)) marks_.Set(n, other_slot, Role::kWeight, Why::kBatchNormShift);
          break;
        default:
          break;
      }
    }
  }

  void StepMul(NodeId n, int32_t other_slot, State state) {
    const ValueId other = view_.input(n, other_slot);
    const ValueId out = view_.output(n);
    if (other == kNone) return;
    if (state == State::kFactor) {
      if (view_.active(other)) {
        CheckMean(other);
        Visit(out, State::kNormalised);
      } else if (IsVector(other) && ScalesData(out)) {
        marks_.Set(n, other_slot, Role::kWeight, Why::kBatchNormScale);
        Visit(out, State::kFactor);
      } else if (MarkMeanFactor(n, other_slot)) {
        Visit(out, State::kMeanTimes);
      }
    } else if (state == State::kNormalised && IsVector(other)) {
      marks_.Set(n, other_slot, Role::kWeight, Why::kBatchNormScale);
      Visit(out, State::kScaled);
    }
  }

  const GraphView& view_;
  uint64_t length_;
  Marks& marks_;
  std::vector<Item> todo_;
};

}  // namespace

void MarkBatchNorm(const GraphView& view, NodeId sqrt, Marks& marks) {
  const ValueId deviation = view.output(sqrt);
  if (deviation == kNone || view.active(deviation)) return;
  const NodeId add = view.producer(view.Behind(view.input(sqrt, 0)));
  if (add == kNone || view.kind(add) != OpKind::kAdd) return;
  for (int32_t i = 0; i < 2; ++i) {
    const uint64_t length = view.VectorLength(view.input(add, i));
    if (length == 0 || !view.IsScalar(view.input(add, 1 - i))) continue;
    marks.Set(add, i, Role::kStatistic, Why::kBatchNormVariance);
    marks.Set(add, 1 - i, Role::kConstant, Why::kEpsilon);
    Walk(view, length, marks).From(deviation);
    return;
  }
}

}  // namespace hoarfrost::roles
