#include "compare/meter.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "onnx/onnx_pb.h"
#include "payload/dtype.h"
#include "payload/numbers.h"

namespace hoarfrost::compare {
namespace {

using onnx::TensorProto;

// What one block adds. The sums over finite pairs are of those that changed; others add nothing.
struct Sums {
  uint64_t changed = 0;
  uint64_t not_finite = 0;
  uint64_t signed_zeros = 0;
  double max_abs = 0;
  uint64_t max_ulps = 0;
};

template <typename T>
T Load(const char* p, size_t i) {
  T value;
  std::memcpy(&value, p + i * sizeof value, sizeof value);
  return value;
}

// The three types that training uses, each as a float of 32 bits.
struct Float32 {
  using Pattern = uint32_t;
  static constexpr uint32_t kSign = 0x80000000u;
  static constexpr uint32_t kInfinity = 0x7f800000u;
  static float Value(uint32_t pattern) { return std::bit_cast<float>(pattern); }
};
struct Bfloat16 {
  using Pattern = uint16_t;
  static constexpr uint32_t kSign = 0x8000u;
  static constexpr uint32_t kInfinity = 0x7f80u;
  static float Value(uint32_t pattern) { return std::bit_cast<float>(pattern << 16); }
};
struct Float16 {
  using Pattern = uint16_t;
  static constexpr uint32_t kSign = 0x8000u;
  static constexpr uint32_t kInfinity = 0x7c00u;
  // The fields moved to where a float has them, and the difference of the biases made good by a
  // product, which is exact and normalizes what is subnormal here.
  static float Value(uint32_t pattern) {
    const uint32_t moved = (pattern & kSign) << 16 | (pattern & 0x7fffu) << 13;
    return std::bit_cast<float>(moved) * 0x1p112f;
  }
};

// Without branches, so that the compiler makes vector code of it. Magnitudes of floats, and floats
// that are not negative, are in the order of their patterns as numbers; so all is unsigned 32 bits.
template <typename Form>
[[gnu::always_inline]] inline void AddFloatsInline(const char* a, const char* b, size_t n,
                                                   Sums& sums) {
  uint32_t changed = 0;
  uint32_t not_finite = 0;
  uint32_t zeros = 0;
  uint32_t max_abs = 0;
  uint32_t max_ulps = 0;
  for (size_t i = 0; i < n; ++i) {
    const uint32_t x = Load<typename Form::Pattern>(a, i);
    const uint32_t y = Load<typename Form::Pattern>(b, i);
    const uint32_t m = x & ~Form::kSign;
    const uint32_t k = y & ~Form::kSign;
    const uint32_t larger = std::max(m, k);
    const uint32_t smaller = std::min(m, k);
    const auto differs = static_cast<uint32_t>(x != y);
    const auto odd = static_cast<uint32_t>(larger >= Form::kInfinity);
    changed += differs;
    not_finite += differs & odd;
    zeros += differs & static_cast<uint32_t>(larger == 0);
    const uint32_t keep = odd - 1;  // all ones for a finite pair
    const float gap = Form::Value(x) - Form::Value(y);
    max_abs = std::max(max_abs, std::bit_cast<uint32_t>(gap) & 0x7fffffffu & keep);
    // Of two signs, the way leads through zero.
    const uint32_t apart = 0 - static_cast<uint32_t>(((x ^ y) & Form::kSign) != 0);
    const uint32_t ulps = larger + (smaller ^ ~apart) + (apart + 1);
    max_ulps = std::max(max_ulps, ulps & keep);
  }
  sums.changed = changed;
  sums.not_finite = not_finite;
  sums.signed_zeros = zeros;
  sums.max_abs = static_cast<double>(std::bit_cast<float>(max_abs));
  sums.max_ulps = max_ulps;
  if (max_abs < 0x7f800000u) return;
  // The difference of two large floats of opposite signs is no float.
  sums.max_abs = 0;
  for (size_t i = 0; i < n; ++i) {
    const double gap = static_cast<double>(Form::Value(Load<typename Form::Pattern>(a, i))) -
                       static_cast<double>(Form::Value(Load<typename Form::Pattern>(b, i)));
    if (std::isfinite(gap)) sums.max_abs = std::max(sums.max_abs, std::fabs(gap));
  }
}

#if defined(__x86_64__)
// The same code once more for the wider registers that all but the oldest processors have.
template <typename Form>
[[gnu::target("avx2")]] void AddFloatsWide(const char* a, const char* b, size_t n, Sums& sums) {
  AddFloatsInline<Form>(a, b, n, sums);
}
template <typename Form>
void AddFloats(const char* a, const char* b, size_t n, Sums& sums) {
  static const bool wide = __builtin_cpu_supports("avx2") != 0;
  return wide ? AddFloatsWide<Form>(a, b, n, sums) : AddFloatsInline<Form>(a, b, n, sums);
}
#else
template <typename Form>
void AddFloats(const char* a, const char* b, size_t n, Sums& sums) {
  AddFloatsInline<Form>(a, b, n, sums);
}
#endif

void AddDoubles(const char* a, const char* b, size_t n, Sums& sums) {
  constexpr uint64_t kSign = uint64_t{1} << 63;
  constexpr uint64_t kInfinity = uint64_t{0x7ff} << 52;
  for (size_t i = 0; i < n; ++i) {
    const auto x = Load<uint64_t>(a, i);
    const auto y = Load<uint64_t>(b, i);
    if (x == y) continue;
    ++sums.changed;
    const uint64_t larger = std::max(x & ~kSign, y & ~kSign);
    const uint64_t smaller = std::min(x & ~kSign, y & ~kSign);
    if (larger >= kInfinity) {
      ++sums.not_finite;
      continue;
    }
    if (larger == 0) ++sums.signed_zeros;
    const double gap = std::bit_cast<double>(x) - std::bit_cast<double>(y);
    sums.max_abs = std::max(sums.max_abs, std::fabs(gap));
    const bool apart = ((x ^ y) & kSign) != 0;
    sums.max_ulps = std::max(sums.max_ulps, apart ? larger + smaller : larger - smaller);
  }
}

template <typename T>
void AddIntegers(const char* a, const char* b, size_t n, Sums& sums) {
  using Unsigned = std::make_unsigned_t<T>;
  Unsigned largest = 0;
  for (size_t i = 0; i < n; ++i) {
    const T x = Load<T>(a, i);
    const T y = Load<T>(b, i);
    sums.changed += x != y ? 1 : 0;
    const auto gap =
        static_cast<Unsigned>(x > y ? static_cast<Unsigned>(x) - static_cast<Unsigned>(y)
                                    : static_cast<Unsigned>(y) - static_cast<Unsigned>(x));
    largest = std::max(largest, gap);
  }
  sums.max_abs = static_cast<double>(largest);
}

// Complex numbers: the distance is the larger of the two of their parts.
template <typename T>
void AddComplex(const char* a, const char* b, size_t n, Sums& sums) {
  for (size_t i = 0; i < n; ++i) {
    if (std::memcmp(a + 2 * sizeof(T) * i, b + 2 * sizeof(T) * i, 2 * sizeof(T)) == 0) continue;
    ++sums.changed;
    double gap = 0;
    for (const size_t part : {2 * i, 2 * i + 1}) {
      const double of_part =
          std::fabs(static_cast<double>(Load<T>(a, part)) - static_cast<double>(Load<T>(b, part)));
      gap = std::isfinite(of_part) && std::isfinite(gap) ? std::max(gap, of_part) : HUGE_VAL;
    }
    if (std::isfinite(gap)) {
      sums.max_abs = std::max(sums.max_abs, gap);
    } else {
      ++sums.not_finite;
    }
  }
}

void AddByteCount(const char* a, const char* b, size_t n, Sums& sums) {
  for (size_t i = 0; i < n; ++i) sums.changed += a[i] != b[i] ? 1 : 0;
}

}  // namespace

Meter::Meter(int32_t dtype, uint64_t elements)
    : dtype_(dtype), bits_(static_cast<uint64_t>(payload::DtypeBits(dtype).value_or(8))) {
  result_.elements = elements;
}

void Meter::Add(const char* a, const char* b, size_t bytes, uint64_t offset) {
  const size_t n = bytes * 8 / bits_;
  Sums sums;
  bool has_abs = true;
  switch (dtype_) {
    case TensorProto::FLOAT:
      AddFloats<Float32>(a, b, n, sums);
      break;
    case TensorProto::FLOAT16:
      AddFloats<Float16>(a, b, n, sums);
      break;
    case TensorProto::BFLOAT16:
      AddFloats<Bfloat16>(a, b, n, sums);
      break;
    case TensorProto::DOUBLE:
      AddDoubles(a, b, n, sums);
      break;
    case TensorProto::INT8:
      AddIntegers<int8_t>(a, b, n, sums);
      break;
    case TensorProto::UINT8:
      AddIntegers<uint8_t>(a, b, n, sums);
      break;
    case TensorProto::INT16:
      AddIntegers<int16_t>(a, b, n, sums);
      break;
    case TensorProto::UINT16:
      AddIntegers<uint16_t>(a, b, n, sums);
      break;
    case TensorProto::INT32:
      AddIntegers<int32_t>(a, b, n, sums);
      break;
    case TensorProto::UINT32:
      AddIntegers<uint32_t>(a, b, n, sums);
      break;
    case TensorProto::INT64:
      AddIntegers<int64_t>(a, b, n, sums);
      break;
    case TensorProto::UINT64:
      AddIntegers<uint64_t>(a, b, n, sums);
      break;
    case TensorProto::COMPLEX64:
      AddComplex<float>(a, b, n, sums);
      break;
    case TensorProto::COMPLEX128:
      AddComplex<double>(a, b, n, sums);
      break;
    case TensorProto::BOOL:
      AddByteCount(a, b, n, sums);
      has_abs = false;
      break;
    default: {  // the small ones, pattern by pattern
      const uint64_t before = offset * 8 / bits_;
      const uint64_t count = std::min<uint64_t>(n, result_.elements - before);
      const payload::FloatForm* form = payload::FormOf(dtype_);
      const bool is_signed = dtype_ == TensorProto::INT4 || dtype_ == TensorProto::INT2;
      const auto bits = static_cast<int>(bits_);
      const auto integer = [&](uint64_t pattern) {
        const auto value = static_cast<int64_t>(pattern);
        return is_signed && (pattern >> (bits - 1)) != 0 ? value - (int64_t{1} << bits) : value;
      };
      for (uint64_t i = 0; i < count; ++i) {
        const uint64_t x = payload::PatternAt({a, bytes}, i, bits);
        const uint64_t y = payload::PatternAt({b, bytes}, i, bits);
        if (x == y) continue;
        if (!result_.first) result_.first = before + i;
        ++sums.changed;
        if (form == nullptr) {
          sums.max_abs =
              std::max(sums.max_abs, std::fabs(static_cast<double>(integer(x) - integer(y))));
          continue;
        }
        if (!form->IsFinite(x) || !form->IsFinite(y)) {
          ++sums.not_finite;
          continue;
        }
        if ((form->magnitude(x) | form->magnitude(y)) == 0 && form->sign_bit() != 0) {
          ++sums.signed_zeros;
        }
        sums.max_abs = std::max(sums.max_abs, std::fabs(form->Value(x) - form->Value(y)));
        sums.max_ulps = std::max(sums.max_ulps, form->Distance(x, y));
      }
      break;
    }
  }
  if (sums.changed == 0) return;
  if (!result_.first) {
    const auto at = static_cast<uint64_t>(std::mismatch(a, a + bytes, b).first - a);
    result_.first = (offset + at) * 8 / bits_;
  }
  result_.changed += sums.changed;
  result_.not_finite += sums.not_finite;
  result_.signed_zeros += sums.signed_zeros;
  if (sums.changed == sums.not_finite || !has_abs) return;
  result_.max_abs = std::max(result_.max_abs.value_or(0), sums.max_abs);
  if (payload::IsFloat(dtype_)) {
    result_.max_ulps = std::max(result_.max_ulps.value_or(0), sums.max_ulps);
  }
}

}  // namespace hoarfrost::compare
