// The outside of the process: results to standard output, messages to standard error.
#ifndef HOARFROST_TOOLS_HOARFROST_CONSOLE_H_
#define HOARFROST_TOOLS_HOARFROST_CONSOLE_H_

#include <functional>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "base/sink.h"
#include "report/style.h"

namespace CLI {
class App;
}

namespace hoarfrost::tool {

// Writes to a descriptor. After a failed write the rest is swallowed, and error() says why.
class DescriptorSink final : public base::Sink {
 public:
  explicit DescriptorSink(int fd) : fd_(fd) {}
  void Write(std::string_view bytes) override;
  int error() const { return error_; }  // errno of the first failure, or 0

 private:
  int fd_;
  int error_ = 0;
};

class Console {
 public:
  // Makes sure that descriptors 0 to 2 are taken, so that no model is opened as one of them, and
  // that a reader who goes away shows as a failed write and not as a signal.
  Console();

  DescriptorSink& out() { return out_; }
  DescriptorSink& err() { return err_; }

  // "hoarfrost: SUBJECT: CAUSE", safe to show. SUBJECT is left out if empty, or if CAUSE has it.
  void Error(std::string_view subject, std::string_view cause);
  void Error(std::string_view subject, const absl::Status& status);

  // True once nothing more can be written: time to stop.
  bool closed() const { return out_.error() != 0; }

  // The exit status when all is written: `status`, unless writing failed for another reason than a
  // reader who has seen enough.
  int Finish(int status);

  // How to show text on standard output: width, character set, colour.
  report::Style style() const;

  // What the command line says of that; nullopt: the terminal and the environment decide.
  std::optional<bool> color;
  std::optional<int> width;

  // Where it is set, ParseOptions() hands a subcommand's options to it instead of reading any.
  std::function<void(const CLI::App&)> on_options;

 private:
  DescriptorSink out_;
  DescriptorSink err_;
};

}  // namespace hoarfrost::tool

#endif  // HOARFROST_TOOLS_HOARFROST_CONSOLE_H_
