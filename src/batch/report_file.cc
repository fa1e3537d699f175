#include "batch/report_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "base/text.h"
#include "batch/lines.h"
#include "wire/atomic_file.h"

namespace hoarfrost::batch {
namespace {

constexpr size_t kBuffer = size_t{64} << 10;

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

absl::Status Busy(const std::string& report) {
  return absl::FailedPreconditionError(
      fmt::format("{}: another hoarfrost batch is writing it", base::Escape(report)));
}

// Part files of `target`, of any run.
std::vector<std::string> PartsOf(const std::string& target) {
  const std::string folder = FolderOf(target);
  const std::string start = std::filesystem::path(target).filename().string() + ".part-";
  std::vector<std::string> parts;
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  while (!error && entry != std::filesystem::directory_iterator()) {
    if (entry->path().filename().string().starts_with(start)) {
      parts.push_back(fmt::format("{}/{}", folder, entry->path().filename().string()));
    }
    entry.increment(error);
  }
  return parts;
}

bool IsLocked(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return false;
  const bool locked = flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  close(fd);
  return locked;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ReportFile>> ReportFile::Begin(const std::string& report,
                                                              const std::string& run, bool resume,
                                                              wire::FileOps* ops) {
  wire::FileOps& calls = ops != nullptr ? *ops : wire::FileOps::System();
  absl::StatusOr<std::string> target = wire::ResolveTarget(report);
  if (!target.ok()) return target.status();
  struct stat info = {};
  if (stat(target->c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    return absl::InvalidArgumentError(
        fmt::format("{}: is no regular file that could be replaced", base::Escape(report)));
  }
  // Under the folder as it was written: a report "r" in "." keeps its short name in messages.
  const size_t slash = target->rfind('/');
  const std::string part = fmt::format("{}.part-{}", *target, run);
  const std::string name = part.substr(slash == std::string::npos ? 0 : slash + 1);
  bool own = false;
  for (const std::string& other : PartsOf(*target)) {
    if (IsLocked(other)) return Busy(report);
    const bool same = other.ends_with("/" + name);
    own = own || (resume && same);
    if (!resume && calls.Unlink(other) != 0) {
      return wire::SystemError(errno, fmt::format("{}: cannot remove it", base::Escape(other)));
    }
  }
  if (resume && !own && !PartsOf(*target).empty()) {
    return absl::FailedPreconditionError(fmt::format(
        "{}: was begun by a run of other folders or options; give the same ones to go on with it, "
        "or leave --resume out to begin anew",
        base::Escape(report)));
  }
  const int fd = open(part.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (fd < 0) {
    return wire::SystemError(errno, fmt::format("{}: cannot be made", base::Escape(part)));
  }
  if (flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    close(fd);
    return Busy(report);
  }
  return std::unique_ptr<ReportFile>(new ReportFile(*target, part, fd, !own, calls));
}

ReportFile::~ReportFile() { close(fd_); }

void ReportFile::Abandon() { (void)ops_.Unlink(part_); }

absl::Status ReportFile::Keep(const std::function<bool(std::string_view line)>& keep) {
  absl::StatusOr<LineReader> lines = LineReader::Open(part_);
  if (!lines.ok()) return lines.status();
  for (std::string_view line; lines->Next(line);) {
    if (!keep(line)) break;
    size_ = lines->offset();
  }
  if (!lines->status().ok()) return lines->status();
  if (ops_.Resize(fd_, static_cast<off_t>(size_)) == 0) return absl::OkStatus();
  return wire::SystemError(errno, fmt::format("{}: cannot be cut", base::Escape(part_)));
}

absl::Status ReportFile::Append(std::string_view line) {
  buffer_.append(line);
  return Flush(buffer_.size() >= kBuffer);
}

absl::Status ReportFile::Flush(bool now) {
  constexpr std::chrono::milliseconds kPause(100);
  const auto time = std::chrono::steady_clock::now();
  if (buffer_.empty() || (!now && time - flushed_ < kPause)) return absl::OkStatus();
  flushed_ = time;
  size_t done = 0;
  while (done < buffer_.size()) {
    const ssize_t written = ops_.WriteAt(fd_, buffer_.data() + done, buffer_.size() - done,
                                         static_cast<off_t>(size_ + done));
    if (written > 0) {
      done += static_cast<size_t>(written);
    } else if (written == 0 || errno != EINTR) {
      const int error = written == 0 ? ENOSPC : errno;
      // Lines that are whole may stay.
      const size_t feed = buffer_.rfind('\n', done == 0 ? 0 : done - 1);
      size_ += done == 0 || feed == std::string::npos ? 0 : feed + 1;
      (void)ops_.Resize(fd_, static_cast<off_t>(size_));
      buffer_.clear();
      return wire::SystemError(error, fmt::format("{}: cannot write", base::Escape(part_)));
    }
  }
  size_ += done;
  buffer_.clear();
  return absl::OkStatus();
}

absl::Status ReportFile::Finish() {
  if (absl::Status flushed = Flush(true); !flushed.ok()) return flushed;
  if (ops_.Sync(fd_) != 0) {
    return wire::SystemError(errno,
                             fmt::format("{}: cannot bring it to disk", base::Escape(part_)));
  }
  if (ops_.Rename(part_, target_) != 0) {
    return wire::SystemError(errno, fmt::format("{}: cannot be renamed to", base::Escape(target_)));
  }
  if (ops_.SyncFolder(FolderOf(target_)) != 0) {
    return wire::SystemError(
        errno, fmt::format("{}: cannot bring its folder to disk", base::Escape(target_)));
  }
  return absl::OkStatus();
}

}  // namespace hoarfrost::batch
