// File operations that fail at the k-th call, as a full disk or a broken one would.
#ifndef HOARFROST_TESTS_SUPPORT_FAILING_OPS_H_
#define HOARFROST_TESTS_SUPPORT_FAILING_OPS_H_

#include <cerrno>
#include <string>

#include "wire/file_ops.h"

namespace hoarfrost::testing {

class FailingOps : public wire::FileOps {
 public:
  int fail_at = -1;  // which call, from 0; -1: none
  int error = ENOSPC;
  bool nameless = true;       // the file system can make files without a name
  bool kernel_copies = true;  // else copy_file_range answers EXDEV
  bool short_writes = false;  // a write takes a byte less than it is given
  int calls = 0;
  std::string failed;  // which operation did

  int OpenNameless(const std::string& folder) override {
    if (!nameless) return errno = EOPNOTSUPP, -1;
    return Fails("OpenNameless") ? -1 : FileOps::OpenNameless(folder);
  }
  int OpenNamed(std::string& path) override {
    return Fails("OpenNamed") ? -1 : FileOps::OpenNamed(path);
  }
  int LinkNameless(int fd, const std::string& path) override {
    return Fails("LinkNameless") ? -1 : FileOps::LinkNameless(fd, path);
  }
  ssize_t WriteAt(int fd, const char* bytes, size_t n, off_t offset) override {
    if (Fails("WriteAt")) return -1;
    return FileOps::WriteAt(fd, bytes, short_writes && n > 1 ? n - 1 : n, offset);
  }
  ssize_t CopyRange(int from, off_t from_offset, int to, off_t to_offset, size_t n) override {
    if (!kernel_copies) return errno = EXDEV, -1;
    if (Fails("CopyRange")) return -1;
    if (short_writes && n > 1) --n;
    return FileOps::CopyRange(from, from_offset, to, to_offset, n);
  }
  int Resize(int fd, off_t size) override {
    return Fails("Resize") ? -1 : FileOps::Resize(fd, size);
  }
  int SetMode(int fd, mode_t mode) override {
    return Fails("SetMode") ? -1 : FileOps::SetMode(fd, mode);
  }
  int Sync(int fd) override { return Fails("Sync") ? -1 : FileOps::Sync(fd); }
  int SyncFolder(const std::string& folder) override {
    return Fails("SyncFolder") ? -1 : FileOps::SyncFolder(folder);
  }
  int Link(const std::string& from, const std::string& to) override {
    return Fails("Link") ? -1 : FileOps::Link(from, to);
  }
  int Rename(const std::string& from, const std::string& to) override {
    return Fails("Rename") ? -1 : FileOps::Rename(from, to);
  }

 private:
  bool Fails(const char* what) {
    if (calls++ != fail_at) return false;
    failed = what;
    errno = error;
    return true;
  }
};

}  // namespace hoarfrost::testing

#endif  // HOARFROST_TESTS_SUPPORT_FAILING_OPS_H_
