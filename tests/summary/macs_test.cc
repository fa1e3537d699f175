// Multiply-accumulates: every expected number is a product of the shapes beside it.
#include "summary/macs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/defs/schema.h>

#include <set>
#include <string>

#include "summary/mac_formulas.h"
#include "summary_of.h"

namespace hoarfrost::summary {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr const char* kHeader = R"(<ir_version: 10, opset_import: ["" : 23, "com.microsoft" : 1]>)";

Summary MacsOf(const std::string& graph, const model::DimBindings& dims = {}) {
  Options options;
  options.macs = true;
  options.dims = dims;
  return SummaryOf(kHeader + graph, options);
}

// Of a graph whose nodes are all known.
uint64_t Known(const std::string& graph) {
  const MacTotals totals = TotalMacs(MacsOf(graph));
  EXPECT_EQ(totals.unknown_nodes, 0u) << graph;
  return totals.known;
}

uint64_t Unknown(const std::string& graph) {
  const MacTotals totals = TotalMacs(MacsOf(graph));
  EXPECT_EQ(totals.known, 0u) << graph;
  return totals.unknown_nodes;
}

TEST(Macs, AConvolutionIsItsResultByOneGroupsChannelsAndTheKernel) {
  // 32 by 32, stride 2 and pads of 1: 16 by 16.
  EXPECT_EQ(Known(R"(g (float[2, 6, 32, 32] x, float[8, 6, 3, 3] w) => (float[2, 8, 16, 16] y) {
    y = Conv <strides = [2, 2], pads = [1, 1, 1, 1]> (x, w) })"),
            2u * 8 * 16 * 16 * 6 * 3 * 3);
  EXPECT_EQ(Known(R"(g (float[1, 6, 9] x, float[6, 1, 3] w) => (float[1, 6, 7] y) {
    y = Conv <group = 6> (x, w) })"),
            6u * 7 * 1 * 3);
}

TEST(Macs, ATransposedConvolutionIsItsInputByOneGroupsChannelsAndTheKernel) {
  EXPECT_EQ(Known(R"(g (float[1, 4, 5, 5] x, float[4, 3, 2, 2] w) => (float[1, 6, 10, 10] y) {
    y = ConvTranspose <group = 2, strides = [2, 2]> (x, w) })"),
            4u * 5 * 5 * 3 * 2 * 2);
}

TEST(Macs, MatrixProductsBroadcastAsNumPyDoes) {
  EXPECT_EQ(Known("g (float[7, 1, 2, 3] a, float[5, 3, 4] b) => (float[7, 5, 2, 4] y) "
                  "{ y = MatMul(a, b) }"),
            7u * 5 * 2 * 3 * 4);
  EXPECT_EQ(Known("g (float[3] a, float[3] b) => (float y) { y = MatMul(a, b) }"), 3u);
  EXPECT_EQ(Known("g (float[3] a, float[5, 3, 4] b) => (float[5, 4] y) { y = MatMul(a, b) }"),
            5u * 3 * 4);
  EXPECT_EQ(Known("g (float[6, 2] a, float[6, 5] b, float[5] c) => (float[2, 5] y) "
                  "{ y = Gemm <transA = 1> (a, b, c) }"),
            2u * 6 * 5);
  EXPECT_EQ(Known("g (float[2, 6] a, float[5, 6] b) => (float[2, 5] y) "
                  "{ y = Gemm <transB = 1> (a, b) }"),
            2u * 6 * 5);
  EXPECT_EQ(Known("g (float[3, 2, 6] a, float[3, 5, 6] b) => (float[3, 2, 5] y) "
                  "{ y = com.microsoft.FusedMatMul <transB = 1> (a, b) }"),
            3u * 2 * 6 * 5);
  EXPECT_EQ(Known("g (float[2, 3, 8] a, float[2, 4, 8] b) => (float[2, 3, 4] y) "
                  "{ y = Einsum <equation = \"bij, bkj -> bik\"> (a, b) }"),
            2u * 3 * 8 * 4);
}

TEST(Macs, QuantizedFormsCountAsTheirPlainOnes) {
  EXPECT_EQ(
      Known(R"(g (uint8[1, 3, 8, 8] x, float s, uint8 z, uint8[4, 3, 3, 3] w, float t, uint8 v)
      => (uint8[1, 4, 6, 6] y) { y = QLinearConv(x, s, z, w, t, v, s, z) })"),
      4u * 6 * 6 * 3 * 3 * 3);
  EXPECT_EQ(Known(R"(g (uint8[5, 6] a, float s, uint8 z, uint8[6, 7] b) => (uint8[5, 7] y)
      { y = QLinearMatMul(a, s, z, b, s, z, s, z) })"),
            5u * 6 * 7);
  EXPECT_EQ(
      Known("g (uint8[5, 6] a, uint8[6, 7] b) => (int32[5, 7] y) { y = MatMulInteger(a, b) }"),
      5u * 6 * 7);
  // 6 by 16 in blocks of 16: one packed block of 8 bytes for each of the 16 columns.
  EXPECT_EQ(Known(R"(g (float[5, 6] a, uint8[16, 1, 8] b, float[16] s) => (float[5, 16] y)
      { y = com.microsoft.MatMulNBits <K = 6, N = 16, bits = 4, block_size = 16> (a, b, s) })"),
            5u * 6 * 16);
  // The weights are seen through DequantizeLinear, whose result nobody declared.
  EXPECT_EQ(Known(R"(g (float[1, 3, 8, 8] x, float s) => (float[1, 4, 6, 6] y)
      <int8[4, 3, 3, 3] q> { w = DequantizeLinear(q, s) y = Conv(x, w) })"),
            4u * 6 * 6 * 3 * 3 * 3);
}

