// Values wherever they lie: fields, raw_data, data files, sparse tensors, Constant nodes.
#include "values/read_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <xxhash.h>

#include <cmath>
#include <string>
#include <vector>

#include "support/temp_folder.h"
#include "values/reading.h"

namespace hoarfrost::values {
namespace {

using onnx::TensorProto;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<float> Ramp(size_t n, float first = 0) {
  std::vector<float> values(n);
  for (size_t i = 0; i < n; ++i) values[i] = first + static_cast<float>(i);
  return values;
}

TEST(ReadValues, TypedFieldsAndRawDataAreTheSame) {
  TensorProto floats = TensorOf("fields", TensorProto::FLOAT, {100});
  for (const float v : Ramp(100)) floats.add_float_data(v);
  TensorProto bytes = TensorOf("bytes", TensorProto::INT8, {3});
  for (const int v : {-1, 2, -3}) bytes.add_int32_data(v);
  TensorProto nibbles = TensorOf("nibbles", TensorProto::INT4, {3});
  nibbles.add_int32_data(0x21);
  nibbles.add_int32_data(0x0f);
  TensorProto halves = TensorOf("halves", TensorProto::FLOAT16, {2});
  halves.add_int32_data(0x3c00);
  halves.add_int32_data(0x4000);
  const Read read = ReadFrom({floats, TensorOf("raw", TensorProto::FLOAT, {100}, Packed(Ramp(100))),
                              bytes, nibbles, halves});
  for (const char* name : {"fields", "raw"}) {
    EXPECT_EQ(read.statistics(name).mean, 49.5) << name;
    EXPECT_DOUBLE_EQ(*read.statistics(name).deviation, std::sqrt(9999.0 / 12)) << name;
    EXPECT_EQ(read.statistics(name).zeros, 1u) << name;
  }
  EXPECT_EQ(read.of("fields").digest, read.of("raw").digest);
  EXPECT_EQ(read.of("fields").same_as, model::kNone);
  EXPECT_EQ(read.of("raw").same_as, summary::TensorNamed(read.summary, "fields"));
  EXPECT_EQ(*read.statistics("bytes").min, Number(int64_t{-3}));
  EXPECT_EQ(*read.statistics("nibbles").min, Number(int64_t{-1}));
  EXPECT_EQ(read.statistics("nibbles").count, 3u);
  EXPECT_EQ(read.statistics("halves").mean, 1.5);
}

TEST(ReadValues, ADigestIsThatOfTheBytes) {
  const std::string bytes = Packed(Ramp(50'000, 1));
  const Read read = ReadFrom({TensorOf("w", TensorProto::FLOAT, {50'000}, bytes)});
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  char text[33];
  std::snprintf(text, sizeof text, "%016lx%016lx", static_cast<unsigned long>(hash.high64),
                static_cast<unsigned long>(hash.low64));
  EXPECT_EQ(read.of("w").digest, text);
}

TEST(ReadValues, AnEmptyTensorAndAScalar) {
  TensorProto scalar = TensorOf("scalar", TensorProto::INT64, {});
  scalar.add_int64_data(7);
  const Read read = ReadFrom({TensorOf("empty", TensorProto::FLOAT, {0, 4}), scalar});
  EXPECT_EQ(read.statistics("empty").count, 0u);
  EXPECT_FALSE(read.statistics("empty").min.has_value());
  EXPECT_EQ(*read.statistics("scalar").max, Number(int64_t{7}));
  EXPECT_EQ(read.statistics("scalar").deviation, 0);
  EXPECT_THAT(read.values.notes, IsEmpty());
}

TEST(ReadValues, StringsHaveADigestAndNoNumbers) {
  TensorProto words = TensorOf("words", TensorProto::STRING, {2});
  words.add_string_data("a");
  words.add_string_data("b");
  const Read read = ReadFrom({words});
  EXPECT_FALSE(read.of("words").statistics.has_value());
  EXPECT_EQ(read.of("words").error, "");
  EXPECT_EQ(read.of("words").digest.size(), 32u);
}

TEST(ReadValues, ConstantNodesAndTheirAttributes) {
  const Read read = ReadFrom(testing::ParseModel(R"(
<ir_version: 8, opset_import: ["" : 17]>
g (float[3] x) => (float[3] y)
{
  w = Constant <value = float[3] {1, 2, 6}> ()
  f = Constant <value_floats = [1.0, 5.0]> ()
  i = Constant <value_int = -4> ()
  y = Mul(x, w)
})"));
  EXPECT_EQ(read.statistics("w").mean, 3);
  EXPECT_EQ(read.statistics("f").mean, 3);
  EXPECT_EQ(*read.statistics("i").min, Number(int64_t{-4}));
}

TEST(ReadValues, ASparseTensorCountsAsTheDenseOne) {
  onnx::ModelProto model = ModelOf({});
  for (const int64_t last : {7, 8}) {
    onnx::SparseTensorProto& sparse = *model.mutable_graph()->add_sparse_initializer();
    *sparse.mutable_values() =
        TensorOf("s" + std::to_string(last), TensorProto::FLOAT, {2}, Packed<float>({3, -5}));
    *sparse.mutable_indices() = TensorOf("", TensorProto::INT64, {2}, Packed<int64_t>({1, last}));
    sparse.add_dims(10);
  }
  const Read read = ReadFrom(model);
  const Statistics& s = read.statistics("s7");
  EXPECT_EQ(s.count, 10u);
  EXPECT_EQ(s.zeros, 8u);
  EXPECT_DOUBLE_EQ(*s.mean, -0.2);
  EXPECT_DOUBLE_EQ(*s.deviation, std::sqrt(3.4 - 0.04));
  // The same values at other places are another tensor.
  EXPECT_NE(read.of("s7").digest, read.of("s8").digest);
}

TEST(ReadValues, FaultsAreErrorsOfTheirTensorAlone) {
  TensorProto few = TensorOf("few", TensorProto::FLOAT, {4}, "12345678");
  TensorProto none = TensorOf("none", TensorProto::DOUBLE, {1000});
  TensorProto many = TensorOf("many", TensorProto::FLOAT, {1});
  many.add_float_data(1);
  many.add_float_data(2);
  TensorProto huge = TensorOf("huge", TensorProto::FLOAT, {int64_t{1} << 60}, "1234");
  TensorProto strange = TensorOf("strange", 99, {1}, "1234");
  const Read read = ReadFrom({few, none, many, huge, strange,
                              TensorOf("good", TensorProto::FLOAT, {1}, Packed<float>({2}))});
  for (const char* name : {"few", "none", "many", "huge", "strange"}) {
    EXPECT_NE(read.of(name).error, "") << name;
    EXPECT_FALSE(read.of(name).statistics.has_value()) << name;
    EXPECT_EQ(read.of(name).digest, "") << name;
  }
  EXPECT_EQ(read.statistics("good").mean, 2);
  ASSERT_EQ(read.values.notes.size(), 1u);
  EXPECT_EQ(read.values.notes[0].severity, model::Severity::kWarning);
  EXPECT_THAT(read.values.notes[0].text, HasSubstr("5 tensors could not be read: 'few' (8 bytes"));
}

class External : public ::testing::Test {
 protected:
  static TensorProto At(const std::string& name, const std::vector<int64_t>& dims,
                        const std::string& location, uint64_t offset) {
    TensorProto t = TensorOf(name, TensorProto::FLOAT, dims);
    t.set_data_location(TensorProto::EXTERNAL);
    for (const auto& [key, value] :
         {std::pair{"location", location}, {"offset", std::to_string(offset)}}) {
      auto* entry = t.add_external_data();
      entry->set_key(key);
      entry->set_value(value);
    }
    return t;
  }
  testing::TempFolder folder_;
};

TEST_F(External, DataIsReadByTheRulesForFilesOfOthers) {
  testing::WriteFile(folder_ / "w.bin", "1234" + Packed<float>({1, 2, 3}));
  const Read read = ReadFrom({At("w", {3}, "w.bin", 4), At("past", {4}, "w.bin", 4),
                              At("absent", {1}, "no.bin", 0), At("outside", {1}, "../w.bin", 0)},
                             folder_.path());
  EXPECT_EQ(read.statistics("w").mean, 2);
  for (const char* name : {"past", "absent", "outside"}) EXPECT_NE(read.of(name).error, "") << name;
}

// Larger than two parts of a digest, and no multiple of anything.
TEST_F(External, LargeTensorsAreReadInPartsWithOneResult) {
  const size_t n = 2 * kDigestPart / sizeof(float) + 12'345;
  std::vector<float> values(n);
  for (size_t i = 0; i < n; ++i) values[i] = static_cast<float>(i % 1000) - 500;
  values[n - 1] = 12'345;
  const std::string bytes = Packed(values);
  testing::WriteFile(folder_ / "w.bin", bytes);
  long double sum = 0;
  long double squares = 0;
  for (const float v : values) sum += static_cast<long double>(v);
  const long double mean = sum / static_cast<long double>(n);
  for (const float v : values) squares += (static_cast<long double>(v) - mean) * (v - mean);
  const auto shape = static_cast<int64_t>(n);
  TensorProto fields = TensorOf("fields", TensorProto::FLOAT, {shape});
  for (const float v : values) fields.add_float_data(v);
  const onnx::ModelProto model = ModelOf({At("w", {shape}, "w.bin", 0), fields});
  const Read one = ReadFrom(model, folder_.path(), 1);
  const Read three = ReadFrom(model, folder_.path(), 3);
  for (const Read* read : {&one, &three}) {
    const Statistics& s = read->statistics("w");
    EXPECT_EQ(s.count, n);
    EXPECT_EQ(ToDouble(*s.max), 12'345);
    EXPECT_EQ(ToDouble(*s.min), -500);
    EXPECT_EQ(s.zeros, (n + 499) / 1000);
    EXPECT_NEAR(*s.mean, static_cast<double>(mean), 1e-12);
    EXPECT_NEAR(*s.deviation, std::sqrt(static_cast<double>(squares / static_cast<long double>(n))),
                1e-9);
    EXPECT_EQ(read->of("fields").same_as, summary::TensorNamed(read->summary, "w"));
  }
  EXPECT_EQ(one.of("w").digest, three.of("w").digest);
  EXPECT_EQ(one.statistics("w").mean, three.statistics("w").mean);
  EXPECT_EQ(one.statistics("w").deviation, three.statistics("w").deviation);
}

TEST(ReadTensorValues, IsWhatReadingAllGives) {
  const onnx::ModelProto model =
      ModelOf({TensorOf("a", TensorProto::FLOAT, {3}, Packed<float>({1, 2, 6})),
               TensorOf("b", TensorProto::FLOAT, {3}, "12")});
  const std::string bytes = model.SerializeAsString();
  const auto source = wire::FromMemory("<test>", bytes);
  const Read all = ReadFrom(model);
  const TensorValues a = ReadTensorValues(*source, all.summary, "", 0);
  EXPECT_EQ(a.statistics->mean, 3);
  EXPECT_EQ(a.digest, all.of("a").digest);
  EXPECT_EQ(ReadTensorValues(*source, all.summary, "", 1).error, all.of("b").error);
}

}  // namespace
}  // namespace hoarfrost::values
