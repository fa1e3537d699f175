#include "wire/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <utility>

#include "base/text.h"

namespace hoarfrost::wire {
namespace {

constexpr size_t kBuffer = size_t{256} << 10;
constexpr uint64_t kSmallRange = uint64_t{32} << 10;  // read into the buffer rather than copied
constexpr size_t kKernelChunk = size_t{64} << 20;
constexpr uint64_t kWritebackChunk = uint64_t{32} << 20;
constexpr int kMostLinks = 40;  // as many as the kernel follows

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// The kernel or the file system cannot copy between these two files, but reading and writing works.
bool CannotCopy(int error) {
  return error == EXDEV || error == EINVAL || error == ENOSYS || error == EOPNOTSUPP ||
         error == EBADF || error == EPERM;
}

}  // namespace

absl::StatusOr<std::string> ResolveTarget(const std::string& path) {
  std::string target = path;
  for (int links = 0; links < kMostLinks; ++links) {
    std::array<char, PATH_MAX> buffer;
    const ssize_t n = readlink(target.c_str(), buffer.data(), buffer.size());
    if (n < 0) return target;  // no link, or nothing there
    const std::string to(buffer.data(), static_cast<size_t>(n));
    target = !to.empty() && to.front() == '/' ? to : fmt::format("{}/{}", FolderOf(target), to);
  }
  return absl::InvalidArgumentError(fmt::format("{}: too many symbolic links", base::Escape(path)));
}

AtomicFile::AtomicFile(std::string target, std::string folder, const AtomicFileOptions& options)
    : target_(std::move(target)),
      folder_(std::move(folder)),
      options_(options),
      ops_(options.ops != nullptr ? options.ops : &FileOps::System()) {}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : target_(std::move(other.target_)),
      folder_(std::move(other.folder_)),
      options_(other.options_),
      ops_(other.ops_),
      temporary_(std::exchange(other.temporary_, {})),
      fd_(std::exchange(other.fd_, -1)),
      buffer_(std::move(other.buffer_)),
      written_(other.written_),
      started_(other.started_),
      kernel_copies_(other.kernel_copies_) {}

AtomicFile::~AtomicFile() { Discard(); }

void AtomicFile::Discard() {
  if (!temporary_.empty()) ops_->Unlink(temporary_);
  temporary_.clear();
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

absl::Status AtomicFile::Fail(int error, std::string_view what) const {
  return SystemError(error, fmt::format("{}: cannot {}", base::Escape(target_), what));
}

absl::StatusOr<AtomicFile> AtomicFile::Create(const std::string& target,
                                              const AtomicFileOptions& options) {
  if (target.empty()) return absl::NotFoundError("the path to write to is empty");
  if (target.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError(
        fmt::format("{}: a file name cannot hold a zero byte", base::Escape(target)));
  }
  absl::StatusOr<std::string> resolved = ResolveTarget(target);
  if (!resolved.ok()) return resolved.status();
  struct stat info = {};
  if (stat(resolved->c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    return absl::InvalidArgumentError(
        fmt::format("{}: is {}, not a regular file that could be replaced", base::Escape(target),
                    S_ISDIR(info.st_mode) ? "a directory" : "a device, pipe or socket"));
  }
  AtomicFile file(*resolved, FolderOf(*resolved), options);
  if (absl::Status opened = file.Open(); !opened.ok()) return opened;
  return file;
}

absl::Status AtomicFile::Open() {
  buffer_.reserve(kBuffer);
  fd_ = ops_->OpenNameless(folder_);
  // Without /proc a file without a name could never be given one.
  if (fd_ >= 0 && access("/proc/self/fd", X_OK) != 0) {
    close(fd_);
    fd_ = -1;
    errno = EOPNOTSUPP;
  }
  if (fd_ >= 0) return absl::OkStatus();
  // What kernels and file systems say that do not know O_TMPFILE; a missing folder too is told
  // best by the second attempt.
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL && errno != ENOENT) {
    return Fail(errno, "make a new file in its folder");
  }
  std::string name = fmt::format("{}/.hoarfrost-XXXXXX", folder_);
  fd_ = ops_->OpenNamed(name);
  if (fd_ < 0) return Fail(errno, "make a new file in its folder");
  temporary_ = std::move(name);
  return absl::OkStatus();
}

absl::Status AtomicFile::WriteOut(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ops_->WriteAt(fd_, bytes.data(), bytes.size(), static_cast<off_t>(written_));
    if (n < 0) {
      if (errno == EINTR) continue;
      return Fail(errno, "write");
    }
    written_ += static_cast<uint64_t>(n);
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return absl::OkStatus();
}

absl::Status AtomicFile::Flush() {
  absl::Status status = WriteOut(buffer_);
  buffer_.clear();
  return status;
}

absl::Status AtomicFile::Append(std::string_view bytes) {
  if (buffer_.size() + bytes.size() > kBuffer) {
    if (absl::Status flushed = Flush(); !flushed.ok()) return flushed;
  }
  if (bytes.size() >= kBuffer) return WriteOut(bytes);
  buffer_.append(bytes);
  return absl::OkStatus();
}

// Starts the disk early, so that the sync at the end waits for a part only. Never an error.
void AtomicFile::StartWriteback() {
  if (written_ - started_ < kWritebackChunk) return;
  (void)sync_file_range(fd_, static_cast<off_t>(started_), static_cast<off_t>(written_ - started_),
                        SYNC_FILE_RANGE_WRITE);
  started_ = written_;
}

absl::Status AtomicFile::CopyByReading(const ByteSource& source, Span range) {
  while (range.length > 0) {
    if (buffer_.size() == kBuffer) {
      if (absl::Status flushed = Flush(); !flushed.ok()) return flushed;
      StartWriteback();
    }
    const size_t old_size = buffer_.size();
    const size_t n = static_cast<size_t>(std::min<uint64_t>(range.length, kBuffer - old_size));
    buffer_.resize(old_size + n);
    absl::StatusOr<size_t> got = source.ReadAt(range.offset, buffer_.data() + old_size, n);
    if (!got.ok()) return got.status();
    if (*got < n) {
      return absl::DataLossError(fmt::format("{}: ends at byte {}, before what is to be copied",
                                             base::Escape(source.name()), range.offset + *got));
    }
    range.offset += n;
    range.length -= n;
  }
  return absl::OkStatus();
}

absl::Status AtomicFile::CopyData(const ByteSource& source, Span range) {
  while (kernel_copies_ && range.length > 0) {
    const size_t n = static_cast<size_t>(std::min<uint64_t>(range.length, kKernelChunk));
    const ssize_t copied = ops_->CopyRange(source.descriptor(), static_cast<off_t>(range.offset),
                                           fd_, static_cast<off_t>(written_), n);
    if (copied < 0 && errno == EINTR) continue;
    // Some file systems answer 0 for ranges that are there; reading settles whether it is.
    if (copied == 0 || (copied < 0 && CannotCopy(errno))) {
      kernel_copies_ = false;
      break;
    }
    if (copied < 0) return Fail(errno, "write");
    written_ += static_cast<uint64_t>(copied);
    range.offset += static_cast<uint64_t>(copied);
    range.length -= static_cast<uint64_t>(copied);
    StartWriteback();
  }
  if (range.length == 0) return absl::OkStatus();
  if (absl::Status read = CopyByReading(source, range); !read.ok()) return read;
  return Flush();
}

absl::Status AtomicFile::AppendRange(const ByteSource& source, Span range) {
  const int from = source.descriptor();
  if (from < 0 || range.length <= kSmallRange) return CopyByReading(source, range);
  if (absl::Status flushed = Flush(); !flushed.ok()) return flushed;
  const uint64_t end = range.offset + range.length;
  uint64_t at = range.offset;
  while (at < end) {
    uint64_t data = at;
    uint64_t hole = end;
    const off_t found = ops_->Seek(from, static_cast<off_t>(at), SEEK_DATA);
    if (found >= 0) {
      data = std::min(static_cast<uint64_t>(found), end);
      const off_t next = ops_->Seek(from, static_cast<off_t>(data), SEEK_HOLE);
      if (next > found) hole = std::min(static_cast<uint64_t>(next), end);
    } else if (errno == ENXIO && ops_->Seek(from, 0, SEEK_END) >= static_cast<off_t>(end)) {
      data = end;  // a hole up to the end of the source, and the source has not become shorter
    }
    written_ += data - at;
    if (absl::Status copied = CopyData(source, {data, hole - data}); !copied.ok()) return copied;
    at = std::max(hole, data);
  }
  return absl::OkStatus();
}

absl::Status AtomicFile::AppendRope(const Rope& rope, const ByteSource& source) {
  for (const Rope::Piece& piece : rope.pieces()) {
    absl::Status appended =
        piece.is_literal() ? Append(piece.literal) : AppendRange(source, piece.source);
    if (!appended.ok()) return appended;
  }
  return absl::OkStatus();
}

absl::Status AtomicFile::GiveName() {
  // A name that nothing else has: linkat() never replaces.
  for (unsigned attempt = 0; attempt < 100; ++attempt) {
    const std::string name = fmt::format("{}/.hoarfrost-{:x}-{:x}", folder_, getpid(), attempt);
    if (ops_->LinkNameless(fd_, name) == 0) {
      temporary_ = name;
      return absl::OkStatus();
    }
    if (errno != EEXIST) break;
  }
  return Fail(errno, "give the new file a name");
}

absl::Status AtomicFile::Publish() {
  if (temporary_.empty()) {
    if (!options_.replace) {
      if (ops_->LinkNameless(fd_, target_) == 0) return absl::OkStatus();
      return Fail(errno, "give the new file its name");
    }
    if (absl::Status named = GiveName(); !named.ok()) return named;
  }
  if (!options_.replace) {
    if (ops_->Link(temporary_, target_) != 0) return Fail(errno, "give the new file its name");
    ops_->Unlink(temporary_);
  } else if (ops_->Rename(temporary_, target_) != 0) {
    return Fail(errno, "replace it");
  }
  temporary_.clear();
  return absl::OkStatus();
}

absl::Status AtomicFile::Commit() {
  if (absl::Status flushed = Flush(); !flushed.ok()) return flushed;
  // A hole at the end is not there until the size says so.
  if (ops_->Resize(fd_, static_cast<off_t>(written_)) != 0) return Fail(errno, "write");
  if (options_.owner.has_value()) {
    (void)ops_->SetOwner(fd_, options_.owner->first, options_.owner->second);
  }
  if (ops_->SetMode(fd_, options_.mode) != 0) return Fail(errno, "set its permissions");
  if (ops_->Sync(fd_) != 0) return Fail(errno, "bring it to disk");
  if (absl::Status published = Publish(); !published.ok()) return published;
  close(fd_);
  fd_ = -1;
  if (ops_->SyncFolder(folder_) != 0 && errno != EINVAL && errno != EACCES) {
    return Fail(errno,
                "bring its folder to disk: the file is written, but a power cut may undo it");
  }
  return absl::OkStatus();
}

}  // namespace hoarfrost::wire
