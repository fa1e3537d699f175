// hoarfrost completion, hoarfrost man: what shells and man(1) want to know of the command.
#include "completion.h"

#include <fmt/format.h>

#include <optional>
#include <string_view>

#include "base/text.h"
#include "options.h"
#include "page_file.h"
#include "subcommand.h"

namespace hoarfrost::tool {
namespace {

CommandHelp HelpOf(const CLI::App& app, const Subcommand& subcommand) {
  CommandHelp help{subcommand.name, subcommand.help, app.get_description(), app.get_footer(), {}};
  for (const CLI::Option* option : app.get_options()) {
    OptionHelp& entry = help.options.emplace_back();
    for (const std::string& name : option->get_snames()) entry.names.push_back("-" + name);
    for (const std::string& name : option->get_lnames()) entry.names.push_back("--" + name);
    const bool flag = option->get_items_expected_max() == 0;
    entry.type = flag ? "" : option->get_type_name();
    if (entry.names.empty() && entry.type.empty()) entry.type = option->get_name();
    entry.text = option->get_description();
  }
  return help;
}

const CommandHelp* Find(const std::vector<CommandHelp>& commands, const std::string& name) {
  for (const CommandHelp& command : commands) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

int WritePages(const std::vector<CommandHelp>& commands, const std::string& folder,
               Console& console) {
  const auto write = [&](const std::string& name, const std::string& page) {
    const absl::Status written = WritePageFile(
        fmt::format("{}/{}.1", folder, name), [&](base::Sink& sink) { sink.Write(page); }, console);
    if (!written.ok()) console.Error("man", written);
    return written.ok();
  };
  bool done = write("hoarfrost", ManualPage(commands));
  for (const CommandHelp& command : commands) {
    done = done && write("hoarfrost-" + command.name, ManualPage(command));
  }
  return done ? kDone : kFailed;
}

}  // namespace

std::vector<CommandHelp> CommandsHelp(Console& console) {
  std::vector<CommandHelp> commands;
  for (const Subcommand& subcommand : Subcommands()) {
    console.on_options = [&](const CLI::App& app) { commands.push_back(HelpOf(app, subcommand)); };
    subcommand.run({}, console);
  }
  console.on_options = nullptr;
  return commands;
}

int Completion(Arguments args, Console& console) {
  std::string shell;
  CLI::App app(
      "Print a script that completes hoarfrost's commands, options and files in a shell; into "
      "bash: source <(hoarfrost completion bash)",
      "completion");
  app.add_option("shell", shell, "bash, zsh or fish")->type_name("bash|zsh|fish");
  if (const std::optional<int> status = ParseOptions(app, args, console)) return *status;
  if (shell != "bash" && shell != "zsh" && shell != "fish") {
    console.Error("completion", shell.empty()
                                    ? "which shell? bash, zsh or fish"
                                    : fmt::format("unknown shell {}: {}", base::Quote(shell),
                                                  Instead(shell, {"bash", "zsh", "fish"})));
    return kFailed;
  }
  const std::vector<CommandHelp> commands = CommandsHelp(console);
  console.out().Write(shell == "bash"  ? BashCompletion(commands)
                      : shell == "zsh" ? ZshCompletion(commands)
                                       : FishCompletion(commands));
  return kDone;
}

int Man(Arguments args, Console& console) {
  std::string name, folder;
  CLI::App app(
      "Print a manual page, of hoarfrost or of one of its commands; to read it: hoarfrost man "
      "freeze | man -l -",
      "man");
  app.add_option("command", name, "A command of hoarfrost")->type_name("COMMAND");
  app.add_option("--into", folder, "Write the pages of all commands into this folder instead")
      ->type_name("PATH");
  if (const std::optional<int> status = ParseOptions(app, args, console)) return *status;
  const std::vector<CommandHelp> commands = CommandsHelp(console);
  if (app.count("--into") > 0) return WritePages(commands, folder, console);
  if (name.empty()) {
    console.out().Write(ManualPage(commands));
    return kDone;
  }
  const CommandHelp* command = Find(commands, name);
  if (command == nullptr) {
    std::vector<std::string_view> names;
    for (const CommandHelp& each : commands) names.push_back(each.name);
    console.Error("man",
                  fmt::format("unknown command {}: {}", base::Quote(name), Instead(name, names)));
    return kFailed;
  }
  console.out().Write(ManualPage(*command));
  return kDone;
}

}  // namespace hoarfrost::tool
