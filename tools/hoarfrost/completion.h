// Completion scripts and manual pages, made from the options that every subcommand declares.
#ifndef HOARFROST_TOOLS_HOARFROST_COMPLETION_H_
#define HOARFROST_TOOLS_HOARFROST_COMPLETION_H_

#include <string>
#include <vector>

#include "console.h"

namespace hoarfrost::tool {

struct OptionHelp {
  std::vector<std::string> names;  // "-o", "--output"; none for what stands without a name
  std::string type;                // "FILE", "freeze|train"; "" for a flag
  std::string text;
};

struct CommandHelp {
  std::string name;
  std::string line;  // as in the table of commands
  std::string text;
  std::string footer;
  std::vector<OptionHelp> options;
};

// Of every subcommand, in the order of the table. `console` is the one in use.
std::vector<CommandHelp> CommandsHelp(Console& console);

std::string BashCompletion(const std::vector<CommandHelp>& commands);
std::string ZshCompletion(const std::vector<CommandHelp>& commands);
std::string FishCompletion(const std::vector<CommandHelp>& commands);

// A manual page of section 1 in roff: of the whole, or of one command.
std::string ManualPage(const std::vector<CommandHelp>& commands);
std::string ManualPage(const CommandHelp& command);

}  // namespace hoarfrost::tool

#endif  // HOARFROST_TOOLS_HOARFROST_COMPLETION_H_
