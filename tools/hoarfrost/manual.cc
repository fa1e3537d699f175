// Manual pages in roff, in the macros of man(7).
#include <fmt/format.h>

#include <string>
#include <string_view>

#include "completion.h"

namespace hoarfrost::tool {
namespace {

// Text of a line: a backslash, and a dot or quote at its beginning, would be taken as a request.
std::string Roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool at_start = out.empty() || out.back() == '\n';
    if (at_start && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

std::string Heading(std::string_view title) {
  return fmt::format(".TH \"{}\" \"1\" \"\" \"hoarfrost {}\" \"hoarfrost\"\n", Roff(title),
                     HOARFROST_VERSION);
}

constexpr const char* kStatus =
    ".SH EXIT STATUS\n0 done; 1 done, and the answer is no; 2 could not.\n";

}  // namespace

std::string ManualPage(const std::vector<CommandHelp>& commands) {
  std::string out = Heading("HOARFROST");
  out +=
      ".SH NAME\nhoarfrost \\- inspect ONNX models and freeze their layers\n"
      ".SH SYNOPSIS\n.B hoarfrost\n.I COMMAND\n[\\fIOPTIONS\\fR] \\fIMODEL\\fR...\n"
      ".SH DESCRIPTION\nReads ONNX models without their weights, says what every tensor is for, "
      "and freezes layers before fine\\-tuning.\n.SH COMMANDS\n";
  for (const CommandHelp& command : commands) {
    out += fmt::format(".TP\n.BR hoarfrost\\-{} (1)\n{}\n", Roff(command.name), Roff(command.line));
  }
  out +=
      ".SH OPTIONS\n.TP\n.BR \\-h \", \" \\-\\-help\nPrint help; after a command, that command's\n"
      ".TP\n.B \\-\\-version\nPrint the version; with \\-\\-json, those of its parts too\n";
  return out + kStatus;
}

std::string ManualPage(const CommandHelp& command) {
  std::string out = Heading("HOARFROST-" + command.name);
  out += fmt::format(".SH NAME\nhoarfrost\\-{0} \\- {1}\n.SH SYNOPSIS\n.B hoarfrost {0}\n",
                     Roff(command.name), Roff(command.line));
  out += "[\\fIOPTIONS\\fR]";
  for (const OptionHelp& option : command.options) {
    if (option.names.empty()) out += fmt::format(" \\fI{}\\fR", Roff(option.type));
  }
  out += fmt::format("\n.SH DESCRIPTION\n{}.\n.SH OPTIONS\n", Roff(command.text));
  for (const OptionHelp& option : command.options) {
    std::string names;
    for (const std::string& name : option.names) {
      names += fmt::format("{}\\fB{}\\fR", names.empty() ? "" : ", ", Roff(name));
    }
    if (names.empty()) {
      out += fmt::format(".TP\n\\fI{}\\fR\n", Roff(option.type));
    } else if (option.type.empty()) {
      out += fmt::format(".TP\n{}\n", names);
    } else {
      out += fmt::format(".TP\n{} \\fI{}\\fR\n", names, Roff(option.type));
    }
    out += Roff(option.text) + "\n";
  }
  if (!command.footer.empty()) {
    out += fmt::format(".SH NOTES\n{}\n", Roff(command.footer));
  }
  if (command.footer.find("Exit status") == std::string::npos) out += kStatus;
  return out + ".SH SEE ALSO\n.BR hoarfrost (1)\n";
}

}  // namespace hoarfrost::tool
