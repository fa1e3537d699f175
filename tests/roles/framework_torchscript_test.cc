// The framework's own count from the names and shapes that PyTorch's TorchScript exporter leaves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "model/layer_folded_bn.h"
#include "roles/framework_of.h"

namespace hoarfrost::roles {
namespace {

using ::hoarfrost::testing::ExportedModel;
using ::testing::HasSubstr;

// Conv(2, 6, 3) -> BatchNorm -> Relu -> Conv(6, 4, 1, bias). The exporter counts values: the input
// is 0, the entries of the state_dict follow, then the outputs of conv, bn, relu, conv; one number
// is spent at the end, and the first folded value gets the next.
ExportedModel Folded(int first) {
  const std::string weight = "onnx::Conv_" + std::to_string(first);
  const std::string bias = "onnx::Conv_" + std::to_string(first + 1);
  ExportedModel model(R"(<ir_version: 8, opset_import: ["": 17], producer_name: "pytorch">
g (float[1, 2, 4, 4] x) => (float[1, 4, 2, 2] y) {
  ["/conv/Conv"] c = Conv (x, "w", "b")
  ["/relu/Relu"] r = Relu (c)
  ["/out/Conv"] y = Conv (r, "out.weight", "out.bias")
})");
  onnx::NodeProto& conv = *model.model.mutable_graph()->mutable_node(0);
  conv.set_input(1, weight);
  conv.set_input(2, bias);
  model.Float("out.weight", {4, 6, 1, 1}).Float("out.bias", {4});
  model.Float(weight, {6, 2, 3, 3}).Float(bias, {6});
  return model;
}

constexpr uint64_t kOut = 4 * 6 + 4;
constexpr uint64_t kWeight = 6 * 2 * 3 * 3;

// conv.weight, five of bn, two of out: 8 entries, numbers 1 to 8; four outputs, 9 to 12; 13; so 14.
TEST(TorchScriptFramework, ANumberedPairIsAConvolutionWithoutBiasAndABatchNorm) {
  const FrameworkOf framework(Folded(14));
  EXPECT_EQ(framework.trainable(), kOut + kWeight + 6 + 6);
  EXPECT_EQ(framework.statistics(), 12u);
  EXPECT_FALSE(framework.proved());
  const Adjustment hidden = framework.first(AdjustmentKind::kHidden);
  EXPECT_EQ(hidden.layer, "bn");
  EXPECT_THAT(hidden.text, HasSubstr("without a bias"));
}

TEST(TorchScriptFramework, TheNumberTellsOfABiasThatWasFoldedToo) {
  const FrameworkOf framework(Folded(15));
  EXPECT_EQ(framework.trainable(), kOut + kWeight + 6 + 6 + 6);
  EXPECT_EQ(framework.statistics(), 12u);
  EXPECT_THAT(framework.first(AdjustmentKind::kHidden).text, HasSubstr("with a bias"));
}

TEST(TorchScriptFramework, ANumberThatFitsNothingTellsNothing) {
  EXPECT_EQ(FrameworkOf(Folded(99)).trainable(), kOut + kWeight + 12);
  EXPECT_EQ(FrameworkOf(Folded(3)).trainable(), kOut + kWeight + 12);
}

TEST(TorchScriptFramework, NamedOperandsHideNothing) {
  ExportedModel model(R"(<ir_version: 8, opset_import: ["": 17], producer_name: "pytorch">
g (float[1, 2, 4, 4] x) => (float[1, 3, 4, 4] y) {
  ["/conv/Conv"] y = Conv (x, "conv.weight", "conv.bias")
})");
  model.Float("conv.weight", {3, 2, 1, 1}).Float("conv.bias", {3});
  EXPECT_EQ(FrameworkOf(model).count, std::nullopt);
}

ExportedModel LanguageModel(int64_t vocabulary, const std::string& norm) {
  ExportedModel model(R"(<ir_version: 8, opset_import: ["": 17], producer_name: "pytorch">
g (int64[1, 5] x) => (float[1, 5, n] y) {
  ["/embed/Gather"] e = Gather ("embed.weight", x)
  ["/norm/Norm"] h = LayerNormalization (e, "norm.weight")
  ["/head/MatMul"] y = MatMul (h, "onnx::MatMul_99")
})");
  model.model.mutable_graph()->mutable_node(1)->set_op_type(norm);
  model.Float("embed.weight", {vocabulary, 4}).Float("norm.weight", {4});
  model.Float("onnx::MatMul_99", {4, vocabulary});
  return model;
}

TEST(TorchScriptFramework, AHeadOfTheTablesShapeIsTakenAsTied) {
  const FrameworkOf framework(LanguageModel(50, "LayerNormalization"));
  EXPECT_EQ(framework.trainable_in_file, 404u);
  EXPECT_EQ(framework.trainable(), 204u);
  EXPECT_FALSE(framework.proved());
}

TEST(TorchScriptFramework, AClassifierOfFewClassesIsNotTied) {
  EXPECT_EQ(FrameworkOf(LanguageModel(5, "LayerNormalization")).trainable(), 44u);
}

TEST(TorchScriptFramework, ModelsWithRmsNormKeepTheirHeadApart) {
  EXPECT_EQ(FrameworkOf(LanguageModel(50, "RMSNormalization")).trainable(), 404u);
}

// what makes one matrix fit both ends: sqrt(D) after the embedding, or its inverse before the head
TEST(TorchScriptFramework, AScaleBesideTheEmbeddingOrTheHeadTellsOfOneMatrix) {
  for (const bool embedding : {true, false}) {
    ExportedModel model = LanguageModel(50, "RMSNormalization");
    onnx::GraphProto& graph = *model.model.mutable_graph();
    onnx::NodeProto& mul = *graph.add_node();
    mul.set_op_type("Mul");
    mul.add_input(embedding ? "e" : "h");
    mul.add_input("scale");
    mul.add_output("scaled");
    graph.mutable_node(embedding ? 1 : 2)->set_input(0, "scaled");
    onnx::TensorProto& scale = *graph.add_initializer();
    scale.set_name("scale");
    scale.set_data_type(onnx::TensorProto::FLOAT);
    scale.add_float_data(2.0F);
    EXPECT_EQ(FrameworkOf(model).trainable(), FrameworkOf(model).trainable_in_file - 200);
  }
}

TEST(TorchScriptFramework, AGatheredPositionTableHasOneRowForEachOffset) {
  ExportedModel model(R"(<ir_version: 8, opset_import: ["": 17], producer_name: "pytorch">
g (float[1, 2, 16, 16] x) => (float[1, 2, 16, 16] y) {
  ["/fc/MatMul"] m = MatMul (x, "onnx::MatMul_7")
  ["/attn/Add"] y = Add (m, "onnx::Add_9")
})");
  model.Float("onnx::MatMul_7", {16, 16}).Float("onnx::Add_9", {1, 2, 16, 16});
  const FrameworkOf framework(model);
  // 16 positions are a window of 4 * 4: offsets from -3 to 3 both ways, 49 rows for each head.
  EXPECT_EQ(framework.trainable_in_file, 256u + 512);
  EXPECT_EQ(framework.trainable(), 256u + 49 * 2);
}

TEST(TorchScriptFramework, WeightsLeftAsInputsAreCountedByTheirShapes) {
  const ExportedModel model(R"(<ir_version: 8, opset_import: ["": 17], producer_name: "pytorch">
g (float[1, 8] "input.1", float[4, 8] "fc.weight", float[4] "fc.bias") => (float[1, 4] y) {
  ["/fc/Gemm"] y = Gemm <transB = 1> ("input.1", "fc.weight", "fc.bias")
})");
  const FrameworkOf framework(model);
  EXPECT_EQ(framework.trainable_in_file, 0u);
  EXPECT_EQ(framework.trainable(), 36u);
  EXPECT_EQ(framework.first(AdjustmentKind::kDropped).layer, "fc");
}

TEST(TorchScriptFramework, AFrozenBatchNormIsNoWeight) {
  ExportedModel model(R"(<ir_version: 8, opset_import: ["": 17], producer_name: "pytorch">
g (float[1, 2, 4, 4] x) => (float[1, 6, 4, 4] y) {
  ["/conv/Conv"] c = Conv (x, "conv.weight")
  ["/bn/Mul"] m = Mul (c, "onnx::Mul_45")
  ["/bn/Add"] y = Add (m, "onnx::Add_47")
})");
  model.Float("conv.weight", {6, 2, 1, 1});
  model.Float("onnx::Mul_45", {1, 6, 1, 1}).Float("onnx::Add_47", {1, 6, 1, 1});
  const FrameworkOf framework(model);
  EXPECT_EQ(framework.trainable(), 12u);
  EXPECT_EQ(framework.statistics(), 12u);
}

}  // namespace
}  // namespace hoarfrost::roles
