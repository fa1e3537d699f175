// Layers that exporters write as arithmetic.
#include <gtest/gtest.h>

#include "roles/roles_of.h"

namespace hoarfrost::roles {
namespace {

constexpr char kHead[] = "<ir_version: 8, opset_import: [\"\": 17]>\n";

TEST(LinearPattern, MatrixAndBiasOfADenseLayer) {
  const RolesOf roles(std::string(kHead) + R"(
g (float[N, 6, 100] x) => (float[N, 6, 10] y) <float[100, 10] w, float[10] b> {
  h = MatMul(x, w)
  [add] y = Add(b, h)
})");
  EXPECT_EQ(roles.Said("w"), "weight pattern");
  EXPECT_EQ(roles.Said("b"), "weight pattern");
  EXPECT_EQ(roles.Text("b"),
            "bias added to the product of a learned layer: input 0 (A) of Add node 'add'");
}

TEST(LinearPattern, AMatrixAloneIsAssumed) {
  const RolesOf roles(std::string(kHead) + R"(
g (float[N, 100] x) => (float[N, 10] y) <float[100, 10] w> { y = MatMul(x, w) })");
  EXPECT_EQ(roles.Said("w"), "weight assumed");
}

TEST(LinearPattern, AMaskAddedToAProductOfActivationsIsNoBias) {
  const RolesOf roles(std::string(kHead) + R"(
g (float[1, 2, 4, 8] q, float[1, 2, 8, 4] k) => (float[1, 2, 4, 4] y)
<float[8, 8] w, float[1, 1, 4, 4] square> {
  p = MatMul(q, w)
  s = MatMul(p, k)
  m = Add(s, square)
  y = Softmax(m)
})");
  EXPECT_EQ(roles.Said("square"), "constant assumed");
}

TEST(NormPattern, LayerNormalizationWrittenOut) {
  const RolesOf roles(std::string(kHead) + R"(
g (float[N, 8] x) => (float[N, 8] y) <float two, float eps, float[8] gamma, float[8] beta> {
  mean = ReduceMean <axes = [-1]> (x)
  d = Sub(x, mean)
  sq = Pow(d, two)
  var = ReduceMean <axes = [-1]> (sq)
  ve = Add(var, eps)
  std = Sqrt(ve)
  n = Div(d, std)
  g0 = Mul(n, gamma)
  y = Add(g0, beta)
})");
  EXPECT_EQ(roles.Said("gamma"), "weight pattern");
  EXPECT_EQ(roles.Said("beta"), "weight pattern");
  EXPECT_EQ(roles.Said("eps"), "constant pattern");
  EXPECT_EQ(roles.Said("two"), "constant pattern");
}

TEST(NormPattern, ScaleMultipliedIntoTheInverseDeviation) {
  // y = x * (gamma / sqrt(var + eps)) + (beta - mean * ...), as TensorFlow computes it.
  const RolesOf roles(std::string(kHead) + R"(
g (float[N, 8] x) => (float[N, 8] y) <float eps, float[8] gamma, float[8] beta> {
  mean = ReduceMean <axes = [0]> (x)
  d = Sub(x, mean)
  sq = Mul(d, d)
  var = ReduceMean <axes = [0]> (sq)
  ve = Add(var, eps)
  std = Sqrt(ve)
  r = Reciprocal(std)
  m = Mul(r, gamma)
  xm = Mul(x, m)
  mm = Mul(mean, m)
  s = Sub(beta, mm)
  y = Add(xm, s)
})");
  EXPECT_EQ(roles.Said("gamma"), "weight pattern");
  EXPECT_EQ(roles.Said("beta"), "weight pattern");
}

TEST(NormPattern, GroupNormBetweenReshapesKeepsItsDummiesConstant) {
  onnx::ModelProto model = testing::ParseModel(std::string(kHead) + R"(
g (float[N, 8, 4] x) => (float[N, 8, 4] y)
<int64[3] in, float[8, 1] w, float[8, 1] b, int64[3] out> {
  ones = Constant <value = float[2] {1.0, 1.0}> ()
  zeros = Constant <value = float[2] {0.0, 0.0}> ()
  a = Reshape(x, in)
  n = InstanceNormalization(a, ones, zeros)
  r = Reshape(n, out)
  g0 = Mul(r, w)
  y = Add(g0, b)
})");
  model.set_producer_name("pytorch");
  const RolesOf roles(model);
  EXPECT_EQ(roles.Role("w"), "weight");
  EXPECT_EQ(roles.Role("b"), "weight");
  EXPECT_EQ(roles.Said("ones"), "constant pattern");
  EXPECT_EQ(roles.Said("zeros"), "constant pattern");
}

TEST(NormPattern, LearnedScaleAfterL2Normalisation) {
  const RolesOf roles(std::string(kHead) + R"(
g (float[N, 8, 2, 2] x) => (float[N, 8, 2, 2] y) <float[1, 8, 1, 1] w> {
  n = LpNormalization(x)
  y = Mul(n, w)
})");
  EXPECT_EQ(roles.Said("w"), "weight pattern");
}

TEST(BatchNormPattern, WithAllFiveVectors) {
  const RolesOf roles(std::string(kHead) + R"(
g (float[N, 3] x) => (float[N, 3] y)
<float[3] mean, float[3] var, float eps, float[3] gamma, float[3] beta> {
  d = Sub(x, mean)
  ve = Add(var, eps)
  s = Sqrt(ve)
  n = Div(d, s)
  g0 = Mul(n, gamma)
  y = Add(g0, beta)
})");
  EXPECT_EQ(roles.Said("mean"), "statistic pattern");
  EXPECT_EQ(roles.Said("var"), "statistic pattern");
  EXPECT_EQ(roles.Said("gamma"), "weight pattern");
  EXPECT_EQ(roles.Said("beta"), "weight pattern");
  EXPECT_EQ(roles.Said("eps"), "constant pattern");
}

TEST(BatchNormPattern, WithTheMeanInTheShift) {
  // Keras on JAX: r = 1 / sqrt(var + eps), m = r * gamma, y = x * m + (-mean * m + beta).
  const RolesOf roles(std::string(kHead) + R"(
g (float[N, 3] x) => (float[N, 3] y)
<float[3] mean, float[3] var, float eps, float one, float[3] gamma, float[3] beta, int64[2] row> {
  rm = Reshape(mean, row)
  rv = Reshape(var, row)
  ve = Add(rv, eps)
  s = Sqrt(ve)
  r = Div(one, s)
  rg = Reshape(gamma, row)
  m = Mul(r, rg)
  neg = Neg(rm)
  shift = Mul(neg, m)
  rb = Reshape(beta, row)
  sum = Add(shift, rb)
  xm = Mul(x, m)
  y = Add(xm, sum)
})");
  EXPECT_EQ(roles.Said("mean"), "statistic pattern");
  EXPECT_EQ(roles.Said("var"), "statistic pattern");
  EXPECT_EQ(roles.Said("gamma"), "weight pattern");
  EXPECT_EQ(roles.Said("beta"), "weight pattern");
}

TEST(BatchNormPattern, WithoutScale) {
  const RolesOf roles(std::string(kHead) + R"(
g (float[N, 3] x) => (float[N, 3] y) <float[3] mean, float[3] var, float eps, float[3] beta> {
  ve = Add(eps, var)
  s = Sqrt(ve)
  r = Reciprocal(s)
  mr = Mul(mean, r)
  shift = Sub(beta, mr)
  xr = Mul(x, r)
  y = Add(xr, shift)
})");
  EXPECT_EQ(roles.Said("mean"), "statistic pattern");
  EXPECT_EQ(roles.Said("var"), "statistic pattern");
  EXPECT_EQ(roles.Said("beta"), "weight pattern");
}

TEST(BatchNormPattern, WithItsVarianceFoldedIntoTheScale) {
  const RolesOf roles(std::string(kHead) + R"(
g (float[N, 3] x) => (float[N, 3] y) <float[1, 3] mean, float[1, 3] scale, float[1, 3] beta> {
  d = Sub(x, mean)
  m = Mul(d, scale)
  y = Add(m, beta)
})");
  EXPECT_EQ(roles.Said("mean"), "statistic pattern");
  EXPECT_EQ(roles.Said("scale"), "weight pattern");
  EXPECT_EQ(roles.Said("beta"), "weight pattern");
}

TEST(AffinePattern, ScaleAndShiftAfterALearnedLayer) {
  const RolesOf roles(std::string(kHead) + R"(
g (float[N, 3, 4, 4] x) => (float[N, 2, 4, 4] y)
<float[2, 3, 1, 1] w, float[1, 2, 1, 1] scale, float[1, 2, 1, 1] shift> {
  c = Conv(x, w)
  m = Mul(c, scale)
  y = Add(m, shift)
})");
  EXPECT_EQ(roles.Said("scale"), "weight pattern");
  EXPECT_EQ(roles.Said("shift"), "weight pattern");
}

TEST(AffinePattern, PreprocessingBeforeAnythingLearnedIsConstant) {
  const RolesOf roles(std::string(kHead) + R"(
g (float[N, 3, 4, 4] x) => (float[N, 2, 4, 4] y)
<float[2, 3, 1, 1] w, float[1, 3, 1, 1] mean, float[1, 3, 1, 1] std> {
  a = Sub(x, mean)
  b = Div(a, std)
  y = Conv(b, w)
})");
  EXPECT_EQ(roles.Said("mean"), "constant assumed");
  EXPECT_EQ(roles.Said("std"), "constant assumed");
}

TEST(AffinePattern, TensorflowsNamesOfFoldedBatchNormalization) {
  const RolesOf roles(std::string(kHead) + R"(
g (float[N, 3] x) => (float[N, 3] y) <float[3] a, float[3] b> {
  ["m/bn/batchnorm/mul_1"] t = Mul(x, a)
  ["m/bn/batchnorm/add_1__12"] y = Add(t, b)
})");
  EXPECT_EQ(roles.Said("a"), "weight pattern");
  EXPECT_EQ(roles.Said("b"), "weight pattern");
}

TEST(WeightStandardisation, BatchNormalizationOfAWeightHasNoStatistics) {
  const RolesOf roles(std::string(kHead) + R"(
g (float[N, 4, 8] x) => (float[N, 2, 8] y)
<float[2, 4, 1] w, int64[3] flat, float[2] gain, float[2] bias, float[2] zeros, float[2] ones,
 int64[3] shape> {
  a = Reshape(w, flat)
  s = BatchNormalization(a, gain, bias, zeros, ones)
  k = Reshape(s, shape)
  y = Conv(x, k)
})");
  EXPECT_EQ(roles.Said("w"), "weight pattern");
  EXPECT_EQ(roles.Said("gain"), "weight operator");
  EXPECT_EQ(roles.Said("zeros"), "constant pattern");
  EXPECT_EQ(roles.Said("ones"), "constant pattern");
}

TEST(Formula, NumbersOfGelu) {
  const RolesOf roles(std::string(kHead) + R"(
g (float[N, 3] x) => (float[N, 3] y) <float root2, float one, float half> {
  a = Div(x, root2)
  e = Erf(a)
  p = Add(e, one)
  m = Mul(x, p)
  y = Mul(m, half)
})");
  for (const char* name : {"root2", "one", "half"}) {
    EXPECT_EQ(roles.Said(name), "constant pattern") << name;
  }
}

TEST(Formula, SquareOfANormalisationAndNoOtherExponent) {
  const RolesOf roles(std::string(kHead) + R"(
g (float[N, 3] x) => (float[N, 3] y) <float two, float eps, float half, float power> {
  s = Pow(x, two)
  m = ReduceMean <keepdims = 1> (s)
  e = Add(m, eps)
  d = Pow(e, half)
  n = Div(x, d)
  y = Pow(n, power)
})");
  for (const char* name : {"two", "eps", "half"}) {
    EXPECT_EQ(roles.Said(name), "constant pattern") << name;
  }
  EXPECT_EQ(roles.Said("power"), "constant assumed");
}

TEST(Formula, ScaleOfADynamicallyQuantizedProduct) {
  const RolesOf roles(std::string(kHead) + R"(
g (float[N, 4] x) => (float[N, 3] y) <int8[4, 3] w, int8 wz, float ws> {
  q, s, z = DynamicQuantizeLinear(x)
  i = MatMulInteger(q, w, z, wz)
  f = Cast <to = 1> (i)
  both = Mul(s, ws)
  y = Mul(f, both)
})");
  EXPECT_EQ(roles.Said("ws"), "quantization pattern");
  EXPECT_EQ(roles.Role("w"), "weight");
  EXPECT_EQ(roles.Said("wz"), "quantization operator");
}

}  // namespace
}  // namespace hoarfrost::roles
