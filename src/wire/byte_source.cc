#include "wire/byte_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/text.h"

namespace hoarfrost::wire {
namespace {

std::string ErrnoText(int error) { return std::generic_category().message(error); }

// The status that fits an errno of open(2), stat(2) or pread(2).
absl::Status ErrnoStatus(int error, std::string_view name, std::string_view doing) {
  const std::string text =
      fmt::format("{}: cannot {}: {}", base::Escape(name), doing, ErrnoText(error));
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return absl::NotFoundError(text);
    case EACCES:
    case EPERM:
      return absl::PermissionDeniedError(text);
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return absl::ResourceExhaustedError(text);
    case ELOOP:
    case ENAMETOOLONG:
      return absl::InvalidArgumentError(text);
    default:
      return absl::UnavailableError(text);
  }
}

// What a person calls a file that is no regular file; nullptr for a regular one.
const char* SpecialKind(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return nullptr;
    case S_IFDIR:
      return "a directory";
    case S_IFIFO:
      return "a named pipe (FIFO)";
    case S_IFCHR:
    case S_IFBLK:
      return "a device";
    case S_IFSOCK:
      return "a socket";
    default:
      return "a special file";
  }
}

absl::Status RequireRegular(const struct stat& info, const std::string& path) {
  const char* kind = SpecialKind(info.st_mode);
  if (kind == nullptr) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("{}: is {}, not a regular file", base::Escape(path), kind));
}

class FileSource final : public ByteSource {
 public:
  FileSource(std::string name, int fd, const struct stat& info)
      : name_(std::move(name)),
        fd_(fd),
        size_(static_cast<uint64_t>(info.st_size)),
        mtime_(info.st_mtim) {}
  ~FileSource() override { ::close(fd_); }
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;

  uint64_t size() const override { return size_; }
  const std::string& name() const override { return name_; }
  int descriptor() const override { return fd_; }

  absl::StatusOr<size_t> ReadAt(uint64_t offset, char* out, size_t n) const override {
    if (offset >= size_) return size_t{0};
    n = static_cast<size_t>(std::min<uint64_t>(n, size_ - offset));
    size_t done = 0;
    while (done < n) {
      const ssize_t got = ::pread(fd_, out + done, n - done, static_cast<off_t>(offset + done));
      if (got < 0) {
        if (errno == EINTR) continue;
        return ErrnoStatus(errno, name_, fmt::format("read at byte {}", offset + done));
      }
      if (got == 0) {
        return absl::DataLossError(fmt::format(
            "{}: the file shrank while it was read: {} bytes when opened, it now ends at or before "
            "byte {}",
            base::Escape(name_), size_, offset + done));
      }
      done += static_cast<size_t>(got);
    }
    return n;
  }

  void ExpectFullRead() const override { ::posix_fadvise(fd_, 0, 0, POSIX_FADV_SEQUENTIAL); }

  absl::Status CheckUnchanged() const override {
    struct stat now{};
    if (::fstat(fd_, &now) != 0) return ErrnoStatus(errno, name_, "look at the file again");
    const bool same = static_cast<uint64_t>(now.st_size) == size_ &&
                      now.st_mtim.tv_sec == mtime_.tv_sec && now.st_mtim.tv_nsec == mtime_.tv_nsec;
    if (same) return absl::OkStatus();
    return absl::FailedPreconditionError(fmt::format(
        "{}: the file changed since it was opened; read it anew when nothing writes to it",
        base::Escape(name_)));
  }

 private:
  const std::string name_;
  const int fd_;
  const uint64_t size_;
  const struct timespec mtime_;
};

class MemorySource final : public ByteSource {
 public:
  MemorySource(std::string name, std::string_view bytes) : name_(std::move(name)), bytes_(bytes) {}

  uint64_t size() const override { return bytes_.size(); }
  const std::string& name() const override { return name_; }
  std::string_view memory() const override { return bytes_; }
  absl::Status CheckUnchanged() const override { return absl::OkStatus(); }

  absl::StatusOr<size_t> ReadAt(uint64_t offset, char* out, size_t n) const override {
    if (offset >= bytes_.size()) return size_t{0};
    n = std::min(n, bytes_.size() - static_cast<size_t>(offset));
    if (n != 0) std::memcpy(out, bytes_.data() + offset, n);
    return n;
  }

 private:
  const std::string name_;
  const std::string_view bytes_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ByteSource>> OpenFile(const std::string& path) {
  if (path.empty()) return absl::NotFoundError("the path to read from is empty");
  if (path.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError(
        fmt::format("{}: a file name cannot hold a zero byte", base::Escape(path)));
  }
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return ErrnoStatus(errno, path, "open");
  if (absl::Status regular = RequireRegular(info, path); !regular.ok()) return regular;
  // Another file may have taken the name since: O_NONBLOCK keeps a FIFO from blocking us.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return ErrnoStatus(errno, path, "open");
  return FromDescriptor(path, fd);
}

absl::StatusOr<std::unique_ptr<ByteSource>> FromDescriptor(std::string name, int fd) {
  struct stat info{};
  if (::fstat(fd, &info) != 0) {
    const int error = errno;
    ::close(fd);
    return ErrnoStatus(error, name, "look at the file");
  }
  if (absl::Status regular = RequireRegular(info, name); !regular.ok()) {
    ::close(fd);
    return regular;
  }
  // Most of a model is skipped; read-ahead would fetch it all the same.
  ::posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
  return std::unique_ptr<ByteSource>(std::make_unique<FileSource>(std::move(name), fd, info));
}

std::unique_ptr<ByteSource> FromMemory(std::string name, std::string_view bytes) {
  return std::make_unique<MemorySource>(std::move(name), bytes);
}

}  // namespace hoarfrost::wire
