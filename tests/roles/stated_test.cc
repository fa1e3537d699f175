// What a file states of its tensors: PyTorch's export signature, training_info, annotations.
#include "roles/stated.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "roles/roles_of.h"

namespace hoarfrost::roles {
namespace {

constexpr char kFoldedFrom[] = "pkg.onnxscript.optimizer.folded_from";
constexpr char kInputKind[] = "pkg.torch.export.graph_signature.InputSpec.kind";

void Put(google::protobuf::RepeatedPtrField<onnx::StringStringEntryProto>* props, std::string key,
         std::string value) {
  onnx::StringStringEntryProto& entry = *props->Add();
  entry.set_key(std::move(key));
  entry.set_value(std::move(value));
}

void PutSignature(onnx::ModelProto& model, std::string lines) {
  Put(model.mutable_graph()->mutable_metadata_props(),
      "pkg.torch.export.ExportedProgram.graph_signature",
      "\n# inputs\n" + std::move(lines) + "x: USER_INPUT\n\n# outputs\ny: USER_OUTPUT\n");
}

void PutOnValue(onnx::ModelProto& model, std::string name, std::string key, std::string value) {
  onnx::ValueInfoProto& info = *model.mutable_graph()->add_value_info();
  info.set_name(std::move(name));
  Put(info.mutable_metadata_props(), std::move(key), std::move(value));
}

onnx::ModelProto Traced() {
  onnx::ModelProto model = testing::ParseModel(R"(<ir_version: 10, opset_import: ["": 18]>
g (float[N, 4] x) => (float[N, 4] y)
<float[4, 4] "fc.weight", float[4] scale, float[4] val_1, float[4] val_2, float[4] val_3,
 float[4, 4] spare, int64[2] val_4> {
  a = MatMul(x, "fc.weight")
  b = Mul(a, scale)
  c = Add(b, val_1)
  d = Add(c, val_2)
  e = Add(d, val_3)
  y = Reshape(e, val_4)
})");
  PutSignature(model,
               "p_fc_weight: PARAMETER target='fc.weight'\n"
               "p_fc_bias: PARAMETER target='fc.bias'\n"
               "p_spare: PARAMETER target='spare'\n"
               "b_scale: BUFFER target='scale' persistent=True\n"
               "b_offset: BUFFER target='offset' persistent=True\n");
  for (onnx::NodeProto& node : *model.mutable_graph()->mutable_node()) {
    Put(node.mutable_metadata_props(), "pkg.torch.onnx.fx_node", "%a : call_function");
  }
  PutOnValue(model, "fc.weight", kInputKind, "PARAMETER");
  PutOnValue(model, "scale", kInputKind, "BUFFER");
  PutOnValue(model, "val_1", kFoldedFrom, "['fc.bias', 'val_0']");
  PutOnValue(model, "val_2", kFoldedFrom, "['offset']");
  PutOnValue(model, "val_4", kFoldedFrom, "['fc.bias', 'val_9']");
  return model;
}

TEST(Stated, TheSignatureTellsParametersBuffersAndWhatWasFolded) {
  const RolesOf roles(Traced());
  EXPECT_EQ(roles.Said("fc.weight"), "weight stated");
  EXPECT_EQ(roles.Said("scale"), "constant stated");
  EXPECT_EQ(roles.Said("val_1"), "weight stated");
  EXPECT_EQ(roles.Text("val_1"), "the exporter folded it from the parameter 'fc.bias'");
  EXPECT_EQ(roles.Said("val_2"), "constant stated");
}

TEST(Stated, WhatTheSignatureDoesNotListIsNoParameter) {
  const RolesOf roles(Traced());
  EXPECT_EQ(roles.Said("val_3"), "constant stated");
}

// a quantizer's nodes carry no note of the exporter, and neither do the tensors it made
TEST(Stated, WhatAnotherToolPutInIsJudgedByItsUse) {
  onnx::ModelProto model = Traced();
  onnx::GraphProto& graph = *model.mutable_graph();
  graph.mutable_node(1)->set_input(1, "dequantized");
  onnx::NodeProto& dequantize = *graph.add_node();
  dequantize.set_op_type("DequantizeLinear");
  for (const char* input : {"fc.bias_quantized", "fc.bias_quantized_scale"}) {
    dequantize.add_input(input);
    onnx::TensorProto& tensor = *graph.add_initializer();
    tensor.set_name(input);
    const bool scale = dequantize.input_size() == 2;
    tensor.set_data_type(scale ? onnx::TensorProto::FLOAT : onnx::TensorProto::INT32);
    for (int i = 0; i < (scale ? 1 : 4); ++i) {
      scale ? tensor.add_float_data(1.0F) : tensor.add_int32_data(i + 1);
    }
    if (!scale) tensor.add_dims(4);
  }
  dequantize.add_output("dequantized");
  const RolesOf roles(model);
  EXPECT_EQ(roles.Role("fc.bias_quantized"), "weight");
  EXPECT_EQ(roles.Said("fc.bias_quantized_scale"), "quantization operator");
  EXPECT_EQ(roles.Said("val_3"), "constant stated");
}

// optimizers drop all metadata; what is left of the exporter are the names of its nodes
TEST(Stated, AnUnnamedScaleOfANormalisationIsNoWeightForSure) {
  onnx::ModelProto model = testing::ParseModel(
      R"(<ir_version: 10, opset_import: ["": 20], producer_name: "pytorch">
g (float[N, 4, 8] x) => (float[N, 4, 8] y)
<float[4] val_15, float[4] val_18, float[4] "norm.weight", float[4] "norm.bias"> {
  ["node_InstanceNormalization_19"] a = InstanceNormalization(x, val_15, val_18)
  ["node_InstanceNormalization_20"] y = InstanceNormalization(a, "norm.weight", "norm.bias")
})");
  const RolesOf roles(model);
  EXPECT_EQ(roles.Said("val_15"), "constant assumed");
  EXPECT_EQ(roles.Said("val_18"), "constant assumed");
  EXPECT_EQ(roles.Said("norm.weight"), "weight operator");
}

TEST(Stated, AParameterThatNothingReadsStaysAWeight) {
  const RolesOf roles(Traced());
  EXPECT_EQ(roles.Said("spare"), "weight stated");
  EXPECT_FALSE(roles["spare"].used);
}

TEST(Stated, TheShapeOfAParameterIsNoParameter) {
  const RolesOf roles(Traced());
  EXPECT_EQ(roles.Said("val_4"), "constant stated");
}

TEST(Stated, RunningStatisticsAreBuffersAndStatistics) {
  onnx::ModelProto model = testing::ParseModel(R"(<ir_version: 10, opset_import: ["": 18]>
g (float[N, 4] x) => (float[N, 4] y)
<float[4] "bn.weight", float[4] "bn.bias", float[4] "bn.running_mean", float[4] "bn.running_var"> {
  y = BatchNormalization(x, "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var")
})");
  PutSignature(model,
               "p_bn_weight: PARAMETER target='bn.weight'\n"
               "p_bn_bias: PARAMETER target='bn.bias'\n"
               "b_bn_running_mean: BUFFER target='bn.running_mean' persistent=True\n"
               "b_bn_running_var: BUFFER target='bn.running_var' persistent=True\n");
  const RolesOf roles(model);
  EXPECT_EQ(roles.Said("bn.weight"), "weight stated");
  EXPECT_EQ(roles.Said("bn.running_mean"), "statistic stated");
  EXPECT_EQ(roles.Said("bn.running_var"), "statistic stated");
}

TEST(Stated, AWeightThatBatchNormalizationWasFusedInto) {
  onnx::ModelProto model = testing::ParseModel(R"(<ir_version: 10, opset_import: ["": 18]>
g (float[N, 3, 4] x) => (float[N, 2, 4] y)
<float[2, 3, 1] "conv.weight", float[2] "conv.weight_bias", float[2, 2, 1] "last.weight"> {
  h = Conv(x, "conv.weight", "conv.weight_bias")
  y = Conv(h, "last.weight")
})");
  PutSignature(model,
               "p_conv_weight: PARAMETER target='conv.weight'\n"
               "p_last_weight: PARAMETER target='last.weight'\n");
  PutOnValue(model, "last.weight", kInputKind, "PARAMETER");
  Put(model.mutable_graph()->mutable_node(0)->mutable_metadata_props(),
      "pkg.onnxscript.rewriter.rule_name", "FuseBatchNormIntoConv");
  const RolesOf roles(model);
  EXPECT_EQ(roles.Said("conv.weight"), "weight stated");
  EXPECT_EQ(roles.Said("conv.weight_bias"), "weight stated");
  EXPECT_EQ(roles.Text("conv.weight_bias"), "the exporter fused a BatchNormalization into it");
}

// Keras's torch backend: the parameters that the signature lists are read by nothing, and copies of
// them come as constants of the traced program.
TEST(Stated, ASignatureOfParametersThatTheFileDoesNotHoldIsNotBelieved) {
  onnx::ModelProto model = testing::ParseModel(R"(<ir_version: 10, opset_import: ["": 18]>
g (float[N, 4] x) => (float[N, 3] y)
<float[4, 3] lifted_tensor_0, float[3] lifted_tensor_1, float[1, 3] zeros_like> {
  a = MatMul(x, lifted_tensor_0)
  b = Add(a, lifted_tensor_1)
  y = Add(b, zeros_like)
})");
  PutSignature(model,
               "p_params_dense_kernel: PARAMETER target='_torch_params.dense/kernel'\n"
               "c_lifted_tensor_0: CONSTANT_TENSOR target='lifted_tensor_0'\n"
               "c_lifted_tensor_1: CONSTANT_TENSOR target='lifted_tensor_1'\n");
  PutOnValue(model, "lifted_tensor_0", kInputKind, "CONSTANT_TENSOR");
  PutOnValue(model, "lifted_tensor_1", kInputKind, "CONSTANT_TENSOR");
  PutOnValue(model, "zeros_like", kFoldedFrom, "['lifted_tensor_1', 'val_3']");
  const RolesOf roles(model);
  EXPECT_EQ(roles.Said("lifted_tensor_0"), "weight pattern");
  EXPECT_EQ(roles.Said("lifted_tensor_1"), "weight pattern");
  EXPECT_EQ(roles.Said("zeros_like"), "constant name");
}

TEST(Stated, TrainingInfoUpdatesWeightsAndKeepsItsOwnState) {
  onnx::ModelProto model = testing::ParseModel(R"(<ir_version: 10, opset_import: ["": 18]>
g (float[N, 4] x) => (float[N, 3] y) <float[4, 3] w> { y = MatMul(x, w) })");
  onnx::TrainingInfoProto& info = *model.add_training_info();
  onnx::GraphProto& step = *info.mutable_algorithm();
  step.set_name("step");
  onnx::TensorProto& momentum = *step.add_initializer();
  momentum.set_name("v");
  momentum.set_data_type(onnx::TensorProto::FLOAT);
  momentum.add_dims(4);
  momentum.add_dims(3);
  onnx::NodeProto& node = *step.add_node();
  node.set_op_type("Sub");
  node.add_input("w");
  node.add_input("v");
  node.add_output("w_new");
  onnx::StringStringEntryProto& binding = *info.add_update_binding();
  binding.set_key("w");
  binding.set_value("w_new");
  const RolesOf roles(model);
  EXPECT_EQ(roles.Said("w"), "weight stated");
  EXPECT_EQ(roles.Said("v", "training_info[0].algorithm"), "constant stated");
}

TEST(Stated, QuantizationAnnotationNamesScales) {
  onnx::ModelProto model = testing::ParseModel(R"(<ir_version: 10, opset_import: ["": 18]>
g (float[N, 4] x) => (float[N, 3] y) <float[4, 3] w, float w_scale, int8 w_zp> {
  y = MatMul(x, w)
})");
  onnx::TensorAnnotation& a = *model.mutable_graph()->add_quantization_annotation();
  a.set_tensor_name("w");
  onnx::StringStringEntryProto& scale = *a.add_quant_parameter_tensor_names();
  scale.set_key("SCALE_TENSOR");
  scale.set_value("w_scale");
  onnx::StringStringEntryProto& zero = *a.add_quant_parameter_tensor_names();
  zero.set_key("ZERO_POINT_TENSOR");
  zero.set_value("w_zp");
  const RolesOf roles(model);
  EXPECT_EQ(roles.Said("w_scale"), "quantization stated");
  EXPECT_EQ(roles.Said("w_zp"), "quantization stated");
  EXPECT_TRUE(roles["w_zp"].used);
}

}  // namespace
}  // namespace hoarfrost::roles
