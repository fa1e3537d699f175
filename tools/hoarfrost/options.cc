#include "options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace hoarfrost::tool {
namespace {

constexpr int64_t kNarrowest = 20;
constexpr int64_t kWidest = 100'000;

// "; did you mean '--json'?", or nothing.
std::string Suggestion(const CLI::App& app, std::string_view word) {
  const bool is_long = word.starts_with("--");
  const std::string_view bare = word.substr(is_long ? 2 : 1);
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back(name);
  }
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string_view key = bare.substr(0, bare.find('='));
  const std::vector<std::string> near = base::NearNames(key, views, 1);
  return near.empty() ? std::string() : fmt::format("; did you mean '--{}'?", near[0]);
}

}  // namespace

std::string Instead(std::string_view word, const std::vector<std::string_view>& known) {
  const std::vector<std::string> near = base::NearNames(word, known, 1);
  return near.empty() ? fmt::format("one of {}", fmt::join(known, ", "))
                      : fmt::format("did you mean '{}'?", near[0]);
}

void StyleOptions::AddTo(CLI::App& app) {
  app.add_option("--color", color,
                 "Colours: auto (the default: on a terminal, and as NO_COLOR, CLICOLOR and "
                 "CLICOLOR_FORCE say), always or never")
      ->type_name("auto|always|never");
  app.add_option("--width", width, "Columns that text may take (default: those of the terminal)")
      ->type_name("N")
      ->check([](const std::string& word) {
        int64_t n = 0;
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), n);
        const bool whole = error == std::errc() && end == word.data() + word.size();
        return whole && n >= kNarrowest && n <= kWidest
                   ? std::string()
                   : fmt::format("{}: a number of columns, {} to {}", base::Quote(word), kNarrowest,
                                 kWidest);
      });
}

bool StyleOptions::Apply(const std::string& command, Console& console) const {
  if (!color.empty() && color != "auto" && color != "always" && color != "never") {
    console.Error(command, fmt::format("--color {}: {}", base::Quote(color),
                                       Instead(color, {"auto", "always", "never"})));
    return false;
  }
  if (color == "always" || color == "never") console.color = color == "always";
  if (width > 0) console.width = static_cast<int>(width);
  return true;
}

std::optional<int> ParseOptions(CLI::App& app, Arguments args, Console& console) {
  const std::string command = app.get_name();
  const auto wrong_usage = [&](std::string_view cause) {
    console.Error(command, fmt::format("{} (see hoarfrost {} --help)", cause, command));
    return kFailed;
  };
  app.name(fmt::format("hoarfrost {}", command));
  app.set_help_flag("-h,--help", "Print this help");
  if (console.on_options) {
    console.on_options(app);
    return kDone;
  }
  app.allow_extras();  // unknown options are answered below, with better words
  try {
    // CLI11 takes a vector from its end.
    std::vector<std::string> reversed(args.rbegin(), args.rend());
    app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    console.out().Write(app.help());
    return kDone;
  } catch (const CLI::ParseError& error) {
    return wrong_usage(error.what());
  }
  for (const std::string& extra : app.remaining()) {
    if (extra == "--") continue;
    return wrong_usage(
        fmt::format("unknown option {}{}", base::Quote(extra), Suggestion(app, extra)));
  }
  return std::nullopt;
}

}  // namespace hoarfrost::tool
