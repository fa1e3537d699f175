// Statistics of every element type, against arithmetic.
#include "values/gauge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "onnx/onnx_pb.h"
#include "payload/dtype.h"
#include "payload/numbers.h"

namespace hoarfrost::values {
namespace {

using onnx::TensorProto;

template <typename T>
std::string Packed(const std::vector<T>& values) {
  std::string bytes(values.size() * sizeof(T), '\0');
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

Statistics Of(int32_t dtype, const std::string& bytes, uint64_t elements, size_t block = 48) {
  Gauge gauge(dtype);
  uint64_t left = elements;
  for (size_t at = 0; at < bytes.size(); at += block) {
    const size_t n = std::min(block, bytes.size() - at);
    const auto bits = static_cast<uint64_t>(*payload::DtypeBits(dtype));
    const uint64_t in_block = std::min<uint64_t>(left, n * 8 / bits);
    gauge.Add(bytes.data() + at, n, in_block);
    left -= in_block;
  }
  EXPECT_EQ(left, 0u);
  return gauge.result();
}

template <typename T>
Statistics Of(int32_t dtype, const std::vector<T>& values) {
  return Of(dtype, Packed(values), values.size());
}

double Min(const Statistics& s) { return ToDouble(*s.min); }
double Max(const Statistics& s) { return ToDouble(*s.max); }

// 1, 2, 3, 4: mean 2.5, and of the distances 1.5, 0.5, 0.5, 1.5 the mean square is 1.25.
TEST(Gauge, OneToFourInEveryTypeThatHasThem) {
  const auto check = [](int32_t dtype, const std::string& bytes) {
    const Statistics s = Of(dtype, bytes, 4);
    SCOPED_TRACE(payload::DtypeName(dtype));
    EXPECT_EQ(s.count, 4u);
    EXPECT_EQ(s.finite, 4u);
    EXPECT_EQ(s.zeros + s.nans + s.infinities + s.subnormals, 0u);
    EXPECT_EQ(Min(s), 1);
    EXPECT_EQ(Max(s), 4);
    EXPECT_EQ(s.mean, 2.5);
    EXPECT_DOUBLE_EQ(*s.deviation, std::sqrt(1.25));
    EXPECT_FALSE(s.constant());
  };
  check(TensorProto::FLOAT, Packed<float>({1, 2, 3, 4}));
  check(TensorProto::DOUBLE, Packed<double>({1, 2, 3, 4}));
  check(TensorProto::FLOAT16, Packed<uint16_t>({0x3c00, 0x4000, 0x4200, 0x4400}));
  check(TensorProto::BFLOAT16, Packed<uint16_t>({0x3f80, 0x4000, 0x4040, 0x4080}));
  check(TensorProto::FLOAT8E4M3FN, "\x38\x40\x44\x48");
  check(TensorProto::FLOAT8E4M3FNUZ, "\x40\x48\x4c\x50");
  check(TensorProto::FLOAT8E5M2, "\x3c\x40\x42\x44");
  check(TensorProto::FLOAT8E5M2FNUZ, "\x40\x44\x46\x48");
  check(TensorProto::FLOAT4E2M1, "\x42\x65");
  check(TensorProto::INT64, Packed<int64_t>({1, 2, 3, 4}));
  check(TensorProto::UINT64, Packed<uint64_t>({1, 2, 3, 4}));
  check(TensorProto::INT32, Packed<int32_t>({1, 2, 3, 4}));
  check(TensorProto::UINT32, Packed<uint32_t>({1, 2, 3, 4}));
  check(TensorProto::INT16, Packed<int16_t>({1, 2, 3, 4}));
  check(TensorProto::UINT16, Packed<uint16_t>({1, 2, 3, 4}));
  check(TensorProto::INT8, "\1\2\3\4");
  check(TensorProto::UINT8, "\1\2\3\4");
  check(TensorProto::INT4, "\x21\x43");
  check(TensorProto::UINT4, "\x21\x43");
}

TEST(Gauge, NegativeNumbersOfEverySignedType) {
  EXPECT_EQ(Min(Of<int16_t>(TensorProto::INT16, {-32768, 5})), -32768);
  EXPECT_EQ(Min(Of<int32_t>(TensorProto::INT32, {INT32_MIN, 5})), INT32_MIN);
  EXPECT_EQ(Min(Of(TensorProto::INT8, "\x80\x05", 2)), -128);
  EXPECT_EQ(Min(Of(TensorProto::INT4, "\x58", 2)), -8);
  EXPECT_EQ(Min(Of(TensorProto::INT2, "\xe4", 4)), -2);  // 0, 1, -2, -1
  EXPECT_EQ(Of(TensorProto::INT2, "\xe4", 4).mean, -0.5);
  EXPECT_EQ(Max(Of(TensorProto::UINT2, "\xe4", 4)), 3);
  EXPECT_EQ(Max(Of<uint32_t>(TensorProto::UINT32, {UINT32_MAX, 0})), UINT32_MAX);
  EXPECT_EQ(Of<uint32_t>(TensorProto::UINT32, {UINT32_MAX, 0}).zeros, 1u);
}

TEST(Gauge, TheExtremesOf64BitsAreExact) {
  const Statistics s = Of<int64_t>(TensorProto::INT64, {INT64_MAX, INT64_MIN, 0});
  EXPECT_EQ(std::get<int64_t>(*s.min), INT64_MIN);
  EXPECT_EQ(std::get<int64_t>(*s.max), INT64_MAX);
  EXPECT_EQ(s.zeros, 1u);
  const Statistics u = Of<uint64_t>(TensorProto::UINT64, {UINT64_MAX, UINT64_MAX - 1});
  EXPECT_EQ(std::get<uint64_t>(*u.min), UINT64_MAX - 1);
  EXPECT_EQ(std::get<uint64_t>(*u.max), UINT64_MAX);
  EXPECT_EQ(*u.mean, 0x1p64);
}

TEST(Gauge, BoolsAreZeroAndOne) {
  const Statistics s = Of(TensorProto::BOOL, {"\0\1\0\x02", 4}, 4);
  EXPECT_EQ(Min(s), 0);
  EXPECT_EQ(Max(s), 1);
  EXPECT_EQ(s.mean, 0.5);
  EXPECT_EQ(s.deviation, 0.5);
  EXPECT_EQ(s.zeros, 2u);
}

TEST(Gauge, WhatIsNotFiniteIsCountedAndLeftOut) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float inf = std::numeric_limits<float>::infinity();
  for (const size_t repeat : {1, 100}) {
    std::vector<float> values;
    for (size_t i = 0; i < repeat; ++i) {
      for (const float v : {nan, 1.0f, inf, -inf, 3.0f, -nan}) values.push_back(v);
    }
    const Statistics s = Of(TensorProto::FLOAT, values);
    EXPECT_EQ(s.count, 6 * repeat);
    EXPECT_EQ(s.finite, 2 * repeat);
    EXPECT_EQ(s.nans, 2 * repeat);
    EXPECT_EQ(s.infinities, 2 * repeat);
    EXPECT_EQ(Min(s), 1);
    EXPECT_EQ(Max(s), 3);
    EXPECT_DOUBLE_EQ(*s.mean, 2);
    EXPECT_DOUBLE_EQ(*s.deviation, 1);
  }
  const Statistics none = Of<float>(TensorProto::FLOAT, {nan, inf});
  EXPECT_FALSE(none.min.has_value());
  EXPECT_FALSE(none.mean.has_value());
  EXPECT_FALSE(none.constant());
  // The only NaN of fnuz is where -0 would be; e8m0 has no zero.
  EXPECT_EQ(Of(TensorProto::FLOAT8E4M3FNUZ, "\x80\x40", 2).nans, 1u);
  EXPECT_EQ(Of(TensorProto::FLOAT8E5M2, "\x7c\xfc\x7d", 3).infinities, 2u);
  const Statistics scale = Of(TensorProto::FLOAT8E8M0, {"\x00\x7f\xff", 3}, 3);
  EXPECT_EQ(scale.nans, 1u);
  EXPECT_EQ(scale.zeros, 0u);
  EXPECT_EQ(Min(scale), 0x1p-127);
  EXPECT_EQ(Max(scale), 1);
}

TEST(Gauge, ZerosHaveNoSignAndSubnormalsAreCounted) {
  const Statistics f =
      Of<float>(TensorProto::FLOAT, {0.0f, -0.0f, 0x1p-149f, -0x1p-127f, 0x1p-126f});
  EXPECT_EQ(f.zeros, 2u);
  EXPECT_EQ(f.subnormals, 2u);
  EXPECT_EQ(Min(f), -0x1p-127);
  const Statistics d = Of<double>(TensorProto::DOUBLE, {0.0, -0.0, 0x1p-1074, 0x1p-1022});
  EXPECT_EQ(d.zeros, 2u);
  EXPECT_EQ(d.subnormals, 1u);
  const Statistics h = Of<uint16_t>(TensorProto::FLOAT16, {0x8000, 0x0001, 0x83ff, 0x0400});
  EXPECT_EQ(h.zeros, 1u);
  EXPECT_EQ(h.subnormals, 2u);
  EXPECT_EQ(Min(h), -1023 * 0x1p-24);
  const Statistics b = Of<uint16_t>(TensorProto::BFLOAT16, {0x8000, 0x0001, 0x0080});
  EXPECT_EQ(b.zeros, 1u);
  EXPECT_EQ(b.subnormals, 1u);
  EXPECT_EQ(Of(TensorProto::FLOAT8E4M3FN, {"\x80\x01\x07\x08", 4}, 4).subnormals, 2u);
  EXPECT_EQ(Of(TensorProto::FLOAT4E2M1, "\x21", 2).subnormals, 1u);
  const Statistics zero = Of<float>(TensorProto::FLOAT, {0.0f, -0.0f});
  EXPECT_TRUE(zero.all_zero());
  EXPECT_TRUE(zero.constant());
}

TEST(Gauge, ElementsThatDoNotFillTheLastByte) {
  const Statistics s = Of(TensorProto::UINT4, "\x21\xf3", 3);
  EXPECT_EQ(s.count, 3u);
  EXPECT_EQ(Max(s), 3);
  EXPECT_EQ(s.mean, 2);
  EXPECT_EQ(Of(TensorProto::UINT2, "\x39", 3).mean, 2);  // 1, 2, 3; the last two bits are nobody's
  // Four numbers of six bits in three bytes: 1, 2, 3, 4.
  const Statistics six = Of(TensorProto::FLOAT6E2M3, {"\x81\x30\x10", 3}, 4);
  EXPECT_EQ(six.count, 4u);
  EXPECT_EQ(Min(six), 0.125);
  EXPECT_EQ(Max(six), 0.5);
}

TEST(Gauge, ComplexNumbersCountByTheirParts) {
  const Statistics s = Of(TensorProto::COMPLEX64, Packed<float>({1, -2, 0, 5}), 2);
  EXPECT_EQ(s.count, 4u);
  EXPECT_EQ(s.zeros, 1u);
  EXPECT_EQ(Min(s), -2);
  EXPECT_EQ(Max(s), 5);
  EXPECT_EQ(s.mean, 1);
  EXPECT_EQ(Max(Of(TensorProto::COMPLEX128, Packed<double>({1, -2}), 1)), 1);
}

TEST(Gauge, NothingHasNoStatistics) {
  for (const int32_t dtype : {TensorProto::FLOAT, TensorProto::INT8, TensorProto::INT64}) {
    const Statistics s = Gauge(dtype).result();
    EXPECT_EQ(s.count, 0u);
    EXPECT_FALSE(s.min.has_value());
    EXPECT_FALSE(s.mean.has_value());
    EXPECT_FALSE(s.deviation.has_value());
    EXPECT_FALSE(s.all_zero());
    EXPECT_FALSE(s.constant());
  }
}

// A thousand million and a fraction: the squares themselves hold no digit of the deviation.
TEST(Gauge, LargeNumbersThatAreNearToEachOtherKeepTheirDeviation) {
  std::mt19937_64 random(5);
  std::vector<double> values(20'001);
  for (double& v : values) v = 1e9 + static_cast<double>(random() % 1024) / 1024;
  long double mean = 0;
  for (const double v : values) mean += v;
  mean /= static_cast<long double>(values.size());
  long double squares = 0;
  for (const double v : values) squares += (v - mean) * (v - mean);
  const auto deviation =
      static_cast<double>(std::sqrt(squares / static_cast<long double>(values.size())));
  for (const size_t block : {size_t{48}, size_t{4800}, size_t{480'000}}) {
    const Statistics s = Of(TensorProto::DOUBLE, Packed(values), values.size(), block);
    EXPECT_DOUBLE_EQ(*s.mean, static_cast<double>(mean));
    EXPECT_NEAR(*s.deviation, deviation, 1e-7 * deviation) << block;
  }
}

TEST(Gauge, NumbersNearTheLargestHaveAMean) {
  const double huge = std::numeric_limits<double>::max();
  const Statistics s = Of<double>(TensorProto::DOUBLE, {huge, huge, huge, huge});
  EXPECT_DOUBLE_EQ(*s.mean, huge);
  EXPECT_TRUE(s.constant());
  const Statistics far = Of<double>(TensorProto::DOUBLE, {huge, -huge});
  EXPECT_EQ(far.mean, 0);
  EXPECT_FALSE(far.deviation.has_value());  // its square is past the largest double
}

// Bytes of chance in every type, in one block, in many, and in two gauges put together.
TEST(Gauge, BlocksAndPartsAddUpToTheWhole) {
  std::mt19937_64 random(11);
  for (int32_t dtype = 1; dtype < 29; ++dtype) {
    if (!payload::DtypeBits(dtype)) continue;
    SCOPED_TRACE(payload::DtypeName(dtype));
    const uint64_t elements = 40'003;
    std::string bytes(*payload::PackedBytes(dtype, elements), '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    const Statistics whole = Of(dtype, bytes, elements, bytes.size());
    const size_t half = bytes.size() / 96 * 48;
    const auto bits = static_cast<uint64_t>(*payload::DtypeBits(dtype));
    Gauge first(dtype), second(dtype);
    first.Add(bytes.data(), half, half * 8 / bits);
    second.Add(bytes.data() + half, bytes.size() - half, elements - half * 8 / bits);
    first.Merge(second);
    for (const Statistics& other : {Of(dtype, bytes, elements, 4800), first.result()}) {
      EXPECT_EQ(other.count, whole.count);
      EXPECT_EQ(other.finite, whole.finite);
      EXPECT_EQ(other.zeros, whole.zeros);
      EXPECT_EQ(other.subnormals, whole.subnormals);
      EXPECT_EQ(other.nans, whole.nans);
      EXPECT_EQ(other.infinities, whole.infinities);
      EXPECT_EQ(other.min, whole.min);
      EXPECT_EQ(other.max, whole.max);
      ASSERT_EQ(other.deviation.has_value(), whole.deviation.has_value());
      if (!whole.deviation) continue;
      EXPECT_NEAR(*other.deviation, *whole.deviation, 1e-12 * *whole.deviation);
      EXPECT_NEAR(*other.mean, *whole.mean, 1e-12 * *whole.deviation);
    }
  }
}

// A million elements of which three are stored.
TEST(Gauge, WhatASparseTensorDoesNotStoreIsZero) {
  Gauge gauge(TensorProto::FLOAT);
  const std::string bytes = Packed<float>({3, 3, 6});
  gauge.Add(bytes.data(), bytes.size(), 3);
  gauge.AddZeros(999'997);
  const Statistics s = gauge.result();
  EXPECT_EQ(s.count, 1'000'000u);
  EXPECT_EQ(s.zeros, 999'997u);
  EXPECT_EQ(Min(s), 0);
  EXPECT_EQ(Max(s), 6);
  EXPECT_DOUBLE_EQ(*s.mean, 12e-6);
  EXPECT_NEAR(*s.deviation, std::sqrt(54e-6 - 144e-12), 1e-15);
}

}  // namespace
}  // namespace hoarfrost::values
