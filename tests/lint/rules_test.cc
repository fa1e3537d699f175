// Each rule: a model that it is about, and one like it that is well.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "lint/findings_of.h"
#include "plan/plan.h"
#include "support/models.h"

namespace hoarfrost::lint {
namespace {

using summary::Summary;
using summary::SummaryOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::ParseModel;
using ::testing::SizeIs;

// `text` with a plan that freezes the tensors named, as freeze would write it, but nothing else of
// what freeze does.
onnx::ModelProto WithPlan(std::string_view text, const std::vector<std::string>& frozen) {
  onnx::ModelProto model = ParseModel(text);
  plan::Plan plan;
  for (const onnx::TensorProto& tensor : model.graph().initializer()) {
    if (std::find(frozen.begin(), frozen.end(), tensor.name()) == frozen.end()) continue;
    plan.frozen.push_back(
        {tensor.name(), "", "float32", {tensor.dims().begin(), tensor.dims().end()}});
  }
  onnx::StringStringEntryProto& property = *model.add_metadata_props();
  property.set_key(std::string(plan::kPlanKey));
  property.set_value(plan::ToJson(plan));
  return model;
}

TEST(Rules, HaveDifferentIds) {
  std::set<std::string> ids;
  for (const RuleInfo& rule : Rules()) EXPECT_TRUE(ids.insert(rule.id).second) << rule.id;
  EXPECT_GE(ids.size(), 10u);
}

TEST(Rules, FindNothingInAPlainModelForEveryTrainer) {
  EXPECT_THAT(Lint(SummaryOf(testing::kDenseBatchNorm), ""), IsEmpty());
}

TEST(UnusedInitializer, IsFound) {
  const Summary model = SummaryOf(R"(
<ir_version: 8, opset_import: ["" : 17]>
g (float[N, 4] x) => (float[N, 4] y)
<float[4] b, float[1000] spare>
{
  y = Add(x, b)
})");
  const auto findings = FindingsOf(model, "unused-initializer");
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_THAT(NamesIn(model, findings[0]), ElementsAre("spare"));
  EXPECT_THAT(findings[0].text, HasSubstr("3.91 KB"));  // 4,000 bytes
}

TEST(UnusedInitializer, IsNotOneThatOnlyABranchReads) {
  EXPECT_THAT(FindingsOf(R"(
<ir_version: 8, opset_import: ["" : 17]>
g (bool c, float[4] x) => (float[4] y)
<float[4] w>
{
  y = If(c) <then_branch = t () => (float[4] a) { a = Add(x, w) },
             else_branch = e () => (float[4] a) { a = Identity(x) }>
})",
                         "unused-initializer"),
              IsEmpty());
}

TEST(InitializerAsInput, IsFoundSinceIrVersion4) {
  onnx::ModelProto model = ParseModel(testing::kDense);
  onnx::ValueInfoProto& input = *model.mutable_graph()->add_input();
  input.set_name("kernel");
  input.mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::FLOAT);
  const auto findings = FindingsOf(model, "initializer-as-input");
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_THAT(findings[0].text, HasSubstr("'kernel'"));
  model.set_ir_version(3);
  EXPECT_THAT(FindingsOf(model, "initializer-as-input"), IsEmpty());
  EXPECT_THAT(FindingsOf(testing::kDense, "initializer-as-input"), IsEmpty());
}

TEST(ConstantWeight, IsFound) {
  const Summary model = SummaryOf(R"(
<ir_version: 8, opset_import: ["" : 17]>
g (float[N, 2] x) => (float[N, 2] y)
<float[2] b>
{
  w = Constant <value = float[2, 2] {1, 2, 3, 4}> ()
  y = Gemm(x, w, b)
})");
  const auto findings = FindingsOf(model, "constant-weight");
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_THAT(NamesIn(model, findings[0]), ElementsAre("w"));
}

TEST(ConstantWeight, IsNoShapeOfAReshape) {
  EXPECT_THAT(FindingsOf(R"(
<ir_version: 8, opset_import: ["" : 17]>
g (float[4] x) => (float[2, 2] y)
{
  s = Constant <value = int64[2] {2, 2}> ()
  y = Reshape(x, s)
})",
                         "constant-weight"),
              IsEmpty());
}

TEST(AssumedRole, IsFound) {
  EXPECT_THAT(FindingsOf(testing::kDense, "assumed-role"), IsEmpty());
  const auto findings = FindingsOf(R"(
<ir_version: 8, opset_import: ["" : 17, "my.domain" : 1]>
g (float[4] x) => (float[4] y)
<float[4] w>
{
  y = my.domain.Mystery(x, w)
})",
                                   "assumed-role");
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].severity, Severity::kInfo);
}

