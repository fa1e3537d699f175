#include "report/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "base/text.h"
#include "report/table.h"
#include "report/width.h"
#include "summary/summary_of.h"
#include "support/models.h"

namespace hoarfrost::report {
namespace {

using summary::Summary;
using summary::SummaryOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string TextOf(const Summary& summary, const Style& style, By by = By::kLayer) {
  const auto view = MakeView(summary, {.by = by});
  EXPECT_TRUE(view.ok());
  base::StringSink sink;
  WriteText(summary, **view, style, sink);
  return sink.text;
}

// Names longer than any terminal, some of characters two columns wide.
Summary LongNames() {
  onnx::ModelProto model = testing::ParseModel(testing::kDenseBatchNorm);
  model.mutable_graph()->set_name(std::string(300, 'g'));
  model.mutable_graph()->mutable_node(0)->set_name("encoder/" + std::string(200, 'd') + "/dense");
  std::string wide;
  for (int i = 0; i < 100; ++i) wide += "\xE5\xB1\x82";
  model.mutable_graph()->mutable_node(1)->set_name(wide);
  auto* extra = model.mutable_graph()->add_initializer();
  extra->set_name(wide + "weight");
  extra->set_data_type(99);
  extra->add_dims(4);
  return SummaryOf(model);
}

TEST(Text, SaysTotalsAsKerasDoes) {
  const std::string text = TextOf(SummaryOf(testing::kDenseBatchNorm), {});
  EXPECT_THAT(Lines(text), Contains("Total params:         1,050 (4.10 KB)"));
  EXPECT_THAT(Lines(text), Contains("Trainable params:     1,030 (4.02 KB)"));
  EXPECT_THAT(Lines(text),
              Contains("Non-trainable params:    20 (80.00 B)    statistics 20, frozen 0"));
}

TEST(Text, NoLineIsWiderThanItMayBe) {
  const Summary summary = LongNames();
  for (const int width : {40, 80, 200}) {
    for (const bool unicode : {true, false}) {
      for (const By by : {By::kLayer, By::kTensor, By::kOperator, By::kDtype}) {
        const Style style{.width = width, .unicode = unicode};
        for (const std::string& line : Lines(TextOf(summary, style, by))) {
          EXPECT_LE(DisplayWidth(line), static_cast<size_t>(width)) << line;
        }
      }
    }
  }
}

TEST(Text, RowsOfATableAreAllAsWide) {
  for (const int width : {40, 80, 200}) {
    std::vector<size_t> widths;
    for (const std::string& line : Lines(TextOf(LongNames(), {.width = width}))) {
      if (line.starts_with("\xE2\x94")) widths.push_back(DisplayWidth(line));  // box drawing
    }
    ASSERT_GE(widths.size(), 6u);
    EXPECT_EQ(std::count(widths.begin(), widths.end(), widths[0]),
              static_cast<std::ptrdiff_t>(widths.size()));
  }
}

TEST(Text, IsAsciiWhereTheLocaleIs) {
  for (const char c : TextOf(LongNames(), {.width = 80, .unicode = false})) {
    EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7F)) << static_cast<int>(c);
  }
}

TEST(Text, HasColourOnlyWhenAsked) {
  const Summary summary = SummaryOf(testing::kDenseBatchNorm);
  EXPECT_THAT(TextOf(summary, {.color = false}), Not(HasSubstr("\x1b")));
  EXPECT_THAT(TextOf(summary, {.color = true}), HasSubstr("\x1b["));
}

TEST(Text, SaysWhatTheFrameworkHad) {
  Summary summary = SummaryOf(testing::kDense);
  summary.roles.framework.emplace();
  summary.roles.framework->trainable = 1030;
  summary.roles.framework->statistics = 20;
  summary.roles.framework->certainty = roles::Certainty::kProved;
  for (int i = 0; i < 5; ++i) {
    summary.roles.framework->adjustments.push_back(
        {roles::AdjustmentKind::kHidden, "bn", "BatchNormalization", 4, 4, "folded into conv"});
  }
  EXPECT_THAT(TotalsLines(summary),
              Contains("In the framework: 1,050 / 1,030 / 20; folded into conv; folded into conv; "
                       "and 3 more"));
}

TEST(Text, SaysWhatIsStoredButNotCounted) {
  const std::string text = TextOf(SummaryOf(R"(
<ir_version: 8, opset_import: ["" : 17]>
g (float[N, 2] x) => (float[N, 2] y)
<int64[2] shape = {-1, 2}>
{
  y = Reshape(x, shape)
})"),
                                  {});
  EXPECT_THAT(Lines(text), Contains("Not counted: constants 2"));
}

TEST(Markdown, ShowsNamesAsTheyAre) {
  EXPECT_EQ(MarkdownText("running_mean"), "running_mean");
  EXPECT_EQ(MarkdownText("_x_"), "\\_x\\_");
  EXPECT_EQ(MarkdownText("a|b*c`d<e>[f]"), "a\\|b\\*c\\`d\\<e\\>\\[f\\]");
}

TEST(Width, CountsWhatATerminalShows) {
  EXPECT_EQ(DisplayWidth("abc"), 3u);
  EXPECT_EQ(DisplayWidth("\xC3\xA9"), 1u);          // e with acute
  EXPECT_EQ(DisplayWidth("e\xCC\x81"), 1u);         // the same, combined
  EXPECT_EQ(DisplayWidth("\xE5\xB1\x82"), 2u);      // a Han character
  EXPECT_EQ(DisplayWidth("\xF0\x9F\x98\x80"), 2u);  // an emoji
}

TEST(Width, ACutNeverSplitsACharacterOrExceedsItsRoom) {
  std::string text;
  for (int i = 0; i < 20; ++i) text += "a\xE5\xB1\x82\xC3\xA9";
  for (size_t width = 0; width < 90; ++width) {
    const std::string cut = CutMiddle(text, width, "\xE2\x80\xA6");
    EXPECT_LE(DisplayWidth(cut), width);
    EXPECT_TRUE(base::IsValidUtf8(cut)) << width;
    if (width >= DisplayWidth(text)) {
      EXPECT_EQ(cut, text);
    }
  }
}

TEST(Width, ACutKeepsBothEnds) {
  EXPECT_EQ(CutMiddle("encoder.layer.11.query", 11, "..."), "enco...uery");
}

TEST(Width, WrappedLinesFitAndLoseNothingButSpaces) {
  const std::string text = "In the framework: 1,050 / 1,030 / 20; " + std::string(50, 'x') + " end";
  for (size_t width = 1; width < 120; ++width) {
    std::string joined;
    for (const std::string& line : Lines(Wrap(text, width, 2))) {
      EXPECT_LE(DisplayWidth(line), width);
      joined += line;
    }
    std::erase(joined, ' ');
    std::string expected = text;
    std::erase(expected, ' ');
    EXPECT_EQ(joined, expected);
  }
}

TEST(Width, WrappedLinesEndInNoSpace) {
  EXPECT_EQ(Wrap("params: 0 (0.00 B)    statistics 0", 20, 2),
            "params: 0 (0.00 B)\n  statistics 0\n");
}

}  // namespace
}  // namespace hoarfrost::report
