// Module paths out of names, by each exporter's own spelling.
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "model/layer_folded_bn.h"
#include "model/layer_paths.h"

namespace hoarfrost::model {
namespace {

TEST(TorchScriptPath, AChildOfAContainerRepeatsTheContainer) {
  EXPECT_EQ(TorchScriptModulePath("/layer1/layer1.0/conv1/Conv"), "layer1.0.conv1");
  EXPECT_EQ(TorchScriptModulePath("/bert/encoder/layer.0/attention/self/query/MatMul"),
            "bert.encoder.layer.0.attention.self.query");
  EXPECT_EQ(TorchScriptModulePath("/features/features.1/features.1.2/Relu_1"), "features.1.2");
}

TEST(TorchScriptPath, ANodeOfTheRootModuleHasTheEmptyPath) {
  EXPECT_EQ(TorchScriptModulePath("/Add"), "");
}

TEST(TorchScriptPath, ANumberedNodeHasNone) {
  EXPECT_EQ(TorchScriptModulePath("Unsqueeze_18"), std::nullopt);
  EXPECT_EQ(TorchScriptModulePath(""), std::nullopt);
  EXPECT_EQ(TorchScriptModulePath("/"), std::nullopt);
}

TEST(StateDictPath, TheLeafGoes) {
  EXPECT_EQ(StateDictModulePath("layer1.0.bn1.running_mean"), "layer1.0.bn1");
  EXPECT_EQ(StateDictModulePath("fc.weight"), "fc");
  EXPECT_EQ(StateDictModulePath("dense/kernel"), "dense");
}

TEST(StateDictPath, ABareOrMadeUpNameHasNoModule) {
  for (const char* name : {"cls_token", "onnx::MatMul_12", "/embed/Constant_output_0", "const_3",
                           "", "p2o.pd_op.reshape.0.0", ".weight", "weight."}) {
    EXPECT_EQ(StateDictModulePath(name), std::nullopt) << name;
  }
}

TEST(StateDictPath, WhatToolsAddIsTakenOff) {
  EXPECT_EQ(StateDictModulePath("fc1.weight_quantized"), "fc1");
  EXPECT_EQ(StateDictModulePath("fc1.weight_zero_point"), "fc1");
  EXPECT_EQ(StateDictModulePath("ConvBnFusion_W_conv1.weight"), "conv1");
  EXPECT_EQ(StateDictModulePath("ConvBnFusion_BN_B_bn1.bias_quantized"), "bn1");
}

TEST(StateDictPath, KerasVariablesKeepTheirLayer) {
  EXPECT_EQ(StateDictModulePath("m._functional._torch_params.sequential/dense_1/kernel"),
            "sequential/dense_1");
}

TEST(UnderscorePath, OnlyTheWordsOfFrameworksAreLeaves) {
  EXPECT_EQ(UnderscoreModulePath("stage1_conv1_weight"), "stage1_conv1");
  EXPECT_EQ(UnderscoreModulePath("bn0_moving_mean"), "bn0");
  EXPECT_EQ(UnderscoreModulePath("position_ids"), std::nullopt);
  EXPECT_EQ(UnderscoreModulePath("_weight"), std::nullopt);
}

TEST(TensorflowPath, OperationsAtTheEndGo) {
  EXPECT_EQ(TensorflowLayerPath("sequential/dense/MatMul/ReadVariableOp:0", false),
            "sequential/dense");
  EXPECT_EQ(TensorflowLayerPath("sequential/conv2d/Conv2D_weights_fused_bn", false),
            "sequential/conv2d");
  EXPECT_EQ(TensorflowLayerPath("model/bn_Conv1/batchnorm/mul_1__174", false), "model/bn_Conv1");
  EXPECT_EQ(TensorflowLayerPath("StatefulPartitionedCall/model/conv1/Conv2D", false),
            "model/conv1");
}

TEST(TensorflowPath, Keras2KeepsItsDigits) {
  EXPECT_EQ(TensorflowLayerPath("net_96/Conv_1/Conv2D/ReadVariableOp:0", false), "net_96/Conv_1");
}

TEST(TensorflowPath, Keras3DropsExactlyOneNumberOfEachSegment) {
  EXPECT_EQ(TensorflowLayerPath("sequential_1/dense_1/Cast/ReadVariableOp:0", true),
            "sequential/dense");
  EXPECT_EQ(TensorflowLayerPath("functional_1_1/dense_1_2/BiasAdd/ReadVariableOp:0", true),
            "functional_1/dense_1");
}

TEST(TensorflowPath, ALayerCalledLikeAnOperationStays) {
  EXPECT_EQ(TensorflowLayerPath("functional_1/add_1_2/Add", true), "functional/add_1");
  EXPECT_EQ(TensorflowLayerPath("sequential_1/embedding_1/add:0", true), "sequential/embedding");
  EXPECT_EQ(TensorflowLayerPath("sequential_1/separable_conv2d_1/Squeeze:0", true),
            "sequential/separable_conv2d");
  EXPECT_EQ(TensorflowLayerPath(
                "sequential_1/separable_conv2d_1/separable_conv2d/ReadVariableOp_1:0", true),
            "sequential/separable_conv2d");
}

TEST(TensorflowPath, ANameWithoutScopesHasNone) {
  EXPECT_EQ(TensorflowLayerPath("const_fold_opt__208", true), std::nullopt);
  EXPECT_EQ(TensorflowLayerPath("W0__710", true), std::nullopt);
}

TEST(Keras3Scope, IsToldByNumberAndRead) {
  EXPECT_TRUE(IsKeras3Scope("sequential_1/dense_1/Cast/ReadVariableOp:0"));
  EXPECT_TRUE(IsKeras3Scope("net_1/conv_1/convolution/ReadVariableOp:0"));
  EXPECT_FALSE(IsKeras3Scope("sequential/dense/MatMul/ReadVariableOp:0"));
  EXPECT_FALSE(IsKeras3Scope("net_96/Conv_1/Conv2D/ReadVariableOp:0"));
}

TEST(NodeName, NamesALayerUnlessItIsANumberedOperator) {
  EXPECT_EQ(NodeNamePath("dense", "Gemm"), "dense");
  EXPECT_EQ(NodeNamePath("dense/MatMul", "MatMul"), "dense");
  EXPECT_EQ(NodeNamePath("dense/BiasAdd", "Add"), "dense");
  EXPECT_EQ(NodeNamePath("/pw/Conv", "Conv"), "pw");
  for (const char* name : {"", "Conv_12", "node_Conv_3", "conv1", "Conv.0", "n7", "42"}) {
    EXPECT_EQ(NodeNamePath(name, "Conv"), std::nullopt) << name;
  }
}

TEST(FoldedBatchNorm, StandsBesideItsConvolution) {
  EXPECT_EQ(BatchNormBeside("features.0"), "features.1");
  EXPECT_EQ(BatchNormBeside("3"), "4");
  EXPECT_EQ(BatchNormBeside("layer1.0.conv2"), "layer1.0.bn2");
  EXPECT_EQ(BatchNormBeside("conv"), "bn");
  EXPECT_EQ(BatchNormBeside("layer1.conv_dw"), std::nullopt);
  EXPECT_EQ(BatchNormBeside("stem.proj"), std::nullopt);
}

}  // namespace
}  // namespace hoarfrost::model
