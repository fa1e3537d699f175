#include "roles/trace.h"

#include <algorithm>
#include <deque>
#include <string_view>

#include "payload/dtype.h"

namespace hoarfrost::roles {

using model::Flow;
using model::kNone;
using model::NodeId;
using model::Use;
using model::ValueId;

namespace {

size_t At(int32_t id) { return static_cast<size_t>(id); }

uint8_t RoleBit(Role role) { return static_cast<uint8_t>(1u << static_cast<unsigned>(role)); }

// How many inputs of a node are looked at where its operands are compared: decompositions have two,
// and a Sum of a hundred thousand must not cost the square of that.
constexpr size_t kOperands = 8;

class Tracer {
 public:
  Tracer(const GraphView& view, const Marks& marks)
      : view_(view), facts_(view.facts()), marks_(marks) {
    traced_.best.resize(facts_.values.size());
    traced_.strong_roles.resize(facts_.values.size());
    queued_.resize(facts_.values.size());
  }

  Traced Run() {
    for (size_t i = facts_.values.size(); i-- > 0;) {
      const ValueId v = static_cast<ValueId>(i);
      if (view_.active(v)) continue;
      for (const Use& use : facts_.uses(v)) {
        const Evidence e = Direct(v, use);
        if (e.rank != Evidence::kNothing) Improve(v, e, StrongRoles(e));
      }
    }
    while (!queue_.empty()) {
      const ValueId v = queue_.front();
      queue_.pop_front();
      queued_[At(v)] = 0;
      PassBack(v);
    }
    return std::move(traced_);
  }

 private:
  absl::Span<const ValueId> Operands(NodeId n) const {
    return facts_.inputs(n).subspan(0, kOperands);
  }
  static uint8_t StrongRoles(const Evidence& e) {
    return IsStrong(e.kind) ? RoleBit(e.role) : uint8_t{0};
  }

  // What the use itself says; nothing where the value only passes through.
  Evidence Direct(ValueId v, Use use) const;
  Evidence Arithmetic(ValueId v, Use use) const;
  // Whether what is known of the node's output is known of its input `slot` too.
  bool Passes(NodeId n, int32_t slot) const;
  bool IsComputedFromStored(NodeId n) const;
  // Whether `v` is a single number among operands of which one is a whole tensor.
  bool IsNumberBesideTensor(NodeId n, ValueId v) const;
  bool IsRepeat(NodeId n) const {
    const std::string_view op = facts_.op(n).type;
    return op == "Expand" || op == "Tile";
  }
  Evidence Through(const Evidence& e, NodeId n, int32_t slot) const;
  void Improve(ValueId v, const Evidence& e, uint8_t strong_roles);
  void PassBack(ValueId v);

