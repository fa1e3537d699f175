// Roles that the operator's definition gives directly.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "roles/roles_of.h"

namespace hoarfrost::roles {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Operator, GemmAndBatchNormalizationOfTheNotebook) {
  const RolesOf roles(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[N, 100] x) => (float[N, 10] y)
<float[100, 10] w, float[10] b, float[10] scale, float[10] bias, float[10] mean, float[10] var> {
  [dense] h = Gemm(x, w, b)
  [bn] y = BatchNormalization(h, scale, bias, mean, var)
})");
  EXPECT_EQ(roles.Said("w"), "weight operator");
  EXPECT_EQ(roles.Said("b"), "weight operator");
  EXPECT_EQ(roles.Said("scale"), "weight operator");
  EXPECT_EQ(roles.Said("bias"), "weight operator");
  EXPECT_EQ(roles.Said("mean"), "statistic operator");
  EXPECT_EQ(roles.Said("var"), "statistic operator");
  EXPECT_EQ(roles.Text("mean"), "input 3 (input_mean) of BatchNormalization node 'bn'");
  EXPECT_TRUE(roles["mean"].used);
}

TEST(Operator, BatchNormalizationOfEveryOpset) {
  for (const int opset : {1, 6, 7, 8, 9, 13, 14, 15, 20}) {
    const RolesOf roles("<ir_version: 8, opset_import: [\"\": " + std::to_string(opset) + R"(]>
g (float[N, 4] x) => (float[N, 4] y)
<float[4] s, float[4] b, float[4] mean, float[4] var> {
  y = BatchNormalization(x, s, b, mean, var)
})");
    EXPECT_EQ(roles.Said("s"), "weight operator") << opset;
    EXPECT_EQ(roles.Said("b"), "weight operator") << opset;
    EXPECT_EQ(roles.Said("mean"), "statistic operator") << opset;
    EXPECT_EQ(roles.Said("var"), "statistic operator") << opset;
    EXPECT_EQ(roles.Text("var"), opset < 14 ? "input 4 (var) of BatchNormalization[0]"
                                            : "input 4 (input_var) of BatchNormalization[0]");
  }
}

TEST(Operator, BatchNormalizationInTrainingModeUpdatesStatistics) {
  const RolesOf roles(R"(<ir_version: 8, opset_import: ["": 15]>
g (float[N, 4] x) => (float[N, 4] y, float[4] m, float[4] v)
<float[4] s, float[4] b, float[4] mean, float[4] var> {
  y, m, v = BatchNormalization <training_mode = 1> (x, s, b, mean, var)
})");
  EXPECT_EQ(roles.Said("mean"), "statistic operator");
  EXPECT_EQ(roles.Said("var"), "statistic operator");
}

// Opset 1 and 6: "mean ... must be in-place with the input".
TEST(Operator, BatchNormalizationThatWritesItsStatisticsInPlace) {
  const RolesOf roles(R"(<ir_version: 3, opset_import: ["": 6]>
g (float[N, 4] x, float[4] s, float[4] b, float[4] mean, float[4] var) => (float[N, 4] y)
<float[4] s = {1, 1, 1, 1}, float[4] b = {0, 0, 0, 0}, float[4] mean = {0, 0, 0, 0},
 float[4] var = {1, 1, 1, 1}> {
  y, mean, var, sm, sv = BatchNormalization(x, s, b, mean, var)
})");
  EXPECT_EQ(roles.Said("s"), "weight operator");
  EXPECT_EQ(roles.Said("mean"), "statistic operator");
}

TEST(Operator, ConvolutionsAndNormalisations) {
  const RolesOf roles(R"(<ir_version: 10, opset_import: ["": 23]>
g (float[N, 4, 8] x) => (float[N, 4, 8] y)
<float[4, 4, 3] w, float[4] b, float[4] is, float[4] ib, float[4] gs, float[4] gb,
 float[8] ls, float[8] lb, float[8] rs, float[4, 1] slope> {
  a = Conv <pads = [1, 1]> (x, w, b)
  c = InstanceNormalization(a, is, ib)
  d = GroupNormalization <num_groups = 2> (c, gs, gb)
  e = LayerNormalization(d, ls, lb)
  f = RMSNormalization(e, rs)
  y = PRelu(f, slope)
})");
  for (const char* name : {"w", "b", "is", "ib", "gs", "gb", "ls", "lb", "rs", "slope"}) {
    EXPECT_EQ(roles.Said(name), "weight operator") << name;
  }
}

