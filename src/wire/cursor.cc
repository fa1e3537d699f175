#include "wire/cursor.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace hoarfrost::wire {

Cursor::Cursor(const ByteSource& source)
    : source_(source),
      window_(new char[kSmallestWindow + kLookahead]()),
      at_(window_.get()),
      end_(window_.get()) {}

void Cursor::Seek(uint64_t position) {
  const uint64_t window_end = window_at_ + static_cast<uint64_t>(end_ - window_.get());
  if (position >= window_at_ && position <= window_end) {
    at_ = window_.get() + (position - window_at_);
    return;
  }
  // A step over less than a window is still reading on, but no reason to read more at once.
  if (position < window_at_ || position - window_end > window_size_) window_size_ = kSmallestWindow;
  reading_on_ = false;
  window_at_ = position;
  at_ = end_ = window_.get();
}

bool Cursor::Refill(size_t n) {
  const uint64_t from = position();
  const size_t held = available();
  const uint64_t rest = source_.size() - std::min(source_.size(), from + held);
  if (rest == 0) {
    if (held == 0) std::memset(at_, 0, kLookahead);
    return true;
  }
  // What is held is less than was asked for, hence small: moving it costs little.
  if (reading_on_) window_size_ = std::min(window_size_ * 2, kLargestWindow);
  reading_on_ = true;
  const size_t read = static_cast<size_t>(std::min<uint64_t>(std::max(window_size_, n), rest));
  if (held + read > capacity_) {
    capacity_ = held + read;
    std::unique_ptr<char[]> grown(new char[capacity_ + kLookahead]);
    std::memcpy(grown.get(), at_, held);
    window_ = std::move(grown);
  } else {
    std::memmove(window_.get(), at_, held);
  }
  window_at_ = from;
  at_ = window_.get();
  end_ = at_ + held;
  absl::StatusOr<size_t> got = source_.ReadAt(from + held, end_, read);
  end_ += got.ok() ? *got : 0;
  std::memset(end_, 0, kLookahead);
  if (got.ok()) return true;
  status_ = got.status();
  return Fail(WireError::kSource);
}

void PutVarint(uint64_t value, size_t width, char* out) {
  for (size_t i = 0; i + 1 < width; ++i) {
    out[i] = static_cast<char>((value & 0x7f) | 0x80);
    value >>= 7;
  }
  out[width - 1] = static_cast<char>(value);
}

void PutVarint(uint64_t value, std::string& out) {
  const size_t size = out.size();
  const size_t width = VarintSize(value);
  out.resize(size + width);
  PutVarint(value, width, out.data() + size);
}

}  // namespace hoarfrost::wire
