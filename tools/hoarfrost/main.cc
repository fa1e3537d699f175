// The hoarfrost command: a table of subcommands, and what is left when none of them is meant.
#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/text.h"
#include "console.h"
#include "subcommand.h"
#include "versions.h"

namespace hoarfrost::tool {
namespace {

constexpr Subcommand kSubcommands[] = {
    {"inspect", "Print layers, parameters and totals of models", Inspect},
    {"lint", "Say what could go wrong with a model, and the remedy", Lint},
    {"explain", "Say of a tensor what it is for and why", Explain},
    {"freeze", "Write a model with layers frozen before fine-tuning", Freeze},
    {"thaw", "Write the model as it was before it was frozen", Thaw},
    {"plan", "Print what is trainable and what is frozen", Plan},
    {"verify", "Check that training left alone what was frozen", Verify},
    {"diff", "Say what two models differ in, and by how much", Diff},
    {"merge", "Write trained tensors into the model that they were trained from", Merge},
    {"batch", "Inspect or freeze all models of folders, one record each", Batch},
    {"completion", "Print a completion script for bash, zsh or fish", Completion},
    {"man", "Print a manual page", Man},
};

const Subcommand* Find(std::string_view name) {
  for (const Subcommand& subcommand : kSubcommands) {
    if (name == subcommand.name) return &subcommand;
  }
  return nullptr;
}

std::string Help() {
  std::string text =
      "hoarfrost reads ONNX models without their weights, says what every tensor is for, and\n"
      "freezes layers before fine-tuning.\n\n"
      "Usage: hoarfrost COMMAND [OPTIONS] MODEL...\n\nCommands:\n";
  for (const Subcommand& subcommand : kSubcommands) {
    text += fmt::format("  {:<12}{}\n", subcommand.name, subcommand.help);
  }
  text +=
      "\nOptions:\n"
      "  -h, --help  Print help; after a command, that command's\n"
      "  --version   Print the version; with --json, those of its parts too\n\n"
      "Exit status: 0 done; 1 done, and the answer is no; 2 could not.\n";
  return text;
}

int RefuseCommand(std::string_view word, Console& console) {
  const bool option = word.starts_with('-');
  std::vector<std::string_view> names = {"help"};
  for (const Subcommand& subcommand : kSubcommands) names.push_back(subcommand.name);
  if (option) names = {"--help", "--version"};
  const std::vector<std::string> near = base::NearNames(word, names, 1);
  std::string text = fmt::format("unknown {} {}", option ? "option" : "command", base::Quote(word));
  std::error_code ignored;
  if (!near.empty()) {
    text += fmt::format("; did you mean '{}'?", near[0]);
  } else if (!option && std::filesystem::exists(std::filesystem::path(word), ignored)) {
    text += fmt::format("; to look at a model: hoarfrost inspect {}", word);
  } else {
    text += "; see hoarfrost --help";
  }
  console.Error("", text);
  return kFailed;
}

int Run(Arguments args, Console& console) {
  if (args.empty()) {
    console.Error("", "no command given");
    console.err().Write(Help());
    return kFailed;
  }
  const std::string_view word = args[0];
  const bool help = word == "-h" || word == "--help" || word == "help";
  if (help) {
    const Subcommand* subcommand = args.size() > 1 ? Find(args[1]) : nullptr;
    if (subcommand == nullptr && args.size() > 1 && !std::string_view(args[1]).starts_with('-')) {
      return RefuseCommand(args[1], console);
    }
    if (subcommand == nullptr) {
      console.out().Write(Help());
      return kDone;
    }
    const char* const ask[] = {"--help"};
    return subcommand->run(Arguments(ask, 1), console);
  }
  if (word == "--version") {
    const std::string_view with = args.size() > 1 ? args[1] : "";
    if (with == "--json") {
      WriteVersionsJson(console.out());
      return kDone;
    }
    if (!with.empty()) {
      console.Error(
          "", fmt::format("--version goes alone or with --json, not with {}", base::Quote(with)));
      return kFailed;
    }
    console.out().Write("hoarfrost " HOARFROST_VERSION "\n");
    return kDone;
  }
  const Subcommand* subcommand = Find(word);
  return subcommand == nullptr ? RefuseCommand(word, console)
                               : subcommand->run(args.subspan(1), console);
}

}  // namespace

std::span<const Subcommand> Subcommands() { return kSubcommands; }

}  // namespace hoarfrost::tool

int main(int argc, char** argv) {
  hoarfrost::tool::Console console;
  const hoarfrost::tool::Arguments args(argv, static_cast<size_t>(argc));
  return console.Finish(hoarfrost::tool::Run(args.subspan(argc > 0 ? 1 : 0), console));
}
