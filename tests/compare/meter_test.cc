// By how much tensors differ: counts and distances against arithmetic done one element at a time.
#include "compare/meter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "compare/comparing.h"
#include "payload/dtype.h"
#include "payload/numbers.h"

namespace hoarfrost::testing {
namespace {

using compare::Meter;
using onnx::TensorProto;
using payload::FormOf;

Difference Measure(int32_t dtype, uint64_t elements, const std::string& a, const std::string& b) {
  Meter meter(dtype, elements);
  constexpr size_t kBlock = 48 * 7;
  for (size_t at = 0; at < a.size(); at += kBlock) {
    const size_t n = std::min(kBlock, a.size() - at);
    meter.Add(a.data() + at, b.data() + at, n, at);
  }
  return meter.result();
}

template <typename T>
Difference MeasureOf(int32_t dtype, const std::vector<T>& a, const std::vector<T>& b) {
  return Measure(dtype, a.size(), Packed(a), Packed(b));
}

// How many steps of nextafter lead from one to the other.
template <typename T>
uint64_t Steps(T from, T to) {
  uint64_t steps = 0;
  for (; from != to; from = std::nextafter(from, to)) ++steps;
  return steps;
}

TEST(Meter, UlpsAreStepsToTheNextNumber) {
  const float inf = std::numeric_limits<float>::infinity();
  const std::vector<std::pair<float, float>> pairs = {
      {1.0f, std::nextafter(1.0f, 2.0f)},
      {1.0f, 1.0001f},
      {0x1p-149f, -0x1p-149f},
      {-0x1p-126f, std::nextafter(-0x1p-126f, 0.0f)},
      {1000.0f, 999.99f},
      {std::numeric_limits<float>::max(), std::nextafter(std::numeric_limits<float>::max(), 0.0f)},
      {0.0f, 0x5p-149f},
      {-0.0f, 0x5p-149f}};
  for (const auto& [x, y] : pairs) {
    const Difference one = MeasureOf<float>(TensorProto::FLOAT, {x}, {y});
    EXPECT_EQ(one.max_ulps, Steps(x, y)) << x << " " << y;
    EXPECT_EQ(one.max_abs, std::fabs(double{x} - double{y}));
    const auto dx = static_cast<double>(x);
    const Difference two = MeasureOf<double>(TensorProto::DOUBLE, {dx}, {std::nextafter(dx, inf)});
    EXPECT_EQ(two.max_ulps, 1u);
  }
  const float max = std::numeric_limits<float>::max();
  const Difference far = MeasureOf<float>(TensorProto::FLOAT, {1, max}, {1, -max});
  EXPECT_EQ(far.max_abs, 2 * double{max});
  EXPECT_EQ(far.max_ulps, 2u * 0x7f7fffffu);
}

TEST(Meter, NanAndSignedZerosGoByTheirBits) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float inf = std::numeric_limits<float>::infinity();
  const Difference same = MeasureOf<float>(TensorProto::FLOAT, {nan, 0.0f}, {nan, 0.0f});
  EXPECT_EQ(same.changed, 0u);
  const Difference zeros = MeasureOf<float>(TensorProto::FLOAT, {1, 0.0f, -0.0f}, {1, -0.0f, 0.0f});
  EXPECT_EQ(zeros.changed, 2u);
  EXPECT_EQ(zeros.signed_zeros, 2u);
  EXPECT_EQ(zeros.max_abs, 0.0);
  EXPECT_EQ(zeros.max_ulps, 0u);
  EXPECT_EQ(zeros.first, 1u);
  const Difference odd =
      MeasureOf<float>(TensorProto::FLOAT, {nan, 1, inf, -nan}, {1, inf, -inf, nan});
  EXPECT_EQ(odd.changed, 4u);
  EXPECT_EQ(odd.not_finite, 4u);
  EXPECT_EQ(odd.max_abs, std::nullopt);
  EXPECT_EQ(odd.max_ulps, std::nullopt);
}

TEST(Meter, IntegersAreAsFarApartAsTheyAre) {
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  const Difference far = MeasureOf<int64_t>(TensorProto::INT64, {kLeast, 5}, {-(kLeast + 1), 5});
  EXPECT_EQ(far.changed, 1u);
  EXPECT_EQ(far.max_abs, 0x1p64);
  EXPECT_EQ(far.max_ulps, std::nullopt);
  EXPECT_EQ(MeasureOf<int8_t>(TensorProto::INT8, {-128}, {127}).max_abs, 255.0);
  EXPECT_EQ(MeasureOf<uint8_t>(TensorProto::UINT8, {0}, {255}).max_abs, 255.0);
  EXPECT_EQ(MeasureOf<uint8_t>(TensorProto::BOOL, {0, 1}, {1, 1}).max_abs, std::nullopt);
  // Three elements of four bits; the last half byte is nobody's.
  const Difference nibbles = Measure(TensorProto::INT4, 3, "\x8f\x01", {"\x7f\xf1", 2});
  EXPECT_EQ(nibbles.changed, 1u);
  EXPECT_EQ(nibbles.first, 1u);
  EXPECT_EQ(nibbles.max_abs, 15.0);  // -8 and 7
  EXPECT_EQ(Measure(TensorProto::INT4, 3, "\x8f\x01", {"\x8f\xf1", 2}).changed, 0u);
}

TEST(Meter, ComplexNumbersCountOnceAndGoByTheLargerPart) {
  const Difference parts =
      MeasureOf<float>(TensorProto::COMPLEX64, {1, 2, 3, 4, 5, 6}, {1, 2, 4, 1, 5, NAN});
  EXPECT_EQ(parts.changed, 2u);
  EXPECT_EQ(parts.max_abs, 3.0);
  EXPECT_EQ(parts.not_finite, 1u);
  EXPECT_EQ(parts.first, 1u);
}

// The kernels for blocks against one pattern at a time, over random bits: NaNs, infinities, zeros
// and subnormals among them, most elements equal or all different.
TEST(Meter, BlocksAddUpToWhatElementsDo) {
  std::mt19937_64 random(7);
  for (const int32_t dtype :
       {TensorProto::FLOAT, TensorProto::FLOAT16, TensorProto::BFLOAT16, TensorProto::DOUBLE,
        TensorProto::FLOAT8E4M3FN, TensorProto::FLOAT8E5M2FNUZ, TensorProto::FLOAT6E2M3,
        TensorProto::FLOAT4E2M1}) {
    const payload::FloatForm& form = *FormOf(dtype);
    for (const uint64_t elements : {1, 3, 97, 1000}) {
      for (const int rare : {1, 30}) {
        std::string a(*payload::PackedBytes(dtype, elements), '\0');
        for (char& c : a) c = static_cast<char>(random());
        // Some whole words of zeros and of a sign alone.
        for (size_t at = 0; at + 8 <= a.size(); at += 64) std::memset(a.data() + at, 0, 8);
        std::string b = a;
        for (char& c : b) {
          if (random() % static_cast<unsigned>(rare) == 0) c = static_cast<char>(random());
        }
        for (size_t at = 7; at < b.size(); at += 64) b[at] = '\x80';
        Difference expected;
        for (uint64_t i = 0; i < elements; ++i) {
          const uint64_t x = payload::PatternAt(a, i, form.bits);
          const uint64_t y = payload::PatternAt(b, i, form.bits);
          if (x == y) continue;
          ++expected.changed;
          if (!expected.first) expected.first = i;
          if (!form.IsFinite(x) || !form.IsFinite(y)) {
            ++expected.not_finite;
            continue;
          }
          const double p = form.Value(x);
          const double q = form.Value(y);
          if (p == 0 && q == 0) ++expected.signed_zeros;
          // A float holds the difference of two floats rounded, unless it is past the largest.
          double gap = std::fabs(p - q);
          if (form.bits == 32 && gap <= std::numeric_limits<float>::max()) {
            gap = std::fabs(static_cast<float>(p) - static_cast<float>(q));
          }
          expected.max_abs = std::max(expected.max_abs.value_or(0), gap);
          expected.max_ulps = std::max(expected.max_ulps.value_or(0), form.Distance(x, y));
        }
        const Difference found = Measure(dtype, elements, a, b);
        EXPECT_EQ(found.changed, expected.changed) << dtype;
        EXPECT_EQ(found.not_finite, expected.not_finite) << dtype;
        EXPECT_EQ(found.signed_zeros, expected.signed_zeros) << dtype;
        EXPECT_EQ(found.max_ulps, expected.max_ulps) << dtype;
        EXPECT_EQ(found.first, expected.first) << dtype;
        ASSERT_EQ(found.max_abs.has_value(), expected.max_abs.has_value());
        if (found.max_abs) {
          EXPECT_NEAR(*found.max_abs, *expected.max_abs, *expected.max_abs * 0x1p-23) << dtype;
        }
      }
    }
  }
}

}  // namespace
}  // namespace hoarfrost::testing