TEST(Macs, AttentionIsQueriesByKeysAndTheResultByValues) {
  // 2 sentences, 4 heads, 5 queries, 7 keys, size 8, values of size 6.
  EXPECT_EQ(Known(R"(g (float[2, 4, 5, 8] q, float[2, 4, 7, 8] k, float[2, 4, 7, 6] v)
      => (float[2, 4, 5, 6] y) { y = Attention(q, k, v) })"),
            2u * 4 * 5 * 7 * (8 + 6));
  // The same, heads side by side; two heads share a key and a value.
  EXPECT_EQ(Known(R"(g (float[2, 5, 32] q, float[2, 7, 16] k, float[2, 7, 12] v)
      => (float[2, 5, 24] y) { y = Attention <q_num_heads = 4, kv_num_heads = 2> (q, k, v) })"),
            2u * 4 * 5 * 7 * (8 + 6));
  EXPECT_EQ(Known(R"(g (float[2, 5, 32] q, float[2, 7, 32] k, float[2, 7, 24] v)
      => (float[2, 5, 24] y) { y = com.microsoft.MultiHeadAttention <num_heads = 4> (q, k, v) })"),
            2u * 5 * 7 * (32 + 24));
  // Projections of 16 inputs to 3 * 12, then 5 by 5.
  EXPECT_EQ(Known(R"(g (float[2, 5, 16] x, float[16, 36] w) => (float[2, 5, 12] y)
      { y = com.microsoft.Attention <num_heads = 3> (x, w) })"),
            2u * 5 * 16 * 36 + 2u * 5 * 5 * (12 + 12));
}

TEST(Macs, ARecurrentStepMultipliesItsInputAndItsState) {
  // 9 steps of 2 sequences, 3 inputs, 4 hidden; an LSTM has 4 gates, a GRU 3; two directions.
  EXPECT_EQ(Known(R"(g (float[9, 2, 3] x, float[2, 16, 3] w, float[2, 16, 4] r)
      => (float[9, 2, 2, 4] y) { y = LSTM <hidden_size = 4, direction = "bidirectional"> (x, w, r) })"),
            9u * 2 * 2 * 16 * (3 + 4));
  EXPECT_EQ(Known(R"(g (float[9, 2, 3] x, float[1, 12, 3] w, float[1, 12, 4] r)
      => (float[9, 1, 2, 4] y) { y = GRU <hidden_size = 4> (x, w, r) })"),
            9u * 2 * 12 * (3 + 4));
  EXPECT_EQ(Known(R"(g (float[9, 2, 3] x, float[1, 4, 3] w, float[1, 4, 4] r)
      => (float[9, 1, 2, 4] y) { y = RNN <hidden_size = 4> (x, w, r) })"),
            9u * 2 * 4 * (3 + 4));
}

TEST(Macs, ElementwiseArithmeticHasNone) {
  EXPECT_EQ(Known("g (float[4] a) => (float[4] y) { b = Relu(a) c = Mul(a, b) y = Softmax(c) }"),
            0u);
}

TEST(Macs, WhatIsNotKnownIsUnknownAndNotNothing) {
  EXPECT_EQ(Unknown("g (float[N, 3] a, float[3, 4] b) => (float[N, 4] y) { y = MatMul(a, b) }"),
            1u);
  EXPECT_EQ(Unknown("g (float[4] a) => (float[4] y) { y = com.example.Magic(a) }"), 1u);
  EXPECT_EQ(Unknown("g (float[4] a) => (float[4] y) { y = com.microsoft.NotYetInvented(a) }"), 1u);
  EXPECT_EQ(Unknown("g (float[4] a) => (float[4] y) { y = NotYetInvented(a) }"), 1u);
}

TEST(Macs, ALayerWithAnUnknownNodeIsUnknown) {
  const Summary summary = MacsOf(R"(
      g (float[N, 3] x, float[2, 3] z) => (float[N, 5] y, float[2, 5] u)
      <float[3, 5] w, float[3, 5] v> { ["a/MatMul"] y = MatMul(x, w) ["b/MatMul"] u = MatMul(z, v) })");
  const MacTotals totals = TotalMacs(summary);
  EXPECT_EQ(totals.known, 2u * 3 * 5);
  EXPECT_THAT(totals.unknown_types, ElementsAre(Pair("MatMul", 1u)));
  EXPECT_THAT(UnboundSymbols(summary), ElementsAre("N"));
  uint64_t known = 0, unknown_rows = 0;
  for (const LayerRow& row : summary.rows) {
    known += row.macs;
    unknown_rows += row.macs_known ? 0 : 1;
  }
  EXPECT_EQ(known, totals.known);
  EXPECT_EQ(unknown_rows, 1u);
}

