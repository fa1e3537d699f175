#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace hoarfrost::base {
namespace {

std::string Lower(std::string_view s) {
  std::string out(s);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitute});
    }
  }
  return row.back();
}

}  // namespace

size_t DecodeUtf8(std::string_view s, uint32_t& code) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(s[i]); };
  const uint8_t b = byte(0);
  size_t n = 0;
  uint32_t least = 0;
  if (b < 0x80) {
    code = b;
    return 1;
  } else if ((b & 0xE0) == 0xC0) {
    n = 2, least = 0x80, code = b & 0x1Fu;
  } else if ((b & 0xF0) == 0xE0) {
    n = 3, least = 0x800, code = b & 0x0Fu;
  } else if ((b & 0xF8) == 0xF0) {
    n = 4, least = 0x10000, code = b & 0x07u;
  } else {
    return 0;
  }
  if (s.size() < n) return 0;
  for (size_t i = 1; i < n; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
    code = (code << 6) | (byte(i) & 0x3Fu);
  }
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return code < least || code > 0x10FFFF || surrogate ? 0 : n;
}

bool IsUnsafeToShow(uint32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029 ||
         code == 0x200E || code == 0x200F || (code >= 0x202A && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069);
}

std::string Escape(std::string_view bytes) {
  const bool plain =
      std::all_of(bytes.begin(), bytes.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
  if (plain) return std::string(bytes);
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    uint32_t code = 0;
    const size_t n = DecodeUtf8(bytes, code);
    if (n > 0 && !IsUnsafeToShow(code)) {
      out.append(bytes.substr(0, n));
    } else if (n == 1 && code == '\n') {
      out += "\\n";
    } else if (n == 1 && code == '\t') {
      out += "\\t";
    } else if (n == 1 && code == '\r') {
      out += "\\r";
    } else {
      for (const char c : bytes.substr(0, std::max<size_t>(n, 1))) {
        fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<uint8_t>(c));
      }
    }
    bytes.remove_prefix(std::max<size_t>(n, 1));
  }
  return out;
}

std::string Quote(std::string_view bytes, size_t limit) {
  if (bytes.size() <= limit) return fmt::format("'{}'", Escape(bytes));
  const size_t half = limit / 2;
  // Cut between characters, so that no half of one is shown as \xNN.
  size_t head = half, tail = bytes.size() - half;
  while (head > 0 && (static_cast<uint8_t>(bytes[head]) & 0xC0) == 0x80) --head;
  while (tail < bytes.size() && (static_cast<uint8_t>(bytes[tail]) & 0xC0) == 0x80) ++tail;
  return fmt::format("'{}...{}'", Escape(bytes.substr(0, head)), Escape(bytes.substr(tail)));
}

bool IsValidUtf8(std::string_view bytes) {
  // Most names are ASCII, and there may be millions of them.
  const bool ascii = std::all_of(bytes.begin(), bytes.end(),
                                 [](char c) { return static_cast<uint8_t>(c) < 0x80; });
  if (ascii) return true;
  while (!bytes.empty()) {
    uint32_t code = 0;
    const size_t n = DecodeUtf8(bytes, code);
    if (n == 0) return false;
    bytes.remove_prefix(n);
  }
  return true;
}

std::string ReplaceInvalidUtf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    uint32_t code = 0;
    const size_t n = DecodeUtf8(bytes, code);
    if (n == 0) {
      out += "\xEF\xBF\xBD";
    } else {
      out.append(bytes.substr(0, n));
    }
    bytes.remove_prefix(std::max<size_t>(n, 1));
  }
  return out;
}

std::string WithCommas(uint64_t n) {
  std::string digits = fmt::format("{}", n);
  for (size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

std::string HumanBytes(uint64_t bytes) {
  constexpr std::array<const char*, 7> kUnits = {"B", "KB", "MB", "GB", "TB", "PB", "EB"};
  double amount = static_cast<double>(bytes);
  size_t unit = 0;
  while (amount >= 1024 && unit + 1 < kUnits.size()) {
    amount /= 1024;
    ++unit;
  }
  return fmt::format("{:.2f} {}", amount, kUnits[unit]);
}

std::vector<std::string> NearNames(std::string_view word,
                                   const std::vector<std::string_view>& candidates, size_t most) {
  constexpr size_t kLongest = 256;         // longer names are compared by their ends only
  constexpr size_t kMostCompared = 20000;  // a suggestion is not worth more
  const std::string wanted = Lower(word.substr(0, kLongest));
  struct Scored {
    size_t distance;
    std::string_view name;
  };
  std::vector<Scored> scored;
  for (size_t i = 0; i < candidates.size() && i < kMostCompared; ++i) {
    const std::string_view name = candidates[i];
    const std::string lower = Lower(name.substr(name.size() - std::min(name.size(), kLongest)));
    size_t distance = EditDistance(wanted, lower);
    const bool contains = !wanted.empty() && !lower.empty() &&
                          (lower.find(wanted) != std::string::npos ||
                           (lower.size() > 2 && wanted.find(lower) != std::string::npos));
    if (contains) distance = std::min<size_t>(distance, 2);
    if (distance <= std::max<size_t>(2, wanted.size() / 3)) scored.push_back({distance, name});
  }
  std::stable_sort(scored.begin(), scored.end(),
                   [](const Scored& a, const Scored& b) { return a.distance < b.distance; });
  std::vector<std::string> near;
  for (const Scored& s : scored) {
    if (near.size() == most) break;
    if (std::find(near.begin(), near.end(), s.name) == near.end()) near.emplace_back(s.name);
  }
  return near;
}

}  // namespace hoarfrost::base
