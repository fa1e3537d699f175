#include "freeze/node_path.h"

#include <algorithm>

#include "freeze/edits.h"

namespace hoarfrost::freeze {
namespace {

size_t Index(int32_t id) { return static_cast<size_t>(id); }

// The steps are gathered from the node outwards, so each pair comes in reverse.
void AddSubgraph(const onnx::NodeProto& owner, const onnx::GraphProto* graph,
                 wire::FieldPath& reversed) {
  for (int a = 0; a < owner.attribute_size(); ++a) {
    const onnx::AttributeProto& attribute = owner.attribute(a);
    const wire::PathStep step = {kNodeAttribute, static_cast<uint32_t>(a)};
    if (attribute.has_g() && &attribute.g() == graph) {
      reversed.push_back({kAttributeGraph, wire::kMerged});
      reversed.push_back(step);
      return;
    }
    for (int i = 0; i < attribute.graphs_size(); ++i) {
      if (&attribute.graphs(i) != graph) continue;
      reversed.push_back({kAttributeGraphs, static_cast<uint32_t>(i)});
      reversed.push_back(step);
      return;
    }
  }
}

void AddTrainingGraph(const onnx::ModelProto& model, const onnx::GraphProto* graph,
                      wire::FieldPath& reversed) {
  for (int i = 0; i < model.training_info_size(); ++i) {
    const onnx::TrainingInfoProto& info = model.training_info(i);
    const bool initialization = info.has_initialization() && &info.initialization() == graph;
    if (!initialization && !(info.has_algorithm() && &info.algorithm() == graph)) continue;
    reversed.push_back(
        {initialization ? kTrainingInitialization : kTrainingAlgorithm, wire::kMerged});
    reversed.push_back({kModelTrainingInfo, static_cast<uint32_t>(i)});
    return;
  }
}

wire::PathStep NodeStep(const model::Facts& facts, model::NodeId id) {
  const model::Node& node = facts.nodes[Index(id)];
  const bool in_function = facts.scopes[Index(node.scope)].kind == model::ScopeKind::kFunction;
  return {in_function ? kFunctionNode : kGraphNode, static_cast<uint32_t>(node.index)};
}

}  // namespace

wire::FieldPath ScopePath(const model::Facts& facts, model::ScopeId id) {
  const onnx::ModelProto& model = facts.model();
  wire::FieldPath reversed;
  while (true) {
    const model::Scope& scope = facts.scopes[Index(id)];
    switch (scope.kind) {
      case model::ScopeKind::kMain:
        reversed.push_back({kModelGraph, wire::kMerged});
        break;
      case model::ScopeKind::kFunction:
        for (int f = 0; f < model.functions_size(); ++f) {
          if (&model.functions(f) != scope.function) continue;
          reversed.push_back({kModelFunctions, static_cast<uint32_t>(f)});
        }
        break;
      case model::ScopeKind::kTraining:
        AddTrainingGraph(model, scope.graph, reversed);
        break;
      case model::ScopeKind::kSubgraph:
        AddSubgraph(*facts.nodes[Index(scope.owner)].proto, scope.graph, reversed);
        break;
    }
    if (scope.owner == model::kNone) break;
    reversed.push_back(NodeStep(facts, scope.owner));
    id = facts.nodes[Index(scope.owner)].scope;
  }
  std::reverse(reversed.begin(), reversed.end());
  return reversed;
}

wire::FieldPath NodePath(const model::Facts& facts, model::NodeId node) {
  wire::FieldPath path = ScopePath(facts, facts.nodes[Index(node)].scope);
  path.push_back(NodeStep(facts, node));
  return path;
}

}  // namespace hoarfrost::freeze
