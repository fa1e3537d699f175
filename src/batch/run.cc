#include "batch/run.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <xxhash.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "base/text.h"
#include "batch/lines.h"
#include "batch/pool.h"
#include "batch/report_file.h"
#include "batch/targets.h"

namespace hoarfrost::batch {
namespace {

// What two runs must have in common to make the same records.
std::string RunDigest(const RunOptions& options) {
  std::string text(kRecordSchema);
  const auto add = [&](std::string_view what) {
    text += fmt::format("\n{}:{}", what.size(), what);
  };
  const auto add_all = [&](const std::vector<std::string>& words) {
    text += fmt::format("\n{}", words.size());
    for (const std::string& word : words) add(word);
  };
  add_all(options.roots);
  add_all(options.find.globs);
  add_all(options.find.excludes);
  text += fmt::format("\n{} {}", options.find.hidden, options.task.full);
  if (options.task.freeze.has_value()) {
    const FreezeOrder& order = *options.task.freeze;
    text += fmt::format("\n{} {}", static_cast<int>(order.external), order.write_plan);
    add(order.output);
  }
  add(options.settings);
  return fmt::format("{:016x}", XXH3_64bits(text.data(), text.size()));
}

class Runner {
 public:
  Runner(const RunOptions& options, Listener& listener, const std::atomic<bool>* stop)
      : options_(options), listener_(listener), stop_(stop) {}

  absl::StatusOr<RunResult> Run() {
    if (absl::Status found = Prepare(); !found.ok()) return found;
    if (!options_.report.empty()) {
      if (absl::Status begun = BeginReport(); !begun.ok()) return begun;
      if (result_.finished_before) return result_;
    } else {
      listener_.Begin(files_.size());
    }
    PoolOptions pool;
    pool.jobs = options_.jobs == 0 ? DefaultJobs() : options_.jobs;
    pool.stop = stop_;
    pool.tick = [this] { Tick(); };
    if (!refused_) {
      RunOrdered(
          result_.done, files_.size(), pool,
          [this](size_t i) {
            return RunTask(files_[i], options_.task, targets_.empty() ? "" : targets_[i]);
          },
          [this](const Record& record) { return Take(record); });
    }
    if (report_ != nullptr && status_.ok()) {
      status_ = result_.done == files_.size() ? Finish() : report_->Flush(true);
    }
    if (!status_.ok()) return status_;
    return result_;
  }

 private:
  absl::Status Prepare() {
    if (options_.task.freeze.has_value()) {
      const std::string& output = options_.task.freeze->output;
      if (absl::Status apart = CheckOutput(options_.roots, output); !apart.ok()) return apart;
    }
    absl::StatusOr<std::vector<Found>> files = Find(options_.roots, options_.find);
    if (!files.ok()) return files.status();
    files_ = *std::move(files);
    if (options_.task.freeze.has_value()) {
      absl::StatusOr<std::vector<std::string>> targets = TargetsOf(options_.roots, files_);
      if (!targets.ok()) return targets.status();
      targets_ = *std::move(targets);
      const std::string& output = options_.task.freeze->output;
      std::error_code error;
      std::filesystem::create_directories(output, error);
      if (error) {
        return absl::UnavailableError(
            fmt::format("{}: cannot make this folder: {}", base::Escape(output), error.message()));
      }
    }
    if (options_.shard.has_value()) DropOtherShards();
    result_.models = files_.size();
    return absl::OkStatus();
  }

  void DropOtherShards() {
    size_t kept = 0;
    for (size_t i = 0; i < files_.size(); ++i) {
      if (!options_.shard->Holds(files_[i].relative())) continue;
      if (kept != i) {
        files_[kept] = std::move(files_[i]);
        if (!targets_.empty()) targets_[kept] = std::move(targets_[i]);
      }
      ++kept;
    }
    files_.resize(kept);
    if (!targets_.empty()) targets_.resize(kept);
  }

  absl::Status BeginReport() {
    run_ = RunDigest(options_);
    std::string part = run_;
    if (options_.shard.has_value()) {
      part += fmt::format("-{}-of-{}", options_.shard->number, options_.shard->of);
    }
    absl::StatusOr<std::unique_ptr<ReportFile>> report =
        ReportFile::Begin(options_.report, part, options_.resume);
    if (!report.ok()) return report.status();
    report_ = *std::move(report);
    if (options_.resume && report_->is_new()) {
      struct stat info = {};
      if (stat(options_.report.c_str(), &info) == 0) {
        report_->Abandon();
        return ShowFinished();
      }
    }
    listener_.Begin(files_.size());
    return report_->Keep([&](std::string_view line) {
      if (refused_ || result_.done == files_.size()) return false;
      const absl::StatusOr<Row> row = ReadRow(line);
      if (!row.ok() || row->file != files_[result_.done].file) return false;
      ++result_.done;
      refused_ = !listener_.Take(*row, line, true);
      return true;
    });
  }

  // The report is there and nothing is left to do: its records are all that there is to say.
  absl::Status ShowFinished() {
    result_ = {};
    result_.finished_before = true;
    absl::StatusOr<LineReader> lines = LineReader::Open(options_.report);
    if (!lines.ok()) return lines.status();
    for (std::string_view line; lines->Next(line);) {
      if (ParseShardEnd(line).has_value()) continue;
      const absl::StatusOr<Row> row = ReadRow(line);
      if (!row.ok()) {
        return absl::InvalidArgumentError(
            fmt::format("{}: is there and no report of hoarfrost batch; leave --resume out to "
                        "replace it",
                        base::Escape(options_.report)));
      }
      ++result_.done;
      ++result_.models;
      if (!listener_.Take(*row, line, true)) break;
    }
    return lines->status();
  }

  bool Take(const Record& record) {
    const std::lock_guard lock(mutex_);
    if (!status_.ok()) return false;
    if (report_ != nullptr) {
      status_ = report_->Append(record.line);
      if (!status_.ok()) return false;
    }
    ++result_.done;
    refused_ = !listener_.Take(record.row, record.line, false);
    return !refused_;
  }

  void Tick() {
    const std::lock_guard lock(mutex_);
    if (report_ != nullptr && status_.ok()) status_ = report_->Flush(false);
    listener_.Tick();
  }

  absl::Status Finish() {
    if (options_.shard.has_value()) {
      const absl::Status ended =
          report_->Append(ShardEndLine({*options_.shard, run_, files_.size()}));
      if (!ended.ok()) return ended;
    }
    return report_->Finish();
  }

  const RunOptions& options_;
  Listener& listener_;
  const std::atomic<bool>* const stop_;
  std::vector<Found> files_;
  std::vector<std::string> targets_;  // of frozen models; else empty
  std::string run_;
  std::unique_ptr<ReportFile> report_;
  RunResult result_;

  std::mutex mutex_;  // Take() and Tick() are called on different threads
  absl::Status status_;
  bool refused_ = false;
};

}  // namespace

size_t DefaultJobs() {
  constexpr size_t kForADisk = 32;
  return std::max<size_t>(kForADisk, 2 * size_t{std::thread::hardware_concurrency()});
}

absl::StatusOr<RunResult> Run(const RunOptions& options, Listener& listener,
                              const std::atomic<bool>* stop) {
  return Runner(options, listener, stop).Run();
}

}  // namespace hoarfrost::batch
