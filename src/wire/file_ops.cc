#include "wire/file_ops.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace hoarfrost::wire {

FileOps& FileOps::System() {
  static FileOps system;
  return system;
}

int FileOps::OpenNameless(const std::string& folder) {
  return open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
}

int FileOps::OpenNamed(std::string& path) { return mkostemp(path.data(), O_CLOEXEC); }

int FileOps::LinkNameless(int fd, const std::string& path) {
  const std::string self = fmt::format("/proc/self/fd/{}", fd);
  return linkat(AT_FDCWD, self.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW);
}

ssize_t FileOps::WriteAt(int fd, const char* bytes, size_t n, off_t offset) {
  return pwrite(fd, bytes, n, offset);
}

ssize_t FileOps::CopyRange(int from, off_t from_offset, int to, off_t to_offset, size_t n) {
  return copy_file_range(from, &from_offset, to, &to_offset, n, 0);
}

off_t FileOps::Seek(int fd, off_t offset, int whence) { return lseek(fd, offset, whence); }

int FileOps::Resize(int fd, off_t size) { return ftruncate(fd, size); }

int FileOps::SetMode(int fd, mode_t mode) { return fchmod(fd, mode); }

int FileOps::SetOwner(int fd, uid_t user, gid_t group) { return fchown(fd, user, group); }

int FileOps::Sync(int fd) { return fsync(fd); }

int FileOps::SyncFolder(const std::string& folder) {
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return -1;
  const int result = fsync(fd);
  const int error = errno;
  close(fd);
  errno = error;
  return result;
}

int FileOps::Link(const std::string& from, const std::string& to) {
  return link(from.c_str(), to.c_str());
}

int FileOps::Rename(const std::string& from, const std::string& to) {
  return rename(from.c_str(), to.c_str());
}

int FileOps::Unlink(const std::string& path) { return unlink(path.c_str()); }

absl::Status SystemError(int error, const std::string& what) {
  const std::string text = fmt::format("{}: {}", what, std::strerror(error));
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return absl::ResourceExhaustedError(text);
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(text);
    case ENOENT:
    case ENOTDIR:
      return absl::NotFoundError(text);
    case EEXIST:
      return absl::AlreadyExistsError(text);
    case EIO:
      return absl::DataLossError(text);
    default:
      return absl::InternalError(text);
  }
}

}  // namespace hoarfrost::wire
