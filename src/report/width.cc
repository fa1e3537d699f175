#include "report/width.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

#include "base/text.h"

namespace hoarfrost::report {
namespace {

struct Range {
  uint32_t first, last;
};

// Unicode's East_Asian_Width W and F, in blocks; and its combining marks and joiners.
constexpr std::array<Range, 14> kWide = {{{0x1100, 0x115F},
                                          {0x2E80, 0x303E},
                                          {0x3041, 0x33FF},
                                          {0x3400, 0x4DBF},
                                          {0x4E00, 0x9FFF},
                                          {0xA000, 0xA4CF},
                                          {0xAC00, 0xD7A3},
                                          {0xF900, 0xFAFF},
                                          {0xFE30, 0xFE6F},
                                          {0xFF00, 0xFF60},
                                          {0xFFE0, 0xFFE6},
                                          {0x1F300, 0x1F64F},
                                          {0x1F680, 0x1FAFF},
                                          {0x20000, 0x3FFFD}}};
constexpr std::array<Range, 9> kNone = {{{0x0300, 0x036F},
                                         {0x0483, 0x0489},
                                         {0x0591, 0x05BD},
                                         {0x064B, 0x065F},
                                         {0x200B, 0x200D},
                                         {0x20D0, 0x20FF},
                                         {0xFE00, 0xFE0F},
                                         {0xFE20, 0xFE2F},
                                         {0xE0100, 0xE01EF}}};

template <size_t n>
bool In(const std::array<Range, n>& ranges, uint32_t code) {
  const auto found =
      std::lower_bound(ranges.begin(), ranges.end(), code,
                       [](const Range& range, uint32_t c) { return range.last < c; });
  return found != ranges.end() && found->first <= code;
}

struct Character {
  size_t bytes;
  size_t columns;
};

Character First(std::string_view text) {
  uint32_t code = 0;
  const size_t n = base::DecodeUtf8(text, code);
  if (n == 0) return {1, 1};
  if (code < 0x300) return {n, 1};
  return {n, In(kNone, code) ? size_t{0} : In(kWide, code) ? size_t{2} : size_t{1}};
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<uint8_t>(c) < 0x80; });
}

// Bytes of the longest start of `text` that takes at most `columns`.
size_t Fitting(std::string_view text, size_t columns) {
  size_t bytes = 0, used = 0;
  while (bytes < text.size()) {
    const Character c = First(text.substr(bytes));
    if (used + c.columns > columns) break;
    used += c.columns;
    bytes += c.bytes;
  }
  return bytes;
}

}  // namespace

size_t DisplayWidth(std::string_view text) {
  if (IsAscii(text)) return text.size();
  size_t columns = 0;
  while (!text.empty()) {
    const Character c = First(text);
    columns += c.columns;
    text.remove_prefix(c.bytes);
  }
  return columns;
}

std::string CutMiddle(std::string_view text, size_t width, std::string_view mark) {
  const size_t whole = DisplayWidth(text);
  if (whole <= width) return std::string(text);
  const size_t mark_width = DisplayWidth(mark);
  if (width <= mark_width) return std::string(mark.substr(0, Fitting(mark, width)));
  const size_t kept = width - mark_width;
  const size_t head = Fitting(text, kept / 2);
  // Start of the longest end that fits: skip what is too much of the whole.
  size_t tail = 0, skipped = 0;
  while (whole - skipped > kept - kept / 2) {
    const Character c = First(text.substr(tail));
    skipped += c.columns;
    tail += c.bytes;
  }
  std::string out(text.substr(0, head));
  out += mark;
  out += text.substr(tail);
  return out;
}

std::string Wrap(std::string_view text, size_t width, size_t indent) {
  std::string out;
  indent = std::min(indent, width / 2);
  size_t room = std::max<size_t>(width, 1);
  for (;;) {
    size_t end = Fitting(text, room);
    if (end == text.size()) break;
    const size_t space = text.substr(0, end + 1).rfind(' ');
    size_t next = end;
    if (space != std::string_view::npos && space > 0) {
      end = space;
      next = space + 1;
    }
    if (next == 0) next = end = First(text).bytes;  // wider than the room: it cannot be helped
    std::string_view line = text.substr(0, end);
    while (line.size() > 1 && line.back() == ' ') line.remove_suffix(1);
    out.append(line);
    out.push_back('\n');
    text.remove_prefix(next);
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    out.append(indent, ' ');
    room = std::max<size_t>(width - indent, 1);
  }
  out.append(text);
  out.push_back('\n');
  return out;
}

std::string AsciiOnly(std::string_view text) {
  if (IsAscii(text)) return std::string(text);
  std::string out;
  for (const char c : text) {
    if (static_cast<uint8_t>(c) < 0x80) {
      out.push_back(c);
    } else {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<uint8_t>(c));
    }
  }
  return out;
}

}  // namespace hoarfrost::report
