#include "summary/layer_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "summary/summary_of.h"
#include "support/models.h"

namespace hoarfrost::summary {
namespace {

using ::testing::ElementsAre;

// Three modules under two parents, as exporters write tensor names, the head reading the
// embedding's table again.
constexpr const char* kTree = R"(
<ir_version: 8, opset_import: ["" : 17]>
tree (float[N, 4] x) => (float[N, 2] y, float[N, 4] z)
<float[4, 4] "encoder.first.weight", float[4] "encoder.first.bias",
 float[4, 4] "encoder.second.weight", float[4] "encoder.second.bias",
 float[4, 2] "head.weight", float[2] "head.bias">
{
  a = Gemm(x, "encoder.first.weight", "encoder.first.bias")
  b = Relu(a)
  c = Gemm(b, "encoder.second.weight", "encoder.second.bias")
  y = Gemm(c, "head.weight", "head.bias")
  z = MatMul(x, "encoder.first.weight")
})";

std::vector<std::string> Shape(const std::vector<Dim>& dims) {
  std::vector<std::string> out;
  out.reserve(dims.size());
  for (const Dim& dim : dims) {
    out.push_back(dim.symbol.empty() ? std::to_string(dim.value) : dim.symbol);
  }
  return out;
}

TEST(LayerRows, SumUpToTheTotals) {
  for (const char* text : {testing::kDense, testing::kDenseBatchNorm, kTree}) {
    const Summary summary = SummaryOf(text);
    LayerRow sum;
    for (const LayerRow& row : summary.rows) {
      sum.parameters += row.parameters;
      sum.trainable += row.trainable;
      sum.non_trainable += row.non_trainable;
    }
    EXPECT_EQ(sum.parameters, summary.totals.parameters);
    EXPECT_EQ(sum.trainable, summary.totals.trainable);
    EXPECT_EQ(sum.non_trainable, summary.totals.non_trainable);
  }
}

TEST(LayerRows, OutputShapeIsThatOfTheLastValueThatLeaves) {
  const Summary summary = SummaryOf(testing::kDenseBatchNorm);
  const LayerRow& bn = RowNamed(summary, "bn");
  ASSERT_TRUE(bn.shape_known);
  EXPECT_THAT(Shape(bn.output_shape), ElementsAre("N", "10"));
}

TEST(LayerRows, ShapesThatTheFileLacksAreInferredOnRequest) {
  EXPECT_FALSE(RowNamed(SummaryOf(testing::kDenseBatchNorm), "dense").shape_known);
  const Summary summary = SummaryOf(testing::kDenseBatchNorm, {.infer_shapes = true});
  ASSERT_TRUE(RowNamed(summary, "dense").shape_known);
  EXPECT_THAT(Shape(RowNamed(summary, "dense").output_shape), ElementsAre("N", "10"));
}

TEST(LayerRows, ASharedTensorCountsInTheFirstLayerOnly) {
  const Summary summary = SummaryOf(kTree);
  EXPECT_EQ(summary.totals.parameters, 50u);  // 16 + 4 + 16 + 4 + 8 + 2
  const LayerRow& owner = RowNamed(summary, "encoder.first");
  EXPECT_EQ(owner.parameters, 20u);
  EXPECT_EQ(owner.shared_with, "");
}

TEST(LayerRows, ALayerThatReadsATensorOfAnotherSaysWhose) {
  const Summary summary = SummaryOf(R"(
<ir_version: 8, opset_import: ["" : 17]>
tied (float[N, 4] x) => (float[N, 4] y)
<float[4, 4] weight>
{
  [first] a = MatMul(x, weight)
  [second] y = MatMul(a, weight)
})");
  std::vector<std::string> shared;
  uint64_t sum = 0;
  for (const LayerRow& row : summary.rows) {
    if (!row.shared_with.empty()) shared.push_back(row.shared_with);
    sum += row.parameters;
  }
  EXPECT_EQ(sum, 16u);
  EXPECT_EQ(shared.size(), 1u);
}

TEST(FoldedRows, AddUpWhatLiesUnderOnePath) {
  const Summary summary = SummaryOf(kTree);
  uint64_t encoder = 0, sum = 0;
  for (const FoldedRow& row : FoldedRows(summary, 1)) {
    if (row.path == "encoder") encoder = row.sums.parameters;
    sum += row.sums.parameters;
    EXPECT_EQ(row.path.find('.'), std::string::npos) << row.path;
  }
  EXPECT_EQ(encoder, 40u);  // 16 + 4 + 16 + 4
  EXPECT_EQ(sum, summary.totals.parameters);
}

TEST(FoldedRows, AreTheLayersThemselvesWhereNothingIsDeeper) {
  const Summary summary = SummaryOf(kTree);
  const std::vector<FoldedRow> folded = FoldedRows(summary, 100);
  ASSERT_EQ(folded.size(), summary.rows.size());
  for (size_t i = 0; i < folded.size(); ++i) {
    EXPECT_EQ(folded[i].sums.parameters, summary.rows[i].parameters);
    EXPECT_EQ(folded[i].layers, 1u);
    EXPECT_EQ(folded[i].sums.shared_with, summary.rows[i].shared_with);
  }
}

}  // namespace
}  // namespace hoarfrost::summary
