#include <fmt/format.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "compare/diff.h"
#include "payload/dtype.h"

namespace hoarfrost::compare {
namespace {

using OperatorKey = std::pair<std::string, std::string>;

void Count(const summary::Summary& model, bool is_a,
           std::map<OperatorKey, OperatorChange>& counts) {
  for (const model::Node& node : model.facts.nodes) {
    const std::string& domain = node.proto->domain();
    OperatorChange& count =
        counts[{domain == "ai.onnx" ? std::string() : domain, node.proto->op_type()}];
    ++(is_a ? count.a : count.b);
  }
}

std::string DimText(const onnx::TensorShapeProto::Dimension& dim) {
  if (dim.has_dim_value()) return fmt::to_string(dim.dim_value());
  return dim.dim_param().empty() ? "?" : base::Escape(dim.dim_param());
}

std::string TypeText(const onnx::TypeProto& type) {
  switch (type.value_case()) {
    case onnx::TypeProto::kTensorType:
    case onnx::TypeProto::kSparseTensorType: {
      const bool sparse = type.has_sparse_tensor_type();
      const int32_t dtype =
          sparse ? type.sparse_tensor_type().elem_type() : type.tensor_type().elem_type();
      const bool has_shape =
          sparse ? type.sparse_tensor_type().has_shape() : type.tensor_type().has_shape();
      std::string text = fmt::format("{}{} ", sparse ? "sparse " : "", payload::DtypeName(dtype));
      if (!has_shape) return text + "of any shape";
      text += "[";
      const onnx::TensorShapeProto& shape =
          sparse ? type.sparse_tensor_type().shape() : type.tensor_type().shape();
      for (int i = 0; i < shape.dim_size(); ++i) {
        text += fmt::format("{}{}", i == 0 ? "" : ", ", DimText(shape.dim(i)));
      }
      return text + "]";
    }
    case onnx::TypeProto::kSequenceType:
      return "a sequence";
    case onnx::TypeProto::kMapType:
      return "a map";
    case onnx::TypeProto::kOptionalType:
      return "an optional value";
    default:
      return "of no stated type";
  }
}

using Values = google::protobuf::RepeatedPtrField<onnx::ValueInfoProto>;

// In the order of a, then what only b has. Of several of one name the first counts.
std::vector<ValueChange> CompareValues(const Values& a, const Values& b) {
  std::map<std::string_view, std::pair<std::string, std::string>> types;
  std::vector<std::string_view> order;
  const auto add = [&](const Values& values, bool is_a) {
    for (const onnx::ValueInfoProto& value : values) {
      const auto [place, fresh] = types.try_emplace(value.name());
      if (fresh) order.push_back(place->first);
      std::string& text = is_a ? place->second.first : place->second.second;
      if (text.empty()) text = TypeText(value.type());
    }
  };
  add(a, true);
  add(b, false);
  std::vector<ValueChange> changes;
  for (const std::string_view name : order) {
    const auto& [text_a, text_b] = types[name];
    if (text_a != text_b) changes.push_back({std::string(name), text_a, text_b});
  }
  return changes;
}

}  // namespace

void CompareGraphs(const summary::Summary& a, const summary::Summary& b, DiffResult& result) {
  std::map<OperatorKey, OperatorChange> counts;
  Count(a, true, counts);
  Count(b, false, counts);
  for (auto& [key, change] : counts) {
    if (change.a == change.b) continue;
    change.domain = key.first;
    change.op_type = key.second;
    result.operators.push_back(std::move(change));
  }
  const onnx::GraphProto& graph_a = a.facts.model().graph();
  const onnx::GraphProto& graph_b = b.facts.model().graph();
  result.inputs = CompareValues(graph_a.input(), graph_b.input());
  result.outputs = CompareValues(graph_a.output(), graph_b.output());
}

}  // namespace hoarfrost::compare
