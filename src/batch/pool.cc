#include "batch/pool.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace hoarfrost::batch {
namespace {

constexpr size_t kMostPendingBytes = size_t{16} << 20;

// How often this thread gave up its processor to wait for something, a read as a rule. Being
// preempted does not count, so that a busy machine does not look like a slow disk.
int64_t TimesWaited() {
  rusage usage = {};
  return getrusage(RUSAGE_THREAD, &usage) == 0 ? usage.ru_nvcsw : 0;
}

class Pool {
 public:
  Pool(size_t first, size_t end, const PoolOptions& options,
       const std::function<Record(size_t)>& make, const std::function<bool(Record)>& take)
      : options_(options),
        make_(make),
        take_(take),
        end_(end),
        jobs_(std::min(std::max<size_t>(options.jobs, 1), end - first)),
        cores_(std::min<size_t>(std::max(std::thread::hardware_concurrency(), 1U), jobs_)),
        next_(first),
        taken_(first),
        active_(cores_),
        ring_(std::max<size_t>(64, 4 * jobs_)) {}

  void Work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      while (!Ended() && (running_ >= active_ || !HasRoom())) {
        (running_ >= active_ ? idle_ : room_).wait(lock);
      }
      if (Ended()) break;
      const size_t i = next_++;
      if (Ended()) WakeAll();
      ++running_;
      lock.unlock();
      const int64_t before = TimesWaited();
      Record record = make_(i);
      const bool waited = TimesWaited() > before;
      lock.lock();
      --running_;
      Adapt(waited);
      pending_bytes_ += record.line.size();
      ring_[i % ring_.size()] = std::move(record);
      if (!taking_) TakeWhatIsReady(lock);
    }
    --working_;
    ended_.notify_one();
  }

  void Run() {
    working_ = jobs_;
    std::vector<std::thread> threads;
    threads.reserve(jobs_);
    for (size_t i = 0; i < jobs_; ++i) threads.emplace_back([this] { Work(); });
    {
      std::unique_lock lock(mutex_);
      constexpr std::chrono::milliseconds kTick(100);
      while (!ended_.wait_for(lock, kTick, [&] { return working_ == 0; })) {
        WakeAll();  // `stop` is set by a signal handler, which cannot
        lock.unlock();
        if (options_.tick) options_.tick();
        lock.lock();
      }
    }
    for (std::thread& thread : threads) thread.join();
  }

 private:
  bool Ended() const {
    return refused_ || next_ == end_ || (options_.stop != nullptr && *options_.stop);
  }

  bool HasRoom() const {
    return next_ < taken_ + ring_.size() && (pending_bytes_ < kMostPendingBytes || next_ == taken_);
  }

  void WakeAll() {
    idle_.notify_all();
    room_.notify_all();
  }

  // As many threads as cores while nothing is waited for: more would take turns, hold more memory
  // and make each model seem slow. Twice as many each time that most had to wait.
  void Adapt(bool waited) {
    constexpr double kWeight = 0.25;
    waiting_ += kWeight * ((waited ? 1.0 : 0.0) - waiting_);
    if (waiting_ > 0.6 && active_ < jobs_) {
      active_ = std::min(2 * active_, jobs_);
      waiting_ = 0.3;
      idle_.notify_all();
    } else if (waiting_ < 0.05 && active_ > cores_) {
      active_ = std::max(active_ / 2, cores_);
      waiting_ = 0.3;
    }
  }

  void TakeWhatIsReady(std::unique_lock<std::mutex>& lock) {
    taking_ = true;
    for (;;) {
      std::optional<Record>& slot = ring_[taken_ % ring_.size()];
      if (!slot.has_value() || refused_) break;
      Record record = *std::exchange(slot, std::nullopt);
      pending_bytes_ -= record.line.size();
      lock.unlock();
      const bool go_on = take_(std::move(record));
      lock.lock();
      ++taken_;
      room_.notify_all();
      if (!go_on) {
        refused_ = true;
        WakeAll();
      }
    }
    taking_ = false;
  }

  const PoolOptions& options_;
  const std::function<Record(size_t)>& make_;
  const std::function<bool(Record)>& take_;
  const size_t end_;

  const size_t jobs_;
  const size_t cores_;

  std::mutex mutex_;
  std::condition_variable idle_;   // for workers: more of them may run
  std::condition_variable room_;   // for workers: the oldest work is done
  std::condition_variable ended_;  // for the caller: a worker is done
  size_t next_;                    // to be begun
  size_t taken_;                   // what was taken lies below
  size_t active_;                  // how many workers may make a record at a time
  size_t running_ = 0;             // how many do
  double waiting_ = 0;  // share of records that were waited for, the latest counting most
  std::vector<std::optional<Record>> ring_;  // results of [taken_, next_), each when it is there
  size_t pending_bytes_ = 0;
  size_t working_ = 0;
  bool taking_ = false;
  bool refused_ = false;
};

}  // namespace

void RunOrdered(size_t first, size_t end, const PoolOptions& options,
                const std::function<Record(size_t)>& make,
                const std::function<bool(Record)>& take) {
  if (first < end) Pool(first, end, options, make, take).Run();
}

}  // namespace hoarfrost::batch
