// hoarfrost inspect through the real binary, on files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "support/json_schema.h"
#include "support/models.h"
#include "support/onnx_text.h"
#include "support/run_command.h"
#include "support/temp_folder.h"

namespace hoarfrost::testing {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class Inspect : public ::testing::Test {
 protected:
  void SetUp() override {
    WriteFile(dense_, ParseModelBytes(kDense));
    WriteFile(dense_bn_, ParseModelBytes(kDenseBatchNorm));
    WriteFile(broken_, "this is no model");
  }

  TempFolder folder_;
  const std::string dense_ = folder_ / "dense.onnx";
  const std::string dense_bn_ = folder_ / "dense_bn.onnx";
  const std::string broken_ = folder_ / "broken.onnx";
};

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST_F(Inspect, CountsTheNotebooksModels) {
  const CommandResult dense = RunCommand({"inspect", dense_});
  EXPECT_EQ(dense.status, 0);
  EXPECT_THAT(Lines(dense.out), Contains("Total params:         1,010 (3.95 KB)"));
  EXPECT_THAT(Lines(dense.out), Contains("Trainable params:     1,010 (3.95 KB)"));
  const CommandResult bn = RunCommand({"inspect", dense_bn_});
  EXPECT_THAT(Lines(bn.out), Contains("Total params:         1,050 (4.10 KB)"));
  EXPECT_THAT(Lines(bn.out), Contains("Trainable params:     1,030 (4.02 KB)"));
  EXPECT_THAT(bn.err, IsEmpty());
}

TEST_F(Inspect, JsonFitsItsSchemaOneLineAModel) {
  const CommandResult result = RunCommand({"inspect", "--json", dense_, dense_bn_});
  EXPECT_EQ(result.status, 0);
  const std::vector<std::string> lines = Lines(result.out);
  ASSERT_EQ(lines.size(), 2u);
  const json schema = ReadSchema("inspect.schema.json");
  for (const std::string& line : lines) {
    const json parsed = json::parse(line, nullptr, false);
    ASSERT_FALSE(parsed.is_discarded());
    EXPECT_THAT(SchemaErrors(schema, parsed), IsEmpty());
  }
  EXPECT_EQ(json::parse(lines[0])["file"], dense_);
  EXPECT_EQ(json::parse(lines[1])["totals"]["trainable"], 1030);
}

TEST_F(Inspect, EveryPublicModelFitsTheSchema) {
  const json schema = ReadSchema("inspect.schema.json");
  std::vector<std::string> args = {"inspect", "--json"};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(HOARFROST_TESTDATA)) {
    if (entry.path().extension() == ".onnx") args.push_back(entry.path().string());
  }
  ASSERT_GT(args.size(), 2U) << "no models in testdata";
  const CommandResult result = RunCommand(args);
  EXPECT_FALSE(result.out.empty());
  for (const std::string& line : Lines(result.out)) {
    const json parsed = json::parse(line, nullptr, false);
    ASSERT_FALSE(parsed.is_discarded()) << line.substr(0, 200);
    EXPECT_THAT(SchemaErrors(schema, parsed), IsEmpty()) << parsed["file"];
    uint64_t sum = 0;
    for (const json& layer : parsed["layers"]) sum += layer["parameters"].get<uint64_t>();
    EXPECT_EQ(sum, parsed["totals"]["parameters"].get<uint64_t>()) << parsed["file"];
    EXPECT_EQ(parsed["totals"]["trainable"].get<uint64_t>() +
                  parsed["totals"]["non_trainable"].get<uint64_t>(),
              parsed["totals"]["parameters"].get<uint64_t>());
  }
}

TEST_F(Inspect, AnUnreadableModelDoesNotStopTheOthers) {
  const CommandResult result =
      RunCommand({"inspect", "--json", broken_, dense_, folder_ / "absent.onnx", dense_bn_});
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(Lines(result.out).size(), 2u);
  const std::vector<std::string> errors = Lines(result.err);
  ASSERT_EQ(errors.size(), 2u);
  EXPECT_THAT(errors[0], StartsWith("hoarfrost: " + broken_ + ": "));
  EXPECT_THAT(errors[1], StartsWith("hoarfrost: " + folder_ / "absent.onnx" + ": "));
}

TEST_F(Inspect, AMessageNamesItsFileOnce) {
  for (const std::string& model : {broken_, folder_ / "absent.onnx", folder_.path()}) {
    const std::string err = RunCommand({"inspect", model}).err;
    EXPECT_EQ(err.find(model), err.rfind(model)) << err;
    EXPECT_NE(err.find(model), std::string::npos) << err;
  }
}

TEST_F(Inspect, ADirectoryIsRefusedAsOne) {
  const CommandResult result = RunCommand({"inspect", folder_.path()});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("directory"));
}

TEST_F(Inspect, ReadsStandardInput) {
  const CommandResult result =
      RunCommand({"inspect", "--json", "-"}, {.input = ParseModelBytes(kDenseBatchNorm)});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(json::parse(result.out)["totals"]["parameters"], 1050);
  EXPECT_EQ(json::parse(result.out)["file"], "<stdin>");
}

