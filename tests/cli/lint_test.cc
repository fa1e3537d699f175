// hoarfrost lint through the real binary.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/json_schema.h"
#include "support/models.h"
#include "support/onnx_text.h"
#include "support/run_command.h"
#include "support/temp_folder.h"

namespace hoarfrost::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class LintCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    WriteFile(well_, ParseModelBytes(kDenseBatchNorm));
    WriteFile(unused_, ParseModelBytes(R"(
<ir_version: 8, opset_import: ["" : 17]>
g (float[N, 100] x) => (float[N, 10] y)
<float[100, 10] kernel, float[10] bias, float[7] spare>
{
  y = Gemm(x, kernel, bias)
})"));
  }

  TempFolder folder_;
  const std::string well_ = folder_ / "well.onnx";
  const std::string unused_ = folder_ / "unused.onnx";
};

TEST_F(LintCommand, SaysWhatItFindsAndTheRemedy) {
  const CommandResult result = RunCommand({"lint", unused_});
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.out, HasSubstr("unused.onnx: warning: 1 initializer (28.00 B) is read by "
                                    "nothing: 'spare' [unused-initializer]\n    take them out"));
  EXPECT_THAT(result.out, HasSubstr("unused.onnx: 1 warning\n"));
  EXPECT_THAT(RunCommand({"lint", well_}).out, HasSubstr("well.onnx: nothing found\n"));
}

TEST_F(LintCommand, FailsFromTheSeverityThatIsAskedFor) {
  const auto status = [&](const std::string& severity, const std::string& model) {
    return RunCommand({"lint", "--fail-on", severity, model}).status;
  };
  EXPECT_EQ(status("error", unused_), 0);
  EXPECT_EQ(status("warning", unused_), 1);
  EXPECT_EQ(status("info", unused_), 1);
  EXPECT_EQ(status("info", well_), 0);
  const CommandResult wrong = RunCommand({"lint", "--fail-on", "warnings", unused_});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.err, HasSubstr("did you mean 'warning'?"));
}

TEST_F(LintCommand, UnreadableModelIsStatus2AndTheOthersAreLinted) {
  const CommandResult result =
      RunCommand({"lint", "--fail-on", "info", folder_ / "none.onnx", unused_});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.out, HasSubstr("unused-initializer"));
  EXPECT_THAT(result.err, HasSubstr("none.onnx"));
}

TEST_F(LintCommand, JsonFitsItsSchema) {
  const CommandResult result = RunCommand({"lint", "--json", unused_});
  const json parsed = json::parse(result.out, nullptr, false);
  ASSERT_FALSE(parsed.is_discarded());
  EXPECT_THAT(SchemaErrors(ReadSchema("lint.schema.json"), parsed), IsEmpty());
  EXPECT_EQ(parsed["counts"], json({{"error", 0}, {"warning", 1}, {"info", 0}}));
  EXPECT_EQ(parsed["findings"][0]["tensors"], json::parse(R"([{"name": "spare", "scope": ""}])"));
}

TEST_F(LintCommand, EveryPublicModelFitsTheSchema) {
  const json schema = ReadSchema("lint.schema.json");
  std::vector<std::string> args = {"lint", "--json"};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(HOARFROST_TESTDATA)) {
    if (entry.path().extension() == ".onnx") args.push_back(entry.path().string());
  }
  const CommandResult result = RunCommand(args);
  EXPECT_GE(result.status, 0);  // no signal
  std::istringstream lines(result.out);
  size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const json parsed = json::parse(line, nullptr, false);
    ASSERT_FALSE(parsed.is_discarded());
    EXPECT_THAT(SchemaErrors(schema, parsed), IsEmpty());
  }
  EXPECT_GT(count, 0u);
}

TEST_F(LintCommand, RulesAreListedChosenAndLeftOut) {
  EXPECT_THAT(RunCommand({"lint", "--rules"}).out, HasSubstr("unused-initializer"));
  const auto found = [&](const std::string& option, const std::string& rule) {
    return RunCommand({"lint", option, rule, unused_}).out;
  };
  EXPECT_THAT(found("--only", "unused-initializer"), HasSubstr("1 warning"));
  EXPECT_THAT(found("--only", "stored-twice"), HasSubstr("nothing found"));
  EXPECT_THAT(found("--ignore", "unused-initializer"), HasSubstr("nothing found"));
  const CommandResult wrong = RunCommand({"lint", "--only", "unused-initialiser", unused_});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.err, HasSubstr("did you mean 'unused-initializer'?"));
}

TEST_F(LintCommand, NamesOfStrangersAreEscaped) {
  const CommandResult result =
      RunCommand({"lint", std::string(HOARFROST_TESTDATA) + "/hostile/control_names.onnx"});
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.out, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace hoarfrost::testing
