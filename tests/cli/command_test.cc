// The command through its real binary: exit status, messages, and what stdout may be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/run_command.h"

namespace hoarfrost::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

TEST(Command, PrintsItsVersion) {
  const CommandResult result = RunCommand({"--version"});
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.out, StartsWith("hoarfrost "));
}

TEST(Command, HelpIsAnsweredWhereverItStands) {
  for (const std::vector<std::string>& args :
       std::vector<std::vector<std::string>>{{"-h"},
                                             {"--help"},
                                             {"help"},
                                             {"inspect", "-h"},
                                             {"help", "inspect"},
                                             {"-h", "inspect"},
                                             {"inspect", "no.onnx", "--help"},
                                             {"inspect", "--no-such-option", "-h"}}) {
    const CommandResult result = RunCommand(args);
    EXPECT_EQ(result.status, 0);
    EXPECT_THAT(result.out, HasSubstr("Usage: hoarfrost "));
    EXPECT_THAT(result.err, IsEmpty());
  }
}

TEST(Command, WithoutACommandSaysWhatThereIs) {
  const CommandResult result = RunCommand({});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.out, IsEmpty());
  EXPECT_THAT(result.err, HasSubstr("inspect"));
}

TEST(Command, UnknownWordsAreAnsweredWithTheNearestKnownOne) {
  EXPECT_THAT(RunCommand({"inspct"}).err, HasSubstr("did you mean 'inspect'?"));
  EXPECT_THAT(RunCommand({"--versoin"}).err, HasSubstr("did you mean '--version'?"));
  EXPECT_THAT(RunCommand({"inspect", "--jsn", "m.onnx"}).err, HasSubstr("did you mean '--json'?"));
  EXPECT_THAT(RunCommand({"inspect", "--by", "operater", "m.onnx"}).err,
              HasSubstr("did you mean 'operator'?"));
  for (const char* word : {"inspct", "--versoin", "zzzzzz"}) {
    EXPECT_EQ(RunCommand({word}).status, 2);
  }
}

TEST(Command, TellsTheVersionsOfItsParts) {
  const CommandResult result = RunCommand({"--version", "--json"});
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.out, StartsWith("{\"schema\":\"hoarfrost.version/1\",\"version\":\"0."));
  EXPECT_THAT(result.out, HasSubstr("\"onnx\":\"1.23.2\""));
  EXPECT_THAT(result.out, HasSubstr("\"protobuf\":\"3."));
  EXPECT_EQ(RunCommand({"--version", "--jsn"}).status, 2);
}

TEST(Command, HelpOnAnUnknownCommandIsAMiss) {
  const CommandResult result = RunCommand({"help", "frieze"});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("did you mean 'freeze'?"));
}

TEST(Command, StandardInputIsReadOnlyWhereNothingIsWritten) {
  const std::vector<std::vector<std::string>> writers = {
      {"freeze", "-", "--all", "-o", "out.onnx"},
      {"thaw", "-", "-o", "out.onnx"},
      {"merge", "-", "tuned.onnx", "-o", "o.onnx"},
      {"diff", "-", "b.onnx"},
      {"verify", "a.onnx", "-"},
      {"batch", "-"}};
  for (const std::vector<std::string>& args : writers) {
    const CommandResult result = RunCommand(args);
    EXPECT_EQ(result.status, 2) << args[0];
    EXPECT_THAT(result.err, HasSubstr("standard input is for inspect")) << args[0];
  }
}

TEST(Command, BadUsageIsStatusTwoAndSaysWhy) {
  const std::vector<std::vector<std::string>> wrong = {
      {"inspect"},
      {"inspect", "--depth", "0", "m.onnx"},
      {"inspect", "--depth", "-1", "m.onnx"},
      {"inspect", "--depth", "many", "m.onnx"},
      {"inspect", "--depth"},
      {"inspect", "--json", "--csv", "m.onnx"},
      {"inspect", "--json", "--by", "tensor", "m.onnx"},
      {"inspect", "--by", "tensor", "--depth", "1", "m.onnx"},
      {"inspect", "--filter", "[", "m.onnx"},
      {"inspect", "--filter", "re:(", "m.onnx"},
      {"inspect", "--by", "colour", "m.onnx"},
      {"inspect", "--values", "--by", "layer", "m.onnx"},
      {"inspect", "--color", "sometimes", "m.onnx"},
      {"inspect", "--width", "0", "m.onnx"},
      {"inspect", "--width", "wide", "m.onnx"},
  };
  for (const std::vector<std::string>& args : wrong) {
    const CommandResult result = RunCommand(args);
    EXPECT_EQ(result.status, 2) << args.back();
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_THAT(result.err, StartsWith("hoarfrost: inspect: "));
  }
}

}  // namespace
}  // namespace hoarfrost::testing
