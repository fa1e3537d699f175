// Values, rounding and distances of the small floating-point types, against their definitions.
#include "payload/numbers.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "onnx/onnx_pb.h"

namespace hoarfrost::payload {
namespace {

using onnx::TensorProto;

TEST(FloatForm, KnownNumbersHaveTheirValues) {
  const auto value = [](int32_t dtype, uint64_t pattern) { return FormOf(dtype)->Value(pattern); };
  EXPECT_EQ(value(TensorProto::FLOAT16, 0x3c00), 1.0);
  EXPECT_EQ(value(TensorProto::FLOAT16, 0xfbff), -65504.0);
  EXPECT_EQ(value(TensorProto::FLOAT16, 0x0001), 0x1p-24);
  EXPECT_EQ(value(TensorProto::FLOAT16, 0x7c00), HUGE_VAL);
  EXPECT_EQ(value(TensorProto::BFLOAT16, 0x3f80), 1.0);
  EXPECT_EQ(value(TensorProto::BFLOAT16, 0x0001), 0x1p-133);
  EXPECT_EQ(value(TensorProto::FLOAT8E4M3FN, 0x7e), 448.0);
  EXPECT_TRUE(std::isnan(value(TensorProto::FLOAT8E4M3FN, 0xff)));
  EXPECT_EQ(value(TensorProto::FLOAT8E4M3FNUZ, 0x7f), 240.0);
  EXPECT_TRUE(std::isnan(value(TensorProto::FLOAT8E4M3FNUZ, 0x80)));
  EXPECT_EQ(value(TensorProto::FLOAT8E5M2, 0x7b), 57344.0);
  EXPECT_EQ(value(TensorProto::FLOAT8E5M2, 0xfc), -HUGE_VAL);
  EXPECT_EQ(value(TensorProto::FLOAT8E5M2FNUZ, 0x7f), 57344.0);
  EXPECT_EQ(value(TensorProto::FLOAT8E8M0, 127), 1.0);
  EXPECT_TRUE(std::isnan(value(TensorProto::FLOAT8E8M0, 255)));
  EXPECT_EQ(value(TensorProto::FLOAT4E2M1, 0x7), 6.0);
  EXPECT_EQ(value(TensorProto::FLOAT4E2M1, 0x1), 0.5);
  EXPECT_EQ(value(TensorProto::FLOAT6E2M3, 0x1f), 7.5);
  EXPECT_EQ(value(TensorProto::FLOAT6E3M2, 0x1f), 28.0);
  EXPECT_EQ(FormOf(TensorProto::INT32), nullptr);
}

const std::vector<int32_t> kSmall = {
    TensorProto::FLOAT16,        TensorProto::BFLOAT16,   TensorProto::FLOAT8E4M3FN,
    TensorProto::FLOAT8E4M3FNUZ, TensorProto::FLOAT8E5M2, TensorProto::FLOAT8E5M2FNUZ,
    TensorProto::FLOAT4E2M1,     TensorProto::FLOAT6E2M3, TensorProto::FLOAT6E3M2};

TEST(FloatForm, EveryNumberIsItsOwnRoundingAndTiesGoToEven) {
  for (const int32_t dtype : kSmall) {
    const FloatForm& form = *FormOf(dtype);
    for (uint64_t pattern = 0; pattern < form.sign_bit(); ++pattern) {
      if (!form.IsFinite(pattern)) continue;
      const double value = form.Value(pattern);
      ASSERT_EQ(form.Round(value), value) << dtype << " " << pattern;
      ASSERT_EQ(form.Round(-value), -value);
      if (!form.IsFinite(pattern + 1) || pattern + 1 == form.sign_bit()) continue;
      const double next = form.Value(pattern + 1);
      const double middle = (value + next) / 2;  // exact: one bit more than either
      ASSERT_EQ(form.Round(middle), pattern % 2 == 0 ? value : next) << dtype << " " << pattern;
      ASSERT_EQ(form.Round(std::nextafter(middle, 0)), value);
      ASSERT_EQ(form.Round(std::nextafter(middle, HUGE_VAL)), next);
    }
  }
}

TEST(FloatForm, DistanceCountsTheNumbersBetween) {
  for (const int32_t dtype : kSmall) {
    const FloatForm& form = *FormOf(dtype);
    // Neighbours are one apart, 0 and -0 none, the smallest numbers of both signs two.
    for (uint64_t pattern = 0; pattern + 1 < form.sign_bit(); ++pattern) {
      ASSERT_EQ(form.Distance(pattern, pattern + 1), 1u);
      ASSERT_EQ(form.Distance(pattern, form.sign_bit() | pattern), 2 * pattern);
    }
    EXPECT_EQ(form.Distance(1, form.sign_bit() | 1), 2u);
  }
}

TEST(PatternAt, ElementsOfEveryWidthComeFromTheLowestBitsFirst) {
  const std::string bytes = {'\xe4', '\x1b', '\x2d', '\x00'};
  EXPECT_EQ(PatternAt(bytes, 0, 2), 0u);
  EXPECT_EQ(PatternAt(bytes, 3, 2), 3u);
  EXPECT_EQ(PatternAt(bytes, 0, 4), 4u);
  EXPECT_EQ(PatternAt(bytes, 1, 4), 14u);
  EXPECT_EQ(PatternAt(bytes, 1, 8), 0x1bu);
  EXPECT_EQ(PatternAt(bytes, 1, 16), 0x002du);
  // 0x2d1be4 in groups of six bits, from the lowest.
  EXPECT_EQ(PatternAt(bytes, 0, 6), 0x24u);
  EXPECT_EQ(PatternAt(bytes, 1, 6), 0x2fu);
  EXPECT_EQ(PatternAt(bytes, 2, 6), 0x11u);
  EXPECT_EQ(PatternAt(bytes, 3, 6), 0x0bu);
}

}  // namespace
}  // namespace hoarfrost::payload
