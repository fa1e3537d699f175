// A Cursor reads protobuf wire format from a ByteSource through a window of bytes.
//
// It keeps a window of what lies around its position: 4 KiB after a jump, growing while reading
// goes on, since a model is either skipped in large steps or read from end to end. Reads refill
// the window as needed and never take more than what lies before the `end` they are given.
//
//   Cursor in(source);
//   while (in.position() < end) {
//     uint32_t tag;
//     if (!in.ReadTag(end, tag)) return Complain(in.error(), in.status());
//     ...
//   }
//
// After a read that gave false, error() says what was wrong where it began; kSource means that the
// source itself failed, and status() tells how. The position is then not defined.
#ifndef HOARFROST_WIRE_CURSOR_H_
#define HOARFROST_WIRE_CURSOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "wire/byte_source.h"

namespace hoarfrost::wire {

enum class WireError : uint8_t {
  kNone,
  kCut,         // the value does not end before `end`
  kLongVarint,  // more than 10 bytes
  kBadTag,      // a tag of more than 5 bytes or 32 bits
  kLongLength,  // a length padded to more than the 5 bytes that protobuf reads
  kSource,      // reading failed: see status()
};

// Decodes a varint at `p`, where at least 10 bytes may be read; bits above the 64th are dropped, as
// protobuf does. Returns the byte after it, or nullptr when it is longer than 10 bytes.
inline const char* DecodeVarint(const char* p, uint64_t& value) {
  const uint64_t first = static_cast<uint8_t>(*p);
  if (first < 0x80) [[likely]] {
    value = first;
    return p + 1;
  }
  uint64_t result = first & 0x7f;
  for (unsigned shift = 7; shift < 70; shift += 7) {
    const uint64_t byte = static_cast<uint8_t>(*++p);
    result |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      value = result;
      return p + 1;
    }
  }
  return nullptr;
}

// Bytes of `value` as a varint, written without padding.
constexpr size_t VarintSize(uint64_t value) {
  size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

// Writes `value` as a varint of exactly `width` bytes, padded where it needs fewer.
void PutVarint(uint64_t value, size_t width, char* out);
void PutVarint(uint64_t value, std::string& out);

class Cursor {
 public:
  static constexpr size_t kSmallestWindow = size_t{4} << 10;
  static constexpr size_t kLargestWindow = size_t{128} << 10;
  // More than a tag, a length or a varint can take.
  static constexpr size_t kLookahead = 16;

  explicit Cursor(const ByteSource& source);
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  uint64_t position() const { return window_at_ + static_cast<uint64_t>(at_ - window_.get()); }

  // What is in the window from the position on.
  const char* data() const { return at_; }
  size_t available() const { return static_cast<size_t>(end_ - at_); }

  // Makes available() at least `n` (at most kLargestWindow), or all that is left of the source.
  // data() may move, and what lies before the position may go. False when the source fails.
  bool Fill(size_t n) { return available() >= n || Refill(n); }

  // Moves to any place in the source, its end included. Reads nothing yet.
  void Seek(uint64_t position);
  void Skip(uint64_t n) {
    if (n <= available()) {
      at_ += n;
    } else {
      Seek(position() + n);
    }
  }

  // A varint of 1 to 10 bytes, padded or not.
  bool ReadVarint(uint64_t end, uint64_t& value);

  // A field's tag, of up to 5 bytes. Whether the field number is 0 is left to the caller.
  bool ReadTag(uint64_t end, uint32_t& tag);

  // The length of a length-delimited field: up to 5 bytes, more only where the value needs them.
  // Its content, which then begins at the position, may end past `end`: that is the caller's to
  // say.
  bool ReadLength(uint64_t end, uint64_t& length);

  WireError error() const { return error_; }
  const absl::Status& status() const { return status_; }

 private:
  bool Refill(size_t n);
  bool Fail(WireError error) {
    error_ = error;
    return false;
  }
  uint64_t Left(uint64_t end) const { return end > position() ? end - position() : 0; }

  const ByteSource& source_;
  // Zero bytes follow the content of the window, so that decoding may run past the source's end
  // and be noticed there.
  std::unique_ptr<char[]> window_;
  size_t capacity_ = kSmallestWindow;
  char* at_;
  char* end_;
  uint64_t window_at_ = 0;                // where the window begins in the source
  size_t window_size_ = kSmallestWindow;  // bytes to read at once
  bool reading_on_ = false;  // the window was filled and nothing was stepped over since
  WireError error_ = WireError::kNone;
  absl::Status status_;
};

inline bool Cursor::ReadVarint(uint64_t end, uint64_t& value) {
  if (!Fill(kLookahead)) return false;
  const char* next = DecodeVarint(at_, value);
  const uint64_t left = Left(end);
  if (next == nullptr) return Fail(left < 10 ? WireError::kCut : WireError::kLongVarint);
  if (static_cast<uint64_t>(next - at_) > left) return Fail(WireError::kCut);
  at_ += next - at_;
  return true;
}

inline bool Cursor::ReadTag(uint64_t end, uint32_t& tag) {
  if (!Fill(kLookahead)) return false;
  uint64_t value = 0;
  const char* next = DecodeVarint(at_, value);
  const uint64_t left = Left(end);
  if (next == nullptr || next - at_ > 5) [[unlikely]] {
    return Fail(left < 5 ? WireError::kCut : WireError::kBadTag);
  }
  if (static_cast<uint64_t>(next - at_) > left) return Fail(WireError::kCut);
  if (value > UINT32_MAX) return Fail(WireError::kBadTag);
  at_ += next - at_;
  tag = static_cast<uint32_t>(value);
  return true;
}

inline bool Cursor::ReadLength(uint64_t end, uint64_t& length) {
  if (!Fill(kLookahead)) return false;
  const char* next = DecodeVarint(at_, length);
  const uint64_t left = Left(end);
  if (next == nullptr) return Fail(left < 10 ? WireError::kCut : WireError::kLongVarint);
  const auto width = static_cast<size_t>(next - at_);
  if (width > left) return Fail(WireError::kCut);
  if (width > 5 && VarintSize(length) < width) [[unlikely]]
    return Fail(WireError::kLongLength);
  at_ += width;
  return true;
}

}  // namespace hoarfrost::wire

#endif  // HOARFROST_WIRE_CURSOR_H_