TEST(Macs, ABoundSymbolIsANumberAlsoForInference) {
  const std::string graph = R"(
      g (float[N, 3, 8] x) => (float[N, 3, M] y) <float[8, 8] w, float[8, 5] v>
      { h = MatMul(x, w) r = Relu(h) y = MatMul(r, v) })";
  const Summary summary = MacsOf(graph, {{"N", 2}});
  EXPECT_EQ(TotalMacs(summary).known, 2u * 3 * 8 * 8 + 2u * 3 * 8 * 5);
  EXPECT_EQ(TotalMacs(summary).unknown_nodes, 0u);
  EXPECT_EQ(TotalMacs(MacsOf(graph)).unknown_nodes, 2u);
}

TEST(Macs, ASymbolThatTheModelHasNotIsAnErrorThatNamesThoseItHas) {
  const std::string bytes = testing::ParseModelBytes(std::string(kHeader) +
                                                     "g (float[batch, L] x) => (float[batch, L] y) "
                                                     "{ y = Relu(x) }");
  Options options;
  options.dims = {{"N", 1}};
  const auto summary = Summarize(*wire::FromMemory("<test>", bytes), "", options);
  EXPECT_EQ(summary.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(summary.status().message()), HasSubstr("'batch', 'L'"));
}

TEST(Macs, ABodyCountsOnce) {
  const Summary summary = MacsOf(R"(
      g (float[2, 3] x, int64 n, bool c) => (float[2, 3] y) <float[3, 3] w> {
        y = Loop (n, c, x) <body = b (int64 i, bool k, float[2, 3] h) => (bool k2, float[2, 3] o) {
          k2 = Identity(k) o = MatMul(h, w) }> })");
  const MacTotals totals = TotalMacs(summary);
  EXPECT_EQ(totals.unknown_nodes, 0u);
  EXPECT_EQ(totals.known, 2u * 3 * 3);
  EXPECT_EQ(totals.known_in_bodies, totals.known);
}

TEST(Macs, AFunctionsBodyIsUnknownWhereItComputes) {
  const Summary summary = SummaryOf(
      R"(<ir_version: 10, opset_import: ["" : 21, "local" : 1]>
      g (float[2, 3] x, float[3, 4] w) => (float[2, 4] y) { y = local.linear(x, w) }
      <domain: "local", opset_import: ["" : 21]>
      linear (a, b) => (c) { d = MatMul(a, b) c = Relu(d) })",
      {.macs = true});
  EXPECT_THAT(TotalMacs(summary).unknown_types, ElementsAre(Pair("MatMul", 1u)));
}

TEST(Macs, AnAbsurdProductStopsAtTheLargestNumber) {
  EXPECT_EQ(Known("g (float[4294967296, 4294967296] a, float[4294967296, 4294967296] b) "
                  "=> (float[4294967296, 4294967296] y) { y = MatMul(a, b) }"),
            ~uint64_t{0});
}

TEST(Macs, NothingIsCountedUnlessAskedFor) {
  EXPECT_THAT(
      SummaryOf(std::string(kHeader) + "g (float[2] x) => (float[2] y) { y = Relu(x) }").node_macs,
      IsEmpty());
}

// An operator of ONNX whose name says that it multiplies has a formula or is unknown; all others
// that ONNX defines are free.
TEST(Macs, EveryOperatorOfOnnxIsDecidedAndNoProductIsFree) {
  const std::set<std::string> products = {"AffineGrid",
                                          "Attention",
                                          "Conv",
                                          "DFT",
                                          "Einsum",
                                          "GRU",
                                          "Gemm",
                                          "Gradient",
                                          "LSTM",
                                          "LinearClassifier",
                                          "LinearRegressor",
                                          "MatMul",
                                          "RNN",
                                          "STFT",
                                          "SVM"};
  for (const onnx::OpSchema& schema : onnx::OpSchemaRegistry::get_all_schemas()) {
    const std::string domain = schema.domain() == "ai.onnx" ? "" : schema.domain();
    bool multiplies = schema.Name() == "Det";
    for (const std::string& word : products) {
      multiplies |= schema.Name().find(word) != std::string::npos;
    }
    const bool free = IsFreeOfMacs(domain, schema.Name());
    EXPECT_NE(multiplies, free) << domain << "::" << schema.Name();
    EXPECT_FALSE(free && FindMacFormula(domain, schema.Name()) != nullptr) << schema.Name();
  }
}

}  // namespace
}  // namespace hoarfrost::summary