TEST(BatchStatistics, AreFoundOfAFrozenBatchNormInTrainingMode) {
  constexpr const char* kTraining = R"(
<ir_version: 8, opset_import: ["" : 17]>
g (float[N, 4] x) => (float[N, 4] y)
<float[4] gamma, float[4] beta, float[4] mean, float[4] variance>
{
  [bn] y, m, v = BatchNormalization <training_mode = 1> (x, gamma, beta, mean, variance)
})";
  const auto findings = FindingsOf(WithPlan(kTraining, {"gamma", "beta"}), "batch-statistics");
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].severity, Severity::kError);
  EXPECT_THAT(findings[0].text, HasSubstr("'bn'"));
  EXPECT_THAT(FindingsOf(kTraining, "batch-statistics"), IsEmpty());  // nothing is frozen
  EXPECT_THAT(FindingsOf(WithPlan(testing::kDenseBatchNorm, {"gamma", "beta"}), "batch-statistics"),
              IsEmpty());
}

TEST(HalfFrozen, IsFound) {
  EXPECT_THAT(FindingsOf(WithPlan(testing::kDenseBatchNorm, {"gamma"}), "half-frozen"), SizeIs(1));
  EXPECT_THAT(FindingsOf(WithPlan(testing::kDenseBatchNorm, {"gamma", "beta"}), "half-frozen"),
              IsEmpty());
  EXPECT_THAT(FindingsOf(testing::kDenseBatchNorm, "half-frozen"), IsEmpty());
}

TEST(FrozenStatistics, AreListed) {
  const Summary model = SummaryOf(WithPlan(testing::kDenseBatchNorm, {"gamma", "beta"}));
  const auto findings = FindingsOf(model, "frozen-statistics");
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_THAT(NamesIn(model, findings[0]), ElementsAre("mean", "variance"));
  EXPECT_THAT(FindingsOf(testing::kDenseBatchNorm, "frozen-statistics"), IsEmpty());
}

TEST(NothingTrainable, IsFound) {
  EXPECT_THAT(FindingsOf(WithPlan(testing::kDense, {"kernel", "bias"}), "nothing-trainable"),
              SizeIs(1));
  EXPECT_THAT(FindingsOf(WithPlan(testing::kDense, {"kernel"}), "nothing-trainable"), IsEmpty());
}

TEST(OpsetLimit, TellsOfEachTrainer) {
  onnx::ModelProto model = ParseModel(testing::kDense);
  const auto at = [&](int64_t opset) {
    model.mutable_opset_import(0)->set_version(opset);
    return FindingsOf(model, "opset-limit");
  };
  EXPECT_THAT(at(17), IsEmpty());
  ASSERT_THAT(at(20), SizeIs(1));
  EXPECT_EQ(at(20)[0].severity, Severity::kInfo);
  EXPECT_THAT(at(20)[0].text, HasSubstr("onnx2torch"));
  ASSERT_THAT(at(22), SizeIs(2));
  EXPECT_EQ(at(22)[0].severity, Severity::kWarning);
  EXPECT_THAT(at(22)[0].text, HasSubstr("beyond what onnxruntime-training"));
  EXPECT_THAT(at(22)[0].remedy, HasSubstr("opset_version=21"));
  ASSERT_THAT(at(10), SizeIs(1));
  EXPECT_THAT(at(10)[0].text, HasSubstr("below what onnxruntime-training"));
}

TEST(IrLimit, IsThatOfOnnxruntimeTraining) {
  onnx::ModelProto model = ParseModel(testing::kDense);
  for (const auto& [ir, found] :
       std::vector<std::pair<int, size_t>>{{3, 1}, {4, 0}, {10, 0}, {11, 1}}) {
    model.set_ir_version(ir);
    EXPECT_THAT(FindingsOf(model, "ir-limit"), SizeIs(found)) << ir;
  }
}

TEST(BatchNormFolded, SaysHowToExportOtherwise) {
  // The weight and bias of a convolution that TorchScript folded a BatchNormalization into have
  // numbers for names.
  const std::string path = std::string(HOARFROST_TESTDATA) + "/pytorch/nn_conv_bn2d__ts.onnx";
  const auto source = wire::OpenFile(path);
  ASSERT_TRUE(source.ok());
  const auto model = summary::Summarize(**source, "", {});
  ASSERT_TRUE(model.ok());
  const auto findings = FindingsOf(*model, "batch-norm-folded");
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_THAT(findings[0].text, HasSubstr("2 BatchNormalizations are folded"));
  EXPECT_THAT(findings[0].remedy, HasSubstr("do_constant_folding=False"));
  EXPECT_THAT(FindingsOf(testing::kDenseBatchNorm, "batch-norm-folded"), IsEmpty());
}

TEST(FileFault, IsWhatInspectNotesAsAWarning) {
  onnx::ModelProto model = ParseModel(testing::kDense);
  *model.mutable_graph()->add_initializer() = model.graph().initializer(0);  // one name twice
  const Summary summary = SummaryOf(model);
  ASSERT_THAT(summary.notes, SizeIs(1));
  const auto findings = FindingsOf(summary, "file-fault");
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].text, summary.notes[0].text);
}

}  // namespace
}  // namespace hoarfrost::lint
