#include "payload/numbers.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "onnx/onnx_pb.h"

namespace hoarfrost::payload {
namespace {

using onnx::TensorProto;
using Top = FloatForm::Top;

constexpr FloatForm kFloat16 = {16, 10, 15, Top::kIeee};
constexpr FloatForm kBfloat16 = {16, 7, 127, Top::kIeee};
constexpr FloatForm kFloat32 = {32, 23, 127, Top::kIeee};
constexpr FloatForm kFloat64 = {64, 52, 1023, Top::kIeee};
constexpr FloatForm kE4M3Fn = {8, 3, 7, Top::kFn};
constexpr FloatForm kE4M3Fnuz = {8, 3, 8, Top::kFnuz};
constexpr FloatForm kE5M2 = {8, 2, 15, Top::kIeee};
constexpr FloatForm kE5M2Fnuz = {8, 2, 16, Top::kFnuz};
constexpr FloatForm kE8M0 = {8, 0, 127, Top::kScale};
constexpr FloatForm kE2M1 = {4, 1, 1, Top::kFinite};
constexpr FloatForm kE2M3 = {6, 3, 1, Top::kFinite};
constexpr FloatForm kE3M2 = {6, 2, 3, Top::kFinite};

constexpr uint64_t Ones(int bits) { return (uint64_t{1} << bits) - 1; }

}  // namespace

bool FloatForm::IsNan(uint64_t pattern) const {
  const uint64_t m = magnitude(pattern);
  switch (top) {
    case Top::kIeee:
      return m > (Ones(bits - 1 - mantissa) << mantissa);
    case Top::kFn:
      return m == Ones(bits - 1);
    case Top::kFnuz:
      return pattern == sign_bit();
    case Top::kScale:
      return pattern == Ones(bits);
    case Top::kFinite:
      return false;
  }
  return false;
}

bool FloatForm::IsFinite(uint64_t pattern) const {
  if (top == Top::kIeee) return magnitude(pattern) < Ones(bits - 1 - mantissa) << mantissa;
  return !IsNan(pattern);
}

bool FloatForm::IsZero(uint64_t pattern) const {
  return top != Top::kScale && magnitude(pattern) == 0 && !IsNan(pattern);
}

bool FloatForm::IsSubnormal(uint64_t pattern) const {
  const uint64_t m = magnitude(pattern);
  return top != Top::kScale && m != 0 && m < uint64_t{1} << mantissa;
}

double FloatForm::Value(uint64_t pattern) const {
  if (bits == 64) return std::bit_cast<double>(pattern);
  if (bits == 32) return std::bit_cast<float>(static_cast<uint32_t>(pattern));
  if (IsNan(pattern)) return std::numeric_limits<double>::quiet_NaN();
  const uint64_t m = magnitude(pattern);
  const uint64_t fraction = m & Ones(mantissa);
  const int exponent = static_cast<int>(m >> mantissa);
  double value = 0;
  if (!IsFinite(pattern)) {
    value = std::numeric_limits<double>::infinity();
  } else if (top == Top::kScale) {
    value = std::ldexp(1.0, exponent - bias);
  } else if (exponent == 0) {
    value = std::ldexp(static_cast<double>(fraction), 1 - bias - mantissa);
  } else {
    value = std::ldexp(static_cast<double>(fraction | uint64_t{1} << mantissa),
                       exponent - bias - mantissa);
  }
  return (pattern & sign_bit()) != 0 ? -value : value;
}

uint64_t FloatForm::Distance(uint64_t a, uint64_t b) const {
  const uint64_t m = magnitude(a);
  const uint64_t n = magnitude(b);
  // Of one sign, the patterns are in the order of the numbers; else the way leads through zero.
  if ((a & sign_bit()) != (b & sign_bit())) return m + n;
  return m > n ? m - n : n - m;
}

double FloatForm::Largest() const {
  const uint64_t all = Ones(bits - 1);
  const uint64_t largest = top == Top::kIeee ? (Ones(bits - 1 - mantissa) << mantissa) - 1
                           : top == Top::kFn ? all - 1
                                             : all;
  return Value(largest);
}

double FloatForm::Round(double x) const {
  if (bits == 64 || !std::isfinite(x)) return x;
  if (bits == 32) return static_cast<double>(static_cast<float>(x));
  const double a = std::fabs(x);
  double rounded = 0;
  if (a < std::ldexp(1.0, 1 - bias)) {
    // Adding what makes the last bit of a double worth the smallest number rounds to it.
    const double shift = std::ldexp(1.5, 52 + 1 - bias - mantissa);
    rounded = (a + shift) - shift;
  } else {
    const int drop = 52 - mantissa;
    uint64_t pattern = std::bit_cast<uint64_t>(a);
    pattern += ((pattern >> drop) & 1) + Ones(drop - 1);
    rounded = std::bit_cast<double>(pattern & ~Ones(drop));
  }
  if (rounded > Largest()) rounded = std::numeric_limits<double>::infinity();
  return std::copysign(rounded, x);
}

const FloatForm* FormOf(int32_t dtype) {
  switch (dtype) {
    case TensorProto::FLOAT:
      return &kFloat32;
    case TensorProto::DOUBLE:
      return &kFloat64;
    case TensorProto::FLOAT16:
      return &kFloat16;
    case TensorProto::BFLOAT16:
      return &kBfloat16;
    case TensorProto::FLOAT8E4M3FN:
      return &kE4M3Fn;
    case TensorProto::FLOAT8E4M3FNUZ:
      return &kE4M3Fnuz;
    case TensorProto::FLOAT8E5M2:
      return &kE5M2;
    case TensorProto::FLOAT8E5M2FNUZ:
      return &kE5M2Fnuz;
    case TensorProto::FLOAT8E8M0:
      return &kE8M0;
    case TensorProto::FLOAT4E2M1:
      return &kE2M1;
    case TensorProto::FLOAT6E2M3:
      return &kE2M3;
    case TensorProto::FLOAT6E3M2:
      return &kE3M2;
    default:
      return nullptr;
  }
}

uint64_t PatternAt(std::string_view packed, uint64_t i, int bits) {
  const auto width = static_cast<uint64_t>(bits);
  uint64_t pattern = 0;
  if (bits % 8 == 0) {
    std::memcpy(&pattern, packed.data() + i * width / 8, width / 8);
    return pattern;
  }
  const uint64_t first = i * width;  // a 6-bit element may lie in two bytes
  for (uint64_t byte = first / 8, at = 0; at < width + first % 8; ++byte, at += 8) {
    pattern |= uint64_t{static_cast<uint8_t>(packed[byte])} << at;
  }
  return (pattern >> (first % 8)) & Ones(bits);
}

}  // namespace hoarfrost::payload
