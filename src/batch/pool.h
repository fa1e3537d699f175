// Work on many threads whose results come out one at a time and in order.
//
// There are more threads than cores, since a model that is not in the page cache is waited for and
// not computed; those above the cores run only while things are waited for. Memory is bounded: a
// thread that is too far ahead of the oldest work that is not done waits for it.
#ifndef HOARFROST_BATCH_POOL_H_
#define HOARFROST_BATCH_POOL_H_

#include <atomic>
#include <cstddef>
#include <functional>

#include "batch/record.h"

namespace hoarfrost::batch {

struct PoolOptions {
  size_t jobs = 1;                          // threads
  const std::atomic<bool>* stop = nullptr;  // once true, no work is begun
  std::function<void()> tick = nullptr;     // called on the calling thread, about every 100 ms
};

// Calls make(first), make(first + 1), ... below `end` on the threads, and take() with each result,
// in order, one at a time, on any of them. Once take() gives false, or `stop` is set, what was
// begun is finished and taken (unless take() refused), and nothing more is begun.
void RunOrdered(size_t first, size_t end, const PoolOptions& options,
                const std::function<Record(size_t)>& make, const std::function<bool(Record)>& take);

}  // namespace hoarfrost::batch

#endif  // HOARFROST_BATCH_POOL_H_
