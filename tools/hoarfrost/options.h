// Command-line options of a subcommand, read by CLI11; its exceptions stay in here.
#ifndef HOARFROST_TOOLS_HOARFROST_OPTIONS_H_
#define HOARFROST_TOOLS_HOARFROST_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// CLI11 is one large header; what is not used of it stays out.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "subcommand.h"

namespace hoarfrost::tool {

// Parses `args` by the options that `app` declares. Returns an exit status where there is nothing
// left to do (help was asked for and printed, or the usage is wrong and said so), else nullopt.
// An unknown option is answered with the nearest known ones.
std::optional<int> ParseOptions(CLI::App& app, Arguments args, Console& console);

// "did you mean 'w'?" where `word` is near to one of `known`, else "one of a, b, c".
std::string Instead(std::string_view word, const std::vector<std::string_view>& known);

// --color and --width, for a command that prints tables or colours.
struct StyleOptions {
  void AddTo(CLI::App& app);
  // Hands them to the console; false, and said there, where one is wrong.
  bool Apply(const std::string& command, Console& console) const;

  std::string color;
  int64_t width = 0;  // 0: not given
};

}  // namespace hoarfrost::tool

#endif  // HOARFROST_TOOLS_HOARFROST_OPTIONS_H_
