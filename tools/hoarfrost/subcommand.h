// A subcommand: one file, one row in the table of main.cc.
#ifndef HOARFROST_TOOLS_HOARFROST_SUBCOMMAND_H_
#define HOARFROST_TOOLS_HOARFROST_SUBCOMMAND_H_

#include <span>
#include <string>

#include "console.h"

namespace hoarfrost::tool {

// Exit status of the command.
enum Status : int {
  kDone = 0,
  kAnswerIsNo = 1,  // done, and the answer is no: verify failed, models differ
  kFailed = 2,      // could not: bad usage, unreadable model, no room for output
};

// `args`: what follows the subcommand's name.
using Arguments = std::span<const char* const>;

struct Subcommand {
  const char* name;
  const char* help;  // one line
  int (*run)(Arguments args, Console& console);
};

// The table of main.cc.
std::span<const Subcommand> Subcommands();

int Inspect(Arguments args, Console& console);
int Lint(Arguments args, Console& console);
int Explain(Arguments args, Console& console);
int Freeze(Arguments args, Console& console);
int Thaw(Arguments args, Console& console);
int Plan(Arguments args, Console& console);
int Verify(Arguments args, Console& console);
int Diff(Arguments args, Console& console);
int Merge(Arguments args, Console& console);
int Batch(Arguments args, Console& console);

int Completion(Arguments args, Console& console);
int Man(Arguments args, Console& console);

}  // namespace hoarfrost::tool

#endif  // HOARFROST_TOOLS_HOARFROST_SUBCOMMAND_H_
