#include "report/view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "report/csv.h"
#include "summary/summary_of.h"
#include "support/models.h"

namespace hoarfrost::report {
namespace {

using summary::Summary;
using summary::SummaryOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Weights, statistics, a shape, and weights stored as integers.
constexpr const char* kMixed = R"(
<ir_version: 8, opset_import: ["" : 17]>
mixed (float[N, 8] x) => (float[N, 4] y)
<float[8, 8] "body.linear.weight", float[8] "body.linear.bias",
 float[8] "body.bn.weight", float[8] "body.bn.bias", float[8] "body.bn.running_mean",
 float[8] "body.bn.running_var", int8[8, 4] "head.q", float "head.scale", int8 "head.zero",
 int64[2] shape = {-1, 4}>
{
  a = Gemm(x, "body.linear.weight", "body.linear.bias")
  b = BatchNormalization(a, "body.bn.weight", "body.bn.bias", "body.bn.running_mean", "body.bn.running_var")
  w = DequantizeLinear("head.q", "head.scale", "head.zero")
  c = MatMul(b, w)
  y = Reshape(c, shape)
})";

std::unique_ptr<View> ViewOf(const Summary& summary, const ViewOptions& options) {
  absl::StatusOr<std::unique_ptr<View>> view = MakeView(summary, options);
  EXPECT_TRUE(view.ok()) << view.status().ToString();
  return view.ok() ? *std::move(view) : nullptr;
}

size_t ColumnOf(const View& view, std::string_view key) {
  for (size_t c = 0; c < view.columns(); ++c) {
    if (view.column(c).key == key) return c;
  }
  ADD_FAILURE() << "no column " << key;
  return 0;
}

uint64_t Sum(const View& view, std::string_view key) {
  uint64_t sum = 0;
  for (size_t r = 0; r < view.rows(); ++r) sum += view.Number(r, ColumnOf(view, key));
  return sum;
}

std::vector<std::string> Texts(const View& view, std::string_view key) {
  std::vector<std::string> texts;
  texts.reserve(view.rows());
  for (size_t r = 0; r < view.rows(); ++r) texts.push_back(view.Text(r, ColumnOf(view, key)));
  return texts;
}

TEST(View, EveryWayToCountSumsUpToTheTotals) {
  for (const char* text : {testing::kDense, testing::kDenseBatchNorm, kMixed}) {
    const Summary summary = SummaryOf(text);
    for (const By by : {By::kLayer, By::kTensor, By::kOperator, By::kDtype}) {
      for (const size_t depth : {0, 1, 2}) {
        if (depth > 0 && by != By::kLayer) continue;
        const auto view = ViewOf(summary, {.by = by, .depth = depth});
        EXPECT_EQ(Sum(*view, "parameters"), summary.totals.parameters);
        EXPECT_EQ(Sum(*view, "trainable"), summary.totals.trainable);
        EXPECT_EQ(Sum(*view, "non_trainable"), summary.totals.non_trainable);
      }
    }
  }
}

TEST(View, CountsOfTheMixedModelFollowFromItsShapes) {
  const Summary summary = SummaryOf(kMixed);
  EXPECT_EQ(summary.totals.parameters, 136u);  // 64 + 8, 4 * 8, 32
  EXPECT_EQ(summary.totals.trainable, 88u);    // 64 + 8, 2 * 8
  EXPECT_EQ(summary.totals.statistics, 16u);
}

TEST(View, ShowsTheSameRowsToPeopleAndPrograms) {
  const Summary summary = SummaryOf(kMixed);
  for (const By by : {By::kLayer, By::kTensor, By::kOperator, By::kDtype}) {
    const auto view = ViewOf(summary, {.by = by});
    EXPECT_FALSE(ColumnsFor(*view, Audience::kPeople).empty());
    EXPECT_FALSE(ColumnsFor(*view, Audience::kPrograms).empty());
    for (size_t c = 0; c < view->columns(); ++c) {
      for (size_t r = 0; r < view->rows(); ++r) {
        if (view->column(c).number) {
          (void)view->Number(r, c);
        } else {
          (void)view->Text(r, c);
        }
      }
    }
  }
}

TEST(View, DepthFoldsAPathAndSumsWhatLiesUnderIt) {
  const Summary summary = SummaryOf(kMixed);
  const auto view = ViewOf(summary, {.depth = 1});
  const size_t layer = ColumnOf(*view, "layer"), parameters = ColumnOf(*view, "parameters");
  std::map<std::string, uint64_t> rows;
  for (size_t r = 0; r < view->rows(); ++r) {
    rows[view->Text(r, layer)] = view->Number(r, parameters);
  }
  EXPECT_EQ(rows["body"], 104u);  // 64 + 8, 4 * 8
}

TEST(View, SortsNumbersDownwardsAndTextUpwards) {
  const Summary summary = SummaryOf(kMixed);
  const auto by_size = ViewOf(summary, {.by = By::kTensor, .sort = "elements"});
  EXPECT_EQ(Texts(*by_size, "name").front(), "body.linear.weight");
  const auto by_name = ViewOf(summary, {.by = By::kTensor, .sort = "name"});
  const std::vector<std::string> names = Texts(*by_name, "name");
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
}

TEST(View, AnUnknownSortKeyIsAnsweredWithTheNearest) {
  const Summary summary = SummaryOf(kMixed);
  const auto view = MakeView(summary, {.by = By::kTensor, .sort = "elemnts"});
  ASSERT_FALSE(view.ok());
  EXPECT_THAT(std::string(view.status().message()), HasSubstr("did you mean 'elements'?"));
}

TEST(View, AFilterKeepsWhatMatches) {
  const Summary summary = SummaryOf(kMixed);
  const auto pattern = base::Pattern::Compile("*.running_*");
  ASSERT_TRUE(pattern.ok());
  const auto view = ViewOf(summary, {.by = By::kTensor, .filter = &*pattern});
  EXPECT_THAT(Texts(*view, "name"), ElementsAre("body.bn.running_mean", "body.bn.running_var"));
}

TEST(View, AFilterOfLayersTakesTheirSublayers) {
  const Summary summary = SummaryOf(kMixed);
  const auto pattern = base::Pattern::Compile("body");
  ASSERT_TRUE(pattern.ok());
  const auto view = ViewOf(summary, {.filter = &*pattern});
  EXPECT_EQ(Sum(*view, "parameters"), 104u);
}

TEST(View, TextIsEscaped) {
  onnx::ModelProto model = testing::ParseModel(testing::kDense);
  model.mutable_graph()->mutable_initializer(1)->set_name("a\x1b[2Jb\xFF");
  model.mutable_graph()->mutable_node(0)->set_input(2, "a\x1b[2Jb\xFF");
  const Summary summary = SummaryOf(model);
  const auto view = ViewOf(summary, {.by = By::kTensor});
  EXPECT_EQ(Texts(*view, "name")[1], "a\\x1b[2Jb\\xff");
}

// Records of RFC 4180, lines ended by line feeds.
std::vector<std::vector<std::string>> ParseCsv(const std::string& text) {
  std::vector<std::vector<std::string>> records(1);
  std::string field;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c != '"') {
        field += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        field += text[++i];
      } else {
        quoted = false;
      }
    } else if (c == '"' && field.empty()) {
      quoted = true;
    } else if (c == ',' || c == '\n') {
      records.back().push_back(std::move(field));
      field.clear();
      if (c == '\n') records.emplace_back();
    } else {
      field += c;
    }
  }
  EXPECT_FALSE(quoted);
  EXPECT_TRUE(records.back().empty());
  records.pop_back();
  return records;
}

TEST(Csv, ParsesBackWithHostileNames) {
  onnx::ModelProto model = testing::ParseModel(testing::kDense);
  const std::string hostile = "a,\"b\"\r\nc, \"";
  model.mutable_graph()->mutable_initializer(1)->set_name(hostile);
  model.mutable_graph()->mutable_node(0)->set_input(2, hostile);
  const Summary summary = SummaryOf(model);
  const auto view = ViewOf(summary, {.by = By::kTensor});
  base::StringSink sink;
  WriteCsvHeading(*view, sink);
  WriteCsvRows(*view, "file, with \"comma\"", sink);
  const auto records = ParseCsv(sink.text);
  ASSERT_EQ(records.size(), 3u);
  for (const auto& record : records) EXPECT_EQ(record.size(), records[0].size());
  EXPECT_EQ(records[0][0], "file");
  EXPECT_EQ(records[0][1], "name");
  EXPECT_EQ(records[2][0], "file, with \"comma\"");
  EXPECT_EQ(records[2][1], "a,\"b\"\\r\\nc, \"");
}

}  // namespace
}  // namespace hoarfrost::report