TEST(Operator, RecurrentWeightsAreWeightsAndInitialStatesAreNot) {
  const RolesOf roles(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[5, 2, 4] x) => (float[5, 1, 2, 3] y)
<float[1, 12, 4] w, float[1, 12, 3] r, float[1, 24] b, float[1, 2, 3] h0, float[1, 2, 3] c0,
 float[1, 9] p> {
  y = LSTM <hidden_size = 3> (x, w, r, b, "", h0, c0, p)
})");
  for (const char* name : {"w", "r", "b", "p"}) EXPECT_EQ(roles.Said(name), "weight operator");
  EXPECT_EQ(roles.Said("h0"), "constant assumed");
  EXPECT_EQ(roles.Said("c0"), "constant assumed");
}

TEST(Operator, ShapesAxesLimitsAndIndicesAreConstants) {
  const RolesOf roles(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[4, 4] x) => (float[2, 2] y)
<int64[2] shape, float lo, float hi, int64[1] st, int64[1] en, int64[2] idx, float two> {
  a = Reshape(x, shape)
  b = Clip(a, lo, hi)
  c = Slice(b, st, en)
  d = Gather(c, idx)
  y = Pow(d, two)
})");
  for (const char* name : {"shape", "lo", "hi", "st", "en", "idx"}) {
    EXPECT_EQ(roles.Said(name), "constant operator") << name;
  }
  EXPECT_EQ(roles.Said("two"), "constant assumed");  // pooling by a power may learn it
}

TEST(Operator, QuantizationParametersOfEveryKind) {
  const RolesOf roles(R"(<ir_version: 10, opset_import: ["": 21]>
g (uint8[1, 3, 4, 4] x) => (uint8[1, 2, 4, 4] y)
<float xs, uint8 xz, int8[2, 3, 1, 1] w, float[2] ws, int8[2] wz, float ys, uint8 yz,
 int32[2] b> {
  y = QLinearConv(x, xs, xz, w, ws, wz, ys, yz, b)
})");
  for (const char* name : {"xs", "xz", "ws", "wz", "ys", "yz"}) {
    EXPECT_EQ(roles.Said(name), "quantization operator") << name;
  }
  EXPECT_EQ(roles.Said("w"), "weight operator");
  EXPECT_EQ(roles.Said("b"), "weight operator");
}

TEST(Operator, PackedWeightsSayHowManyTheyAre) {
  const RolesOf roles(R"(<ir_version: 10, opset_import: ["": 21, "com.microsoft": 1]>
g (float[N, 64] x) => (float[N, 10] y)
<uint8[10, 2, 16] w, float[20] scales, uint8[10] zp, float[10] bias> {
  y = com.microsoft.MatMulNBits <K = 64, N = 10, bits = 4, block_size = 32> (x, w, scales, zp, "", bias)
})");
  EXPECT_EQ(roles.Said("w"), "weight operator");
  EXPECT_EQ(roles["w"].logical_elements, 640u);
  EXPECT_EQ(roles.Said("scales"), "quantization operator");
  EXPECT_EQ(roles.Said("zp"), "quantization operator");
  EXPECT_EQ(roles.Said("bias"), "weight operator");
  EXPECT_FALSE(roles["bias"].logical_elements.has_value());
}

