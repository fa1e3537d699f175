#include "payload/read.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "support/temp_folder.h"

namespace hoarfrost::payload {
namespace {

using onnx::TensorProto;
using ::testing::HasSubstr;

TensorProto OfType(TensorProto::DataType dtype, const std::vector<int64_t>& dims) {
  TensorProto tensor;
  tensor.set_name("t");
  tensor.set_data_type(dtype);
  for (const int64_t d : dims) tensor.add_dims(d);
  return tensor;
}

absl::StatusOr<std::string> Read(const TensorProto& tensor, const std::string& directory = "") {
  onnx::ModelProto model;
  model.set_ir_version(10);
  *model.mutable_graph()->add_initializer() = tensor;
  const std::string bytes = model.SerializeAsString();
  const auto source = wire::FromMemory("<test>", bytes);
  const auto skeleton = wire::ReadSkeleton(*source);
  if (!skeleton.ok()) return skeleton.status();
  return ReadElements(*source, *skeleton, skeleton->model().graph().initializer(0), directory);
}

template <typename T>
std::string BytesOf(const std::vector<T>& values) {
  std::string bytes(values.size() * sizeof(T), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

// The same thousand values, more than a skeleton keeps, in raw_data and in the typed field.
TEST(ReadElements, TypedFieldsGiveTheBytesThatRawDataWouldHold) {
  std::vector<float> floats(1000);
  std::vector<int64_t> longs(1000);
  std::vector<double> doubles(1000);
  std::vector<uint32_t> words(1000);
  std::vector<int8_t> tiny(1000);
  std::vector<uint16_t> halves(1000);
  for (size_t i = 0; i < 1000; ++i) {
    floats[i] = static_cast<float>(i) * -0.5f;
    longs[i] = (int64_t{1} << 40) * (i % 2 == 0 ? 1 : -1) + static_cast<int64_t>(i);
    doubles[i] = static_cast<double>(i) / 3;
    words[i] = 0xFFFF0000u + static_cast<uint32_t>(i);
    tiny[i] = static_cast<int8_t>(static_cast<int>(i % 256) - 128);
    halves[i] = static_cast<uint16_t>(i * 65);
  }
  TensorProto t = OfType(TensorProto::FLOAT, {1000});
  for (const float v : floats) t.add_float_data(v);
  EXPECT_EQ(Read(t).value(), BytesOf(floats));
  t = OfType(TensorProto::INT64, {10, 100});
  for (const int64_t v : longs) t.add_int64_data(v);
  EXPECT_EQ(Read(t).value(), BytesOf(longs));
  t = OfType(TensorProto::DOUBLE, {1000});
  for (const double v : doubles) t.add_double_data(v);
  EXPECT_EQ(Read(t).value(), BytesOf(doubles));
  t = OfType(TensorProto::UINT32, {1000});
  for (const uint32_t v : words) t.add_uint64_data(v);
  EXPECT_EQ(Read(t).value(), BytesOf(words));
  t = OfType(TensorProto::INT8, {1000});
  for (const int8_t v : tiny) t.add_int32_data(v);
  EXPECT_EQ(Read(t).value(), BytesOf(tiny));
  t = OfType(TensorProto::FLOAT16, {1000});
  for (const uint16_t v : halves) t.add_int32_data(v);
  EXPECT_EQ(Read(t).value(), BytesOf(halves));
  t = OfType(TensorProto::FLOAT, {1000});
  t.set_raw_data(BytesOf(floats));
  EXPECT_EQ(Read(t).value(), BytesOf(floats));
}

// onnx-ml.proto: two 4-bit values to a byte, the first in the low half, one byte to an int32.
TEST(ReadElements, FourBitTypesStayPackedTwoToAByte) {
  TensorProto t = OfType(TensorProto::INT4, {3});
  t.add_int32_data(0x21);
  t.add_int32_data(-1);  // some writers extend the sign of the byte
  EXPECT_EQ(Read(t).value(), "\x21\xff");
}

TEST(ReadElements, AScalarHasOneElementAndAnEmptyTensorNone) {
  TensorProto t = OfType(TensorProto::INT64, {});
  t.add_int64_data(7);
  EXPECT_EQ(Read(t).value(), BytesOf(std::vector<int64_t>{7}));
  EXPECT_EQ(Read(OfType(TensorProto::FLOAT, {0, 4})).value(), "");
}

TEST(ReadElements, TooFewBytesAreDataLossThatNamesTheTensor) {
  TensorProto t = OfType(TensorProto::FLOAT, {4});
  t.set_raw_data("12345678");
  const auto read = Read(t);
  EXPECT_EQ(read.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(read.status().message()), HasSubstr("'t'"));
  EXPECT_THAT(std::string(read.status().message()), HasSubstr("8 bytes are stored"));
}

TEST(ReadElements, StringsHaveNoFixedSize) {
  TensorProto t = OfType(TensorProto::STRING, {1});
  t.add_string_data("hello");
  EXPECT_EQ(Read(t).status().code(), absl::StatusCode::kUnimplemented);
}

class ReadExternalData : public ::testing::Test {
 protected:
  TensorProto External(const std::string& location, const std::string& offset) {
    TensorProto t = OfType(TensorProto::FLOAT, {2});
    t.set_data_location(TensorProto::EXTERNAL);
    const auto add = [&](const char* key, const std::string& value) {
      auto* entry = t.add_external_data();
      entry->set_key(key);
      entry->set_value(value);
    };
    add("location", location);
    add("offset", offset);
    add("length", "8");
    return t;
  }
  hoarfrost::testing::TempFolder folder_;
};

TEST_F(ReadExternalData, IsReadFromItsPlaceInTheFile) {
  const std::string values = BytesOf(std::vector<float>{1.5f, -2.0f});
  hoarfrost::testing::WriteFile(folder_ / "data.bin", "1234" + values + "tail");
  EXPECT_EQ(Read(External("data.bin", "4"), folder_.path()).value(), values);
}

TEST_F(ReadExternalData, PastTheEndOfItsFileIsDataLoss) {
  hoarfrost::testing::WriteFile(folder_ / "data.bin", "12345678");
  EXPECT_EQ(Read(External("data.bin", "4"), folder_.path()).status().code(),
            absl::StatusCode::kDataLoss);
}

TEST_F(ReadExternalData, OutsideTheModelsFolderIsNeverRead) {
  hoarfrost::testing::WriteFile(folder_ / "data.bin", "12345678");
  for (const std::string& location : {folder_ / "data.bin", std::string("../data.bin")}) {
    EXPECT_EQ(Read(External(location, "0"), folder_.path()).status().code(),
              absl::StatusCode::kInvalidArgument)
        << location;
  }
}

TEST_F(ReadExternalData, ThatIsNotThereIsNotFound) {
  EXPECT_EQ(Read(External("absent.bin", "0"), folder_.path()).status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace hoarfrost::payload
