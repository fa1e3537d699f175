// A batch from its folders to the finished report.
//
//   batch::RunOptions options;
//   options.roots = {"models"};
//   options.report = "report.jsonl";
//   absl::StatusOr<batch::RunResult> result = batch::Run(options, listener, nullptr);
#ifndef HOARFROST_BATCH_RUN_H_
#define HOARFROST_BATCH_RUN_H_

#include <atomic>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "batch/find.h"
#include "batch/record.h"
#include "batch/shard.h"
#include "batch/task.h"

namespace hoarfrost::batch {

struct RunOptions {
  std::vector<std::string> roots;
  FindOptions find;
  TaskOptions task;
  std::optional<Shard> shard;
  std::string report;  // "": records go to the listener only
  bool resume = false;
  size_t jobs = 0;       // threads; 0: DefaultJobs()
  std::string settings;  // what else makes the records what they are: selectors, a version
};

// Sees the records in order, one at a time, on any thread, but no two at once.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void Begin(size_t models) { (void)models; }
  // `kept`: from an interrupted run. False stops the run.
  virtual bool Take(const Row& row, std::string_view line, bool kept) = 0;
  virtual void Tick() {}  // about every 100 ms, and never during Take()
};

struct RunResult {
  size_t models = 0;             // that were found
  size_t done = 0;               // of which there is a record
  bool finished_before = false;  // --resume, and the report was there already
};

// As many as keep a disk busy: models that are not in memory are waited for.
size_t DefaultJobs();

// Runs until all is done, `stop` is set, the listener refuses, or the report cannot be written;
// what was done by then stays in its part file. InvalidArgument and NotFound for wrong options,
// before anything is written.
absl::StatusOr<RunResult> Run(const RunOptions& options, Listener& listener,
                              const std::atomic<bool>* stop);

}  // namespace hoarfrost::batch

#endif  // HOARFROST_BATCH_RUN_H_
