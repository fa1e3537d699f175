// Command-line options of a subcommand, read by CLI11; its exceptions stay in here.
#ifndef HOARFROST_TOOLS_HOARFROST_OPTIONS_H_
#define HOARFROST_TOOLS_HOARFROST_OPTIONS_H_

#include <optional>
#include <string>

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

}  // namespace hoarfrost::tool

#endif  // HOARFROST_TOOLS_HOARFROST_OPTIONS_H_
