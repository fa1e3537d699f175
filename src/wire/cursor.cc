#include "wire/cursor.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "fmt/format.h"

namespace hoarfrost::wire {

Cursor::Cursor(const ByteSource& source) : source_(source), size_(source.size()) {
  const std::string_view memory = source.memory();
  if (!memory.empty()) {
    window_ = at_ = memory.data();
    limit_ = window_ + memory.size();
    return;
  }
  buffer_.resize(kLargestWindow);
  window_ = at_ = limit_ = buffer_.data();
}

void Cursor::Jump(uint64_t position) {
  if (buffer_.empty()) return;  // memory: the whole source is the window
  window_offset_ = position;
  at_ = limit_ = window_;
  next_window_ = kSmallestWindow;
}

void Cursor::Fill(size_t n) {
  if (buffer_.empty()) return;
  const size_t left = static_cast<size_t>(limit_ - at_);
  const uint64_t start = position();
  std::memmove(buffer_.data(), at_, left);
  window_offset_ = start;
  at_ = window_;
  limit_ = window_ + left;
  const size_t wanted =
      std::clamp(std::max(n, next_window_), std::min(left + 1, kLargestWindow), kLargestWindow);
  next_window_ = std::min(next_window_ * 2, kLargestWindow);
  const uint64_t from = start + left;
  const size_t room = static_cast<size_t>(std::min<uint64_t>(wanted - left, size_ - from));
  if (room == 0) return;
  const absl::StatusOr<size_t> got = source_.ReadAt(from, buffer_.data() + left, room);
  if (!got.ok()) {
    status_ = got.status();
    return;
  }
  limit_ += *got;
  if (*got < room) {
    status_ = absl::DataLossError(fmt::format("{}: the file became shorter while it was read",
                                              base::Quote(source_.name())));
  }
}

bool Cursor::ReadLongVarint(uint64_t end, uint64_t& value, int* width) {
  const uint64_t start = position();
  const std::string_view bytes = Peek(10);
  const size_t most =
      static_cast<size_t>(std::min<uint64_t>({10, bytes.size(), end - std::min(end, start)}));
  value = 0;
  for (size_t i = 0; i < most; ++i) {
    const uint8_t byte = static_cast<uint8_t>(bytes[i]);
    value |= uint64_t{byte & 0x7Fu} << (7 * i);
    if (byte < 0x80) {
      at_ += i + 1;
      if (width != nullptr) *width = static_cast<int>(i) + 1;
      return true;
    }
  }
  if (!status_.ok()) return false;
  status_ = absl::InvalidArgumentError(
      most == 10 ? fmt::format("a varint at byte {} is longer than 10 bytes", start)
                 : fmt::format("truncated at byte {}: a varint that begins at byte {} is cut short",
                               start + most, start));
  return false;
}

bool Cursor::Append(uint64_t n, std::string& out) {
  while (n > 0) {
    if (at_ == limit_) Fill(static_cast<size_t>(std::min<uint64_t>(n, kLargestWindow)));
    const size_t k =
        static_cast<size_t>(std::min<uint64_t>(n, static_cast<uint64_t>(limit_ - at_)));
    if (k == 0) return false;
    out.append(at_, k);
    at_ += k;
    n -= k;
  }
  return true;
}

}  // namespace hoarfrost::wire
