// A plan in trainers' own words. Expected names: ONNX Runtime's are the initializers'; those of the
// converters follow from their rules (freeze/trainer_names.h), written out by hand.
#include "freeze/trainer_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "freeze/freezing.h"

namespace hoarfrost::testing {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TrainerNames NamesOf(Trainer trainer, const std::string& bytes) {
  const auto source = wire::FromMemory("m.onnx", bytes);
  return freeze::NamesFor(trainer, Value(freeze::PlanOf(*source, "")), SummaryOf(bytes));
}

json JsonOf(Trainer trainer, const std::string& bytes) {
  return json::parse(NamesOf(trainer, bytes).text, nullptr, false);
}

std::vector<std::string> Strings(const json& list) { return list.get<std::vector<std::string>>(); }

// A convolution with a BatchNormalization, a second one, a MatMul with its bias, and a Gemm.
constexpr const char* kNetText = R"(
<ir_version: 8, opset_import: ["" : 17]>
g (float[N, 3, 4, 4] x) => (float[N, 2] y)
<float[4, 3, 1, 1] w, float[4] s, float[4] o, float[4] m, float[4] v,
 float[4] s1, float[4] o1, float[4] m1, float[4] v1,
 float[4, 4] dense, float[4] bias, float[2, 4] head, float[2] shift>
{
  ["net.conv"] c = Conv(x, w)
  ["net.bn"] b = BatchNormalization(c, s, o, m, v)
  d = BatchNormalization(b, s1, o1, m1, v1)
  p = GlobalAveragePool(d)
  f = Flatten(p)
  ["net.dense"] e = MatMul(f, dense)
  ["net.add"] g = Add(e, bias)
  y = Gemm <transB = 1> (g, head, shift)
})";

std::string Net() {
  return Value(Frozen(BytesWithWeights(kNetText), FreezeBy(Tensors({"w", "s", "o"}))));
}

TEST(TrainerNames, OnnxRuntimeIsToldInitializersAndNeverStatistics) {
  const json names = JsonOf(Trainer::kOrt, Net());
  ASSERT_EQ(names.size(), 2u);
  EXPECT_THAT(Strings(names["requires_grad"]),
              ElementsAre("s1", "o1", "dense", "bias", "head", "shift"));
  EXPECT_THAT(Strings(names["frozen_params"]), ElementsAre("w", "s", "o"));
  for (const std::string& bytes :
       {BytesWithWeights(kNetText), Value(Frozen(BytesWithWeights(kNetText), FreezeBy(All())))}) {
    const TrainerNames some = NamesOf(Trainer::kOrt, bytes);
    for (const char* statistic : {"\"m\"", "\"v\"", "\"m1\"", "\"v1\""}) {
      EXPECT_EQ(some.text.find(statistic), std::string::npos) << statistic;
    }
  }
}

TEST(TrainerNames, WhatIsNoInitializerOfTheMainGraphIsLeftOutAndSaid) {
  const std::string bytes = BytesWithWeights(R"(
<ir_version: 8, opset_import: ["" : 17]>
g (float[N, 2] x) => (float[N, 2] y) <float[2, 2] last>
{
  stored = Constant <value = float[2, 2] {1.5, 2.5, 3.5, 4.5}> ()
  [first] h = Gemm(x, stored)
  [second] y = Gemm(h, last)
})");
  const TrainerNames names = NamesOf(Trainer::kOrt, bytes);
  EXPECT_THAT(Strings(json::parse(names.text)["requires_grad"]), ElementsAre("last"));
  EXPECT_THAT(names.warnings, ElementsAre(HasSubstr("'stored'")));
  EXPECT_EQ(NamesOf(Trainer::kNames, bytes).text, "last\n");
}

TEST(TrainerNames, NothingToTrainIsAWarningForOnnxRuntime) {
  const std::string bytes = Value(Frozen(BytesWithWeights(kDenseText), FreezeBy(All())));
  EXPECT_THAT(NamesOf(Trainer::kOrt, bytes).warnings, ElementsAre(HasSubstr("requires_grad")));
  EXPECT_EQ(NamesOf(Trainer::kNames, bytes).text, "");
}

TEST(TrainerNames, NamesAreTheInitializersToTrainOneALine) {
  EXPECT_EQ(NamesOf(Trainer::kNames, Net()).text, "s1\no1\ndense\nbias\nhead\nshift\n");
}

TEST(TrainerNames, Onnx2TorchNamesParametersByNodeAndSlot) {
  const json names = JsonOf(Trainer::kTorch, Net())["onnx2torch"];
  EXPECT_THAT(Strings(names["requires_grad"]),
              ElementsAre("BatchNormalization.weight", "BatchNormalization.bias", "Gemm.weight",
                          "Gemm.bias"));
  EXPECT_THAT(Strings(names["frozen"]),
              ElementsAre("net/conv.weight", "net/bn.weight", "net/bn.bias"));
  EXPECT_THAT(Strings(names["eval"]), ElementsAre("net/bn"));
  // The weights of MatMul and Add become buffers there.
  EXPECT_THAT(Strings(names["by_mapping"]), ElementsAre("dense", "bias"));
}

TEST(TrainerNames, Onnx2PytorchNamesParametersByOperatorAndOutput) {
  const json names = JsonOf(Trainer::kTorch, Net())["onnx2pytorch"];
  EXPECT_THAT(Strings(names["requires_grad"]),
              ElementsAre("BatchNormalization_d.bnu.weight", "BatchNormalization_d.bnu.bias",
                          "Gemm_y.weight", "Gemm_y.bias"));
  EXPECT_THAT(Strings(names["frozen"]),
              ElementsAre("Conv_c.weight", "BatchNormalization_b.bnu.weight",
                          "BatchNormalization_b.bnu.bias"));
  EXPECT_THAT(Strings(names["eval"]), ElementsAre("BatchNormalization_b"));
  EXPECT_THAT(Strings(names["by_mapping"]), ElementsAre("dense", "bias"));
}

TEST(TrainerNames, ASharedTensorIsToldByTheConvertersMappingAlone) {
  const std::string bytes = BytesWithWeights(R"(
<ir_version: 8, opset_import: ["" : 17]>
g (float[N, 4] x) => (float[N, 4] y) <float[4, 4] tied, float[4, 4] last>
{
  ["/a/Gemm"] a = Gemm(x, tied)
  ["/a/Gemm"] b = Gemm(a, tied)
  ["/b/Gemm"] y = Gemm(b, last)
})");
  const json names = JsonOf(Trainer::kTorch, bytes)["onnx2torch"];
  EXPECT_THAT(Strings(names["requires_grad"]),
              ElementsAre("a/Gemm.weight", "a/Gemm_1.weight", "b/Gemm.weight"));
  EXPECT_THAT(Strings(names["by_mapping"]), ElementsAre("tied"));
  EXPECT_THAT(Strings(names["eval"]), IsEmpty());
}

}  // namespace
}  // namespace hoarfrost::testing
