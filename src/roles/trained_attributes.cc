#include "roles/trained_attributes.h"

#include <algorithm>
#include <array>

#include "base/checked.h"

namespace hoarfrost::roles {
namespace {

// What a trainer estimates, by ai.onnx.ml 1 to 5 (https://onnx.ai/onnx/operators/): thresholds,
// leaves, coefficients, support vectors, means. The shape of a tree (modes, ids, links) and the
// tables of encoders and vectorizers are no numbers that were fitted.
struct TrainedOperator {
  std::string_view type;
  std::array<std::string_view, 8> attributes;
};

constexpr std::array<TrainedOperator, 9> kTrained = {{
    {"Imputer", {"imputed_value_floats", "imputed_value_int64s"}},
    {"LinearClassifier", {"coefficients", "intercepts"}},
    {"LinearRegressor", {"coefficients", "intercepts"}},
    {"SVMClassifier", {"coefficients", "prob_a", "prob_b", "rho", "support_vectors"}},
    {"SVMRegressor", {"coefficients", "rho", "support_vectors"}},
    {"Scaler", {"offset", "scale"}},
    {"TreeEnsemble", {"leaf_weights", "membership_values", "nodes_splits"}},
    {"TreeEnsembleClassifier",
     {"base_values", "base_values_as_tensor", "class_weights", "class_weights_as_tensor",
      "nodes_values", "nodes_values_as_tensor"}},
    {"TreeEnsembleRegressor",
     {"base_values", "base_values_as_tensor", "nodes_values", "nodes_values_as_tensor",
      "target_weights", "target_weights_as_tensor"}},
}};

uint64_t Elements(const onnx::TensorProto& tensor) {
  uint64_t n = 1;
  for (const int64_t dim : tensor.dims()) {
    if (dim <= 0) return 0;
    n = base::SaturatingMul(n, static_cast<uint64_t>(dim));
  }
  return n;
}

const TrainedOperator* Find(const model::NodeOperator& op) {
  if (op.domain != "ai.onnx.ml") return nullptr;
  const auto* found = std::find_if(kTrained.begin(), kTrained.end(),
                                   [&](const TrainedOperator& t) { return t.type == op.type; });
  return found == kTrained.end() ? nullptr : found;
}

}  // namespace

uint64_t ValuesInAttribute(const model::Facts& facts, const onnx::NodeProto& node,
                           std::string_view name) {
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    if (attribute.name() != name) continue;
    if (attribute.has_t()) return Elements(attribute.t());
    // A list is in the skeleton as a whole or not at all.
    uint64_t n = static_cast<uint64_t>(std::max(attribute.floats_size(), attribute.ints_size()));
    if (n > 0) return n;
    for (const wire::PayloadPart& part : facts.skeleton->PayloadOf(attribute)) {
      if (part.count != wire::PayloadPart::kUnknownCount) n = base::SaturatingAdd(n, part.count);
    }
    return n;
  }
  return 0;
}

std::vector<TrainedAttributes> FindTrainedAttributes(const model::Facts& facts) {
  std::vector<const TrainedOperator*> known;
  known.reserve(facts.operators.size());
  for (const model::NodeOperator& op : facts.operators) known.push_back(Find(op));
  std::vector<TrainedAttributes> found;
  if (std::all_of(known.begin(), known.end(), [](const auto* op) { return op == nullptr; })) {
    return found;
  }
  for (size_t n = 0; n < facts.nodes.size(); ++n) {
    const model::Node& node = facts.nodes[n];
    const TrainedOperator* op = known[static_cast<size_t>(node.op)];
    if (op == nullptr || node.calls != model::kNone) continue;
    uint64_t values = 0;
    for (const std::string_view name : op->attributes) {
      if (!name.empty())
        values = base::SaturatingAdd(values, ValuesInAttribute(facts, *node.proto, name));
    }
    if (values > 0) found.push_back({static_cast<model::NodeId>(n), values});
  }
  return found;
}

}  // namespace hoarfrost::roles
