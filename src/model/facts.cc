#include "model/facts.h"

#include <cstddef>

#include "model/facts_builder.h"

namespace hoarfrost::model {
namespace {

template <typename T>
absl::Span<const T> Slice(const std::vector<T>& all, const std::vector<int32_t>& begins,
                          int32_t id) {
  const auto i = static_cast<size_t>(id);
  const auto begin = static_cast<size_t>(begins[i]);
  return absl::MakeConstSpan(all).subspan(begin, static_cast<size_t>(begins[i + 1]) - begin);
}

}  // namespace

absl::Span<const ValueId> Facts::inputs(NodeId n) const {
  const Node& node = nodes[static_cast<size_t>(n)];
  return absl::MakeConstSpan(operands_).subspan(static_cast<size_t>(node.first_operand),
                                                static_cast<size_t>(node.input_count));
}

absl::Span<const ValueId> Facts::outputs(NodeId n) const {
  const Node& node = nodes[static_cast<size_t>(n)];
  return absl::MakeConstSpan(operands_).subspan(
      static_cast<size_t>(node.first_operand + node.input_count),
      static_cast<size_t>(node.output_count));
}

absl::Span<const Use> Facts::uses(ValueId v) const { return Slice(uses_, uses_begin_, v); }

absl::Span<const Flow> Facts::flows(ValueId v) const { return Slice(flows_, flows_begin_, v); }

absl::Span<const Flow> Facts::flows_into(ValueId v) const {
  return Slice(flows_into_, flows_into_begin_, v);
}

absl::Span<const ValueId> Facts::scope_inputs(ScopeId s) const {
  return Slice(scope_values_, scope_values_begin_, 2 * s);
}

absl::Span<const ValueId> Facts::scope_outputs(ScopeId s) const {
  return Slice(scope_values_, scope_values_begin_, 2 * s + 1);
}

absl::Span<const ScopeId> Facts::subgraphs(NodeId n) const {
  return Slice(subgraphs_, subgraphs_begin_, n);
}

ValueId Facts::Resolve(ScopeId scope, std::string_view name) const {
  if (name.empty()) return kNone;
  for (ScopeId s = scope; s != kNone; s = scopes[static_cast<size_t>(s)].parent) {
    const ValueId v = names_.Find(values, s, name);
    if (v != kNone && !values[static_cast<size_t>(v)].dangling) return v;
  }
  return kNone;
}

std::vector<TensorId> Facts::TensorsNamed(std::string_view name) const {
  std::vector<TensorId> found;
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (tensors[i].name == name) found.push_back(static_cast<TensorId>(i));
  }
  return found;
}

int64_t Facts::opset(ScopeId scope, std::string_view domain) const {
  const Scope& s = scopes[static_cast<size_t>(scope)];
  domain = NormalDomain(domain);
  if (domain.empty()) return s.onnx_opset;
  const base::ViewMap<int64_t>& imports = opsets_[static_cast<size_t>(s.imports)];
  const auto found = imports.find(domain);
  return found != imports.end() ? found->second : 0;
}

Facts BuildFacts(const wire::Skeleton& skeleton, const std::string& directory,
                 const std::string& model_file) {
  return FactsBuilder(skeleton, directory, model_file).Build();
}

}  // namespace hoarfrost::model
