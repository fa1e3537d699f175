// The framework's own count behind tools that rewrote a model.
#include <gtest/gtest.h>

#include "roles/framework_of.h"

namespace hoarfrost::roles {
namespace {

using ::hoarfrost::testing::ExportedModel;

TEST(ToolsFramework, WhatWasQuantizedByNameWasAFloat) {
  ExportedModel model(R"(<ir_version: 10, opset_import: ["": 21], producer_name: "onnx.quantize">
g (float[1, 8] x) => (float[1, 4] y) {
  w = DequantizeLinear ("fc.weight_quantized", "fc.weight_scale")
  y = MatMul (x, w)
})");
  model.Int8("fc.weight_quantized", {8, 4}).Float("fc.weight_scale", {1});
  EXPECT_EQ(FrameworkOf(model).trainable(), 32u);
}

TEST(ToolsFramework, AnIntegerWeightOfItsOwnIsTakenAsItIs) {
  ExportedModel model(R"(<ir_version: 10, opset_import: ["": 21]>
g (float[1, 8] x) => (float[1, 4] y) {
  w = DequantizeLinear (wq, s)
  y = MatMul (x, w)
})");
  model.Int8("wq", {8, 4}).Float("s", {1});
  EXPECT_EQ(FrameworkOf(model).count, std::nullopt);
}

TEST(ToolsFramework, OnnxRuntimesFusionNamesItsBias) {
  ExportedModel model(R"(<ir_version: 10, opset_import: ["": 21]>
g (float[1, 2, 4, 4] x) => (float[1, 6, 4, 4] y) {
  y = Conv (x, "ConvBnFusion_W_conv1.weight", "ConvBnFusion_BN_B_bn1.bias")
})");
  model.Float("ConvBnFusion_W_conv1.weight", {6, 2, 1, 1});
  model.Float("ConvBnFusion_BN_B_bn1.bias", {6});
  const FrameworkOf framework(model);
  EXPECT_EQ(framework.trainable(), 12u + 12);
  EXPECT_EQ(framework.statistics(), 12u);
  EXPECT_EQ(framework.first(AdjustmentKind::kHidden).layer, "bn1");
}

constexpr char kLinear[] = R"(g (float[1, 3] x) => (float[1, 2] y) {
  y = ai.onnx.ml.LinearRegressor <coefficients = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
                                   intercepts = [1.0, 2.0], targets = 2> (x)
})";

TEST(ToolsFramework, ConvertersOfScikitLearnKeepFittedValuesInAttributes) {
  ExportedModel model(std::string(R"(<ir_version: 8, opset_import: ["": 17, "ai.onnx.ml": 1],
                                      producer_name: "skl2onnx">)") +
                      kLinear);
  EXPECT_EQ(FrameworkOf(model).trainable(), 8u);
}

TEST(ToolsFramework, WithoutAFrameworkAttributesAreNoParameters) {
  ExportedModel model(std::string(R"(<ir_version: 8, opset_import: ["": 17, "ai.onnx.ml": 1]>)") +
                      kLinear);
  EXPECT_EQ(FrameworkOf(model).count, std::nullopt);
}

}  // namespace
}  // namespace hoarfrost::roles
