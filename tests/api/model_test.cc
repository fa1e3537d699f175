#include "hoarfrost/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "support/models.h"
#include "support/onnx_text.h"
#include "support/temp_folder.h"

namespace hoarfrost {
namespace {

using ::testing::HasSubstr;

Model ModelOf(const char* text) {
  absl::StatusOr<Model> model = Model::FromBytes(testing::ParseModelBytes(text), "<test>");
  EXPECT_TRUE(model.ok()) << model.status();
  return *std::move(model);
}

TEST(Model, CountsAsKerasDoes) {
  const Model dense = ModelOf(testing::kDense);
  EXPECT_EQ(dense.totals().parameters, 1010u);
  EXPECT_EQ(dense.totals().trainable, 1010u);
  EXPECT_EQ(dense.totals().non_trainable, 0u);
  const Model batch_norm = ModelOf(testing::kDenseBatchNorm);
  EXPECT_EQ(batch_norm.totals().parameters, 1050u);
  EXPECT_EQ(batch_norm.totals().trainable, 1030u);
  EXPECT_EQ(batch_norm.totals().non_trainable, 20u);
}

TEST(Model, TensorsAndLayersSumToTheTotals) {
  const Model model = ModelOf(testing::kDenseBatchNorm);
  uint64_t weights = 0, statistics = 0, parameters = 0;
  for (size_t i = 0; i < model.tensor_count(); ++i) {
    const Tensor tensor = model.tensor(i);
    EXPECT_FALSE(tensor.reason.empty()) << tensor.name;
    if (tensor.role == Role::kWeight) weights += tensor.elements;
    if (tensor.role == Role::kStatistic) statistics += tensor.elements;
  }
  for (size_t i = 0; i < model.layer_count(); ++i) parameters += model.layer(i).parameters;
  EXPECT_EQ(weights, 1030u);
  EXPECT_EQ(statistics, 20u);
  EXPECT_EQ(parameters, 1050u);
}

TEST(Model, FreezingAllLeavesNothingTrainableAndTheOriginalAsItWas) {
  const Model model = ModelOf(testing::kDenseBatchNorm);
  Selection all;
  all.all = true;
  const absl::StatusOr<Model> frozen = model.Freeze(all);
  ASSERT_TRUE(frozen.ok()) << frozen.status();
  EXPECT_EQ(frozen->totals().parameters, 1050u);
  EXPECT_EQ(frozen->totals().trainable, 0u);
  EXPECT_EQ(frozen->totals().non_trainable, 1050u);
  EXPECT_EQ(frozen->totals().statistics, 20u);
  const absl::StatusOr<Plan> plan = frozen->plan();
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->frozen.size(), 4u);
  EXPECT_EQ(plan->frozen_statistics.size(), 2u);
  EXPECT_EQ(model.totals().trainable, 1030u);
  const absl::StatusOr<TrainerNames> names = frozen->NamesFor(Trainer::kOrt);
  ASSERT_TRUE(names.ok()) << names.status();
  EXPECT_EQ(names->text.find("\"requires_grad\":[]"), 1u);
  ASSERT_EQ(names->warnings.size(), 1u);
}

TEST(Model, LintFindsAnInitializerThatNothingReadsAndKnowsItsRules) {
  const Model model = ModelOf(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (float[N, 2] x) => (float[N, 2] y) <float[2] spare = {1, 2}, float[2] w = {1, 2}> {
      y = Mul(x, w)
    })");
  const auto findings = model.Lint({"unused-initializer"});
  ASSERT_TRUE(findings.ok()) << findings.status();
  ASSERT_EQ(findings->size(), 1u);
  EXPECT_EQ((*findings)[0].rule, "unused-initializer");
  EXPECT_EQ((*findings)[0].severity, LintSeverity::kWarning);
  ASSERT_EQ((*findings)[0].tensors.size(), 1u);
  EXPECT_EQ(model.tensor((*findings)[0].tensors[0]).name, "spare");
  const auto unknown = model.Lint({"unused-initialiser"});
  EXPECT_EQ(unknown.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(unknown.status().message()), HasSubstr("did you mean"));
}

TEST(Model, ThawOfFreezeHasTheSameBytesAlsoInTwoSteps) {
  const Model model = ModelOf(testing::kDenseBatchNorm);
  Selection kernel, bias;
  kernel.tensors = {"kernel"};
  bias.tensors = {"bias"};
  const absl::StatusOr<Model> one = model.Freeze(kernel);
  ASSERT_TRUE(one.ok()) << one.status();
  const absl::StatusOr<Model> two = one->Freeze(bias);
  ASSERT_TRUE(two.ok()) << two.status();
  EXPECT_EQ(two->totals().frozen, 1010u);
  const absl::StatusOr<Model> part = two->Thaw(bias);
  ASSERT_TRUE(part.ok()) << part.status();
  EXPECT_EQ(part->Serialize().value(), one->Serialize().value());
  const absl::StatusOr<Model> thawed = two->Thaw();
  ASSERT_TRUE(thawed.ok()) << thawed.status();
  EXPECT_EQ(thawed->Serialize().value(), model.Serialize().value());
}

TEST(Model, SavesWhatItSerializesWithTheSourcesPermissions) {
  const testing::TempFolder folder;
  testing::WriteFile(folder / "m.onnx", testing::ParseModelBytes(testing::kDense));
  std::filesystem::permissions(folder / "m.onnx", std::filesystem::perms::owner_all);
  const absl::StatusOr<Model> model = Model::Load(folder / "m.onnx");
  ASSERT_TRUE(model.ok()) << model.status();
  Selection all;
  all.all = true;
  const absl::StatusOr<Model> frozen = model->Freeze(all);
  ASSERT_TRUE(frozen.ok()) << frozen.status();
  ASSERT_TRUE(frozen->Save(folder / "frozen.onnx").ok());
  EXPECT_EQ(testing::ReadFile(folder / "frozen.onnx"), frozen->Serialize().value());
  EXPECT_EQ(std::filesystem::status(folder / "frozen.onnx").permissions(),
            std::filesystem::perms::owner_all);
}

TEST(Model, RefusesToSaveWhereTheSourceChangedSinceItWasRead) {
  const testing::TempFolder folder;
  const std::string bytes = testing::ParseModelBytes(testing::kDense);
  testing::WriteFile(folder / "m.onnx", bytes);
  const absl::StatusOr<Model> model = Model::Load(folder / "m.onnx");
  ASSERT_TRUE(model.ok()) << model.status();
  std::ofstream(folder / "m.onnx", std::ios::app) << "more";
  EXPECT_EQ(model->Save(folder / "copy.onnx").code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(model->plan().status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(folder.Names(), std::set<std::string>{"m.onnx"});
}

TEST(Model, FindsATensorOrSaysWhatItMayBeCalled) {
  const Model model = ModelOf(testing::kDense);
  EXPECT_EQ(model.tensor(model.FindTensor("bias").value()).name, "bias");
  const absl::Status missing = model.FindTensor("kernal").status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(missing.message()), HasSubstr("did you mean 'kernel'"));
  const absl::Status elsewhere = model.FindTensor("kernel", "function:a::b").status();
  EXPECT_EQ(elsewhere.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(elsewhere.message()), HasSubstr("there is one in ''"));
}

TEST(Model, NamesThatNoFileCanHaveAreRefused) {
  const testing::TempFolder folder;
  const Model model = ModelOf(testing::kDense);
  using namespace std::string_literals;
  EXPECT_EQ(model.Save(folder / "a\0b"s).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(model.Save("").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Model::Load("").status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(folder.Names().empty());
}

TEST(Model, ReadsThePayloadOfOneTensor) {
  const Model model = ModelOf(R"(
<ir_version: 8, opset_import: ["" : 17]>
g (float[N, 2] x) => (float[N, 2] y) <float[2] b = {1, 2}> { y = Add(x, b) })");
  const absl::StatusOr<std::string> bytes = model.ReadTensor(model.FindTensor("b").value());
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  const float want[] = {1.0f, 2.0f};
  EXPECT_EQ(*bytes, std::string(reinterpret_cast<const char*>(want), sizeof want));
}

TEST(Model, ThawOfAModelThatWasNeverFrozenIsAnError) {
  EXPECT_EQ(ModelOf(testing::kDense).Thaw().status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace hoarfrost
