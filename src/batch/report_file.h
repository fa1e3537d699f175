// A report while it is written, and after a run was killed.
//
// Records go to REPORT.part-RUN in the order of the finished report, so what lies there is always
// its beginning; RUN is a digest of the folders and options. Finishing brings it to disk and gives
// it the report's name: under that name there is a whole report or what was there before. A kill
// can leave a last line cut short; going on cuts it off.
#ifndef HOARFROST_BATCH_REPORT_FILE_H_
#define HOARFROST_BATCH_REPORT_FILE_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "wire/file_ops.h"

namespace hoarfrost::batch {

class ReportFile {
 public:
  // With `resume`, what an interrupted run of the same RUN left is kept, and FailedPrecondition
  // says where only another's is there. Without, all such leavings of the report are removed.
  // FailedPrecondition too where another process is writing this report.
  static absl::StatusOr<std::unique_ptr<ReportFile>> Begin(const std::string& report,
                                                           const std::string& run, bool resume,
                                                           wire::FileOps* ops = nullptr);

  ReportFile(const ReportFile&) = delete;
  ReportFile& operator=(const ReportFile&) = delete;
  ~ReportFile();  // leaves the part file for a later resume

  // Shows the whole lines that are there, until `keep` gives false: from that line on the file is
  // cut off. Called once, before Append().
  absl::Status Keep(const std::function<bool(std::string_view line)>& keep);

  // Adds a line, not at once to the file; Flush() brings all to it, and does nothing more often
  // than every 100 ms unless `now`. After a failure the file holds whole lines only.
  absl::Status Append(std::string_view line);
  absl::Status Flush(bool now);

  absl::Status Finish();

  // Removes the part file; for one that turns out not to be needed.
  void Abandon();

  // Whether there was nothing to go on with.
  bool is_new() const { return is_new_; }

 private:
  ReportFile(std::string target, std::string part, int fd, bool is_new, wire::FileOps& ops)
      : target_(std::move(target)), part_(std::move(part)), is_new_(is_new), ops_(ops), fd_(fd) {}

  const std::string target_;  // links resolved
  const std::string part_;
  const bool is_new_;
  wire::FileOps& ops_;
  int fd_;
  std::string buffer_;
  uint64_t size_ = 0;  // of the file, in whole lines
  std::chrono::steady_clock::time_point flushed_ = std::chrono::steady_clock::now();
};

}  // namespace hoarfrost::batch

#endif  // HOARFROST_BATCH_REPORT_FILE_H_
