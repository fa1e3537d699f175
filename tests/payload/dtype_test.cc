#include "payload/dtype.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "onnx/onnx_pb.h"

namespace hoarfrost::payload {
namespace {

using onnx::TensorProto;

enum class Class { kFloat, kInteger, kComplex, kOther };

struct Row {
  int dtype;
  const char* name;
  int bits;  // 0: no fixed size
  Class kind;
};

// From the comments on TensorProto.DataType and raw_data in onnx-ml.proto.
constexpr Row kSpecification[] = {
    {TensorProto::FLOAT, "float32", 32, Class::kFloat},
    {TensorProto::UINT8, "uint8", 8, Class::kInteger},
    {TensorProto::INT8, "int8", 8, Class::kInteger},
    {TensorProto::UINT16, "uint16", 16, Class::kInteger},
    {TensorProto::INT16, "int16", 16, Class::kInteger},
    {TensorProto::INT32, "int32", 32, Class::kInteger},
    {TensorProto::INT64, "int64", 64, Class::kInteger},
    {TensorProto::STRING, "string", 0, Class::kOther},
    {TensorProto::BOOL, "bool", 8, Class::kOther},
    {TensorProto::FLOAT16, "float16", 16, Class::kFloat},
    {TensorProto::DOUBLE, "float64", 64, Class::kFloat},
    {TensorProto::UINT32, "uint32", 32, Class::kInteger},
    {TensorProto::UINT64, "uint64", 64, Class::kInteger},
    {TensorProto::COMPLEX64, "complex64", 64, Class::kComplex},
    {TensorProto::COMPLEX128, "complex128", 128, Class::kComplex},
    {TensorProto::BFLOAT16, "bfloat16", 16, Class::kFloat},
    {TensorProto::FLOAT8E4M3FN, "float8e4m3fn", 8, Class::kFloat},
    {TensorProto::FLOAT8E4M3FNUZ, "float8e4m3fnuz", 8, Class::kFloat},
    {TensorProto::FLOAT8E5M2, "float8e5m2", 8, Class::kFloat},
    {TensorProto::FLOAT8E5M2FNUZ, "float8e5m2fnuz", 8, Class::kFloat},
    {TensorProto::UINT4, "uint4", 4, Class::kInteger},
    {TensorProto::INT4, "int4", 4, Class::kInteger},
    {TensorProto::FLOAT4E2M1, "float4e2m1", 4, Class::kFloat},
    {TensorProto::FLOAT8E8M0, "float8e8m0", 8, Class::kFloat},
    {TensorProto::UINT2, "uint2", 2, Class::kInteger},
    {TensorProto::INT2, "int2", 2, Class::kInteger},
    {TensorProto::FLOAT6E2M3, "float6e2m3", 6, Class::kFloat},
    {TensorProto::FLOAT6E3M2, "float6e3m2", 6, Class::kFloat},
};

TEST(Dtype, EveryTypeOfTheProtoHasARow) {
  int rows = 0;
  for (int dtype = 1; onnx::TensorProto_DataType_IsValid(dtype); ++dtype) {
    EXPECT_TRUE(IsKnownDtype(dtype)) << dtype;
    EXPECT_EQ(kSpecification[rows].dtype, dtype);
    ++rows;
  }
  EXPECT_EQ(rows, static_cast<int>(std::size(kSpecification)));
  EXPECT_FALSE(IsKnownDtype(rows + 1));
}

TEST(Dtype, NamesBitsAndClassesAreThoseOfTheSpecification) {
  for (const Row& row : kSpecification) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(DtypeName(row.dtype), row.name);
    EXPECT_EQ(DtypeBits(row.dtype).value_or(0), row.bits);
    EXPECT_EQ(IsFloat(row.dtype), row.kind == Class::kFloat);
    EXPECT_EQ(IsInteger(row.dtype), row.kind == Class::kInteger);
    EXPECT_EQ(IsComplex(row.dtype), row.kind == Class::kComplex);
    EXPECT_EQ(IsTrainableFloat(row.dtype), row.kind == Class::kFloat && row.bits >= 16);
  }
}

TEST(Dtype, UndefinedAndUnknownNumbersAreNamedAndHaveNoSize) {
  EXPECT_EQ(DtypeName(0), "undefined");
  EXPECT_EQ(DtypeName(99), "unknown(99)");
  EXPECT_EQ(DtypeName(-1), "unknown(-1)");
  EXPECT_EQ(DtypeName(std::numeric_limits<int32_t>::min()), "unknown(-2147483648)");
  for (const int dtype : {0, -1, 99, std::numeric_limits<int32_t>::max()}) {
    EXPECT_FALSE(IsKnownDtype(dtype));
    EXPECT_FALSE(DtypeBits(dtype));
    EXPECT_FALSE(IsFloat(dtype));
    EXPECT_FALSE(IsInteger(dtype));
    EXPECT_FALSE(PackedBytes(dtype, 1));
  }
}

TEST(Dtype, PackedBytesRoundUpToWholeBytes) {
  for (const Row& row : kSpecification) {
    SCOPED_TRACE(row.name);
    for (uint64_t n = 0; n <= 17; ++n) {
      if (row.bits == 0) {
        EXPECT_FALSE(PackedBytes(row.dtype, n));
      } else {
        EXPECT_EQ(PackedBytes(row.dtype, n), (n * static_cast<uint64_t>(row.bits) + 7) / 8) << n;
      }
    }
  }
}

TEST(Dtype, PackedBytesOverflowOnlyWhereTheByteCountDoes) {
  const uint64_t most = std::numeric_limits<uint64_t>::max();
  EXPECT_EQ(PackedBytes(TensorProto::UINT8, most), most);
  EXPECT_FALSE(PackedBytes(TensorProto::FLOAT16, most));
  EXPECT_EQ(PackedBytes(TensorProto::FLOAT16, most / 2), most - 1);
  EXPECT_EQ(PackedBytes(TensorProto::FLOAT, uint64_t{1} << 61), uint64_t{1} << 63);
  EXPECT_FALSE(PackedBytes(TensorProto::FLOAT, uint64_t{1} << 62));
  EXPECT_EQ(PackedBytes(TensorProto::INT4, most), uint64_t{1} << 63);
  EXPECT_EQ(PackedBytes(TensorProto::UINT2, most), uint64_t{1} << 62);
  EXPECT_EQ(PackedBytes(TensorProto::FLOAT6E2M3, uint64_t{1} << 63), (uint64_t{1} << 60) * 6);
  EXPECT_FALSE(PackedBytes(TensorProto::COMPLEX128, uint64_t{1} << 60));
}

}  // namespace
}  // namespace hoarfrost::payload
