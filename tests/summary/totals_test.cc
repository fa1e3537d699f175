#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/checked.h"
#include "summary/summary.h"
#include "summary/summary_of.h"
#include "support/models.h"

namespace hoarfrost::summary {
namespace {

using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;

void AddProperty(onnx::ModelProto& model, const std::string& key, const std::string& value) {
  auto* property = model.add_metadata_props();
  property->set_key(key);
  property->set_value(value);
}

TEST(Totals, OfADenseLayerAreItsWeightsAndBiases) {
  const Summary summary = SummaryOf(testing::kDense);
  EXPECT_EQ(summary.totals.parameters, 1010u);
  EXPECT_EQ(summary.totals.trainable, 1010u);
  EXPECT_EQ(summary.totals.non_trainable, 0u);
  EXPECT_EQ(summary.totals.bytes, 4040u);
  EXPECT_EQ(summary.totals.trainable_bytes, 4040u);
}

TEST(Totals, OfABatchNormalizationHaveItsStatisticsNonTrainable) {
  const Summary summary = SummaryOf(testing::kDenseBatchNorm);
  EXPECT_EQ(summary.totals.parameters, 1050u);
  EXPECT_EQ(summary.totals.trainable, 1030u);
  EXPECT_EQ(summary.totals.non_trainable, 20u);
  EXPECT_EQ(summary.totals.statistics, 20u);
  EXPECT_EQ(summary.totals.frozen, 0u);
  EXPECT_EQ(summary.totals.non_trainable_bytes, 80u);
}

TEST(Totals, FreezingMovesWeightsButNoStatistics) {
  onnx::ModelProto model = testing::ParseModel(testing::kDenseBatchNorm);
  plan::Plan plan;
  plan.frozen = {{"kernel", "", "float32", {100, 10}}, {"bias", "", "float32", {10}}};
  plan.statistics = {{"mean", "", "float32", {10}}};
  AddProperty(model, "hoarfrost.plan", plan::ToJson(plan));
  const Summary summary = SummaryOf(model);
  EXPECT_EQ(summary.totals.parameters, 1050u);
  EXPECT_EQ(summary.totals.trainable, 20u);
  EXPECT_EQ(summary.totals.non_trainable, 1030u);
  EXPECT_EQ(summary.totals.frozen, 1010u);
  EXPECT_EQ(summary.totals.statistics, 20u);
  EXPECT_TRUE(summary.is_frozen(TensorNamed(summary, "kernel")));
  EXPECT_FALSE(summary.is_frozen(TensorNamed(summary, "gamma")));
}

TEST(Totals, AStatisticIsNeverFrozenWhateverThePlanSays) {
  onnx::ModelProto model = testing::ParseModel(testing::kDenseBatchNorm);
  plan::Plan plan;
  plan.frozen = {{"mean", "", "float32", {10}}};
  AddProperty(model, "hoarfrost.plan", plan::ToJson(plan));
  const Summary summary = SummaryOf(model);
  EXPECT_EQ(summary.totals.frozen, 0u);
  EXPECT_EQ(summary.totals.statistics, 20u);
  EXPECT_FALSE(summary.is_frozen(TensorNamed(summary, "mean")));
}

TEST(Totals, IntegerWeightsAreNonTrainableParameters) {
  const Summary summary = SummaryOf(R"(
<ir_version: 8, opset_import: ["" : 17]>
g (float[N, 8] x) => (float[N, 4] y)
<int8[8, 4] w, float scale, int8 zero>
{
  d = DequantizeLinear(w, scale, zero)
  y = MatMul(x, d)
})");
  EXPECT_EQ(summary.totals.parameters, 32u);
  EXPECT_EQ(summary.totals.trainable, 0u);
  EXPECT_EQ(summary.totals.non_trainable, 32u);
  EXPECT_EQ(summary.totals.frozen, 0u);
  EXPECT_EQ(summary.totals.quantization, 2u);
  EXPECT_EQ(summary.totals.bytes, 32u);
}

TEST(Totals, OfSeveralInitializersOfOneNameTheLastCounts) {
  onnx::ModelProto model = testing::ParseModel(testing::kDense);
  onnx::TensorProto earlier = model.graph().initializer(0);
  auto* list = model.mutable_graph()->mutable_initializer();
  *list->Add() = earlier;  // kernel again
  const Summary summary = SummaryOf(model);
  EXPECT_EQ(summary.totals.parameters, 1010u);
}

TEST(Totals, OptimizerStateIsListedButCountsNowhere) {
  onnx::ModelProto model = testing::ParseModel(testing::kDense);
  auto* info = model.add_training_info();
  auto* state = info->mutable_algorithm()->add_initializer();
  state->set_name("momentum");
  state->set_data_type(onnx::TensorProto::FLOAT);
  state->add_dims(7);
  state->mutable_raw_data()->assign(28, '\0');
  for (const char* name : {"kernel", "bias"}) {
    auto* binding = info->add_update_binding();
    binding->set_key(name);
    binding->set_value(std::string(name) + "_new");
  }
  const Summary summary = SummaryOf(model);
  EXPECT_FALSE(summary.is_counted(TensorNamed(summary, "momentum")));
  EXPECT_EQ(summary.totals.parameters, 1010u);
  EXPECT_EQ(summary.totals.trainable, 1010u);
  EXPECT_EQ(summary.totals.constants + summary.totals.unused, 0u);
}

TEST(Totals, StopAtTheLargestNumberAndSaySo) {
  onnx::ModelProto model = testing::ParseModel(testing::kDenseBatchNorm);
  for (auto& tensor : *model.mutable_graph()->mutable_initializer()) {
    tensor.clear_float_data();
    tensor.clear_raw_data();
    tensor.clear_dims();
    tensor.add_dims(int64_t{1} << 62);  // six of them are past 2^64
  }
  const Summary summary = SummaryOf(model);
  EXPECT_EQ(summary.totals.parameters, std::numeric_limits<uint64_t>::max());
  EXPECT_THAT(summary.notes, Contains(Field(&model::Note::text, HasSubstr("2^64"))));
}

TEST(Totals, SaturatingAddNeverWraps) {
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  EXPECT_EQ(base::SaturatingAdd(1, 2), 3u);
  EXPECT_EQ(base::SaturatingAdd(kMost, 0), kMost);
  EXPECT_EQ(base::SaturatingAdd(kMost, 1), kMost);
  EXPECT_EQ(base::SaturatingAdd(kMost - 1, kMost - 1), kMost);
}

TEST(Summary, SurvivesBeingMoved) {
  Summary first = SummaryOf(testing::kDenseBatchNorm, {.infer_shapes = true});
  const Summary second = std::move(first);
  EXPECT_EQ(second.facts.model().graph().name(), "dense_bn_graph");
  EXPECT_EQ(second.facts.tensors[0].name, "kernel");
  EXPECT_EQ(RowNamed(second, "bn").parameters, 40u);
}

TEST(Summary, SaysHowManyTensorsRestOnWeakEvidence) {
  EXPECT_EQ(SummaryOf(testing::kDenseBatchNorm).weak_reasons(), 0u);
  // Nothing says what an unknown operator does with its operand.
  const Summary summary = SummaryOf(R"(
<ir_version: 8, opset_import: ["" : 17, "acme" : 1]>
g (float[N, 3] x) => (float[N, 3] y)
<float[3] w>
{
  y = acme.Thing(x, w)
})");
  EXPECT_EQ(summary.weak_reasons(), 1u);
}

TEST(Framework, CountMirrorsTheFrozenStateOfTheFile) {
  Summary summary = SummaryOf(testing::kDense);
  EXPECT_FALSE(summary.framework().has_value());
  summary.roles.framework.emplace();
  summary.roles.framework->trainable = 1030;
  summary.roles.framework->statistics = 20;
  EXPECT_EQ(summary.framework()->parameters, 1050u);
  EXPECT_EQ(summary.framework()->trainable, 1030u);
  EXPECT_EQ(summary.framework()->non_trainable, 20u);
  summary.totals.frozen = 1010;
  EXPECT_EQ(summary.framework()->parameters, 1050u);
  EXPECT_EQ(summary.framework()->trainable, 20u);
  EXPECT_EQ(summary.framework()->non_trainable, 1030u);
}

}  // namespace
}  // namespace hoarfrost::summary
