// Completion for bash, zsh and fish: commands, their options, words an option takes, files.
#include <fmt/format.h>

#include <string>
#include <string_view>

#include "completion.h"

namespace hoarfrost::tool {
namespace {

// Words parted by '|' in an option's type: those it takes.
bool TakesWords(const OptionHelp& option) { return option.type.find('|') != std::string::npos; }

bool TakesFile(const OptionHelp& option) {
  return option.type == "FILE" || option.type == "OUT" || option.type == "PATH";
}

std::string Words(const OptionHelp& option) {
  std::string words = option.type;
  for (char& c : words) c = c == '|' ? ' ' : c;
  return words;
}

std::string Replaced(std::string_view text, std::string_view special, std::string_view before) {
  std::string out;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) out += before;
    out += c;
  }
  return out;
}

// Inside single quotes of a POSIX shell: a quote ends them, is escaped, and begins them again.
std::string PosixQuoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    c == '\'' ? out += "'\\''" : out += c;
  }
  return out + "'";
}

std::string FishQuoted(std::string_view text) { return "'" + Replaced(text, "'\\", "\\") + "'"; }

std::string Joined(const std::vector<std::string>& names, std::string_view separator) {
  std::string out;
  for (const std::string& name : names) {
    if (!out.empty()) out += separator;
    out += name;
  }
  return out;
}

}  // namespace

std::string BashCompletion(const std::vector<CommandHelp>& commands) {
  std::string names = "help";
  std::string cases;
  for (const CommandHelp& command : commands) {
    names += " " + command.name;
    std::string all, values;
    for (const OptionHelp& option : command.options) {
      if (option.names.empty()) continue;
      all += (all.empty() ? "" : " ") + Joined(option.names, " ");
      if (option.type.empty()) continue;
      const std::string what = TakesWords(option)  ? fmt::format("words='{}'", Words(option))
                               : TakesFile(option) ? "files=1"
                                                   : ":";
      values += fmt::format("        {}) value=1; {} ;;\n", Joined(option.names, "|"), what);
    }
    cases += fmt::format("    {})\n      options='{}'\n      case $before in\n{}      esac ;;\n",
                         command.name, all, values);
  }
  return fmt::format(R"(# bash completion for hoarfrost; made by: hoarfrost completion bash
_hoarfrost() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}}
  local options='' words='' value='' files=''
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W '{0} --help --version' -- "$current")
    return
  fi
  case ${{COMP_WORDS[1]}} in
    help) mapfile -t COMPREPLY < <(compgen -W '{0}' -- "$current"); return ;;
{1}  esac
  if [ -n "$words" ]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  elif [ -n "$value" ] && [ -z "$files" ]; then
    :
  elif [ -z "$value" ] && [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  fi
}}
complete -o filenames -F _hoarfrost hoarfrost
)",
                     names, cases);
}

std::string ZshCompletion(const std::vector<CommandHelp>& commands) {
  std::string lines, cases;
  for (const CommandHelp& command : commands) {
    lines += fmt::format("    {}\n",
                         PosixQuoted(command.name + ":" + Replaced(command.line, ":\\", "\\")));
    cases += fmt::format("    {})\n      _arguments", command.name);
    for (const OptionHelp& option : command.options) {
      for (const std::string& name : option.names) {
        std::string spec = "*" + name + "[" + Replaced(option.text, "[]:\\", "\\") + "]";
        if (!option.type.empty()) {
          spec += ":" + Replaced(option.type, ":\\", "\\") + ":";
          spec += TakesWords(option)  ? "(" + Words(option) + ")"
                  : TakesFile(option) ? "_files"
                                      : " ";
        }
        cases += fmt::format(" \\\n        {}", PosixQuoted(spec));
      }
    }
    cases += " \\\n        '*:file:_files' ;;\n";
  }
  return fmt::format(R"(#compdef hoarfrost
# zsh completion for hoarfrost; made by: hoarfrost completion zsh
_hoarfrost() {{
  local -a commands
  commands=(
{}  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
    help) _describe command commands ;;
{}  esac
}}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _hoarfrost "$@"
else
  compdef _hoarfrost hoarfrost
fi
)",
                     lines, cases);
}

std::string FishCompletion(const std::vector<CommandHelp>& commands) {
  std::string out =
      "# fish completion for hoarfrost; made by: hoarfrost completion fish\n"
      "complete -c hoarfrost -n __fish_use_subcommand -f\n"
      "complete -c hoarfrost -n __fish_use_subcommand -l version -d 'Print the version'\n"
      "complete -c hoarfrost -n __fish_use_subcommand -s h -l help -d 'Print help'\n";
  for (const CommandHelp& command : commands) {
    out += fmt::format("complete -c hoarfrost -n __fish_use_subcommand -a {} -d {}\n", command.name,
                       FishQuoted(command.line));
    for (const OptionHelp& option : command.options) {
      if (option.names.empty()) continue;
      out += fmt::format("complete -c hoarfrost -n '__fish_seen_subcommand_from {}'", command.name);
      for (const std::string& name : option.names) {
        out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
      if (TakesWords(option)) {
        out += fmt::format(" -x -a {}", FishQuoted(Words(option)));
      } else if (!option.type.empty()) {
        out += TakesFile(option) ? " -r -F" : " -x";
      }
      out += fmt::format(" -d {}\n", FishQuoted(option.text));
    }
  }
  return out;
}

}  // namespace hoarfrost::tool
