#include "roles/graph_view.h"

#include <algorithm>

#include "payload/dtype.h"

namespace hoarfrost::roles {

using model::Flow;
using model::kNone;
using model::NodeId;
using model::TensorId;
using model::Use;
using model::ValueId;

namespace {

size_t At(int32_t id) { return static_cast<size_t>(id); }

bool IsNoise(std::string_view op) { return op == "RandomNormal" || op == "RandomUniform"; }

}  // namespace

GraphView::GraphView(const model::Facts& facts) : facts_(facts) {
  LookUpOperators();
  SpreadActive();
  SpreadLearned();
  SpreadBases();
}

void GraphView::LookUpOperators() {
  const OperatorTable& table = OperatorTable::Get();
  std::vector<const Operator*> known;
  known.reserve(facts_.operators.size());
  for (const model::NodeOperator& op : facts_.operators) {
    known.push_back(table.Find(op.domain, op.type));
    makes_noise_.push_back(IsNoise(op.type) ||
                           (known.back() != nullptr && known.back()->kind == OpKind::kRandom));
  }
  ops_.resize(facts_.nodes.size());
  for (size_t n = 0; n < facts_.nodes.size(); ++n) {
    const model::Node& node = facts_.nodes[n];
    if (node.calls == kNone) ops_[n] = known[At(node.op)];
  }
}

const OperatorRow* GraphView::row(NodeId n, int32_t slot) const {
  const Operator* o = op(n);
  if (o == nullptr) return nullptr;
  // Only names differ between opsets; where an operator has one row per input, none is asked for.
  const int64_t version = o->kind == OpKind::kBatchNormalization
                              ? facts_.opset(facts_.nodes[At(n)].scope, o->domain)
                              : 0;
  return FindRow(*o, slot, version);
}

Meaning GraphView::meaning(NodeId n, int32_t slot) const {
  if (facts_.nodes[At(n)].calls != kNone) return Meaning::kFlow;
  const Operator* o = op(n);
  if (o == nullptr) return Meaning::kUnknown;
  const OperatorRow* r = FindRow(*o, slot, 0);
  return r == nullptr ? Meaning::kUnknown : r->meaning;
}

// Marks everything that depends on the values on `stack`.
template <typename Flags>
void GraphView::Spread(Flags& flags, std::vector<ValueId>& stack) const {
  while (!stack.empty()) {
    const ValueId v = stack.back();
    stack.pop_back();
    for (const Flow& flow : facts_.flows(v)) {
      if (flags[At(flow.to)] == 0) {
        flags[At(flow.to)] = 1;
        stack.push_back(flow.to);
      }
    }
    for (const Use& use : facts_.uses(v)) {
      if (facts_.nodes[At(use.node)].calls != kNone) continue;
      const Operator* o = op(use.node);
      if (o != nullptr) {
        if (o->kind == OpKind::kBody) continue;
        if ((o->carries >> std::min(use.slot, 31) & 1u) == 0) continue;
      }
      for (const ValueId out : facts_.outputs(use.node)) {
        if (out == kNone || flags[At(out)] != 0) continue;
        // BatchNormalization of opset 1 and 6 writes its statistics onto the stored ones.
        if (facts_.values[At(out)].tensor != kNone) continue;
        flags[At(out)] = 1;
        stack.push_back(out);
      }
    }
  }
}

void GraphView::SpreadActive() {
  active_.assign(facts_.values.size(), 0);
  std::vector<ValueId> stack;
  const auto start = [&](ValueId v) {
    if (v != kNone && active_[At(v)] == 0) {
      active_[At(v)] = 1;
      stack.push_back(v);
    }
  };
  for (size_t v = 0; v < facts_.values.size(); ++v) {
    const model::Value& value = facts_.values[v];
    if (value.producer == kNone && value.tensor == kNone &&
        facts_.flows_into(static_cast<ValueId>(v)).empty()) {
      start(static_cast<ValueId>(v));
    }
  }
  if (std::find(makes_noise_.begin(), makes_noise_.end(), true) != makes_noise_.end()) {
    for (size_t n = 0; n < facts_.nodes.size(); ++n) {
      if (!makes_noise_[At(facts_.nodes[n].op)]) continue;
      for (const ValueId out : facts_.outputs(static_cast<NodeId>(n))) start(out);
    }
  }
  Spread(active_, stack);
}

void GraphView::SpreadLearned() {
  learned_.assign(facts_.values.size(), 0);
  std::vector<ValueId> stack;
  for (size_t n = 0; n < facts_.nodes.size(); ++n) {
    const NodeId node = static_cast<NodeId>(n);
    const Operator* o = op(node);
    if (o == nullptr || !o->learns) continue;
    bool stored = false;
    bool computed = false;
    const auto in = facts_.inputs(node);
    for (size_t i = 0; i < in.size(); ++i) {
      if (in[i] == kNone) continue;
      if (active(in[i])) {
        computed = true;
        continue;
      }
      const Meaning m = meaning(node, static_cast<int32_t>(i));
      stored |= m == Meaning::kWeight || m == Meaning::kPacked || m == Meaning::kStatistic ||
                m == Meaning::kMatrix || m == Meaning::kTable;
    }
    if (!stored || !computed) continue;
    for (const ValueId out : facts_.outputs(node)) {
      if (out == kNone || learned_[At(out)] != 0) continue;
      learned_[At(out)] = 1;
      stack.push_back(out);
    }
  }
  Spread(learned_, stack);
}

bool GraphView::IsStorage(NodeId n) const {
  const Operator* o = op(n);
  if (o == nullptr || o->rows.empty()) return false;
  const Meaning m = o->rows.front().meaning;
  return m == Meaning::kPass || m == Meaning::kQuantized;
}

void GraphView::SpreadBases() {
  base_.assign(facts_.values.size(), kNone);
  for (size_t t = 0; t < facts_.tensors.size(); ++t) {
    const ValueId v = facts_.tensors[t].value;
    if (v != kNone && facts_.values[At(v)].tensor == static_cast<TensorId>(t)) {
      base_[At(v)] = static_cast<TensorId>(t);
    }
  }
  std::vector<ValueId> stack;
  for (const model::Tensor& t : facts_.tensors) {
    if (t.value == kNone) continue;
    stack.push_back(t.value);
    while (!stack.empty()) {
      const ValueId v = stack.back();
      stack.pop_back();
      const TensorId id = base_[At(v)];
      const auto reach = [&](ValueId to) {
        if (to == kNone || active(to) || base_[At(to)] != kNone) return;
        base_[At(to)] = id;
        stack.push_back(to);
      };
      for (const Flow& flow : facts_.flows(v)) reach(flow.to);
      for (const Use& use : facts_.uses(v)) {
        if (use.slot != 0 || !IsStorage(use.node)) continue;
        for (const ValueId out : facts_.outputs(use.node)) reach(out);
      }
    }
  }
}

bool GraphView::IsStored(ValueId v) const {
  const model::Tensor* t = tensor(v);
  if (t == nullptr || t->elements < 2) return false;
  if (payload::IsFloat(t->dtype)) return true;
  return payload::IsInteger(t->dtype) && payload::DtypeBits(t->dtype).value_or(64) <= 32 &&
         facts_.values[At(v)].tensor == kNone;  // seen through DequantizeLinear or Cast
}

uint64_t GraphView::VectorLength(ValueId v) const {
  if (!IsStored(v)) return 0;
  const model::Tensor* t = tensor(v);
  int large = 0;
  for (const int64_t d : t->dims) large += d > 1;
  return large == 1 ? t->elements : 0;
}

bool GraphView::IsScalar(ValueId v) const {
  const model::Tensor* t = tensor(v);
  return t != nullptr && t->elements == 1;
}

ValueId GraphView::Behind(ValueId v, int limit) const {
  for (int i = 0; i < limit && v != kNone; ++i) {
    const NodeId n = producer(v);
    if (n == kNone || !IsStorage(n)) return v;
    v = input(n, 0);
  }
  return v;
}

Use GraphView::Ahead(ValueId v, int limit) const {
  for (int i = 0; i < limit && v != kNone; ++i) {
    const auto uses = facts_.uses(v);
    if (uses.size() != 1 || facts_.nodes[At(uses[0].node)].calls != kNone) return {};
    if (uses[0].slot != 0 || !IsStorage(uses[0].node)) return uses[0];
    v = output(uses[0].node);
  }
  return {};
}

}  // namespace hoarfrost::roles
