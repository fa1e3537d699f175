// Runs the real hoarfrost binary, in a folder and environment of its own.
#ifndef HOARFROST_TESTS_SUPPORT_RUN_COMMAND_H_
#define HOARFROST_TESTS_SUPPORT_RUN_COMMAND_H_

#include <map>
#include <string>
#include <vector>

namespace hoarfrost::testing {

struct CommandResult {
  int status = -1;  // exit status, or minus the signal that ended it
  std::string out;
  std::string err;
};

struct CommandOptions {
  std::map<std::string, std::string> environment = {};  // all there is, besides PATH
  std::string input = {};                               // standard input
  std::string out_path = {};  // where standard output goes instead, such as /dev/full
  bool close_out = false;     // no descriptor 1 at all
  bool cut_pipe = false;      // standard output is a pipe whose reader has gone
};

// `args`: what follows the command's name. Tests link the binary's path in as HOARFROST_COMMAND.
CommandResult RunCommand(const std::vector<std::string>& args, const CommandOptions& options = {});

}  // namespace hoarfrost::testing

#endif  // HOARFROST_TESTS_SUPPORT_RUN_COMMAND_H_
