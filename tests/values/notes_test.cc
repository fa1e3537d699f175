// What the values of a model give notes for.
#include "values/notes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "support/models.h"
#include "values/reading.h"

namespace hoarfrost::values {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// The notebook's second model, with values of chance that differ everywhere.
onnx::ModelProto Model() {
  onnx::ModelProto model = testing::ParseModel(testing::kDenseBatchNorm);
  float next = 0.5f;
  for (onnx::TensorProto& tensor : *model.mutable_graph()->mutable_initializer()) {
    size_t n = 1;
    for (const int64_t d : tensor.dims()) n *= static_cast<size_t>(d);
    std::vector<float> values(n);
    for (float& v : values) v = next += 0.25f;
    tensor.clear_float_data();
    tensor.set_raw_data(Packed(values));
  }
  return model;
}

void Set(onnx::ModelProto& model, const std::string& name, const std::vector<float>& values) {
  for (onnx::TensorProto& tensor : *model.mutable_graph()->mutable_initializer()) {
    if (tensor.name() == name) tensor.set_raw_data(Packed(values));
  }
}

std::vector<std::string> Texts(const Read& read) {
  std::vector<std::string> texts;
  for (const model::Note& note : read.values.notes) {
    texts.push_back((note.severity == model::Severity::kWarning ? "warning: " : "info: ") +
                    note.text);
  }
  return texts;
}

TEST(Notes, OrdinaryValuesGiveNone) { EXPECT_THAT(Texts(ReadFrom(Model())), IsEmpty()); }

TEST(Notes, WhatIsNotFiniteIsAWarning) {
  onnx::ModelProto model = Model();
  Set(model, "bias", {1, 2, 3, kNan, kNan, 6, 7, HUGE_VALF, 9, 10});
  EXPECT_THAT(Texts(ReadFrom(model)),
              Contains("warning: values: 1 parameter tensor holds NaN or infinities: 'bias' (2 "
                       "NaN, 1 infinite)"));
}

TEST(Notes, ANegativeVarianceIsAWarningAndANegativeMeanIsNot) {
  onnx::ModelProto model = Model();
  Set(model, "mean", {-1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  EXPECT_THAT(Texts(ReadFrom(model)), IsEmpty());
  Set(model, "variance", {1, 2, 3, -0.5, 5, 6, 7, 8, 9, 10});
  EXPECT_THAT(Texts(ReadFrom(model)),
              Contains("warning: values: 1 variance tensor is negative: 'variance' (least -0.5)"));
}

TEST(Notes, ParametersOfOneValueAreRemarkedOn) {
  onnx::ModelProto model = Model();
  Set(model, "beta", std::vector<float>(10, 0));
  Set(model, "gamma", std::vector<float>(10, 1));
  const std::vector<std::string> texts = Texts(ReadFrom(model));
  EXPECT_THAT(texts, Contains("info: values: 1 parameter tensor is all zero: 'beta'"));
  EXPECT_THAT(texts,
              Contains("info: values: 1 parameter tensor holds one value only: 'gamma' (1)"));
}

TEST(Notes, BytesStoredTwiceAreRemarkedOnUnlessSmallOrConstant) {
  std::vector<float> ramp(100);
  for (size_t i = 0; i < ramp.size(); ++i) ramp[i] = static_cast<float>(i);
  const auto tensor = [](const std::string& name, int64_t n, const std::vector<float>& values) {
    return TensorOf(name, onnx::TensorProto::FLOAT, {n}, Packed(values));
  };
  const std::vector<float> small = {1, 2, 3};
  const std::vector<float> ones(100, 1);
  Read read = ReadFrom({tensor("a", 100, ramp), tensor("b", 100, ramp), tensor("c", 100, ramp),
                        tensor("s", 3, small), tensor("t", 3, small), tensor("o", 100, ones),
                        tensor("p", 100, ones)});
  EXPECT_EQ(Texts(read),
            std::vector<std::string>{"info: values: the same bytes are stored again (800.00 B), by "
                                     "tied weights or by copies that were never trained: 'a' (as "
                                     "'b' and 1 more)"});
  EXPECT_EQ(read.of("c").same_as, summary::TensorNamed(read.summary, "a"));
  // Another shape, or another type of the same bytes, is another tensor.
  read = ReadFrom({tensor("a", 100, ramp),
                   TensorOf("b", onnx::TensorProto::FLOAT, {10, 10}, Packed(ramp)),
                   TensorOf("c", onnx::TensorProto::INT32, {100}, Packed(ramp))});
  EXPECT_THAT(Texts(read), IsEmpty());
}

TEST(Notes, ManyTensorsMakeOneNoteOfAFewNames) {
  std::vector<onnx::TensorProto> tensors;
  for (int i = 0; i < 1000; ++i) {
    tensors.push_back(TensorOf("t" + std::to_string(i), onnx::TensorProto::FLOAT, {4}, "12"));
  }
  const std::vector<std::string> texts = Texts(ReadFrom(tensors));
  ASSERT_EQ(texts.size(), 1u);
  EXPECT_THAT(texts[0], HasSubstr("1,000 tensors could not be read"));
  EXPECT_THAT(texts[0], HasSubstr("and 995 more"));
  EXPECT_THAT(texts[0], Not(HasSubstr("'t5'")));
}

}  // namespace
}  // namespace hoarfrost::values
