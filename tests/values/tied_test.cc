// Heads that are their embedding transposed, and heads that only look so.
#include "values/tied.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/exported_model.h"
#include "values/reading.h"

namespace hoarfrost::values {
namespace {

using roles::Certainty;
using ::testing::HasSubstr;

constexpr int64_t kWords = 50;
constexpr int64_t kWidth = 4;

// A language model as TorchScript folds it: 50 * 4 for the table, as much for the head, and 4 for
// the norm between them.
onnx::ModelProto LanguageModel(const std::string& norm) {
  testing::ExportedModel model(
      R"(<ir_version: 8, opset_import: ["": 23], producer_name: "pytorch">
g (int64[1, 6] x) => (float[1, 6, 50] y) {
  ["/embed/Gather"] e = Gather ("embed.weight", x)
  ["/norm/Norm"] h = )" +
      norm + R"(<axis = -1> (e, "norm.weight")
  ["/head/MatMul"] y = MatMul (h, "onnx::MatMul_99")
})");
  model.Float("embed.weight", {kWords, kWidth}).Float("norm.weight", {kWidth});
  model.Float("onnx::MatMul_99", {kWidth, kWords});
  return model.model;
}

void Fill(onnx::ModelProto& model, const std::string& name, const std::vector<float>& values) {
  for (onnx::TensorProto& tensor : *model.mutable_graph()->mutable_initializer()) {
    if (tensor.name() == name) tensor.set_raw_data(Packed(values));
  }
}

std::vector<float> Table() {
  std::vector<float> table;
  for (int i = 0; i < kWords * kWidth; ++i) table.push_back(static_cast<float>(i * i % 97) + 0.5f);
  return table;
}

std::vector<float> Transposed(const std::vector<float>& table) {
  std::vector<float> head(table.size());
  for (size_t v = 0; v < kWords; ++v) {
    for (size_t d = 0; d < kWidth; ++d) head[d * kWords + v] = table[v * kWidth + d];
  }
  return head;
}

summary::Summary Settled(const std::string& norm, const std::vector<float>& table,
                         const std::vector<float>& head) {
  onnx::ModelProto model = LanguageModel(norm);
  Fill(model, "embed.weight", table);
  Fill(model, "onnx::MatMul_99", head);
  const std::string bytes = model.SerializeAsString();
  const auto source = wire::FromMemory("<test>", bytes);
  summary::Summary summary = summary::Summarize(*source, "", {}).value();
  SettleTied(*source, "", ReadValues(*source, summary, ""), summary);
  return summary;
}

TEST(SettleTied, TheTablesOwnValuesProveTheHeadTied) {
  for (const char* norm : {"LayerNormalization", "RMSNormalization"}) {
    const summary::Summary summary = Settled(norm, Table(), Transposed(Table()));
    ASSERT_TRUE(summary.framework().has_value()) << norm;
    EXPECT_EQ(summary.framework()->trainable, 204u) << norm;
    const roles::FrameworkCount& count = *summary.roles.framework;
    ASSERT_EQ(count.adjustments.size(), 1u);
    EXPECT_TRUE(count.adjustments[0].proved);
    EXPECT_THAT(count.adjustments[0].text, HasSubstr("has its values"));
    // Of what left no trace in the file nothing is known.
    EXPECT_EQ(count.certainty, Certainty::kEstimated);
  }
}

TEST(SettleTied, OneOtherValueTakesTheTieBack) {
  for (const char* norm : {"LayerNormalization", "RMSNormalization"}) {
    std::vector<float> head = Transposed(Table());
    head[77] += 1;
    const summary::Summary summary = Settled(norm, Table(), head);
    EXPECT_FALSE(summary.framework().has_value()) << norm;
  }
  const summary::Summary summary = Settled("LayerNormalization", Table(), Table());
  EXPECT_FALSE(summary.framework().has_value());
  EXPECT_THAT(summary.notes.back().text, HasSubstr("is not 'embed.weight' transposed"));
}

TEST(SettleTied, OneValueEverywhereProvesNothing) {
  const std::vector<float> ones(kWords * kWidth, 1);
  const summary::Summary layer_norm = Settled("LayerNormalization", ones, ones);
  ASSERT_TRUE(layer_norm.framework().has_value());
  EXPECT_FALSE(layer_norm.roles.framework->adjustments[0].proved);
  EXPECT_FALSE(Settled("RMSNormalization", ones, ones).framework().has_value());
}

TEST(IsTransposed, LeadingAxesOfOneElementAreNoMatter) {
  const std::vector<float> table = Table();
  const auto tensor = [](const std::string& name, const std::vector<int64_t>& dims,
                         const std::vector<float>& values) {
    return TensorOf(name, onnx::TensorProto::FLOAT, dims, Packed(values));
  };
  const onnx::ModelProto model = ModelOf({tensor("a", {1, kWords, kWidth}, table),
                                          tensor("b", {1, 1, kWidth, kWords}, Transposed(table)),
                                          tensor("c", {2, kWords / 2, kWidth}, table)});
  const std::string bytes = model.SerializeAsString();
  const auto source = wire::FromMemory("<test>", bytes);
  const Read read = ReadFrom(model);
  EXPECT_TRUE(IsTransposed(*source, read.summary, "", 0, 1).value());
  EXPECT_TRUE(IsTransposed(*source, read.summary, "", 1, 0).value());
  EXPECT_EQ(IsTransposed(*source, read.summary, "", 1, 2).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace hoarfrost::values