TEST(Operator, FusedOperatorsOfOnnxRuntime) {
  const RolesOf roles(R"(<ir_version: 10, opset_import: ["": 21, "com.microsoft": 1]>
g (float[N, 5, 8] x) => (float[N, 5, 8] y)
<float[8, 24] w, float[24] b, float[8] gamma, float[8] beta, float[8] skip, float[8] gelu> {
  a = com.microsoft.Attention <num_heads = 2> (x, w, b)
  s = com.microsoft.SkipLayerNormalization(a, x, gamma, beta, skip)
  y = com.microsoft.BiasGelu(s, gelu)
})");
  for (const char* name : {"w", "b", "gamma", "beta", "skip", "gelu"}) {
    EXPECT_EQ(roles.Said(name), "weight operator") << name;
  }
}

TEST(Operator, RotaryTablesAndClassWeightsAreComputedOnce) {
  const RolesOf roles(R"(<ir_version: 10, opset_import: ["": 23]>
g (float[1, 2, 6, 8] q, int64[1, 6] pos) => (float[1, 2, 6, 8] y)
<float[6, 4] c, float[6, 4] s> {
  y = RotaryEmbedding(q, c, s, pos)
})");
  EXPECT_EQ(roles.Said("c"), "constant operator");
  EXPECT_EQ(roles.Said("s"), "constant operator");
}

TEST(Operator, AnUnknownOperatorsFloatsAreAssumedWeightsAndItsIntegersConstants) {
  const RolesOf roles(R"(<ir_version: 8, opset_import: ["": 17, "my.domain": 1]>
g (float[N, 4] x) => (float[N, 4] y) <float[4, 4] p, int64[3] idx> {
  y = my.domain.FancyConv(x, p, idx)
})");
  EXPECT_EQ(roles.Said("p"), "weight assumed");
  EXPECT_EQ(roles.Said("idx"), "constant operator");
}

TEST(Operator, WhatNothingReadsIsUnusedAndAnOutputIsRead) {
  const RolesOf roles(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[N, 4] x) => (float[N, 3] y, float[3] table)
<float[4, 3] w, float[100, 100] dangling, float[3] table> {
  y = MatMul(x, w)
})");
  EXPECT_EQ(roles.Role("dangling"), "unused");
  EXPECT_FALSE(roles["dangling"].used);
  EXPECT_EQ(roles.Said("table"), "constant assumed");
  EXPECT_TRUE(roles["table"].used);
}

TEST(Operator, WeightsInConstantNodes) {
  const RolesOf roles(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[N, 1, 4, 4] x) => (float[N, 1, 4, 4] y) {
  s = Constant <value = float[1] {1.0}> ()
  b = Constant <value = float[1] {0.5}> ()
  m = Constant <value = float[1] {0.1}> ()
  v = Constant <value = float[1] {2.0}> ()
  y = BatchNormalization(x, s, b, m, v)
})");
  EXPECT_EQ(roles.Said("s"), "weight operator");
  EXPECT_EQ(roles.Said("m"), "statistic operator");
}

TEST(Operator, OneTensorWithTwoRolesIsTheStrongerAndNoted) {
  const RolesOf roles(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[N, 4] x) => (float[N, 4] y) <float[4] ones, float[4] zeros> {
  y = BatchNormalization(x, ones, zeros, zeros, ones)
})");
  EXPECT_EQ(roles.Said("ones"), "weight operator");
  EXPECT_EQ(roles.Said("zeros"), "weight operator");
  EXPECT_THAT(roles.notes(),
              ElementsAre("tensor 'ones' is read as weight and as statistic; counted as weight",
                          "tensor 'zeros' is read as weight and as statistic; counted as weight"));
}

TEST(Operator, NamesOfStrangersAreEscapedInReasons) {
  onnx::ModelProto model = testing::ParseModel(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[N, 4] x) => (float[N, 3] y) <float[4, 3] w, float[3] b> { y = Gemm(x, w, b) })");
  model.mutable_graph()->mutable_node(0)->set_name("a\x1b[31m");
  const RolesOf roles(model);
  EXPECT_EQ(roles.Text("b").find('\x1b'), std::string::npos);
  EXPECT_THAT(roles.notes(), IsEmpty());
}

}  // namespace
}  // namespace hoarfrost::roles
