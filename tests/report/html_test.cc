#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/text.h"
#include "nlohmann/json.hpp"
#include "report/html/columns.h"
#include "report/html/data.h"
#include "report/html/page.h"
#include "summary/summary_of.h"
#include "support/models.h"

namespace hoarfrost::report::html {
namespace {

using nlohmann::json;
using summary::Summary;
using summary::SummaryOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Page(const Summary& summary) {
  base::StringSink sink;
  WritePage(summary, sink);
  return sink.text;
}

// What stands between `begin` and the next `end`.
std::string Between(const std::string& text, const std::string& begin, const std::string& end) {
  const size_t from = text.find(begin);
  if (from == std::string::npos) return "not there: " + begin;
  const size_t to = text.find(end, from + begin.size());
  return text.substr(from + begin.size(), to - from - begin.size());
}

json DataOf(const std::string& page) {
  return json::parse(Between(page, "id=\"data\">", "</script>"), nullptr, false);
}

json Written(const FrontCoded& column) {
  base::StringSink sink;
  base::JsonWriter json_writer(sink);
  json_writer.BeginObject();
  column.Write("c", json_writer);
  json_writer.EndObject();
  json_writer.EndLine();
  return json::parse(sink.text, nullptr, false)["c"];
}

std::vector<std::string> Undone(const json& column) {
  std::vector<std::string> texts;
  std::string last;
  for (size_t i = 0; i < column["keep"].size(); ++i) {
    last = last.substr(0, column["keep"][i].get<size_t>()) + column["rest"][i].get<std::string>();
    texts.push_back(last);
  }
  return texts;
}

TEST(FrontCoded, GivesBackWhatWasAdded) {
  const std::vector<std::string> texts = {"layer1.weight", "layer1.bias", "", "x", "x", "layer"};
  FrontCoded column;
  for (const std::string& text : texts) column.Add(text);
  const json written = Written(column);
  EXPECT_EQ(Undone(written), texts);
  EXPECT_EQ(written["keep"][1], 7);  // "layer1."
  EXPECT_FALSE(written.contains("base64"));
}

TEST(FrontCoded, SharesOnlyAsciiSoThatBytesAndCharactersAreAlike) {
  FrontCoded column;
  column.Add("a\xC3\xA9z");  // a, e with an acute accent, z
  column.Add("a\xC3\xA9y");
  const json written = Written(column);
  EXPECT_EQ(written["keep"], json({0, 1}));
  EXPECT_EQ(written["rest"][1], "\xC3\xA9y");
}

TEST(FrontCoded, KeepsTheBytesOfWhatIsNoUtf8) {
  FrontCoded column;
  column.Add("fine");
  column.Add("\xFF");
  const json written = Written(column);
  EXPECT_EQ(written["rest"][1], "\xEF\xBF\xBD");
  EXPECT_EQ(written["base64"], json({{"1", "/w=="}}));
}

TEST(HtmlPage, CarriesTheModelsData) {
  const json data = DataOf(Page(SummaryOf(testing::kDenseBatchNorm)));
  ASSERT_FALSE(data.is_discarded());
  EXPECT_EQ(data["schema"], "hoarfrost.page/1");
  EXPECT_EQ(data["totals"]["parameters"], 1050);
  EXPECT_EQ(data["totals"]["statistics"], 20);
  const json& tensors = data["tensors"];
  EXPECT_EQ(Undone(tensors["name"]),
            (std::vector<std::string>{"kernel", "bias", "gamma", "beta", "mean", "variance"}));
  EXPECT_EQ(tensors["role"], json({0, 0, 0, 0, 1, 1}));
  // Trainable 1, used 4, counted 8.
  EXPECT_EQ(tensors["flags"], json({13, 13, 13, 13, 12, 12}));
  EXPECT_EQ(tensors["elements"], json({1000, 10, 10, 10, 10, 10}));
  EXPECT_EQ(Undone(data["layers"]["path"]), (std::vector<std::string>{"dense", "bn"}));
}

TEST(HtmlPage, TellsReasonsAsTheyAre) {
  const Summary summary = SummaryOf(testing::kDenseBatchNorm);
  const json reason = DataOf(Page(summary))["tensors"]["reason"];
  const std::vector<std::string> names = Undone(reason["name"]);
  for (size_t t = 0; t < summary.roles.tensors.size(); ++t) {
    const std::string head = reason["head"]["words"][reason["head"]["of"][t].get<size_t>()];
    const std::string tail = reason["tail"]["words"][0];
    EXPECT_EQ(head + names[t] + tail, summary.roles.tensors[t].text);
  }
}

TEST(HtmlPage, NoNameEndsTheDataOrBeginsMarkup) {
  Summary summary = SummaryOf(R"(
<ir_version: 8, opset_import: ["" : 17]>
g (float[N, 2] x) => (float[N, 2] y)
<float[2, 2] w>
{
  y = MatMul(x, w)
})");
  summary.file = "</script><!--\xFF\xE2\x80\xA8&\"<b>.onnx";
  const std::string page = Page(summary);
  EXPECT_TRUE(base::IsValidUtf8(page));
  const std::string data = Between(page, "id=\"data\">", "</script>\n<script>");
  EXPECT_THAT(data, Not(HasSubstr("<")));
  EXPECT_THAT(page, Not(HasSubstr("\xE2\x80\xA8")));
  EXPECT_THAT(Between(page, "<title>", "</title>"),
              ::testing::AllOf(Not(HasSubstr("<")), HasSubstr("&amp;&quot;&lt;b&gt;.onnx")));
  EXPECT_THAT(DataOf(page)["file"].get<std::string>(), HasSubstr("</script><!--"));
}

TEST(HtmlPage, PutsEveryPartInItsPlace) {
  const std::string page = Page(SummaryOf(testing::kDense));
  for (const char* marker : {"{{style", "{{script", "{{title}}", "{{data}}"}) {
    EXPECT_THAT(page, Not(HasSubstr(marker)));
  }
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  EXPECT_THAT(Between(page, "script-src '", "'"), ::testing::MatchesRegex("sha256-.{43}="));
}

}  // namespace
}  // namespace hoarfrost::report::html
