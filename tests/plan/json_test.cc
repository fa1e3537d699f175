#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plan/plan.h"
#include "support/json_schema.h"

namespace hoarfrost::plan {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

Plan Sample() {
  Plan plan;
  plan.trainable = {{"head.weight", "", "float32", {10, 4}}, {"", "If_0.then_branch", "int4", {}}};
  plan.frozen = {{"body.weight", "", "bfloat16", {0, -3, int64_t{1} << 62}}};
  plan.statistics = {{"bn.mean", "function:acme::Block", "float32", {4}}};
  plan.frozen_statistics = {{"\xFFnot \"UTF-8\"\n", "\xC3(", "float16", {1}}};
  plan.other = {{"shape \x01 \xE2\x80\xAE", "", "int64", {2}}};
  plan.frozen_layers = {"body", "body.\xFE"};
  return plan;
}

std::string Message(const absl::StatusOr<Plan>& plan) {
  return plan.ok() ? "" : std::string(plan.status().message());
}

// The JSON of the sample with `from` replaced by `to`.
std::string Edited(const std::string& from, const std::string& to) {
  std::string json = ToJson(Sample());
  const size_t at = json.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return json.replace(at, from.size(), to);
}

TEST(PlanJson, ReadsBackWhatItWrites) {
  const absl::StatusOr<Plan> back = FromJson(ToJson(Sample()));
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  EXPECT_EQ(*back, Sample());
}

TEST(PlanJson, IsCanonical) {
  const absl::StatusOr<Plan> back = FromJson(ToJson(Sample()));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(ToJson(*back), ToJson(Sample()));
}

TEST(PlanJson, FitsItsSchema) {
  const nlohmann::json schema = testing::ReadSchema("plan.schema.json");
  for (const Plan& plan : {Plan(), Sample()}) {
    const nlohmann::json json = nlohmann::json::parse(ToJson(plan), nullptr, false);
    ASSERT_FALSE(json.is_discarded());
    EXPECT_THAT(testing::SchemaErrors(schema, json), IsEmpty());
  }
}

TEST(PlanJson, KeepsTheBytesOfNamesThatAreNoUtf8) {
  const nlohmann::json json = nlohmann::json::parse(ToJson(Sample()), nullptr, false);
  const nlohmann::json& entry = json["frozen_statistics"][0];
  EXPECT_EQ(entry["name"], "\xEF\xBF\xBDnot \"UTF-8\"\n");
  EXPECT_EQ(entry["name_base64"], "/25vdCAiVVRGLTgiCg==");
}

TEST(PlanJson, SaysWhereItStopsBeingJson) {
  EXPECT_THAT(Message(FromJson("")), HasSubstr("no valid JSON"));
  EXPECT_THAT(Message(FromJson("{\"schema\": nope}")), HasSubstr("no valid JSON at byte 13"));
  EXPECT_THAT(Message(FromJson(std::string(100000, '['))), HasSubstr("no valid JSON"));
}

TEST(PlanJson, NamesWhatIsWrong) {
  EXPECT_THAT(Message(FromJson("[]")), HasSubstr("no object"));
  EXPECT_THAT(Message(FromJson("{}")), HasSubstr("'schema'"));
  EXPECT_THAT(Message(FromJson(Edited("plan/1", "plan/2"))), HasSubstr("hoarfrost.plan/2"));
  EXPECT_THAT(Message(FromJson(Edited("\"frozen\":", "\"frozne\":"))),
              HasSubstr("did you mean 'frozen'?"));
  EXPECT_THAT(Message(FromJson(Edited("[10,4]", "[10,4.5]"))), HasSubstr("trainable[0]"));
  EXPECT_THAT(Message(FromJson(Edited("[10,4]", "[18446744073709551615]"))), HasSubstr("shape"));
  EXPECT_THAT(Message(FromJson(Edited("[10,4]", "12"))), HasSubstr("no array"));
  EXPECT_THAT(Message(FromJson(Edited("\"head.weight\"", "7"))), HasSubstr("'name'"));
  EXPECT_THAT(Message(FromJson(Edited("/25vdCAiVVRGLTgiCg==", "*"))), HasSubstr("base64"));
  EXPECT_THAT(Message(FromJson(Edited("\"dtype\":\"float32\",", ""))), HasSubstr("'dtype'"));
}

TEST(PlanJson, RefusesATensorInTwoLists) {
  Plan plan = Sample();
  plan.frozen.push_back(plan.trainable[0]);
  EXPECT_THAT(Message(FromJson(ToJson(plan))), HasSubstr("'head.weight' is listed twice"));
}

TEST(PlanJson, AnyCutOfAPlanIsRefused) {
  const std::string json = ToJson(Sample());
  for (size_t length = 0; length < json.size(); ++length) {
    EXPECT_FALSE(FromJson(std::string_view(json).substr(0, length)).ok()) << length;
  }
}

}  // namespace
}  // namespace hoarfrost::plan
