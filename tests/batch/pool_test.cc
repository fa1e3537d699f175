#include "batch/pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace hoarfrost::batch {
namespace {

Record Numbered(size_t i) {
  Record record;
  record.row.bytes = i;
  return record;
}

TEST(Pool, TakesResultsInOrderWhateverTheNumberOfThreads) {
  for (const size_t jobs : {1, 2, 7, 64, 2000}) {
    std::vector<uint64_t> taken;
    RunOrdered(
        5, 1000, {.jobs = jobs},
        [](size_t i) {
          if (i % 3 == 0) std::this_thread::yield();
          return Numbered(i);
        },
        [&](const Record& record) {
          taken.push_back(record.row.bytes);
          return true;
        });
    ASSERT_EQ(taken.size(), 995u) << jobs;
    for (size_t i = 0; i < taken.size(); ++i) ASSERT_EQ(taken[i], i + 5);
  }
}

TEST(Pool, BeginsNothingFarAheadOfTheOldestThatIsNotDone) {
  std::atomic<size_t> begun = 0;
  std::atomic<bool> release = false;
  size_t most = 0;
  RunOrdered(
      0, 10'000, {.jobs = 8, .tick = [&] { release = true; }},
      [&](size_t i) {
        ++begun;
        while (i == 0 && !release) std::this_thread::yield();
        if (i == 0) most = begun;
        return Numbered(i);
      },
      [](const Record&) { return true; });
  EXPECT_EQ(begun, 10'000u);
  EXPECT_LE(most, 100u);
}

TEST(Pool, LargeResultsWaitForNothingButTheirTurn) {
  std::atomic<size_t> made = 0;
  size_t taken = 0;
  RunOrdered(
      0, 60, {.jobs = 4},
      [&](size_t i) {
        Record record = Numbered(i);
        record.line.assign(size_t{10} << 20, 'x');
        ++made;
        return record;
      },
      [&](const Record&) {
        // 16 MiB may wait, and each thread may have one more in hand.
        EXPECT_LE(made - taken, 8u);
        ++taken;
        return true;
      });
  EXPECT_EQ(taken, 60u);
}

TEST(Pool, StoppedFinishesWhatWasBegunAndNothingMore) {
  std::atomic<bool> stop = false;
  std::atomic<size_t> begun = 0;
  size_t taken = 0;
  RunOrdered(
      0, 10'000, {.jobs = 8, .stop = &stop},
      [&](size_t i) {
        ++begun;
        if (i == 100) stop = true;
        return Numbered(i);
      },
      [&](const Record& record) {
        EXPECT_EQ(record.row.bytes, taken);
        ++taken;
        return true;
      });
  EXPECT_EQ(taken, begun);
  EXPECT_GE(taken, 101u);
  EXPECT_LT(taken, 10'000u);
}

TEST(Pool, ARefusalEndsIt) {
  size_t taken = 0;
  RunOrdered(0, 10'000, {.jobs = 8}, Numbered, [&](const Record&) { return ++taken < 10; });
  EXPECT_EQ(taken, 10u);
}

}  // namespace
}  // namespace hoarfrost::batch