TEST_F(Inspect, AFullDiskIsAnError) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const CommandResult result = RunCommand({"inspect", "--json", dense_}, {.out_path = "/dev/full"});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("cannot write to standard output"));
}

TEST_F(Inspect, AClosedOutputIsAnErrorAndNoModelTakesItsPlace) {
  const std::string before = ReadFile(dense_);
  const CommandResult result = RunCommand({"inspect", dense_}, {.close_out = true});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("cannot write to standard output"));
  EXPECT_EQ(ReadFile(dense_), before);
}

TEST_F(Inspect, AReaderWhoHasSeenEnoughIsNoError) {
  const CommandResult result = RunCommand({"inspect", dense_, dense_bn_}, {.cut_pipe = true});
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.err, IsEmpty());
}

TEST_F(Inspect, LinesFitTheWidthThatColumnsSays) {
  onnx::ModelProto model = ParseModel(kDenseBatchNorm);
  model.mutable_graph()->mutable_node(0)->set_name(std::string(500, 'n'));
  const std::string path = folder_ / "long.onnx";
  WriteFile(path, model.SerializeAsString());
  for (const size_t width : {40, 80, 200}) {
    const CommandResult result =
        RunCommand({"inspect", path}, {.environment = {{"COLUMNS", std::to_string(width)}}});
    EXPECT_EQ(result.status, 0);
    for (const std::string& line : Lines(result.out)) EXPECT_LE(line.size(), width) << line;
  }
}

TEST_F(Inspect, DrawsBoxesOnlyInAUtf8Locale) {
  const auto run = [&](const std::string& name, const std::string& value) {
    return RunCommand({"inspect", dense_}, {.environment = {{name, value}}}).out;
  };
  EXPECT_THAT(run("LANG", "C.UTF-8"), HasSubstr("\xE2\x94\x8C"));
  EXPECT_THAT(run("LC_ALL", "en_US.utf8"), HasSubstr("\xE2\x94\x8C"));
  EXPECT_THAT(run("LANG", "C"), AllOf(HasSubstr("+--"), Not(HasSubstr("\xE2"))));
}

TEST_F(Inspect, APipeGetsNoColour) {
  for (const auto& environment : std::vector<std::map<std::string, std::string>>{
           {}, {{"NO_COLOR", "1"}}, {{"TERM", "xterm-256color"}}}) {
    const CommandResult result = RunCommand({"inspect", dense_bn_}, {.environment = environment});
    EXPECT_THAT(result.out, Not(HasSubstr("\x1b")));
  }
}

TEST_F(Inspect, HostileNamesReachNoTerminalRaw) {
  onnx::ModelProto model = ParseModel(kDense);
  const std::string hostile("\x1b]0;title\x07\0\r\n\t\xFF\x9b", 16);
  model.mutable_graph()->set_name(hostile);
  model.mutable_graph()->mutable_node(0)->set_name(hostile);
  model.mutable_graph()->mutable_node(0)->set_input(2, hostile);
  model.mutable_graph()->mutable_initializer(1)->set_name(hostile);
  const std::string path = folder_ / "hostile\x1b.onnx";
  WriteFile(path, model.SerializeAsString());
  for (const std::vector<std::string>& options :
       std::vector<std::vector<std::string>>{{},
                                             {"--json"},
                                             {"--csv"},
                                             {"--markdown"},
                                             {"--by", "tensor"},
                                             {"--csv", "--by", "tensor"}}) {
    std::vector<std::string> args = {"inspect", path, path + "\x1b.absent"};
    args.insert(args.end(), options.begin(), options.end());
    const CommandResult result = RunCommand(args);
    EXPECT_EQ(result.status, 2);
    for (const std::string& text : {result.out, result.err}) {
      for (const char c : text) {
        EXPECT_TRUE(c == '\n' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F))
            << static_cast<int>(c);
      }
    }
  }
}

TEST_F(Inspect, EverySpellingOfAnOptionSaysTheSame) {
  const std::string expected = RunCommand({"inspect", "--by", "tensor", dense_}).out;
  EXPECT_EQ(RunCommand({"inspect", "--by=tensor", dense_}).out, expected);
  EXPECT_EQ(RunCommand({"inspect", dense_, "--by", "tensor"}).out, expected);
  EXPECT_EQ(RunCommand({"inspect", "--by", "tensor", "--", dense_}).out, expected);
}

TEST_F(Inspect, ModelsAreOnlyRead) {
  const std::string before = ReadFile(dense_bn_);
  const std::set<std::string> names = folder_.Names();
  for (const char* option : {"--json", "--csv", "--markdown", "--shapes", "--all-layers"}) {
    EXPECT_EQ(RunCommand({"inspect", option, dense_bn_}).status, 0);
  }
  EXPECT_EQ(ReadFile(dense_bn_), before);
  EXPECT_EQ(folder_.Names(), names);
}

}  // namespace
}  // namespace hoarfrost::testing
