#include "model/facts.h"

#include <cstddef>

#include "model/facts_builder.h"

namespace hoarfrost::model {
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
