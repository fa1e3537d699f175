// The framework's own count from what PyTorch's dynamo exporter states.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "roles/framework_of.h"

namespace hoarfrost::roles {
namespace {

using ::hoarfrost::testing::ExportedModel;
using ::testing::HasSubstr;

constexpr char kConv[] = R"(<ir_version: 10, opset_import: ["": 20], producer_name: "pytorch">
g (float[1, 2, 4, 4] x) => (float[1, 6, 4, 4] y) {
  ["node_Conv_9"] y = Conv (x, "conv.weight", "conv.weight_bias")
})";

constexpr char kAffine[] =
    "p_conv_weight: PARAMETER target='conv.weight'\n"
    "p_bn_weight: PARAMETER target='bn.weight'\n"
    "p_bn_bias: PARAMETER target='bn.bias'\n"
    "b_bn_running_mean: BUFFER target='bn.running_mean' persistent=True\n"
    "b_bn_running_var: BUFFER target='bn.running_var' persistent=True\n"
    "b_bn_num_batches_tracked: BUFFER target='bn.num_batches_tracked' persistent=True";

// conv.weight [6, 2, 3, 3] = 108, without a bias; bn of 6 channels.
ExportedModel Fused(const std::string& bias, const std::string& signature) {
  ExportedModel model(kConv);
  model.model.mutable_graph()->mutable_node(0)->set_input(2, bias);
  model.Float("conv.weight", {6, 2, 3, 3}).Float(bias, {6}).Signature(signature);
  model.Module("y", {"", "bn", "_native_batch_norm_legit_no_training"});
  model.NodeMetadata("y", "pkg.onnxscript.rewriter.rule_name", "FuseBatchNormIntoConv");
  return model;
}

TEST(DynamoFramework, AFusedBatchNormIsProvedBySignatureAndRule) {
  const FrameworkOf framework(Fused("conv.weight_bias", kAffine));
  EXPECT_EQ(framework.trainable(), 108u + 6 + 6);
  EXPECT_EQ(framework.statistics(), 12u);
  EXPECT_TRUE(framework.proved());
  const Adjustment hidden = framework.first(AdjustmentKind::kHidden);
  EXPECT_EQ(hidden.layer, "bn");
  EXPECT_EQ(hidden.trainable, 6);  // gamma; beta lives on in the bias that folding made
  EXPECT_EQ(hidden.statistics, 12);
  EXPECT_THAT(hidden.text, HasSubstr("FuseBatchNormIntoConv"));
}

TEST(DynamoFramework, ABiasOfTheConvolutionItselfIsCountedBesideTheShift) {
  const FrameworkOf framework(
      Fused("conv.bias", std::string("p_conv_bias: PARAMETER target='conv.bias'\n") + kAffine));
  EXPECT_EQ(framework.trainable(), 108u + 6 + 6 + 6);
  EXPECT_EQ(framework.statistics(), 12u);
  EXPECT_TRUE(framework.proved());
}

TEST(DynamoFramework, ABatchNormWithoutScaleAndShiftHidesOnlyStatistics) {
  const FrameworkOf framework(
      Fused("conv.weight_bias",
            "p_conv_weight: PARAMETER target='conv.weight'\n"
            "b_bn_running_mean: BUFFER target='bn.running_mean' persistent=True\n"
            "b_bn_running_var: BUFFER target='bn.running_var' persistent=True"));
  EXPECT_EQ(framework.trainable(), 108u);
  EXPECT_EQ(framework.statistics(), 12u);
  EXPECT_TRUE(framework.proved());
}

TEST(DynamoFramework, SaysHowToKeepTheStatistics) {
  const FrameworkOf framework(Fused("conv.weight_bias", kAffine));
  ASSERT_FALSE(framework.notes.empty());
  EXPECT_THAT(framework.notes.back().text, HasSubstr("optimize=False"));
}

constexpr char kHead[] = R"(<ir_version: 10, opset_import: ["": 20], producer_name: "pytorch">
g (int64[1, 5] x) => (float[1, 5, 9] y) {
  e = Gather ("head.weight", x)
  y = MatMul (e, val_3)
})";

ExportedModel Head(const std::string& signature) {
  ExportedModel model(kHead);
  model.Float("head.weight", {9, 4}).Float("val_3", {4, 9}).Signature(signature);
  model.FoldedFrom("val_3", "['head.weight']");
  model.Module("e", {"", "embed", "embedding"}).Module("y", {"", "head", "linear"});
  return model;
}

