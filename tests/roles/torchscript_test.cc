// PyTorch's TorchScript exporter: initializers are parameters or persistent buffers under their
// state_dict names; everything else is a Constant node.
#include <gtest/gtest.h>

#include "roles/names.h"
#include "roles/roles_of.h"

namespace hoarfrost::roles {
namespace {

RolesOf TorchScript(const std::string& text) {
  onnx::ModelProto model =
      testing::ParseModel("<ir_version: 8, opset_import: [\"\": 17]>\n" + text);
  model.set_producer_name("pytorch");
  return RolesOf(model);
}

TEST(TorchScript, AConstantNodeIsNoParameter) {
  const RolesOf roles = TorchScript(R"(
g (float[N, 3, 4, 4] x) => (float[N, 1, 4, 4] y) <float[1, 3, 1, 1] "conv.weight"> {
  k = Constant <value = float[3, 1, 1, 1] {1.0, 2.0, 3.0}> ()
  a = Conv <group = 3> (x, k)
  y = Conv(a, "conv.weight")
})");
  EXPECT_EQ(roles.Said("k"), "constant pattern");
  EXPECT_EQ(roles.Said("conv.weight"), "weight operator");
}

// an optimizer made an initializer of the first and folded an embedding into the second
TEST(TorchScript, AConstantNodeIsKnownByTheNameOfItsOutput) {
  const RolesOf roles = TorchScript(R"(
g (float[1, 6, 8] x) => (float[1, 6, 8] y) <float[1, 6, 8] "/enc/Constant_1_output_0"> {
  "/emb/Gather_output_0" = Constant <value = float[1, 1, 8] {1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0}> ()
  a = Add(x, "/emb/Gather_output_0")
  y = Add(a, "/enc/Constant_1_output_0")
})");
  EXPECT_EQ(roles.Said("/enc/Constant_1_output_0"), "constant pattern");
  EXPECT_EQ(roles.Said("/emb/Gather_output_0"), "weight assumed");
}

TEST(TorchScript, AQuantizersZeroPointIsNoBufferOfTheModule) {
  const RolesOf roles = TorchScript(R"(
g (float[N, 3] x) => (float[N, 3] y)
<int32[3] "fc.bias_quantized", float s, int32 "fc.bias_quantized_zero_point"> {
  b = DequantizeLinear("fc.bias_quantized", s, "fc.bias_quantized_zero_point")
  y = Add(x, b)
})");
  EXPECT_EQ(roles.Said("fc.bias_quantized_zero_point"), "quantization operator");
}

TEST(TorchScript, AQuantizedWeightIsAConstantNodeAndAWeight) {
  const RolesOf roles = TorchScript(R"(
g (float[N, 2, 4, 4] x) => (float[N, 1, 4, 4] y) <float s, int8 z> {
  k = Constant <value = int8[1, 2, 1, 1] {1, 2}> ()
  w = DequantizeLinear(k, s, z)
  y = Conv(x, w)
})");
  EXPECT_EQ(roles.Said("k"), "weight traced");
}

TEST(TorchScript, ElementwiseOperandsGoByTheirNames) {
  const RolesOf roles = TorchScript(R"(
g (float[N, 6, 8] x) => (float[N, 6, 8] y)
<float[1, 6, 8] pos_embed, float[8] "ls1.gamma", float[6, 6] "attn.mask", float temperature> {
  a = Add(x, pos_embed)
  b = Mul(a, "ls1.gamma")
  c = MatMul("attn.mask", b)
  y = Div(c, temperature)
})");
  EXPECT_EQ(roles.Said("pos_embed"), "weight name");
  EXPECT_EQ(roles.Said("ls1.gamma"), "weight name");
  EXPECT_EQ(roles.Said("attn.mask"), "constant name");
  EXPECT_EQ(roles.Said("temperature"), "weight name");
}

// pooling by a learned power, as in image retrieval: mean(x^p)^(1/p)
TEST(TorchScript, AnExponentMayBeLearned) {
  const RolesOf roles = TorchScript(R"(
g (float[N, 6, 4, 4] x) => (float[N, 6, 1, 1] y) <float[1] p> {
  a = Pow(x, p)
  m = GlobalAveragePool(a)
  r = Reciprocal(p)
  y = Pow(m, r)
})");
  EXPECT_EQ(roles.Said("p"), "weight name");
}

TEST(TorchScript, TheInputIsNormalisedByBuffers) {
  const RolesOf roles = TorchScript(R"(
g (float[N, 3, 4, 4] x) => (float[N, 3, 4, 4] y)
<float[1, 3, 1, 1] mean, float[1, 3, 1, 1] std, float[3, 3, 1, 1] "conv.weight", float[1, 3, 1, 1] center> {
  a = Sub(x, mean)
  b = Div(a, std)
  c = Conv(b, "conv.weight")
  y = Sub(c, center)
})");
  EXPECT_EQ(roles.Said("mean"), "constant name");
  EXPECT_EQ(roles.Said("std"), "constant name");
  EXPECT_EQ(roles.Said("center"), "weight name");
}

TEST(TorchScript, FoldedInitializersAreAssumedWeights) {
  const RolesOf roles = TorchScript(R"(
g (float[1, 2, 4, 4] x) => (float[1, 2, 4, 4] y) <float[1, 2, 4, 4] "onnx::Add_12", float[1] "onnx::Add_13"> {
  a = Add(x, "onnx::Add_12")
  y = Add(a, "onnx::Add_13")
})");
  EXPECT_EQ(roles.Said("onnx::Add_12"), "weight assumed");
  EXPECT_EQ(roles.Said("onnx::Add_13"), "constant assumed");
}

TEST(TorchScript, AFilterUnderAFreeNameMayBeABuffer) {
  const RolesOf roles = TorchScript(R"(
g (float[N, 3, 4, 4] x) => (float[N, 3, 4, 4] y) <float[3, 1, 3, 3] "blur.taps"> {
  y = Conv <group = 3> (x, "blur.taps")
})");
  EXPECT_EQ(roles[std::string_view("blur.taps")].kind, ReasonKind::kName);
}

TEST(TorchScript, LinearLayersByTheModuleOfTheirBias) {
  const RolesOf roles = TorchScript(R"(
g (float[N, 6, 8] x) => (float[N, 6, 8] y)
<float[8, 8] "onnx::MatMul_7", float[8] "enc.fc.bias", float[8, 8] weight, float[8] bias> {
  ["/enc/fc/MatMul"] a = MatMul(x, "onnx::MatMul_7")
  ["/enc/fc/Add"] b = Add("enc.fc.bias", a)
  ["/MatMul"] c = MatMul(b, weight)
  ["/Add"] y = Add(c, bias)
})");
  EXPECT_EQ(roles.Said("onnx::MatMul_7"), "weight pattern");
  EXPECT_EQ(roles.Said("enc.fc.bias"), "weight pattern");
  EXPECT_EQ(roles.Said("weight"), "weight name");
  EXPECT_EQ(roles.Said("bias"), "weight name");
}

TEST(TorchScript, AFrozenBatchNormalizationHoldsBuffersOnly) {
  const RolesOf roles = TorchScript(R"(
g (float[N, 3] x) => (float[N, 3] y)
<float[3] "bn.weight", float[3] "bn.bias", float[3] "bn.running_mean", float[3] "bn.running_var"> {
  eps = Constant <value = float[1] {0.00001}> ()
  ve = Add("bn.running_var", eps)
  s = Sqrt(ve)
  r = Reciprocal(s)
  scale = Mul("bn.weight", r)
  ms = Mul("bn.running_mean", scale)
  shift = Sub("bn.bias", ms)
  xs = Mul(x, scale)
  y = Add(xs, shift)
})");
  EXPECT_EQ(roles.Said("bn.weight"), "constant pattern");
  EXPECT_EQ(roles.Said("bn.bias"), "constant pattern");
  EXPECT_EQ(roles.Said("bn.running_mean"), "statistic pattern");
  EXPECT_EQ(roles.Said("bn.running_var"), "statistic pattern");
}

TEST(TorchScript, AScaleAndAShiftMayBeAFrozenBatchNormalization) {
  const RolesOf roles = TorchScript(R"(
g (float[N, 3, 4, 4] x) => (float[N, 2, 4, 4] y)
<float[2, 3, 1, 1] "conv.weight", float[1, 2, 1, 1] "onnx::Mul_3", float[1, 2, 1, 1] "onnx::Add_5"> {
  a = Conv(x, "conv.weight")
  b = Mul(a, "onnx::Mul_3")
  y = Add(b, "onnx::Add_5")
})");
  EXPECT_EQ(roles.Said("onnx::Mul_3"), "weight assumed");
  EXPECT_EQ(roles.Said("onnx::Add_5"), "weight assumed");
}

TEST(Names, HintsAreTakenFromTheLastPart) {
  EXPECT_EQ(HintOf("layer1.0.conv1.weight"), NameHint::kParameter);
  EXPECT_EQ(HintOf("m/dense/BiasAdd/ReadVariableOp:0"), NameHint::kParameter);
  EXPECT_EQ(HintOf("bn.running_var"), NameHint::kStatistic);
  EXPECT_EQ(HintOf("sequential/batch_normalization/moving_mean"), NameHint::kStatistic);
  EXPECT_EQ(HintOf("rotary_emb.inv_freq"), NameHint::kBuffer);
  EXPECT_EQ(HintOf("zeros_like_12"), NameHint::kMade);
  EXPECT_EQ(HintOf("weightless"), NameHint::kNone);
  EXPECT_EQ(HintOf(""), NameHint::kNone);
}

TEST(Names, AnonymousNamesAreTheExportersOwn) {
  EXPECT_TRUE(IsAnonymous("onnx::Conv_12"));
  EXPECT_TRUE(IsAnonymous("123"));
  EXPECT_TRUE(IsAnonymous("val_4"));
  EXPECT_TRUE(IsAnonymous("/fc/Constant_1_output_0"));
  EXPECT_FALSE(IsAnonymous("val_loss"));
  EXPECT_FALSE(IsAnonymous("fc.weight"));
  EXPECT_FALSE(IsAnonymous(""));
}

}  // namespace
}  // namespace hoarfrost::roles
