#include "payload/dtype.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <string_view>

#include "base/checked.h"

namespace hoarfrost::payload {
namespace {

enum class Class : uint8_t { kNone, kFloat, kInteger, kBool, kComplex, kString };

struct Row {
  std::string_view name;
  int bits;  // in raw_data; 0 where elements have no fixed size
  Class kind;
};

// Indexed by TensorProto.DataType (onnx-ml.proto, IR version 14).
constexpr std::array<Row, 29> kRows = {{
    {"undefined", 0, Class::kNone},       {"float32", 32, Class::kFloat},
    {"uint8", 8, Class::kInteger},        {"int8", 8, Class::kInteger},
    {"uint16", 16, Class::kInteger},      {"int16", 16, Class::kInteger},
    {"int32", 32, Class::kInteger},       {"int64", 64, Class::kInteger},
    {"string", 0, Class::kString},        {"bool", 8, Class::kBool},
    {"float16", 16, Class::kFloat},       {"float64", 64, Class::kFloat},
    {"uint32", 32, Class::kInteger},      {"uint64", 64, Class::kInteger},
    {"complex64", 64, Class::kComplex},   {"complex128", 128, Class::kComplex},
    {"bfloat16", 16, Class::kFloat},      {"float8e4m3fn", 8, Class::kFloat},
    {"float8e4m3fnuz", 8, Class::kFloat}, {"float8e5m2", 8, Class::kFloat},
    {"float8e5m2fnuz", 8, Class::kFloat}, {"uint4", 4, Class::kInteger},
    {"int4", 4, Class::kInteger},         {"float4e2m1", 4, Class::kFloat},
    {"float8e8m0", 8, Class::kFloat},     {"uint2", 2, Class::kInteger},
    {"int2", 2, Class::kInteger},         {"float6e2m3", 6, Class::kFloat},
    {"float6e3m2", 6, Class::kFloat},
}};

const Row* Find(int32_t dtype) {
  if (dtype < 0 || static_cast<size_t>(dtype) >= kRows.size()) return nullptr;
  return &kRows[static_cast<size_t>(dtype)];
}

bool IsKind(int32_t dtype, Class kind) {
  const Row* row = Find(dtype);
  return row != nullptr && row->kind == kind;
}

}  // namespace

std::string DtypeName(int32_t dtype) {
  const Row* row = Find(dtype);
  return row != nullptr ? std::string(row->name) : fmt::format("unknown({})", dtype);
}

std::optional<int32_t> DtypeNamed(std::string_view name) {
  for (size_t i = 1; i < kRows.size(); ++i) {
    if (kRows[i].name == name) return static_cast<int32_t>(i);
  }
  return std::nullopt;
}

std::optional<int> DtypeBits(int32_t dtype) {
  const Row* row = Find(dtype);
  if (row == nullptr || row->bits == 0) return std::nullopt;
  return row->bits;
}

bool IsKnownDtype(int32_t dtype) { return dtype != 0 && Find(dtype) != nullptr; }

bool IsFloat(int32_t dtype) { return IsKind(dtype, Class::kFloat); }

bool IsTrainableFloat(int32_t dtype) {
  return IsFloat(dtype) && DtypeBits(dtype).value_or(0) >= 16;
}

bool IsInteger(int32_t dtype) { return IsKind(dtype, Class::kInteger); }

bool IsComplex(int32_t dtype) { return IsKind(dtype, Class::kComplex); }

std::optional<uint64_t> PackedBytes(int32_t dtype, uint64_t elements) {
  const std::optional<int> bits = DtypeBits(dtype);
  if (!bits) return std::nullopt;
  const auto width = static_cast<uint64_t>(*bits);
  if (width % 8 == 0) return base::CheckedMul(elements, width / 8);
  const uint64_t eights = elements / 8;  // groups of eight elements take `width` bytes each
  return eights * width + (elements % 8 * width + 7) / 8;
}

}  // namespace hoarfrost::payload
