// Sums and products of numbers that a file made up: the one place where they may not fit.
#ifndef HOARFROST_BASE_CHECKED_H_
#define HOARFROST_BASE_CHECKED_H_

#include <cstdint>
#include <limits>
#include <optional>

namespace hoarfrost::base {

constexpr std::optional<uint64_t> CheckedAdd(uint64_t a, uint64_t b) {
  uint64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return sum;
}

constexpr std::optional<uint64_t> CheckedMul(uint64_t a, uint64_t b) {
  uint64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}

// The sum or product, or 2^64 - 1 where that is too large.
constexpr uint64_t SaturatingAdd(uint64_t a, uint64_t b) {
  return CheckedAdd(a, b).value_or(std::numeric_limits<uint64_t>::max());
}
constexpr uint64_t SaturatingMul(uint64_t a, uint64_t b) {
  return CheckedMul(a, b).value_or(std::numeric_limits<uint64_t>::max());
}

}  // namespace hoarfrost::base

#endif  // HOARFROST_BASE_CHECKED_H_