TEST(DynamoFramework, ATransposedCopyOfATiedTableCountsOnce) {
  ExportedModel model = Head(
      "p_embed_weight: PARAMETER target='embed.weight'\n"
      "p_head_weight: PARAMETER target='head.weight'");
  model.NodeMetadata("e", "pkg.torch.onnx.fx_node",
                     "%embedding = call_function[...](args = (%p_head_weight, %x), kwargs = {})");
  const FrameworkOf framework(model);
  EXPECT_EQ(framework.trainable_in_file, 72u);
  EXPECT_EQ(framework.trainable(), 36u);
  EXPECT_TRUE(framework.proved());
  EXPECT_EQ(framework.first(AdjustmentKind::kStoredTwice).trainable, -36);
}

// The traced program reads two parameters; the file stores one, since their values are equal.
TEST(DynamoFramework, EqualParametersStoredOnceCountTwice) {
  ExportedModel model = Head(
      "p_embed_weight: PARAMETER target='embed.weight'\n"
      "p_head_weight: PARAMETER target='head.weight'");
  model.NodeMetadata("e", "pkg.torch.onnx.fx_node",
                     "%embedding = call_function[...](args = (%p_embed_weight, %x), kwargs = {})");
  EXPECT_EQ(FrameworkOf(model).trainable(), 72u);
}

TEST(DynamoFramework, AParameterInNoTensorIsNamedAndNothingIsProved) {
  const FrameworkOf framework(
      Head("p_head_weight: PARAMETER target='head.weight'\n"
           "p_mask_token: PARAMETER target='mask_token'"));
  EXPECT_EQ(framework.trainable(), 36u);
  EXPECT_FALSE(framework.proved());
  EXPECT_THAT(framework.first(AdjustmentKind::kDropped).text, HasSubstr("mask_token"));
}

TEST(DynamoFramework, AFileThatHoldsAllItsParametersHasNoCountOfItsOwn) {
  ExportedModel model(R"(<ir_version: 10, opset_import: ["": 20], producer_name: "pytorch">
g (float[1, 8] x) => (float[1, 4] y) { y = Gemm (x, "fc.weight", "fc.bias") })");
  model.Float("fc.weight", {8, 4}).Float("fc.bias", {4});
  model.Signature(
      "p_fc_weight: PARAMETER target='fc.weight'\np_fc_bias: PARAMETER target='fc.bias'");
  EXPECT_EQ(FrameworkOf(model).count, std::nullopt);
}

TEST(DynamoFramework, AFrozenBatchNormHidesItsStatisticsInScaleAndShift) {
  ExportedModel model(R"(<ir_version: 10, opset_import: ["": 20], producer_name: "pytorch">
g (float[1, 2, 4, 4] x) => (float[1, 6, 4, 4] y) {
  c = Conv (x, "conv.weight")
  m = Mul (c, mul)
  y = Add (m, sub)
})");
  model.Float("conv.weight", {6, 2, 1, 1}).Float("mul", {1, 6, 1, 1}).Float("sub", {1, 6, 1, 1});
  model.FoldedFrom("mul", "['bn.running_var', 'bn.weight', 'rsqrt', 'view']");
  model.FoldedFrom("sub", "['bn.bias', 'bn.running_mean', 'bn.running_var', 'mul', 'view_1']");
  model.Signature(
      "p_conv_weight: PARAMETER target='conv.weight'\n"
      "b_bn_weight: BUFFER target='bn.weight' persistent=True\n"
      "b_bn_bias: BUFFER target='bn.bias' persistent=True\n"
      "b_bn_running_mean: BUFFER target='bn.running_mean' persistent=True\n"
      "b_bn_running_var: BUFFER target='bn.running_var' persistent=True");
  const FrameworkOf framework(model);
  EXPECT_EQ(framework.trainable(), 12u);
  EXPECT_EQ(framework.statistics(), 12u);
}

TEST(DynamoFramework, WeightNormHasAMagnitudeForEachOfDimZero) {
  ExportedModel model(R"(<ir_version: 10, opset_import: ["": 20], producer_name: "pytorch">
g (float[1, 8] x) => (float[1, 6] y) { y = Gemm <transB = 1> (x, mul, "fc.bias") })");
  model.Float("mul", {6, 8}).Float("fc.bias", {6});
  model.FoldedFrom("mul", "['fc.weight_g', 'fc.weight_v', 'div', 'linalg_vector_norm']");
  model.Signature(
      "p_fc_bias: PARAMETER target='fc.bias'\n"
      "p_fc_weight_g: PARAMETER target='fc.weight_g'\n"
      "p_fc_weight_v: PARAMETER target='fc.weight_v'");
  const FrameworkOf framework(model);
  EXPECT_EQ(framework.trainable(), 6u + 48 + 6);
  EXPECT_FALSE(framework.proved());
}

