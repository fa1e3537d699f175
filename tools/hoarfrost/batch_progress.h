// How far a batch is, on standard error: a bar on a terminal, a line now and then elsewhere.
#ifndef HOARFROST_TOOLS_HOARFROST_BATCH_PROGRESS_H_
#define HOARFROST_TOOLS_HOARFROST_BATCH_PROGRESS_H_

#include <chrono>
#include <cstddef>
#include <string>

#include "console.h"

namespace hoarfrost::tool {

class BatchProgress {
 public:
  BatchProgress(Console& console, bool quiet);

  void Begin(size_t models) { models_ = models; }
  void Count(bool failed, bool kept);

  // Shows where it stands if it is time to.
  void Tick();

  // Takes the bar away, so that other text can be written.
  void Clear();

 private:
  using Clock = std::chrono::steady_clock;

  // "1,200 of 5,000 models (24%), 3 failed, 412/s, 9 s left"
  std::string Text() const;

  Console& console_;
  const bool terminal_;
  const bool quiet_;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point shown_ = start_;
  bool bar_ = false;  // is on the terminal now
  size_t models_ = 0;
  size_t done_ = 0;
  size_t failed_ = 0;
  size_t kept_ = 0;  // of those done, by an earlier run
};

}  // namespace hoarfrost::tool

#endif  // HOARFROST_TOOLS_HOARFROST_BATCH_PROGRESS_H_
