// A Cursor walks a ByteSource forward (and back, on demand) through a small window.
//
// The window is small after a skip, when a payload has been stepped over and little is wanted
// behind it, and grows while reading goes straight on. Memory sources are walked in place.
//
//   Cursor in(source);
//   while (in.position() < end) {
//     uint64_t tag;
//     if (!in.ReadVarint(end, tag)) return in.status();
//     ...
//   }
//
// Every read is bounded by an `end` that the caller gives: a position in the source, at most its
// size. A read that does not fit, or a source that fails, gives false and leaves status() to say why.
#ifndef HOARFROST_WIRE_CURSOR_H_
#define HOARFROST_WIRE_CURSOR_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "wire/byte_source.h"

namespace hoarfrost::wire {

class Cursor {
 public:
  explicit Cursor(const ByteSource& source);
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  uint64_t position() const { return window_offset_ + static_cast<uint64_t>(at_ - window_); }

  // Moves to `position`, which may lie anywhere in the source.
  void Seek(uint64_t position) {
    if (position >= window_offset_ && position <= window_offset_ + window_size()) {
      at_ = window_ + (position - window_offset_);
    } else {
      Jump(position);
    }
  }

  // Reads a varint of at most 10 bytes that ends at or before `end`; `width`, if given, is how many
  // bytes it took.
  bool ReadVarint(uint64_t end, uint64_t& value, int* width = nullptr) {
    if (at_ < limit_ && position() < end && static_cast<uint8_t>(*at_) < 0x80) {
      value = static_cast<uint8_t>(*at_++);
      if (width != nullptr) *width = 1;
      return true;
    }
    return ReadLongVarint(end, value, width);
  }

  // Makes the next min(n, size - position) bytes lie in the window, if they can; what is returned
  // may be shorter than `n` only at the end of the source, for n up to kLargestWindow. Views given
  // before are void. Empty when the source fails.
  std::string_view Peek(size_t n) {
    if (static_cast<size_t>(limit_ - at_) < n) Fill(n);
    return {at_, static_cast<size_t>(limit_ - at_)};
  }
  // True where Peek(n) would not move the window.
  bool Holds(size_t n) const { return static_cast<size_t>(limit_ - at_) >= n; }

  // Appends the next `n` bytes to `out` and moves past them. The caller has checked that they exist.
  bool Append(uint64_t n, std::string& out);

  const char* at() const { return at_; }

  // Why the last read failed.
  const absl::Status& status() const { return status_; }

  static constexpr size_t kSmallestWindow = size_t{4} << 10;
  static constexpr size_t kLargestWindow = size_t{64} << 10;

 private:
  uint64_t window_size() const { return static_cast<uint64_t>(limit_ - window_); }
  void Jump(uint64_t position);
  void Fill(size_t n);
  bool ReadLongVarint(uint64_t end, uint64_t& value, int* width);

  const ByteSource& source_;
  const uint64_t size_;
  std::vector<char> buffer_;       // empty for memory sources
  const char* window_ = nullptr;   // its first byte
  const char* at_ = nullptr;       // the next byte to read
  const char* limit_ = nullptr;    // one past its last byte
  uint64_t window_offset_ = 0;     // of window_ in the source
  size_t next_window_ = kSmallestWindow;
  absl::Status status_;
};

}  // namespace hoarfrost::wire

#endif  // HOARFROST_WIRE_CURSOR_H_
