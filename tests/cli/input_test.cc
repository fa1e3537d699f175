// Where models come from, and how text is shown, through the real binary.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

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
using ::testing::StartsWith;

class Input : public ::testing::Test {
 protected:
  void SetUp() override {
    WriteFile(folder_ / "a.onnx", bytes_);
    WriteFile(folder_ / "b.onnx", bytes_);
    WriteFile(folder_ / ".hidden.onnx", bytes_);
    WriteFile(folder_ / "c.txt", "");
  }

  TempFolder folder_;
  const std::string bytes_ = ParseModelBytes(kDenseBatchNorm);
};

std::vector<std::string> FilesOf(const std::string& lines) {
  std::vector<std::string> files;
  std::istringstream in(lines);
  for (std::string line; std::getline(in, line);) files.push_back(json::parse(line)["file"]);
  return files;
}

TEST_F(Input, EveryReaderTakesStandardInput) {
  const CommandOptions piped{.input = bytes_};
  EXPECT_THAT(RunCommand({"inspect", "-"}, piped).out, HasSubstr("1,050"));
  EXPECT_THAT(RunCommand({"explain", "-", "kernel"}, piped).out, HasSubstr("weight"));
  EXPECT_EQ(RunCommand({"lint", "-"}, piped).status, 0);
  EXPECT_THAT(RunCommand({"plan", "-"}, piped).out, HasSubstr("trainable (4)"));
  EXPECT_THAT(RunCommand({"plan", "-", "--all"}, piped).out, HasSubstr("frozen (4)"));
  const CommandResult names = RunCommand({"plan", "-", "--for", "names"}, piped);
  EXPECT_EQ(names.status, 0) << names.err;
  EXPECT_THAT(names.out, HasSubstr("kernel\n"));
}

TEST_F(Input, StandardInputIsReadOnce) {
  const CommandResult twice = RunCommand({"inspect", "--json", "-", "-"}, {.input = bytes_});
  EXPECT_EQ(twice.status, 2);
  EXPECT_EQ(FilesOf(twice.out).size(), 1u);
  EXPECT_THAT(twice.err, HasSubstr("only once"));
}

TEST_F(Input, PatternsThatNoShellExpandedAreExpanded) {
  const CommandResult result = RunCommand({"inspect", "--json", folder_ / "*.onnx"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(FilesOf(result.out), ::testing::ElementsAre(folder_ / "a.onnx", folder_ / "b.onnx"));
  const std::string parent = std::filesystem::path(folder_.path()).filename().string();
  const std::string beside = std::filesystem::path(folder_.path()).parent_path().string();
  const std::string in_folder = beside + "/" + parent.substr(0, parent.size() - 1) + "?/[b-z].onnx";
  EXPECT_THAT(FilesOf(RunCommand({"inspect", "--json", in_folder}).out),
              ::testing::ElementsAre(folder_ / "b.onnx"));
}

TEST_F(Input, AFileCalledLikeAPatternIsThatFile) {
  WriteFile(folder_ / "[ab].onnx", bytes_);
  EXPECT_THAT(FilesOf(RunCommand({"inspect", "--json", folder_ / "[ab].onnx"}).out),
              ::testing::ElementsAre(folder_ / "[ab].onnx"));
}

TEST_F(Input, APatternOfNothingIsAMissingFile) {
  const CommandResult result = RunCommand({"inspect", folder_ / "z*.onnx"});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("z*.onnx: cannot open"));
}

TEST_F(Input, ColoursAreThereWhereAskedForOnly) {
  const std::string model = folder_ / "a.onnx";
  const auto colored = [&](const std::vector<std::string>& more,
                           const std::map<std::string, std::string>& environment) {
    std::vector<std::string> args = {"inspect", model};
    args.insert(args.end(), more.begin(), more.end());
    return RunCommand(args, {.environment = environment}).out.find('\x1b') != std::string::npos;
  };
  EXPECT_FALSE(colored({}, {}));  // no terminal
  EXPECT_TRUE(colored({"--color", "always"}, {}));
  EXPECT_TRUE(colored({"--color=always"}, {{"NO_COLOR", "1"}}));
  EXPECT_TRUE(colored({}, {{"CLICOLOR_FORCE", "1"}}));
  EXPECT_FALSE(colored({}, {{"CLICOLOR_FORCE", "0"}}));
  EXPECT_FALSE(colored({}, {{"CLICOLOR_FORCE", "1"}, {"NO_COLOR", "1"}}));
  EXPECT_FALSE(colored({"--color", "never"}, {{"CLICOLOR_FORCE", "1"}}));
  EXPECT_THAT(RunCommand({"inspect", model, "--color", "alway"}).err,
              HasSubstr("did you mean 'always'?"));
}

TEST_F(Input, LinesAreAsWideAsTold) {
  std::istringstream out(RunCommand({"inspect", "--width", "40", folder_ / "a.onnx"},
                                    {.environment = {{"COLUMNS", "200"}}})
                             .out);
  for (std::string line; std::getline(out, line);) EXPECT_LE(line.size(), 40u) << line;
}

TEST_F(Input, AFilterThatMatchesNothingSaysWhatIsNear) {
  const CommandResult result = RunCommand({"inspect", "--filter", "bnn", folder_ / "a.onnx"});
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.err, HasSubstr("no row matches 'bnn'; did you mean 'bn'?"));
  const CommandResult tensors =
      RunCommand({"inspect", "--by", "tensor", "--filter", "kernal", folder_ / "a.onnx"});
  EXPECT_THAT(tensors.err, HasSubstr("did you mean 'kernel'?"));
  EXPECT_THAT(RunCommand({"inspect", "--filter", "bn", folder_ / "a.onnx"}).err, IsEmpty());
}

TEST_F(Input, ManualPagesGoIntoAFolder) {
  const CommandResult result = RunCommand({"man", "--into", folder_.path()});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_TRUE(std::filesystem::exists(folder_ / "hoarfrost.1"));
  EXPECT_EQ(ReadFile(folder_ / "hoarfrost-freeze.1"), RunCommand({"man", "freeze"}).out);
}

}  // namespace
}  // namespace hoarfrost::testing
