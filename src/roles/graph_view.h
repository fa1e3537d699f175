// A model as the rules see it: operators looked up, and for each value whether it is computed from
// the graph's inputs, comes after something learned, or is a stored tensor seen through storage
// operators. Built once, in time linear in nodes and edges, without recursion.
#ifndef HOARFROST_ROLES_GRAPH_VIEW_H_
#define HOARFROST_ROLES_GRAPH_VIEW_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "model/facts.h"
#include "roles/operator_table.h"

namespace hoarfrost::roles {

class GraphView {
 public:
  explicit GraphView(const model::Facts& facts);

  const model::Facts& facts() const { return facts_; }

  // Null for operators that the table does not know, for Constant, and for calls of functions.
  const Operator* op(model::NodeId n) const { return ops_[static_cast<size_t>(n)]; }
  OpKind kind(model::NodeId n) const {
    const Operator* o = op(n);
    return o == nullptr ? OpKind::kOther : o->kind;
  }
  // The row of an input; null where there is none.
  const OperatorRow* row(model::NodeId n, int32_t slot) const;
  Meaning meaning(model::NodeId n, int32_t slot) const;

  // Computed from a graph input (or drawn at random): not the same in every run.
  bool active(model::ValueId v) const { return active_[static_cast<size_t>(v)] != 0; }
  // Some operator with weights lies between the graph's inputs and this value.
  bool learned(model::ValueId v) const { return learned_[static_cast<size_t>(v)] != 0; }
  // The tensor that this value is, seen through storage operators and borders of bodies and
  // functions (of several, the first); kNone if it is none.
  model::TensorId base(model::ValueId v) const {
    return v == model::kNone ? model::kNone : base_[static_cast<size_t>(v)];
  }
  const model::Tensor* tensor(model::ValueId v) const {
    const model::TensorId t = base(v);
    return t == model::kNone ? nullptr : &facts_.tensors[static_cast<size_t>(t)];
  }

  // A stored floating-point (or quantized) tensor of more than one element.
  bool IsStored(model::ValueId v) const;
  // IsStored(), and only one of its dims is larger than 1. Its length, else 0.
  uint64_t VectorLength(model::ValueId v) const;
  // A stored tensor of one element.
  bool IsScalar(model::ValueId v) const;

  model::ValueId input(model::NodeId n, int32_t slot) const {
    const auto in = facts_.inputs(n);
    return slot < static_cast<int32_t>(in.size()) ? in[static_cast<size_t>(slot)] : model::kNone;
  }
  model::ValueId output(model::NodeId n, int32_t i = 0) const {
    const auto out = facts_.outputs(n);
    return i < static_cast<int32_t>(out.size()) ? out[static_cast<size_t>(i)] : model::kNone;
  }
  model::NodeId producer(model::ValueId v) const {
    return v == model::kNone ? model::kNone : facts_.values[static_cast<size_t>(v)].producer;
  }
  const onnx::NodeProto& proto(model::NodeId n) const {
    return *facts_.nodes[static_cast<size_t>(n)].proto;
  }

  // `v` seen backwards through storage operators with one data input: the first value that is
  // computed by something else. At most `limit` steps.
  model::ValueId Behind(model::ValueId v, int limit = 8) const;

  // `v` seen forwards through storage operators: the first node that does something else with it,
  // when there is exactly one reader at each step; kNone otherwise.
  model::Use Ahead(model::ValueId v, int limit = 8) const;

  // Whether node `n` only rearranges its first input.
  bool IsStorage(model::NodeId n) const;

 private:
  void LookUpOperators();
  void SpreadActive();
  void SpreadLearned();
  void SpreadBases();
  template <typename Flags>
  void Spread(Flags& flags, std::vector<model::ValueId>& stack) const;

  const model::Facts& facts_;
  std::vector<const Operator*> ops_;  // by NodeId
  std::vector<bool> makes_noise_;     // by model::Facts::operators: the result is drawn at random
  std::vector<uint8_t> active_;
  std::vector<uint8_t> learned_;
  std::vector<model::TensorId> base_;
};

}  // namespace hoarfrost::roles

#endif  // HOARFROST_ROLES_GRAPH_VIEW_H_
