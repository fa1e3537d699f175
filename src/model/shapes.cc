#include "model/shapes.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "base/hash.h"
#include "model/infer_shapes.h"

namespace hoarfrost::model {
namespace {

bool IsMadeUp(std::string_view symbol) {
  constexpr std::string_view kPrefix = "unk__";
  if (symbol.substr(0, kPrefix.size()) != kPrefix || symbol.size() == kPrefix.size()) return false;
  return std::all_of(symbol.begin() + kPrefix.size(), symbol.end(),
                     [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<int64_t> Bound(const DimBindings* bindings,
                             const onnx::TensorShapeProto::Dimension& dim) {
  if (bindings == nullptr || !dim.has_dim_param()) return std::nullopt;
  const auto found = bindings->find(dim.dim_param());
  return found == bindings->end() ? std::nullopt : std::optional(found->second);
}

void TakeShape(const onnx::TensorShapeProto& shape, const DimBindings* bindings, ValueType& type) {
  type.has_shape = true;
  type.dims.reserve(static_cast<size_t>(shape.dim_size()));
  for (const auto& from : shape.dim()) {
    Dim dim;
    if (from.has_dim_value() && from.dim_value() >= 0) {
      dim.value = from.dim_value();
    } else if (const auto bound = Bound(bindings, from); bound.has_value()) {
      dim.value = bound;
    } else if (from.has_dim_param() && !IsMadeUp(from.dim_param())) {
      dim.symbol = from.dim_param();
    }
    type.dims.push_back(dim);
  }
}

bool HasShape(const onnx::TypeProto& type) {
  return (type.has_tensor_type() && type.tensor_type().has_shape()) ||
         (type.has_sparse_tensor_type() && type.sparse_tensor_type().has_shape());
}

ValueType Read(const onnx::TypeProto& outer, const DimBindings* bindings) {
  ValueType result;
  const onnx::TypeProto* type = &outer;
  const auto kind = [&](TypeKind k) {
    if (result.kind == TypeKind::kUnknown) result.kind = k;
  };
  for (;;) {
    switch (type->value_case()) {
      case onnx::TypeProto::kTensorType:
        kind(TypeKind::kTensor);
        result.dtype = type->tensor_type().elem_type();
        if (type->tensor_type().has_shape())
          TakeShape(type->tensor_type().shape(), bindings, result);
        return result;
      case onnx::TypeProto::kSparseTensorType:
        kind(TypeKind::kSparseTensor);
        result.dtype = type->sparse_tensor_type().elem_type();
        if (type->sparse_tensor_type().has_shape()) {
          TakeShape(type->sparse_tensor_type().shape(), bindings, result);
        }
        return result;
      case onnx::TypeProto::kSequenceType:
        kind(TypeKind::kSequence);
        type = &type->sequence_type().elem_type();
        break;
      case onnx::TypeProto::kOptionalType:
        kind(TypeKind::kOptional);
        type = &type->optional_type().elem_type();
        break;
      case onnx::TypeProto::kMapType:
        kind(TypeKind::kMap);
        type = &type->map_type().value_type();
        break;
      case onnx::TypeProto::kOpaqueType:
        kind(TypeKind::kOpaque);
        return result;
      case onnx::TypeProto::VALUE_NOT_SET:
        return result;
    }
  }
}

}  // namespace

std::vector<std::string_view> DimSymbols(const Facts& facts) {
  std::vector<std::string_view> symbols;
  base::ViewSet seen;
  const auto add = [&](const Value& value) {
    if (value.info == nullptr || !value.info->has_type()) return;
    const onnx::TypeProto* type = &value.info->type();
    while (type->has_sequence_type() || type->has_optional_type()) {
      type = type->has_sequence_type() ? &type->sequence_type().elem_type()
                                       : &type->optional_type().elem_type();
    }
    const onnx::TensorShapeProto& shape = type->has_sparse_tensor_type()
                                              ? type->sparse_tensor_type().shape()
                                              : type->tensor_type().shape();
    for (const auto& dim : shape.dim()) {
      const std::string& symbol = dim.dim_param();
      if (!symbol.empty() && seen.insert(symbol).second) symbols.push_back(symbol);
    }
  };
  for (const ValueId input : facts.scope_inputs(0)) {
    if (input != kNone) add(facts.values[static_cast<size_t>(input)]);
  }
  for (const Value& value : facts.values) add(value);
  return symbols;
}

struct ShapeTable::Inferred {
  InferredTypes types;
};

ShapeTable::ShapeTable(const Facts& facts, const DimBindings* bindings)
    : facts_(facts), bindings_(bindings) {}
ShapeTable::~ShapeTable() = default;

ValueType ShapeTable::Of(ValueId value) const {
  if (value == kNone) return {};
  const Value& v = facts_.values[static_cast<size_t>(value)];
  if (v.tensor != kNone) {
    const Tensor& tensor = facts_.tensors[static_cast<size_t>(v.tensor)];
    ValueType type;
    type.kind = tensor.sparse != nullptr ? TypeKind::kSparseTensor : TypeKind::kTensor;
    type.dtype = tensor.dtype;
    type.has_shape = true;
    type.dims.reserve(tensor.dims.size());
    for (const int64_t d : tensor.dims) {
      type.dims.push_back({d >= 0 ? std::optional(d) : std::nullopt, {}});
    }
    return type;
  }
  const onnx::TypeProto* declared =
      v.info != nullptr && v.info->has_type() ? &v.info->type() : nullptr;
  const auto inferred = types_.find(value);
  if (inferred != types_.end() &&
      (declared == nullptr || HasShape(*inferred->second) || !HasShape(*declared))) {
    return Read(*inferred->second, bindings_);
  }
  return declared != nullptr ? Read(*declared, bindings_) : ValueType();
}

absl::Status ShapeTable::Infer() {
  types_.clear();
  inferred_ = std::make_unique<Inferred>();
  InferTypes(facts_, bindings_, inferred_->types);
  for (const auto& [value, type] : inferred_->types.types) {
    const auto [place, fresh] = types_.try_emplace(value, type);
    if (!fresh && !HasShape(*place->second)) place->second = type;
  }
  return inferred_->types.status;
}

}  // namespace hoarfrost::model
