#include "model/infer_shapes.h"

#include <fmt/format.h>
#include <onnx/shape_inference/implementation.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <string>

#include "base/hash.h"
#include "base/isolate.h"
#include "base/text.h"

namespace hoarfrost::model {
namespace {

// ONNX expands every call in place and recurses over calls: both are kept within reason.
constexpr uint64_t kMostExpandedNodes = 1'000'000;
constexpr int kDeepestCalls = 64;

bool IsComplete(const onnx::TensorProto& tensor, const wire::Skeleton& skeleton) {
  if (tensor.data_location() == onnx::TensorProto::EXTERNAL) return false;
  const auto parts = skeleton.PayloadOf(tensor);
  return !parts.empty() &&
         std::all_of(parts.begin(), parts.end(), [](const wire::PayloadPart& p) { return p.kept; });
}

bool IsComplete(const Tensor& tensor, const wire::Skeleton& skeleton) {
  if (tensor.elements == 0) return true;
  if (tensor.sparse != nullptr) {
    return IsComplete(tensor.sparse->values(), skeleton) &&
           IsComplete(tensor.sparse->indices(), skeleton);
  }
  if (tensor.proto != nullptr) return IsComplete(*tensor.proto, skeleton);
  const auto parts = skeleton.PayloadOf(*tensor.attribute);
  return std::all_of(parts.begin(), parts.end(), [](const wire::PayloadPart& p) { return p.kept; });
}

// A copy of a graph, and the scope that it is a copy of.
struct Pair {
  ScopeId scope;
  onnx::GraphProto* copy;
};

// The main graph's copy and those of its subgraphs, outer ones first.
std::vector<Pair> PairGraphs(const Facts& facts, onnx::GraphProto* main) {
  std::vector<Pair> pairs = {{0, main}};
  for (size_t p = 0; p < pairs.size(); ++p) {
    const auto [id, copy] = pairs[p];
    const Scope& scope = facts.scopes[static_cast<size_t>(id)];
    for (int i = 0; i < scope.node_count; ++i) {
      const auto subgraphs = facts.subgraphs(scope.first_node + i);
      if (subgraphs.empty()) continue;
      size_t next = 0;
      for (onnx::AttributeProto& a : *copy->mutable_node(i)->mutable_attribute()) {
        if (a.has_g()) pairs.push_back({subgraphs[next++], a.mutable_g()});
        for (onnx::GraphProto& g : *a.mutable_graphs()) pairs.push_back({subgraphs[next++], &g});
      }
    }
  }
  return pairs;
}

// Takes the elements out that `drop` names by position.
template <typename T>
void Remove(google::protobuf::RepeatedPtrField<T>& list, const std::vector<bool>& drop) {
  int kept = 0;
  for (int i = 0; i < list.size(); ++i) {
    if (!drop[static_cast<size_t>(i)]) list.SwapElements(kept++, i);
  }
  list.DeleteSubrange(kept, list.size() - kept);
}

void Declare(const Tensor& tensor, onnx::GraphProto& graph) {
  onnx::ValueInfoProto& info = *graph.add_value_info();
  info.set_name(std::string(tensor.name));
  const auto fill = [&](auto& type) {
    type.set_elem_type(tensor.dtype);
    for (const int64_t d : tensor.dims) type.mutable_shape()->add_dim()->set_dim_value(d);
    type.mutable_shape();
  };
  if (tensor.sparse != nullptr) {
    fill(*info.mutable_type()->mutable_sparse_tensor_type());
  } else {
    fill(*info.mutable_type()->mutable_tensor_type());
  }
}

// Inference reads the values of small constants and fails on what is not all there. So tensors
// whose bytes were left out become declared values without a definition.
void DropIncomplete(const Facts& facts, const std::vector<Pair>& pairs) {
  std::vector<onnx::GraphProto*> copies(facts.scopes.size(), nullptr);
  for (const Pair& pair : pairs) copies[static_cast<size_t>(pair.scope)] = pair.copy;
  std::vector<std::vector<bool>> drop_nodes(facts.scopes.size());
  std::vector<base::ViewSet> drop_names(facts.scopes.size());
  for (const Tensor& tensor : facts.tensors) {
    const auto s = static_cast<size_t>(tensor.scope);
    onnx::GraphProto* copy = copies[s];
    if (copy == nullptr || IsComplete(tensor, *facts.skeleton)) continue;
    if (tensor.source == TensorSource::kConstantNode) {
      drop_nodes[s].resize(static_cast<size_t>(copy->node_size()));
      drop_nodes[s][static_cast<size_t>(facts.nodes[static_cast<size_t>(tensor.node)].index)] =
          true;
    } else {
      drop_names[s].insert(tensor.name);
    }
    if (!facts.values[static_cast<size_t>(tensor.value)].is_input) Declare(tensor, *copy);
  }
  for (size_t s = 0; s < copies.size(); ++s) {
    if (copies[s] == nullptr) continue;
    if (!drop_nodes[s].empty()) Remove(*copies[s]->mutable_node(), drop_nodes[s]);
    if (drop_names[s].empty()) continue;
    std::vector<bool> drop;
    for (const auto& t : copies[s]->initializer()) drop.push_back(drop_names[s].contains(t.name()));
    Remove(*copies[s]->mutable_initializer(), drop);
    drop.clear();
    for (const auto& t : copies[s]->sparse_initializer()) {
      drop.push_back(drop_names[s].contains(t.values().name()));
    }
    Remove(*copies[s]->mutable_sparse_initializer(), drop);
  }
}

// Puts numbers in the place of symbols in all that the graphs declare.
void BindDims(const DimBindings& bindings, const std::vector<Pair>& pairs) {
  const auto bind = [&](onnx::TensorShapeProto& shape) {
    for (auto& dim : *shape.mutable_dim()) {
      if (!dim.has_dim_param()) continue;
      const auto bound = bindings.find(dim.dim_param());
      if (bound != bindings.end()) dim.set_dim_value(bound->second);
    }
  };
  for (const Pair& pair : pairs) {
    for (auto* infos : {pair.copy->mutable_input(), pair.copy->mutable_output(),
                        pair.copy->mutable_value_info()}) {
      for (onnx::ValueInfoProto& info : *infos) {
        if (!info.has_type()) continue;
        onnx::TypeProto* type = info.mutable_type();
        while (type->has_sequence_type() || type->has_optional_type()) {
          type = type->has_sequence_type() ? type->mutable_sequence_type()->mutable_elem_type()
                                           : type->mutable_optional_type()->mutable_elem_type();
        }
        if (type->has_tensor_type() && type->tensor_type().has_shape()) {
          bind(*type->mutable_tensor_type()->mutable_shape());
        } else if (type->has_sparse_tensor_type() && type->sparse_tensor_type().has_shape()) {
          bind(*type->mutable_sparse_tensor_type()->mutable_shape());
        }
      }
    }
  }
}

// Why function bodies cannot be expanded; empty when they can.
std::string CallFault(const Facts& facts) {
  struct Function {
    uint64_t nodes = 0;  // with all calls expanded
    int depth = 0;
    int waiting = 0;  // callees not yet known, by call
    std::vector<size_t> callers;
  };
  std::vector<Function> functions(facts.scopes.size());  // by root scope
  for (const Node& node : facts.nodes) {
    const auto root = static_cast<size_t>(facts.scopes[static_cast<size_t>(node.scope)].root);
    ++functions[root].nodes;
    if (node.calls == kNone) continue;
    ++functions[root].waiting;
    functions[static_cast<size_t>(node.calls)].callers.push_back(root);
  }
  std::vector<size_t> ready;
  size_t roots = 0;
  for (size_t s = 0; s < facts.scopes.size(); ++s) {
    if (facts.scopes[s].root != static_cast<ScopeId>(s)) continue;
    ++roots;
    if (functions[s].waiting == 0) ready.push_back(s);
  }
  for (size_t i = 0; i < ready.size(); ++i) {
    const Function& done = functions[ready[i]];
    if (done.nodes > kMostExpandedNodes) return "its function calls expand beyond all measure";
    if (done.depth > kDeepestCalls) return "its function calls nest too deep";
    for (const size_t caller : done.callers) {
      functions[caller].nodes += done.nodes;  // both at most kMostExpandedNodes a step
      functions[caller].depth = std::max(functions[caller].depth, done.depth + 1);
      if (functions[caller].nodes > kMostExpandedNodes * 2) {
        return "its function calls expand beyond all measure";
      }
      if (--functions[caller].waiting == 0) ready.push_back(caller);
    }
  }
  return ready.size() < roots ? "its functions call each other in a cycle" : "";
}

// Inference gives up at a node whose domain is not imported; with an import it passes it by.
void ImportAllDomains(const Facts& facts, onnx::ModelProto& model) {
  base::ViewSet imported;
  for (const auto& import : model.opset_import()) imported.insert(import.domain());
  if (!imported.contains("") && !imported.contains("ai.onnx")) {
    model.add_opset_import()->set_version(facts.opset(0, "") > 0 ? facts.opset(0, "") : 1);
  }
  for (const Node& node : facts.nodes) {
    const std::string& domain = node.proto->domain();
    if (domain.empty() || domain == "ai.onnx" || !imported.insert(domain).second) continue;
    onnx::OperatorSetIdProto& import = *model.add_opset_import();
    import.set_domain(domain);
    import.set_version(1);
  }
}

// What inference is given: ONNX's functions trust a model far too much to run them on a stranger's
// in this process. Some read past an input that is not there, some allocate what a constant says.
base::IsolationLimits LimitsFor(const onnx::ModelProto& model) {
  const uint64_t bytes = model.ByteSizeLong();
  return {.memory = (uint64_t{1} << 30) + 64 * bytes,
          .seconds = std::chrono::seconds(30 + bytes / 1'000'000)};
}

// The types of each graph's values as value_info of a graph, in the order of `pairs`; before them,
// in doc_string, why inference broke off.
std::string Infer(onnx::ModelProto& model, const std::vector<Pair>& pairs) {
  onnx::NodeProto answer;
  try {
    const onnx::ShapeInferenceOptions options(/*check_type_val=*/false, /*strict_mode_val=*/0,
                                              /*data_prop_val=*/true);
    onnx::shape_inference::InferShapes(model, onnx::OpSchemaRegistry::Instance(), options);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& e) {
    answer.set_doc_string(e.what());
  }
  for (const Pair& pair : pairs) {
    auto& out = *answer.add_attribute()->mutable_g()->mutable_value_info();
    for (auto* infos : {pair.copy->mutable_output(), pair.copy->mutable_value_info(),
                        pair.copy->mutable_input()}) {
      for (onnx::ValueInfoProto& info : *infos) {
        if (info.has_type() && info.type().value_case() != onnx::TypeProto::VALUE_NOT_SET) {
          out.Add()->Swap(&info);
        }
      }
    }
  }
  return answer.SerializeAsString();
}

}  // namespace

void InferTypes(const Facts& facts, const DimBindings* bindings, InferredTypes& out) {
  onnx::ModelProto model = facts.model();
  model.clear_training_info();
  // Before IR version 4 inference takes no initializer that is not an input too.
  model.set_ir_version(std::max<int64_t>(model.ir_version(), 4));
  const std::vector<Pair> pairs = PairGraphs(facts, model.mutable_graph());
  DropIncomplete(facts, pairs);
  if (bindings != nullptr && !bindings->empty()) BindDims(*bindings, pairs);
  ImportAllDomains(facts, model);
  const std::string fault = facts.model().functions_size() > 0 ? CallFault(facts) : "";
  if (!fault.empty()) {
    model.clear_functions();
    out.status = absl::FailedPreconditionError(
        fmt::format("shape inference did not look into functions: {}", fault));
  }
  (void)onnx::OpSchemaRegistry::Schema("Neg");  // loads all schemas, once for all children
  const absl::StatusOr<std::string> answer =
      base::RunIsolated("shape inference", LimitsFor(model), [&] { return Infer(model, pairs); });
  if (!answer.ok()) {
    out.status = answer.status();
    return;
  }
  if (!out.answer.ParseFromString(*answer)) {
    out.status = absl::InternalError("shape inference gave an answer that cannot be read");
    return;
  }
  if (!out.answer.doc_string().empty()) {
    out.status = absl::InternalError(
        fmt::format("shape inference broke off: {}", base::Quote(out.answer.doc_string(), 400)));
  }
  for (size_t p = 0; p < pairs.size(); ++p) {
    const ScopeId scope = pairs[p].scope;
    for (const auto& info : out.answer.attribute(static_cast<int>(p)).g().value_info()) {
      const ValueId v = facts.Resolve(scope, info.name());
      if (v == kNone || facts.values[static_cast<size_t>(v)].scope != scope) continue;
      out.types.emplace_back(v, &info.type());
    }
  }
}

}  // namespace hoarfrost::model
