#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "wire/scanner.h"

namespace hoarfrost::wire {

// Copies what stays up to `position`, which lies in the window. Of the bytes before the window's
// position those since run_from_ are still in it: Refill() flushes before it moves the window.
bool Scanner::FlushTo(uint64_t position) {
  const uint64_t n = position - run_from_;
  if (n == 0) return true;
  if (out().size() + n > kMaxSkeleton) {
    return Fail(
        fmt::format("what is left of it without tensor data is larger than {} bytes, the "
                    "most that protobuf can hold",
                    kMaxSkeleton));
  }
  out().append(cursor_.data() - (cursor_.position() - run_from_), static_cast<size_t>(n));
  run_from_ = position;
  return true;
}

bool Scanner::RoomFor(uint64_t n) {
  if (n <= kMaxSkeleton - std::min<uint64_t>(out().size(), kMaxSkeleton)) return true;
  return Fail(
      fmt::format("what is left of it without tensor data is larger than {} bytes, the most "
                  "that protobuf can hold",
                  kMaxSkeleton));
}

bool Scanner::Refill(size_t room) {
  if (!Flush()) return false;
  return cursor_.Fill(room) || Bad(cursor_.position());
}

// Keeps the next `content` bytes.
bool Scanner::Keep(uint64_t content) {
  // Before anything is read: the sum may be absurd.
  if (content > cursor_.available() && !RoomFor(content)) return false;
  while (content > cursor_.available()) {
    content -= cursor_.available();
    cursor_.Skip(cursor_.available());
    if (!Refill()) return false;
    if (cursor_.available() == 0) return Cut(cursor_.position());
  }
  cursor_.Skip(content);
  return true;
}

// Leaves out what lies between `from` and the position, and `content` bytes more.
bool Scanner::Drop(uint64_t from, uint64_t content) {
  if (from > run_from_ && !FlushTo(from)) return false;
  cursor_.Skip(content);
  DropToHere();
  return true;
}

}  // namespace hoarfrost::wire
