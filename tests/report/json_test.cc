#include "report/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "summary/summary_of.h"
#include "support/json_schema.h"
#include "support/models.h"

namespace hoarfrost::report {
namespace {

using nlohmann::json;
using summary::Summary;
using summary::SummaryOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string Text(const Summary& summary, const JsonOptions& options = {}) {
  base::StringSink sink;
  WriteJson(summary, options, sink);
  return sink.text;
}

json Json(const Summary& summary, const JsonOptions& options = {}) {
  const std::string text = Text(summary, options);
  EXPECT_TRUE(base::IsValidUtf8(text));
  json parsed = json::parse(text, nullptr, false);
  EXPECT_FALSE(parsed.is_discarded()) << text;
  EXPECT_THAT(testing::SchemaErrors(testing::ReadSchema("inspect.schema.json"), parsed), IsEmpty());
  return parsed;
}

std::vector<std::string> Keys(const std::string& text, const nlohmann::ordered_json& object) {
  (void)text;
  std::vector<std::string> keys;
  for (const auto& item : object.items()) keys.push_back(item.key());
  return keys;
}

TEST(InspectJson, SaysTheTotalsOfTheModel) {
  const json dense = Json(SummaryOf(testing::kDense));
  EXPECT_EQ(dense["totals"]["parameters"], 1010);
  EXPECT_EQ(dense["totals"]["trainable"], 1010);
  EXPECT_EQ(dense["totals"]["non_trainable"], 0);
  const json bn = Json(SummaryOf(testing::kDenseBatchNorm));
  EXPECT_EQ(bn["totals"]["parameters"], 1050);
  EXPECT_EQ(bn["totals"]["trainable"], 1030);
  EXPECT_EQ(bn["totals"]["non_trainable"], 20);
  EXPECT_EQ(bn["totals"]["statistics"], 20);
  EXPECT_EQ(bn["totals"]["bytes"], 4200);
}

TEST(InspectJson, IsOneLine) {
  const std::string text = Text(SummaryOf(testing::kDenseBatchNorm));
  EXPECT_EQ(text.find('\n'), text.size() - 1);
}

TEST(InspectJson, KeepsTheOrderOfKeysThatItsDocumentGives) {
  const std::string text = Text(SummaryOf(testing::kDenseBatchNorm));
  const auto parsed = nlohmann::ordered_json::parse(text, nullptr, false);
  EXPECT_THAT(Keys(text, parsed), ElementsAre("schema", "file", "bytes", "model", "totals",
                                              "layers", "tensors", "notes"));
  EXPECT_THAT(Keys(text, parsed["tensors"][0]),
              ElementsAre("name", "scope", "source", "dtype", "shape", "elements", "bytes", "role",
                          "trainable", "frozen", "used", "layer", "reason", "storage"));
}

TEST(InspectJson, TensorsSumUpToTheTotals) {
  const json parsed = Json(SummaryOf(testing::kDenseBatchNorm));
  uint64_t trainable = 0, statistics = 0;
  for (const json& tensor : parsed["tensors"]) {
    const uint64_t n = tensor["elements"].get<uint64_t>();
    if (tensor["role"] == "weight" && tensor["trainable"] == true) trainable += n;
    if (tensor["role"] == "statistic") statistics += n;
  }
  EXPECT_EQ(trainable, 1030u);
  EXPECT_EQ(statistics, 20u);
}

TEST(InspectJson, SaysWhereTheBytesLie) {
  onnx::ModelProto model = testing::ParseModel(testing::kDense);
  auto* kernel = model.mutable_graph()->mutable_initializer(0);
  kernel->clear_float_data();
  kernel->mutable_raw_data()->assign(4000, 'k');
  const std::string bytes = model.SerializeAsString();
  const json parsed = Json(SummaryOf(model));
  const json& span = parsed["tensors"][0]["storage"]["spans"][0];
  EXPECT_EQ(bytes.substr(span[0].get<size_t>(), span[1].get<size_t>()), std::string(4000, 'k'));
}

TEST(InspectJson, SaysWhereExternalDataWouldBe) {
  onnx::ModelProto model = testing::ParseModel(testing::kDense);
  auto* kernel = model.mutable_graph()->mutable_initializer(0);
  kernel->clear_float_data();
  kernel->set_data_location(onnx::TensorProto::EXTERNAL);
  auto* location = kernel->add_external_data();
  location->set_key("location");
  location->set_value("kernel\xFF.bin");
  const json parsed = Json(SummaryOf(model));
  const json& storage = parsed["tensors"][0]["storage"];
  EXPECT_EQ(storage["kind"], "external");
  EXPECT_EQ(storage["location"], "kernel\xEF\xBF\xBD.bin");
  EXPECT_EQ(storage["location_base64"], "a2VybmVs/y5iaW4=");
  EXPECT_TRUE(storage["length"].is_null());
}

TEST(InspectJson, ShowsHostileNamesSafelyAndKeepsTheirBytes) {
  onnx::ModelProto model = testing::ParseModel(testing::kDense);
  const std::string hostile("\x1b[31m\0\xC3(\x7f\xE2\x80\xAE\"\\", 14);
  model.mutable_graph()->mutable_initializer(1)->set_name(hostile);
  model.mutable_graph()->mutable_node(0)->set_input(2, hostile);
  model.mutable_graph()->set_name("\xFF");
  const Summary summary = SummaryOf(model);
  for (const char c : Text(summary)) {
    EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20) << static_cast<int>(c);
    EXPECT_NE(c, '\x7f');
  }
  const json parsed = Json(summary);
  EXPECT_EQ(parsed["model"]["graph"], "\xEF\xBF\xBD");
  EXPECT_EQ(parsed["model"]["graph_base64"], "/w==");
  EXPECT_EQ(parsed["tensors"][1]["name_base64"], "G1szMW0Awyh/4oCuIlw=");
}

TEST(InspectJson, NamesTheFrameworksOwnCountOnlyWhereItDiffers) {
  Summary summary = SummaryOf(testing::kDense);
  EXPECT_FALSE(Json(summary).contains("framework"));
  summary.roles.framework.emplace();
  summary.roles.framework->trainable = 1030;
  summary.roles.framework->statistics = 20;
  summary.roles.framework->certainty = roles::Certainty::kProved;
  summary.roles.framework->adjustments.push_back(
      {roles::AdjustmentKind::kHidden, "bn0", "BatchNormalization", 20, 20, "folded"});
  const json framework = Json(summary)["framework"];
  EXPECT_EQ(framework["parameters"], 1050);
  EXPECT_EQ(framework["certainty"], "proved");
  EXPECT_EQ(framework["adjustments"][0]["kind"], "hidden");
  EXPECT_EQ(framework["adjustments"][0]["trainable"], 20);
}

TEST(InspectJson, CountsTrainedValuesInAttributesApart) {
  const json model = Json(SummaryOf(R"(<ir_version: 8, opset_import: ["": 17, "ai.onnx.ml": 1]>
g (float[N, 2] x) => (float[N, 1] y) {
  y = ai.onnx.ml.LinearRegressor <coefficients = [1.0, 2.0], intercepts = [3.0]>(x)
})"));
  ASSERT_EQ(model["trained_attributes"].size(), 1);
  EXPECT_EQ(model["trained_attributes"][0]["type"], "LinearRegressor");
  EXPECT_EQ(model["trained_attributes"][0]["values"], 3);
  EXPECT_EQ(model["totals"]["parameters"], 0);
  EXPECT_FALSE(Json(SummaryOf(testing::kDense)).contains("trained_attributes"));
}

TEST(InspectJson, ListsLayersWithoutTensorsOnlyWhenAsked) {
  const Summary summary = SummaryOf(R"(
<ir_version: 8, opset_import: ["" : 17]>
g (float[N, 2] x) => (float[N, 2] y)
<float[2, 2] w>
{
  [first] a = MatMul(x, w)
  [second] y = Relu(a)
})");
  EXPECT_LT(Json(summary)["layers"].size(), Json(summary, {.all_layers = true})["layers"].size());
}

TEST(Schema, RefusesWhatItDoesNotKnow) {
  const json schema = testing::ReadSchema("inspect.schema.json");
  json parsed = Json(SummaryOf(testing::kDense));
  parsed["extra"] = 1;
  EXPECT_FALSE(testing::SchemaErrors(schema, parsed).empty());
  parsed.erase("extra");
  parsed["tensors"][0]["role"] = "gradient";
  EXPECT_FALSE(testing::SchemaErrors(schema, parsed).empty());
  parsed["tensors"][0]["role"] = "weight";
  parsed["tensors"][0]["storage"]["extra"] = 1;
  EXPECT_FALSE(testing::SchemaErrors(schema, parsed).empty());
  parsed["tensors"][0]["storage"].erase("extra");
  EXPECT_THAT(testing::SchemaErrors(schema, parsed), IsEmpty());
}

}  // namespace
}  // namespace hoarfrost::report
