// The models that many tests are about, with numbers that follow from arithmetic.
#ifndef HOARFROST_TESTS_SUPPORT_MODELS_H_
#define HOARFROST_TESTS_SUPPORT_MODELS_H_

namespace hoarfrost::testing {

// Ten units on 100 inputs: 100 * 10 weights and 10 biases, 1,010 in all.
inline constexpr const char* kDense = R"(
<ir_version: 8, opset_import: ["" : 17]>
dense_graph (float[N, 100] x) => (float[N, 10] y)
<float[100, 10] kernel, float[10] bias>
{
  y = Gemm(x, kernel, bias)
})";

// The same and a BatchNormalization of ten features: 4 * 10 more, of which mean and variance, 20,
// are never trainable: 1,050 / 1,030 / 20.
inline constexpr const char* kDenseBatchNorm = R"(
<ir_version: 8, opset_import: ["" : 17]>
dense_bn_graph (float[N, 100] x) => (float[N, 10] y)
<float[100, 10] kernel, float[10] bias,
 float[10] gamma, float[10] beta, float[10] mean, float[10] variance>
{
  [dense] h = Gemm(x, kernel, bias)
  [bn] y = BatchNormalization(h, gamma, beta, mean, variance)
})";

}  // namespace hoarfrost::testing

#endif  // HOARFROST_TESTS_SUPPORT_MODELS_H_
