#include "batch_progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string_view>

#include "base/text.h"

namespace hoarfrost::tool {
namespace {

// A terminal that understands how to erase a line.
bool IsTerminal() {
  const char* term = std::getenv("TERM");
  return isatty(STDERR_FILENO) == 1 && (term == nullptr || std::string_view(term) != "dumb");
}

std::string Duration(double seconds) {
  const auto whole = static_cast<uint64_t>(std::ceil(seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

}  // namespace

BatchProgress::BatchProgress(Console& console, bool quiet)
    : console_(console), terminal_(IsTerminal()), quiet_(quiet) {}

void BatchProgress::Count(bool failed, bool kept) {
  ++done_;
  if (failed) ++failed_;
  if (kept) ++kept_;
}

std::string BatchProgress::Text() const {
  std::string text = fmt::format("{} of {} models ({}%)", base::WithCommas(done_),
                                 base::WithCommas(models_), 100 * done_ / std::max(models_, done_));
  if (failed_ > 0) text += fmt::format(", {} failed", base::WithCommas(failed_));
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  const double rate = static_cast<double>(done_ - kept_) / seconds;
  if (rate <= 0) return text;
  text += rate < 10 ? fmt::format(", {:.1f}/s", rate)
                    : fmt::format(", {}/s", base::WithCommas(static_cast<uint64_t>(rate)));
  const size_t left = models_ > done_ ? models_ - done_ : 0;
  return text + fmt::format(", {} left", Duration(static_cast<double>(left) / rate));
}

void BatchProgress::Tick() {
  if (quiet_ || models_ == 0) return;
  const Clock::time_point now = Clock::now();
  const auto pause = terminal_ ? std::chrono::milliseconds(200) : std::chrono::seconds(10);
  if (now - shown_ < pause) return;
  shown_ = now;
  if (!terminal_) {
    console_.err().Write(fmt::format("hoarfrost: batch: {}\n", Text()));
    return;
  }
  constexpr size_t kWidth = 20;
  const size_t filled = kWidth * done_ / std::max(models_, done_);
  console_.err().Write(fmt::format("\r\x1b[K[{}{}] {}", std::string(filled, '#'),
                                   std::string(kWidth - filled, '.'), Text()));
  bar_ = true;
}

void BatchProgress::Clear() {
  if (bar_) console_.err().Write("\r\x1b[K");
  bar_ = false;
}

}  // namespace hoarfrost::tool