  const GraphView& view_;
  const model::Facts& facts_;
  const Marks& marks_;
  Traced traced_;
  std::deque<ValueId> queue_;
  std::vector<uint8_t> queued_;
};

bool Tracer::IsComputedFromStored(NodeId n) const {
  const ValueId out = view_.output(n);
  return out != kNone && !view_.active(out);
}

bool Tracer::IsNumberBesideTensor(NodeId n, ValueId v) const {
  if (!view_.IsScalar(v)) return false;
  for (const ValueId other : Operands(n)) {
    if (other != kNone && other != v && !view_.IsScalar(other)) return true;
  }
  return false;
}

bool Tracer::Passes(NodeId n, int32_t slot) const {
  switch (view_.meaning(n, slot)) {
    case Meaning::kPass:
    case Meaning::kQuantized:
      return true;
    case Meaning::kWeight:
    case Meaning::kPacked:
    case Meaning::kStatistic:
    case Meaning::kScale:
    case Meaning::kZeroPoint:
    case Meaning::kIndex:
    case Meaning::kFixed:
    case Meaning::kShapeOnly:
    case Meaning::kFlow:
    case Meaning::kUnknown:
      return false;
    case Meaning::kMatrix:
    case Meaning::kElementwise:
    case Meaning::kBranch:
    case Meaning::kTable:
    case Meaning::kMask:
    case Meaning::kState:
    case Meaning::kData:
    case Meaning::kJoin:
    case Meaning::kMath:
      return IsComputedFromStored(n);
  }
  return false;
}

// An operand of arithmetic with computed values: what its shape and place suggest.
Evidence Tracer::Arithmetic(ValueId v, Use use) const {
  const auto assume = [&](Role role, Why why) {
    return MakeEvidence(role, ReasonKind::kAssumed, why, use);
  };
  const model::Tensor* t = view_.tensor(v);
  if (t == nullptr) {
    // Computed from several tensors, as W + scale * (B x A) is.
    return assume(Role::kWeight, Why::kVectorOperand);
  }
  if (t->elements == 1) return assume(Role::kConstant, Why::kScalarOperand);
  bool learned = false;
  for (const ValueId other : Operands(use.node)) {
    if (other != kNone && other != v) learned |= view_.learned(other);
  }
  if (!learned) return assume(Role::kConstant, Why::kUnlearnedOperand);
  const OpKind kind = view_.kind(use.node);
  if (view_.VectorLength(v) != 0) {
    const bool taken_away = (kind == OpKind::kSub || kind == OpKind::kDiv) && use.slot == 1;
    return assume(taken_away ? Role::kConstant : Role::kWeight, Why::kVectorOperand);
  }
  const auto& dims = t->dims;
  const size_t rank = dims.size();
  if (rank >= 2 && dims[rank - 1] == dims[rank - 2]) {
    bool plain = true;
    for (size_t i = 0; i + 2 < rank; ++i) plain &= dims[i] == 1;
    if (plain) return assume(Role::kConstant, Why::kMaskOperand);
  }
  const bool added = kind == OpKind::kAdd || kind == OpKind::kOther;
  return assume(added ? Role::kWeight : Role::kConstant, Why::kGridOperand);
}

Evidence Tracer::Direct(ValueId v, Use use) const {
  if (const Marks::Mark* mark = marks_.Find(use.node, use.slot)) {
    return MakeEvidence(mark->role, mark->kind, mark->why, use);
  }
  const auto say = [&](Role role, ReasonKind kind, Why why) {
    return MakeEvidence(role, kind, why, use);
  };
  const bool through = Passes(use.node, use.slot);
  const Meaning meaning = view_.meaning(use.node, use.slot);
  switch (meaning) {
    case Meaning::kWeight:
    case Meaning::kPacked: {
      Evidence e = say(Role::kWeight, ReasonKind::kOperator, Why::kOperatorRow);
      const Operator* o = view_.op(use.node);
      e.quantized = meaning == Meaning::kPacked || o->kind == OpKind::kIntegerProduct ||
                    std::any_of(o->rows.begin(), o->rows.end(), [](const OperatorRow& row) {
                      return row.meaning == Meaning::kScale;
                    });
      return e;
    }
    case Meaning::kStatistic:
      return say(Role::kStatistic, ReasonKind::kOperator, Why::kOperatorRow);
    case Meaning::kScale:
    case Meaning::kZeroPoint:
      return say(Role::kQuantization, ReasonKind::kOperator, Why::kOperatorRow);
    case Meaning::kIndex:
      return say(Role::kConstant, ReasonKind::kOperator, Why::kOperatorRow);
    case Meaning::kFixed:
      return say(Role::kConstant, ReasonKind::kOperator, Why::kFixedInput);
    case Meaning::kMatrix: {
      if (through) return {};
      Evidence e = say(Role::kWeight, ReasonKind::kAssumed, Why::kMatrixOperand);
      e.quantized = view_.kind(use.node) == OpKind::kIntegerProduct;
      if (view_.kind(use.node) == OpKind::kGemm && use.slot == 1) e.why = Why::kOperatorRow;
      if (e.why == Why::kOperatorRow) {
        e.kind = ReasonKind::kOperator;
        e.rank = RankOf(e.role, e.kind);
      }
      return e;
    }
    case Meaning::kElementwise:
      if (through) {
        // It belongs to the formula, not to the tensor.
        if (!IsNumberBesideTensor(use.node, v)) return {};
        return say(Role::kConstant, ReasonKind::kAssumed, Why::kScalarOperand);
      }
      return Arithmetic(v, use);
    case Meaning::kBranch:
      if (through) return {};
      return say(Role::kConstant, ReasonKind::kAssumed, Why::kBranchOperand);
    case Meaning::kTable:
      if (through) return {};
      return say(Role::kWeight, ReasonKind::kAssumed, Why::kTableOperand);
    case Meaning::kMask:
      if (through) return {};
      return say(Role::kConstant, ReasonKind::kAssumed, Why::kMaskInput);
    case Meaning::kState:
      if (through) return {};
      return say(Role::kConstant, ReasonKind::kAssumed, Why::kStateInput);
    case Meaning::kData:
    case Meaning::kJoin:
    case Meaning::kMath:
      if (through) return {};
      return say(view_.IsScalar(v) ? Role::kConstant : Role::kWeight, ReasonKind::kAssumed,
                 Why::kDataInput);
    case Meaning::kUnknown:
      // A known operator with an input that the table does not know is a newer one.
      return say(Role::kWeight, ReasonKind::kAssumed, Why::kUnknownOperator);
    case Meaning::kPass:
    case Meaning::kQuantized:
    case Meaning::kShapeOnly:
    case Meaning::kFlow:
      return {};
  }
  return {};
}

// Evidence on the output of `n`, as evidence on its input `slot`.
Evidence Tracer::Through(const Evidence& e, NodeId n, int32_t slot) const {
  Evidence back = e;
  if (back.kind == ReasonKind::kOperator) back.kind = ReasonKind::kTraced;
  const Meaning m = view_.meaning(n, slot);
  if (m == Meaning::kQuantized) back.quantized = true;
  if (view_.IsScalar(facts_.inputs(n)[static_cast<size_t>(slot)]) && IsRepeat(n) &&
      (back.role == Role::kWeight || back.role == Role::kStatistic)) {
    // One number spread over all channels: the ones and zeros of a layer without parameters.
    back.role = Role::kConstant;
    back.kind = ReasonKind::kAssumed;
    back.why = Why::kScalarOperand;
  }
  const bool storage = m == Meaning::kPass || m == Meaning::kQuantized || m == Meaning::kJoin ||
                       m == Meaning::kTable;
  if (!storage && IsStrong(back.kind) && back.role != Role::kConstant) {
    // Through arithmetic the word holds for the only tensor in it; of several, any may be
    // something else (the power-iteration vectors of spectral normalisation).
    int tensors = 0;
    for (const ValueId in : Operands(n)) tensors += in != kNone && !view_.IsScalar(in);
    if (tensors > 1 && m != Meaning::kMath) back.kind = ReasonKind::kAssumed;
  }
  back.rank = RankOf(back.role, back.kind);
  return back;
}

void Tracer::Improve(ValueId v, const Evidence& e, uint8_t strong_roles) {
  Evidence& best = traced_.best[At(v)];
  uint8_t& roles = traced_.strong_roles[At(v)];
  const bool better = e.rank < best.rank;
  const bool more = (roles | strong_roles) != roles;
  if (!better && !more) return;
  if (better) best = e;
  roles |= strong_roles;
  if (queued_[At(v)] == 0) {
    queued_[At(v)] = 1;
    queue_.push_back(v);
  }
}

void Tracer::PassBack(ValueId v) {
  const Evidence& e = traced_.best[At(v)];
  if (e.rank == Evidence::kNothing) return;
  const uint8_t roles = traced_.strong_roles[At(v)];
  for (const Flow& flow : facts_.flows_into(v)) {
    if (view_.active(flow.to)) continue;
    Evidence back = e;
    if (back.kind == ReasonKind::kOperator) back.kind = ReasonKind::kTraced;
    back.rank = RankOf(back.role, back.kind);
    back.next = v;
    Improve(flow.to, back, roles);
  }
  const NodeId n = view_.producer(v);
  if (n == kNone) return;
  // Scale and zero point of DynamicQuantizeLinear are measured: x itself is the first output.
  if (view_.kind(n) == OpKind::kDynamicQuantizeLinear && v != view_.output(n)) return;
  const auto in = facts_.inputs(n);
  for (size_t i = 0; i < in.size(); ++i) {
    const int32_t slot = static_cast<int32_t>(i);
    if (in[i] == kNone || view_.active(in[i]) || !Passes(n, slot)) continue;
    if (marks_.Find(n, slot) != nullptr) continue;
    if (view_.meaning(n, slot) == Meaning::kElementwise && IsNumberBesideTensor(n, in[i])) continue;
    Evidence back = Through(e, n, slot);
    back.next = v;
    Improve(in[i], back, IsStrong(back.kind) ? roles : uint8_t{0});
  }
}

}  // namespace

Traced Trace(const GraphView& view, const Marks& marks) { return Tracer(view, marks).Run(); }

std::vector<NodeId> PathOf(const GraphView& view, const Traced& traced, ValueId v) {
  std::vector<NodeId> path;
  size_t steps = 0;  // borders of bodies and calls are steps without a node
  for (ValueId next = traced.best[At(v)].next; next != kNone; next = traced.best[At(next)].next) {
    const NodeId n = view.producer(next);
    if (n != kNone && view.facts().values[At(next)].tensor == kNone) path.push_back(n);
    if (path.size() == kLongestPath || ++steps == 4 * kLongestPath) break;
  }
  return path;
}

}  // namespace hoarfrost::roles
