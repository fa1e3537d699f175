// A file that appears under its name whole, or not at all.
//
//   absl::StatusOr<AtomicFile> file = AtomicFile::Create("out.onnx", {.mode = 0644});
//   file->Append(bytes); file->AppendRange(source, offset, length); file->Commit();
//
// The bytes go to a file without a name in the target's folder (where the file system cannot do
// that, to ".hoarfrost-XXXXXX"), which Commit() brings to disk and moves to the target's name in
// one step. If anything fails, or Commit() is never called, the target is as it was and nothing is
// left beside it. The target may be the very file that is being read: readers keep the old bytes.
//
// A target that is a symbolic link stays one: the file behind it is replaced. A target with several
// hard links is replaced under this name only, the other names keep the old bytes.
#ifndef HOARFROST_WIRE_ATOMIC_FILE_H_
#define HOARFROST_WIRE_ATOMIC_FILE_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "wire/byte_source.h"
#include "wire/file_ops.h"
#include "wire/rope.h"

namespace hoarfrost::wire {

struct AtomicFileOptions {
  mode_t mode = 0644;  // as given: the umask does not touch it
  // Whose the file becomes where the process may do that; failing to is no error.
  std::optional<std::pair<uid_t, gid_t>> owner = {};
  bool replace = true;     // false: AlreadyExists where the target is there at Commit()
  FileOps* ops = nullptr;  // null: the operating system
};

class AtomicFile {
 public:
  // InvalidArgument where the target is there and no regular file, or its folder is not there.
  static absl::StatusOr<AtomicFile> Create(const std::string& target,
                                           const AtomicFileOptions& options);

  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;
  ~AtomicFile();

  absl::Status Append(std::string_view bytes);

  // Copies a range by the kernel where it can, and keeps the holes of a sparse source. DataLoss
  // where the source ends before the range does.
  absl::Status AppendRange(const ByteSource& source, Span range);

  absl::Status AppendRope(const Rope& rope, const ByteSource& source);

  absl::Status Commit();

  // Whether the target is the new file: also where Commit() then could not make sure that a power
  // cut keeps it so.
  bool published() const { return fd_ < 0; }

 private:
  AtomicFile(std::string target, std::string folder, const AtomicFileOptions& options);

  absl::Status Open();
  absl::Status Flush();
  absl::Status WriteOut(std::string_view bytes);
  absl::Status CopyData(const ByteSource& source, Span range);
  absl::Status CopyByReading(const ByteSource& source, Span range);
  absl::Status Publish();
  absl::Status GiveName();
  absl::Status Fail(int error, std::string_view what) const;
  void StartWriteback();
  void Discard();

  std::string target_;  // links resolved
  std::string folder_;
  AtomicFileOptions options_;
  FileOps* ops_;
  std::string temporary_;  // the name, where the file has one
  int fd_ = -1;
  std::string buffer_;    // small pieces, to be written together
  uint64_t written_ = 0;  // bytes before the buffer, holes included
  uint64_t started_ = 0;  // bytes whose way to the disk has begun
  bool kernel_copies_ = true;
};

// The file that writing to `path` replaces: `path` with symbolic links at its end followed, also
// where the last one leads to nothing yet.
absl::StatusOr<std::string> ResolveTarget(const std::string& path);

}  // namespace hoarfrost::wire

#endif  // HOARFROST_WIRE_ATOMIC_FILE_H_
