// The framework's own count of Keras models, through TensorFlow and through torch. The model is the
// notebook's third one: Dense(10) on 100 inputs and BatchNormalization, 1,050 = 1,030 + 20.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "roles/framework_of.h"

namespace hoarfrost::roles {
namespace {

using ::hoarfrost::testing::ExportedModel;

void ExpectTheNotebooksCount(const ExportedModel& model) {
  const FrameworkOf framework(model);
  EXPECT_EQ(framework.trainable(), 1'030u);
  EXPECT_EQ(framework.statistics(), 20u);
  EXPECT_FALSE(framework.proved());
}

TEST(TensorflowFramework, FoldedIntoTheConstantsOfMulAndAdd) {
  ExportedModel model(R"(<ir_version: 8, opset_import: ["": 15], producer_name: "tf2onnx">
g (float[1, 100] x) => (float[1, 10] y) {
  ["net_1/dense_1/MatMul"] m = MatMul (x, "net_1/dense_1/Cast/ReadVariableOp:0")
  ["net_1/dense_1/BiasAdd"] d = Add (m, "net_1/dense_1/BiasAdd/ReadVariableOp:0")
  ["net_1/bn_1/batchnorm/mul_1"] s = Mul (d, "net_1/bn_1/batchnorm/mul:0")
  ["net_1/bn_1/batchnorm/add_1"] y = Add (s, "net_1/bn_1/batchnorm/sub:0")
})");
  model.Float("net_1/dense_1/Cast/ReadVariableOp:0", {100, 10});
  model.Float("net_1/dense_1/BiasAdd/ReadVariableOp:0", {10});
  model.Float("net_1/bn_1/batchnorm/mul:0", {10}).Float("net_1/bn_1/batchnorm/sub:0", {10});
  ExpectTheNotebooksCount(model);
}

// without a bias of its own the Dense takes the scale, and the shift becomes its bias
TEST(TensorflowFramework, FoldedIntoTheLayerBefore) {
  ExportedModel model(R"(<ir_version: 8, opset_import: ["": 15], producer_name: "tf2onnx">
g (float[1, 100, 1, 1] x) => (float[1, 10, 1, 1] y) {
  ["Conv__9"] y = Conv (x, "net_1/conv_1/convolution/merged_input:0", "net_1/bn_1/batchnorm/sub:0")
})");
  model.Float("net_1/conv_1/convolution/merged_input:0", {10, 100, 1, 1});
  model.Float("net_1/bn_1/batchnorm/sub:0", {10});
  const FrameworkOf framework(model);
  EXPECT_EQ(framework.trainable(), 1'000u + 10 + 10);
  EXPECT_EQ(framework.statistics(), 20u);
}

// x * Rsqrt is the first product and mean * Rsqrt the second: "mul" and "mul_1"
TEST(TensorflowFramework, WithoutGammaAndBetaNeitherConstantIsAWeight) {
  ExportedModel model(R"(<ir_version: 8, opset_import: ["": 15], producer_name: "tf2onnx">
g (float[1, 100] x) => (float[1, 10] y) {
  ["net_1/dense_1/MatMul"] m = MatMul (x, "net_1/dense_1/Cast/ReadVariableOp:0")
  ["net_1/bn_1/batchnorm/mul"] s = Mul (m, "net_1/bn_1/batchnorm/Rsqrt:0")
  ["net_1/bn_1/batchnorm/add_1"] y = Add (s, "net_1/bn_1/batchnorm/mul_1:0")
})");
  model.Float("net_1/dense_1/Cast/ReadVariableOp:0", {100, 10});
  model.Float("net_1/bn_1/batchnorm/Rsqrt:0", {10}).Float("net_1/bn_1/batchnorm/mul_1:0", {10});
  const FrameworkOf framework(model);
  EXPECT_EQ(framework.trainable(), 1'000u);
  EXPECT_EQ(framework.statistics(), 20u);
}

TEST(TensorflowFramework, WithoutAGammaTheScaleIsNoWeight) {
  ExportedModel model(R"(<ir_version: 8, opset_import: ["": 15], producer_name: "tf2onnx">
g (float[1, 100] x) => (float[1, 10] y) {
  ["net_1/dense_1/MatMul"] m = MatMul (x, "net_1/dense_1/Cast/ReadVariableOp:0")
  ["net_1/bn_1/batchnorm/mul"] s = Mul (m, "net_1/bn_1/batchnorm/Rsqrt:0")
  ["net_1/bn_1/batchnorm/add_1"] y = Add (s, "net_1/bn_1/batchnorm/sub:0")
})");
  model.Float("net_1/dense_1/Cast/ReadVariableOp:0", {100, 10});
  model.Float("net_1/bn_1/batchnorm/Rsqrt:0", {10}).Float("net_1/bn_1/batchnorm/sub:0", {10});
  const FrameworkOf framework(model);
  EXPECT_EQ(framework.trainable(), 1'010u);
  EXPECT_EQ(framework.statistics(), 20u);
}

TEST(TensorflowFramework, TrainingModeStoresNoMovingStatistics) {
  ExportedModel model(R"(<ir_version: 8, opset_import: ["": 15], producer_name: "tf2onnx">
g (float[4, 100] x) => (float[4, 10] y) {
  ["net_1/dense_1/MatMul"] m = MatMul (x, "net_1/dense_1/Cast/ReadVariableOp:0")
  ["net_1/dense_1/BiasAdd"] d = Add (m, "net_1/dense_1/BiasAdd/ReadVariableOp:0")
  ["net_1/bn_1/moments/mean"] a = ReduceMean <axes = [0]> (d)
  ["net_1/bn_1/moments/sub"] c = Sub (d, a)
  ["net_1/bn_1/moments/sq"] q = Mul (c, c)
  ["net_1/bn_1/moments/variance"] v = ReduceMean <axes = [0]> (q)
  ["net_1/bn_1/batchnorm/add"] e = Add (v, eps)
  ["net_1/bn_1/batchnorm/Rsqrt"] r = Sqrt (e)
  ["net_1/bn_1/batchnorm/Rsqrt__9"] i = Reciprocal (r)
  ["net_1/bn_1/batchnorm/mul"] g = Mul (i, "net_1/bn_1/Cast_2/ReadVariableOp:0")
  ["net_1/bn_1/batchnorm/mul_2"] n = Mul (a, g)
  ["net_1/bn_1/batchnorm/sub"] o = Sub ("net_1/bn_1/Cast_3/ReadVariableOp:0", n)
  ["net_1/bn_1/batchnorm/mul_1"] s = Mul (d, g)
  ["net_1/bn_1/batchnorm/add_1"] y = Add (s, o)
})");
  model.Float("net_1/dense_1/Cast/ReadVariableOp:0", {100, 10});
  model.Float("net_1/dense_1/BiasAdd/ReadVariableOp:0", {10}).Float("eps", {1});
  model.Float("net_1/bn_1/Cast_2/ReadVariableOp:0", {10});
  model.Float("net_1/bn_1/Cast_3/ReadVariableOp:0", {10});
  ExpectTheNotebooksCount(model);
}

TEST(TensorflowFramework, Tf2onnxsOwnFoldingMarksTheBias) {
  ExportedModel model(R"(<ir_version: 8, opset_import: ["": 15], producer_name: "tf2onnx">
g (float[1, 2, 4, 4] x) => (float[1, 6, 4, 4] y) {
  ["net/conv/Conv2D"] y = Conv (x, "net/conv/Conv2D_weights_fused_bn", "net/conv/Conv2D_bias_fused_bn")
})");
  model.Float("net/conv/Conv2D_weights_fused_bn", {6, 2, 3, 3});
  model.Float("net/conv/Conv2D_bias_fused_bn", {6});
  const FrameworkOf framework(model);
  EXPECT_EQ(framework.trainable(), 108u + 12);
  EXPECT_EQ(framework.statistics(), 12u);
}

TEST(TensorflowFramework, TheRecurrentBiasOfOnnxIsPadding) {
  ExportedModel model(R"(<ir_version: 8, opset_import: ["": 15], producer_name: "tf2onnx">
g (float[5, 1, 3] x) => (float[5, 1, 1, 2] y) {
  ["LSTM__9"] y = LSTM <hidden_size = 2> (x, W__1, R__2, B__3)
})");
  model.Float("W__1", {1, 8, 3}).Float("R__2", {1, 8, 2}).Float("B__3", {1, 16});
  EXPECT_EQ(FrameworkOf(model).trainable(), 24u + 16 + 8);
}

TEST(TensorflowFramework, ATableReadBothWaysIsStoredTwice) {
  ExportedModel model(R"(<ir_version: 8, opset_import: ["": 15], producer_name: "tf2onnx">
g (int64[5] x) => (float[5, 50] y) {
  ["net_1/tok_1/GatherV2"] e = Gather ("net_1/tok_1/GatherV2/ReadVariableOp:0", x)
  ["net_1/out_1/MatMul"] d = MatMul (e, "net_1/out_1/Cast/ReadVariableOp:0")
  ["net_1/tok_3/Tensordot/MatMul"] y = MatMul (d, "net_1/tok_3/transpose:0")
})");
  model.Float("net_1/tok_1/GatherV2/ReadVariableOp:0", {50, 4});
  model.Float("net_1/out_1/Cast/ReadVariableOp:0", {4, 4});
  model.Float("net_1/tok_3/transpose:0", {4, 50});
  EXPECT_EQ(FrameworkOf(model).trainable(), 200u + 16);
}

TEST(KerasTorchFramework, TheVarianceIsHiddenInTheScale) {
  ExportedModel model(R"(<ir_version: 8, opset_import: ["": 17], producer_name: "pytorch">
g (float[1, 100] x) => (float[1, 10] y) {
  ["/m/MatMul"] m = MatMul (x, "onnx::MatMul_11")
  ["/m/Add"] d = Add (m, "onnx::Add_12")
  ["/m/Sub"] c = Sub (d, "onnx::Sub_13")
  ["/m/Mul"] s = Mul (c, "onnx::Mul_14")
  ["/m/Add_1"] y = Add (s, "onnx::Add_15")
})");
  model.Float("onnx::MatMul_11", {100, 10}).Float("onnx::Add_12", {10});
  model.Float("onnx::Sub_13", {1, 10})
      .Float("onnx::Mul_14", {1, 10})
      .Float("onnx::Add_15", {1, 10});
  ExpectTheNotebooksCount(model);
}

TEST(KerasTorchFramework, TrainingModeStoresNoMovingStatistics) {
  ExportedModel model(R"(<ir_version: 8, opset_import: ["": 17], producer_name: "pytorch">
g (float[4, 100] x) => (float[4, 10] y) {
  ["/m/MatMul"] m = MatMul (x, "m._torch_params.net/dense/kernel")
  ["/m/Add"] d = Add (m, "m._torch_params.net/dense/bias")
  ["/m/Mean"] a = ReduceMean <axes = [0]> (d)
  ["/m/Sub"] c = Sub (d, a)
  ["/m/Mul"] s = Mul (c, "m._torch_params.net/batch_normalization/gamma")
  ["/m/Add_1"] y = Add (s, "m._torch_params.net/batch_normalization/beta")
})");
  model.Float("m._torch_params.net/dense/kernel", {100, 10});
  model.Float("m._torch_params.net/dense/bias", {10});
  model.Float("m._torch_params.net/batch_normalization/gamma", {10});
  model.Float("m._torch_params.net/batch_normalization/beta", {10});
  ExpectTheNotebooksCount(model);
}

}  // namespace
}  // namespace hoarfrost::roles
