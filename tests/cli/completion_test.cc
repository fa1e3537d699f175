// hoarfrost completion and hoarfrost man through the real binary; shells are tried by
// completion_test.py.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/run_command.h"

namespace hoarfrost::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(Completion, KnowsTheOptionsOfEveryCommandInEveryShell) {
  const std::string help = RunCommand({"freeze", "--help"}).out;
  ASSERT_THAT(help, HasSubstr("--in-place"));
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const CommandResult result = RunCommand({"completion", shell});
    EXPECT_EQ(result.status, 0);
    EXPECT_THAT(result.out, HasSubstr("in-place")) << shell;
    EXPECT_THAT(result.out, HasSubstr("fail-on")) << shell;
  }
}

TEST(Completion, AsksForAShellThatItKnows) {
  EXPECT_EQ(RunCommand({"completion"}).status, 2);
  const CommandResult result = RunCommand({"completion", "tcsh"});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("unknown shell 'tcsh'"));
}

TEST(Man, TellsOfTheWholeAndOfEachCommand) {
  EXPECT_THAT(RunCommand({"man"}).out, StartsWith(".TH \"HOARFROST\""));
  const CommandResult freeze = RunCommand({"man", "freeze"});
  EXPECT_EQ(freeze.status, 0);
  EXPECT_THAT(freeze.out, HasSubstr("\\fB\\-\\-in\\-place\\fR"));
  EXPECT_EQ(RunCommand({"man", "frieze"}).status, 2);
}

}  // namespace
}  // namespace hoarfrost::testing
