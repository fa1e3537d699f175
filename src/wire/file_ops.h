// The file operations that writing needs, behind one seam that tests replace: to fill the disk at
// the k-th call, to fail a rename, to be a kernel without copy_file_range(2).
//
// Each operation is one system call and answers like it: -1 and errno on failure.
#ifndef HOARFROST_WIRE_FILE_OPS_H_
#define HOARFROST_WIRE_FILE_OPS_H_

#include <sys/types.h>

#include <cstddef>
#include <string>

#include "absl/status/status.h"

namespace hoarfrost::wire {

class FileOps {
 public:
  virtual ~FileOps() = default;

  // The operating system.
  static FileOps& System();

  // A file without a name in `folder` (O_TMPFILE), or one whose name fills in the XXXXXX at the end
  // of `path`. Descriptors are writable and closed on exec.
  virtual int OpenNameless(const std::string& folder);
  virtual int OpenNamed(std::string& path);
  virtual int LinkNameless(int fd, const std::string& path);

  virtual ssize_t WriteAt(int fd, const char* bytes, size_t n, off_t offset);
  virtual ssize_t CopyRange(int from, off_t from_offset, int to, off_t to_offset, size_t n);
  virtual off_t Seek(int fd, off_t offset, int whence);
  virtual int Resize(int fd, off_t size);
  virtual int SetMode(int fd, mode_t mode);
  virtual int SetOwner(int fd, uid_t user, gid_t group);
  virtual int Sync(int fd);
  virtual int SyncFolder(const std::string& folder);

  virtual int Link(const std::string& from, const std::string& to);  // EEXIST where `to` is there
  virtual int Rename(const std::string& from, const std::string& to);
  virtual int Unlink(const std::string& path);
};

// The status for a failed system call: `what` names the file and what was done to it.
absl::Status SystemError(int error, const std::string& what);

}  // namespace hoarfrost::wire

#endif  // HOARFROST_WIRE_FILE_OPS_H_
