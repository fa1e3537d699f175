// A ByteSource is the one way hoarfrost reads a model: bytes at an offset.
//
// Files are read by pread(2), never mapped, so a file that shrinks under us is an error value and
// not a signal; memory is the twin that tests and callers with bytes in hand use. Everything to
// the right (the scan, the splice writer, tensor payloads) reads through this seam only.
#ifndef HOARFROST_WIRE_BYTE_SOURCE_H_
#define HOARFROST_WIRE_BYTE_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace hoarfrost::wire {

class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // Total bytes, fixed when the source was opened.
  virtual uint64_t size() const = 0;

  // What messages call this source: the path as the caller gave it, or a word such as "<memory>".
  virtual const std::string& name() const = 0;

  // Reads up to `n` bytes at `offset` into `out` and returns how many; fewer only at the end of
  // the source. Thread-safe. DataLoss when the file turns out shorter than size().
  virtual absl::StatusOr<size_t> ReadAt(uint64_t offset, char* out, size_t n) const = 0;

  // FailedPrecondition when the file's size or modification time differ from those at opening.
  virtual absl::Status CheckUnchanged() const = 0;

  // Payloads will be read too, from first to last: the file system may read ahead, which opening
  // asked it not to do.
  virtual void ExpectFullRead() const {}

  // The descriptor behind the source, or -1 for memory: what copy_file_range(2) needs.
  virtual int descriptor() const { return -1; }

  // The whole content when it already lies in memory; empty for a file.
  virtual std::string_view memory() const { return {}; }
};

// Opens a regular file. Errors say what a person would want to know: NotFound, a directory, a
// device or FIFO (never opened: they could block), permission.
absl::StatusOr<std::unique_ptr<ByteSource>> OpenFile(const std::string& path);

// A regular file that is open already; takes `fd` over. `name` is what messages call it: there may
// be no path to it. The same errors as OpenFile().
absl::StatusOr<std::unique_ptr<ByteSource>> FromDescriptor(std::string name, int fd);

// `bytes` must outlive the source.
std::unique_ptr<ByteSource> FromMemory(std::string name, std::string_view bytes);

}  // namespace hoarfrost::wire

#endif  // HOARFROST_WIRE_BYTE_SOURCE_H_
