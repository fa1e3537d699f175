#include "console.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/text.h"
#include "subcommand.h"

namespace hoarfrost::tool {
namespace {

std::string_view Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

// The character set by the rules of POSIX: LC_ALL before LC_CTYPE before LANG.
bool LocaleIsUtf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view value = Environment(name);
    if (value.empty()) continue;
    for (const std::string_view set : {"UTF-8", "utf-8", "UTF8", "utf8"}) {
      if (value.find(set) != std::string_view::npos) return true;
    }
    return false;
  }
  return false;
}

int Columns(bool terminal) {
  const std::string_view stated = Environment("COLUMNS");
  int columns = 0;
  const auto parsed = std::from_chars(stated.data(), stated.data() + stated.size(), columns);
  const bool whole = parsed.ec == std::errc() && parsed.ptr == stated.data() + stated.size();
  if (whole && columns > 0) return columns;
  winsize size{};
  if (terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    return size.ws_col;
  }
  constexpr int kTerminal = 80;
  constexpr int kElsewhere = 200;  // a file or pipe has no edge; keep lines readable all the same
  return terminal ? kTerminal : kElsewhere;
}

// NO_COLOR (no-color.org) before CLICOLOR_FORCE and CLICOLOR (bixense.com/clicolors).
bool EnvironmentWantsColor(bool terminal) {
  if (!Environment("NO_COLOR").empty()) return false;
  const std::string_view force = Environment("CLICOLOR_FORCE");
  if (!force.empty() && force != "0") return true;
  return terminal && Environment("CLICOLOR") != "0" && Environment("TERM") != "dumb";
}

}  // namespace

void DescriptorSink::Write(std::string_view bytes) {
  while (!bytes.empty() && error_ == 0) {
    const ssize_t written = write(fd_, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<size_t>(written));
    } else if (errno != EINTR) {
      error_ = errno;
    }
  }
}

Console::Console() : out_(STDOUT_FILENO), err_(STDERR_FILENO) {
  std::signal(SIGPIPE, SIG_IGN);
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (fcntl(fd, F_GETFD) == -1 && errno == EBADF) {
      // Reads fail on a descriptor open for writing, writes on one open for reading: as if closed.
      (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
  }
}

void Console::Error(std::string_view subject, std::string_view cause) {
  std::string line = "hoarfrost: ";
  const bool said = cause.starts_with(subject) || cause.starts_with(base::Escape(subject));
  if (!subject.empty() && !said) {
    line += fmt::format("{}: ", base::Escape(subject));
  }
  line += base::Escape(cause);
  line += '\n';
  err_.Write(line);
}

void Console::Error(std::string_view subject, const absl::Status& status) {
  const auto message = status.message();
  Error(subject, std::string_view(message.data(), message.size()));
}

int Console::Finish(int status) {
  if (out_.error() == 0 || out_.error() == EPIPE) return status;
  Error("", fmt::format("cannot write to standard output: {}", std::strerror(out_.error())));
  return kFailed;
}

report::Style Console::style() const {
  report::Style style;
  const bool terminal = isatty(STDOUT_FILENO) == 1;
  style.width = width.has_value() ? *width : Columns(terminal);
  style.unicode = LocaleIsUtf8();
  style.color = color.has_value() ? *color : EnvironmentWantsColor(terminal);
  return style;
}

}  // namespace hoarfrost::tool