TEST(DynamoFramework, AConstantPartOfAConcatenationIsPadding) {
  ExportedModel model(R"(<ir_version: 10, opset_import: ["": 20], producer_name: "pytorch">
g (float[1, 8] x) => (float[1, 24] y) {
  m = MatMul (x, val_1)
  y = Add (m, cat)
})");
  model.Float("val_1", {8, 24}).Float("cat", {24});
  model.FoldedFrom("val_1", "['qkv.weight']").FoldedFrom("cat", "['k_bias', 'q_bias', 'v_bias']");
  model.Module("m", {"", "attn", "linear"}).Module("y", {"", "attn", "linear"});
  model.Signature(
      "p_qkv_weight: PARAMETER target='qkv.weight'\n"
      "p_q_bias: PARAMETER target='q_bias'\n"
      "p_v_bias: PARAMETER target='v_bias'\n"
      "b_k_bias: BUFFER target='k_bias' persistent=False");
  const FrameworkOf framework(model);
  EXPECT_EQ(framework.trainable(), 8u * 24 + 16);
  EXPECT_EQ(framework.first(AdjustmentKind::kPadding).trainable, -8);
}

TEST(DynamoFramework, ZerosMadeByTheProgramArePaddingToo) {
  ExportedModel model(R"(<ir_version: 10, opset_import: ["": 20], producer_name: "pytorch">
g (float[1, 24] x) => (float[1, 24] y) { y = Add (x, cat) })");
  model.Float("cat", {24}).FoldedFrom("cat", "['q_bias', 'v_bias', 'val_0', 'zeros']");
  model.Signature(
      "p_q_bias: PARAMETER target='q_bias'\n"
      "p_v_bias: PARAMETER target='v_bias'");
  const FrameworkOf framework(model);
  EXPECT_EQ(framework.trainable(), 16u);
  EXPECT_FALSE(framework.proved());
}

// a [24, 1] is read as a[:12] and a[12:]
TEST(DynamoFramework, PartsOfOneParameterAreNoCopies) {
  ExportedModel model(R"(<ir_version: 10, opset_import: ["": 20], producer_name: "pytorch">
g (float[8, 12] x) => (float[8, 1] y) {
  l = MatMul (x, slice_1)
  r = MatMul (x, slice_2)
  y = Add (l, r)
})");
  model.Float("slice_1", {12, 1}).Float("slice_2", {12, 1});
  model.FoldedFrom("slice_1", "['a', 'val_1', 'val_2']").FoldedFrom("slice_2", "['a', 'val_3']");
  model.Signature("p_a: PARAMETER target='a'");
  EXPECT_EQ(FrameworkOf(model).count, std::nullopt);
}

TEST(DynamoFramework, AnAttentionBiasRepeatedForTheBatchCountsOnce) {
  ExportedModel model(R"(<ir_version: 10, opset_import: ["": 20], producer_name: "pytorch">
g (float[5, 2, 16] x) => (float[6, 2, 16] y) { y = Concat <axis = 0> (x, repeat) })");
  model.Float("repeat", {1, 2, 16}).FoldedFrom("repeat", "['attn.bias_k', 'val_14', 'val_15']");
  model.Signature("p_attn_bias_k: PARAMETER target='attn.bias_k'");
  const FrameworkOf framework(model);
  EXPECT_EQ(framework.trainable_in_file, 32u);
  EXPECT_EQ(framework.trainable(), 16u);
  EXPECT_FALSE(framework.proved());
}

// the size of what was summed is in no tensor
TEST(DynamoFramework, ASumOfAParameterProvesNothing) {
  ExportedModel model =
      Fused("conv.weight_bias", kAffine + std::string("\np_penalty: PARAMETER target='penalty'"));
  onnx::NodeProto& add = *model.model.mutable_graph()->add_node();
  add.set_op_type("Add");
  add.add_input("y");
  add.add_input("sum_1");
  add.add_output("z");
  model.Float("sum_1", {1}).FoldedFrom("sum_1", "['penalty']");
  EXPECT_FALSE(FrameworkOf(model).proved());
}

}  // namespace
}  // namespace hoarfrost::roles
