#include "compare/locate.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace hoarfrost::compare {
namespace {

using onnx::AttributeProto;
using onnx::FunctionProto;
using onnx::GraphProto;
using onnx::ModelProto;
using onnx::NodeProto;
using onnx::SparseTensorProto;
using wire::kMerged;
using wire::PathStep;

size_t Index(int32_t id) { return static_cast<size_t>(id); }

template <typename Repeated, typename Element>
uint32_t OrdinalOf(const Repeated& field, const Element* element) {
  uint32_t ordinal = 0;
  for (const Element& each : field) {
    if (&each == element) return ordinal;
    ++ordinal;
  }
  return ordinal;  // not reached: the element is one of the field's
}

PathStep Step(int field, uint32_t ordinal) { return {static_cast<uint32_t>(field), ordinal}; }

// Steps from the inside out, turned round at the end: scopes know their parents only.
class Climb {
 public:
  explicit Climb(const model::Facts& facts) : facts_(facts) {}

  void Add(int field, uint32_t ordinal) { steps_.push_back(Step(field, ordinal)); }

  void AddAttribute(const NodeProto& node, const AttributeProto& attribute) {
    Add(NodeProto::kAttributeFieldNumber, OrdinalOf(node.attribute(), &attribute));
  }

  void AddNode(model::NodeId n) {
    const model::Node& node = facts_.nodes[Index(n)];
    const bool in_function = facts_.scopes[Index(node.scope)].function != nullptr;
    Add(in_function ? int{FunctionProto::kNodeFieldNumber} : int{GraphProto::kNodeFieldNumber},
        static_cast<uint32_t>(node.index));
  }

  absl::Status AddScopes(model::ScopeId s) {
    while (true) {
      const model::Scope& scope = facts_.scopes[Index(s)];
      switch (scope.kind) {
        case model::ScopeKind::kMain:
          Add(ModelProto::kGraphFieldNumber, kMerged);
          return absl::OkStatus();
        case model::ScopeKind::kFunction:
          Add(ModelProto::kFunctionsFieldNumber,
              OrdinalOf(facts_.model().functions(), scope.function));
          return absl::OkStatus();
        case model::ScopeKind::kTraining:
          return absl::UnimplementedError("it lies in training_info");
        case model::ScopeKind::kSubgraph:
          AddSubgraph(scope);
          AddNode(scope.owner);
          s = facts_.nodes[Index(scope.owner)].scope;
      }
    }
  }

  wire::FieldPath Path() && {
    std::reverse(steps_.begin(), steps_.end());
    return std::move(steps_);
  }

 private:
  void AddSubgraph(const model::Scope& scope) {
    const NodeProto& owner = *facts_.nodes[Index(scope.owner)].proto;
    for (const AttributeProto& attribute : owner.attribute()) {
      if (attribute.has_g() && &attribute.g() == scope.graph) {
        Add(AttributeProto::kGFieldNumber, kMerged);
        return AddAttribute(owner, attribute);
      }
      for (const GraphProto& graph : attribute.graphs()) {
        if (&graph != scope.graph) continue;
        Add(AttributeProto::kGraphsFieldNumber, OrdinalOf(attribute.graphs(), &graph));
        return AddAttribute(owner, attribute);
      }
    }
  }

  const model::Facts& facts_;
  wire::FieldPath steps_;
};

}  // namespace

absl::StatusOr<wire::FieldPath> PathOf(const model::Facts& facts, model::TensorId t) {
  const model::Tensor& tensor = facts.tensors[Index(t)];
  Climb climb(facts);
  if (tensor.sparse != nullptr) climb.Add(SparseTensorProto::kValuesFieldNumber, kMerged);
  if (tensor.source == model::TensorSource::kConstantNode) {
    if (tensor.sparse != nullptr) {
      climb.Add(AttributeProto::kSparseTensorFieldNumber, kMerged);
    } else if (tensor.proto != nullptr) {
      climb.Add(AttributeProto::kTFieldNumber, kMerged);
    }
    climb.AddAttribute(*facts.nodes[Index(tensor.node)].proto, *tensor.attribute);
    climb.AddNode(tensor.node);
  } else {
    const GraphProto& graph = *facts.scopes[Index(tensor.scope)].graph;
    if (tensor.sparse != nullptr) {
      climb.Add(GraphProto::kSparseInitializerFieldNumber,
                OrdinalOf(graph.sparse_initializer(), tensor.sparse));
    } else {
      climb.Add(GraphProto::kInitializerFieldNumber, OrdinalOf(graph.initializer(), tensor.proto));
    }
  }
  if (absl::Status climbed = climb.AddScopes(tensor.scope); !climbed.ok()) return climbed;
  return std::move(climb).Path();
}

}  // namespace hoarfrost::compare
