// Numbers one at a time: the plain form of the kernels, and what they fall back on where NaN or
// infinities are about.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "onnx/onnx_pb.h"
#include "payload/numbers.h"
#include "values/kernels.h"

namespace hoarfrost::values {
namespace {

template <typename T>
T Load(const char* p, size_t i) {
  T value;
  std::memcpy(&value, p + i * sizeof value, sizeof value);
  return value;
}

template <typename Pattern>
Sums Floats(int32_t dtype, const char* p, size_t n, double shift) {
  const payload::FloatForm& form = *payload::FormOf(dtype);
  Sums sums;
  double min = std::numeric_limits<double>::infinity();
  double max = -min;
  for (size_t i = 0; i < n; ++i) {
    const auto pattern = uint64_t{Load<Pattern>(p, i)};
    if (!form.IsFinite(pattern)) {
      ++(form.IsNan(pattern) ? sums.nans : sums.infinities);
      continue;
    }
    const double value = form.Value(pattern);
    ++sums.finite;
    sums.zeros += value == 0 ? 1 : 0;
    sums.subnormals += form.IsSubnormal(pattern) ? 1 : 0;
    min = std::min(min, value);
    max = std::max(max, value);
    const double distance = value - shift;
    sums.sum += distance;
    sums.squares += distance * distance;
  }
  if (sums.finite > 0) {
    sums.min = min;
    sums.max = max;
  }
  return sums;
}

template <typename T>
Sums Integers(const char* p, size_t n, double shift) {
  Sums sums;
  sums.finite = n;
  if (n == 0) return sums;
  T least = Load<T>(p, 0);
  T most = least;
  for (size_t i = 0; i < n; ++i) {
    const T value = Load<T>(p, i);
    sums.zeros += value == 0 ? 1 : 0;
    least = std::min(least, value);
    most = std::max(most, value);
    const double distance = static_cast<double>(value) - shift;
    sums.sum += distance;
    sums.squares += distance * distance;
  }
  sums.least = static_cast<int64_t>(least);
  sums.most = static_cast<int64_t>(most);
  return sums;
}

}  // namespace

size_t LaneBytes(Lane lane) {
  switch (lane) {
    case Lane::kFloat16:
    case Lane::kBfloat16:
    case Lane::kInt16:
    case Lane::kUint16:
      return 2;
    case Lane::kFloat32:
    case Lane::kInt32:
    case Lane::kUint32:
      return 4;
    case Lane::kFloat64:
    case Lane::kInt64:
    case Lane::kUint64:
      return 8;
  }
  return 1;
}

Sums MeasureOneByOne(Lane lane, const char* numbers, size_t n, double shift) {
  using onnx::TensorProto;
  switch (lane) {
    case Lane::kFloat16:
      return Floats<uint16_t>(TensorProto::FLOAT16, numbers, n, shift);
    case Lane::kBfloat16:
      return Floats<uint16_t>(TensorProto::BFLOAT16, numbers, n, shift);
    case Lane::kFloat32:
      return Floats<uint32_t>(TensorProto::FLOAT, numbers, n, shift);
    case Lane::kFloat64:
      return Floats<uint64_t>(TensorProto::DOUBLE, numbers, n, shift);
    case Lane::kInt16:
      return Integers<int16_t>(numbers, n, shift);
    case Lane::kUint16:
      return Integers<uint16_t>(numbers, n, shift);
    case Lane::kInt32:
      return Integers<int32_t>(numbers, n, shift);
    case Lane::kUint32:
      return Integers<uint32_t>(numbers, n, shift);
    case Lane::kInt64:
      return Integers<int64_t>(numbers, n, shift);
    case Lane::kUint64:
      return Integers<uint64_t>(numbers, n, shift);
  }
  return {};
}

// Four tables, so that a run of one byte does not wait for its own last addition.
void CountBytes(const char* bytes, size_t n, uint64_t* counts) {
  uint32_t tables[4][256] = {};
  const auto* p = reinterpret_cast<const unsigned char*>(bytes);
  while (n > 0) {
    const size_t run = std::min(n, size_t{1} << 31);
    size_t i = 0;
    for (; i + 8 <= run; i += 8) {
      uint64_t eight = 0;
      std::memcpy(&eight, p + i, sizeof eight);
      for (size_t k = 0; k < 8; ++k) ++tables[k % 4][(eight >> (8 * k)) & 0xff];
    }
    for (; i < run; ++i) ++tables[0][p[i]];
    for (size_t b = 0; b < 256; ++b) {
      for (auto& table : tables) {
        counts[b] += table[b];
        table[b] = 0;
      }
    }
    p += run;
    n -= run;
  }
}

}  // namespace hoarfrost::values
