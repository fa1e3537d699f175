// The vector code against the same numbers taken one by one.
#include "values/kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace hoarfrost::values {
namespace {

constexpr Lane kLanes[] = {Lane::kFloat16, Lane::kBfloat16, Lane::kFloat32, Lane::kFloat64,
                           Lane::kInt16,   Lane::kUint16,   Lane::kInt32,   Lane::kUint32,
                           Lane::kInt64,   Lane::kUint64};

// The sums may be added up in any order.
void ExpectSame(const Sums& a, const Sums& b, const std::string& what) {
  EXPECT_EQ(a.finite, b.finite) << what;
  EXPECT_EQ(a.zeros, b.zeros) << what;
  EXPECT_EQ(a.subnormals, b.subnormals) << what;
  EXPECT_EQ(a.nans, b.nans) << what;
  EXPECT_EQ(a.infinities, b.infinities) << what;
  EXPECT_EQ(a.min, b.min) << what;
  EXPECT_EQ(a.max, b.max) << what;
  EXPECT_EQ(a.least, b.least) << what;
  EXPECT_EQ(a.most, b.most) << what;
  const double count = std::sqrt(static_cast<double>(a.finite + 1));
  if (std::isfinite(a.squares) && std::isfinite(b.squares)) {
    EXPECT_NEAR(a.squares, b.squares, 1e-12 * b.squares) << what;
    // A sum is as exact as the largest of what it is of.
    EXPECT_NEAR(a.sum, b.sum, 1e-12 * count * std::sqrt(b.squares)) << what;
  } else {
    EXPECT_EQ(std::isfinite(a.squares), std::isfinite(b.squares)) << what;
  }
}

std::string RandomBytes(size_t n, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string bytes(n, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

TEST(Measure, IsWhatTheNumbersAreOneByOne) {
  for (const Lane lane : kLanes) {
    const size_t width = LaneBytes(lane);
    for (const size_t n : {0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 1000, 4099}) {
      // Bytes of chance hold NaN, infinities and subnormals; one byte more, so that nothing is
      // aligned.
      const std::string bytes = RandomBytes(n * width + 1, n + 1);
      for (const bool masked : {false, true}) {
        ExpectSame(Measure(lane, bytes.data() + 1, n, 0.25, masked),
                   MeasureOneByOne(lane, bytes.data() + 1, n, 0.25),
                   "lane " + std::to_string(static_cast<int>(lane)) + ", " + std::to_string(n));
      }
    }
  }
}

// The same without what is not finite, which is where the vector code works alone.
TEST(Measure, IsWhatFiniteNumbersAreOneByOne) {
  for (const Lane lane : kLanes) {
    const size_t width = LaneBytes(lane);
    for (const size_t n : {16, 64, 1001, 5000}) {
      std::string bytes = RandomBytes(n * width, n);
      for (size_t i = 0; i < n; ++i) {
        // The topmost bit of the exponent is 0; every fifth number is a zero, every seventh small.
        bytes[(i + 1) * width - 1] &= '\xbf';
        if (i % 5 == 0) std::memset(bytes.data() + i * width, 0, width);
        if (i % 10 == 0) bytes[(i + 1) * width - 1] = '\x80';
        if (i % 7 == 0) bytes.replace(i * width + width / 2, width - width / 2, width / 2, '\0');
      }
      const Sums found = Measure(lane, bytes.data(), n, -0.125);
      ExpectSame(found, MeasureOneByOne(lane, bytes.data(), n, -0.125),
                 "lane " + std::to_string(static_cast<int>(lane)) + ", " + std::to_string(n));
      EXPECT_EQ(found.finite, n);
      EXPECT_GT(found.zeros, 0u);
    }
  }
}

TEST(Measure, OneNumberThatIsNotFiniteAnywhereIsFound) {
  for (const size_t at : {0, 7, 500, 1007, 1023}) {
    std::vector<float> numbers(1024, 2.0f);
    numbers[at] = std::numeric_limits<float>::infinity();
    const auto* bytes = reinterpret_cast<const char*>(numbers.data());
    const Sums sums = Measure(Lane::kFloat32, bytes, numbers.size(), 2);
    EXPECT_EQ(sums.infinities, 1u);
    EXPECT_EQ(sums.finite, 1023u);
    EXPECT_EQ(sums.max, 2.0);
    EXPECT_EQ(sums.sum, 0.0);
  }
}

TEST(CountBytes, EveryByteIsCountedOnce) {
  for (const size_t n : {0, 1, 7, 8, 9, 1003}) {
    const std::string bytes = RandomBytes(n, 3);
    std::vector<uint64_t> expected(256, 0);
    for (const char c : bytes) ++expected[static_cast<unsigned char>(c)];
    std::vector<uint64_t> counts(256, 0);
    CountBytes(bytes.data(), n, counts.data());
    EXPECT_EQ(counts, expected);
  }
}

}  // namespace
}  // namespace hoarfrost::values
