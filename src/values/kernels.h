// What stands in a run of numbers, at the speed of memory: vector code for SSE4 and AVX2, chosen
// when it runs; processors that have neither take them one by one.
//
// Sums are of the distances from `shift`, so that the mean and the squares keep their digits where
// the numbers are large and near to each other: pass a guess of the mean.
#ifndef HOARFROST_VALUES_KERNELS_H_
#define HOARFROST_VALUES_KERNELS_H_

#include <cstddef>
#include <cstdint>

namespace hoarfrost::values {

// The numbers that have kernels; all others have so few patterns that counting those is enough.
enum class Lane : uint8_t {
  kFloat16,
  kBfloat16,
  kFloat32,
  kFloat64,
  kInt16,
  kUint16,
  kInt32,
  kUint32,
  kInt64,
  kUint64,
};

size_t LaneBytes(Lane lane);

// Sums and extremes are of the finite numbers, and 0 where there are none.
struct Sums {
  uint64_t finite = 0;
  uint64_t zeros = 0;  // of either sign
  uint64_t subnormals = 0;
  uint64_t nans = 0;
  uint64_t infinities = 0;
  double sum = 0;      // of the distances from the shift
  double squares = 0;  // of those distances
  double min = 0;      // of floats
  double max = 0;
  int64_t least = 0;  // of integers; those of uint64 lie here bit by bit
  int64_t most = 0;
};

// `n` numbers at `numbers`, little-endian, aligned to nothing; n is below 2^31. `masked`: NaN or
// infinities are to be expected, which saves looking; the result is the same.
Sums Measure(Lane lane, const char* numbers, size_t n, double shift, bool masked = false);

// The same, one number at a time: what the vector code must agree with.
Sums MeasureOneByOne(Lane lane, const char* numbers, size_t n, double shift);

// counts[b] += how often the byte b is there.
void CountBytes(const char* bytes, size_t n, uint64_t* counts);

}  // namespace hoarfrost::values

#endif  // HOARFROST_VALUES_KERNELS_H_
