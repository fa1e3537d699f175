// Runs a piece of work in a process of its own, so that what it breaks, eats or waits for is its
// own.
//
//   absl::StatusOr<std::string> answer = base::RunIsolated("shape inference", limits, [&] { ... });
#ifndef HOARFROST_BASE_ISOLATE_H_
#define HOARFROST_BASE_ISOLATE_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace hoarfrost::base {

struct IsolationLimits {
  uint64_t memory;               // bytes that the work may add to what the process holds already
  std::chrono::seconds seconds;  // of processor time, and of waiting
};

// Calls `work` in a forked child, which sees this process's memory as it is, and gives back what
// it returns. The child writes nothing to the standard streams and calls no exit handler.
//
// Errors: kResourceExhausted where the limits were met, kInternal where the work threw or crashed,
// or no process could be made; each message begins with `what`.
absl::StatusOr<std::string> RunIsolated(std::string_view what, const IsolationLimits& limits,
                                        const std::function<std::string()>& work);

}  // namespace hoarfrost::base

#endif  // HOARFROST_BASE_ISOLATE_H_
