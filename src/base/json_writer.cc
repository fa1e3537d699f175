#include "base/json_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>

#include "absl/strings/escaping.h"
#include "base/text.h"

namespace hoarfrost::base {
namespace {

// Bytes that stand for themselves: printable ASCII but for the quote and the backslash.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (size_t c = 0x20; c < 0x7F; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

void AppendUnicode(std::string& out, uint32_t code) {
  fmt::format_to(std::back_inserter(out), "\\u{:04x}", code);
}

void AppendByte(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      AppendUnicode(out, static_cast<uint8_t>(c));
  }
}

// `bytes` begins with a byte above 0x7F; returns how many of them were written.
size_t AppendMultibyte(std::string& out, std::string_view bytes) {
  uint32_t code = 0;
  const size_t n = DecodeUtf8(bytes, code);
  if (n == 0) {
    out += "\xEF\xBF\xBD";
    return 1;
  }
  if (IsUnsafeToShow(code)) {
    AppendUnicode(out, code);
  } else {
    out.append(bytes.substr(0, n));
  }
  return n;
}

}  // namespace

void JsonWriter::Key(std::string_view key) {
  Separate();
  buffer_.push_back('"');
  buffer_.append(key);
  buffer_.append("\":");
  comma_ = false;
}

void JsonWriter::String(std::string_view bytes) {
  Separate();
  buffer_.push_back('"');
  while (!bytes.empty()) {
    const auto* special = std::find_if_not(bytes.begin(), bytes.end(),
                                           [](char c) { return kPlain[static_cast<uint8_t>(c)]; });
    const size_t plain = static_cast<size_t>(special - bytes.begin());
    buffer_.append(bytes.substr(0, plain));
    bytes.remove_prefix(plain);
    if (bytes.empty()) break;
    size_t used = 1;
    if (static_cast<uint8_t>(bytes[0]) < 0x80) {
      AppendByte(buffer_, bytes[0]);
    } else {
      used = AppendMultibyte(buffer_, bytes);
    }
    bytes.remove_prefix(used);
  }
  buffer_.push_back('"');
}

void JsonWriter::Uint(uint64_t n) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), n).ptr;
  Raw(std::string_view(digits.data(), static_cast<size_t>(end - digits.data())));
}

void JsonWriter::Int(int64_t n) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), n).ptr;
  Raw(std::string_view(digits.data(), static_cast<size_t>(end - digits.data())));
}

void JsonWriter::Double(double x) {
  if (!std::isfinite(x)) return Null();
  std::array<char, 40> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), x).ptr;
  Raw(std::string_view(digits.data(), static_cast<size_t>(end - digits.data())));
}

void JsonWriter::Decimal(double n) { Raw(fmt::format("{:.6f}", n)); }

void JsonWriter::NameField(std::string_view key, std::string_view bytes) {
  TextField(key, bytes);
  if (IsValidUtf8(bytes)) return;
  Key(fmt::format("{}_base64", key));
  String(absl::Base64Escape(absl::string_view(bytes.data(), bytes.size())));
}

void JsonWriter::EndLine() {
  buffer_.push_back('\n');
  comma_ = false;
  Flush();
}

void JsonWriter::Flush() {
  sink_.Write(buffer_);
  buffer_.clear();
}

void JsonWriter::Open(char c) {
  Separate();
  buffer_.push_back(c);
  comma_ = false;
}

void JsonWriter::Close(char c) {
  buffer_.push_back(c);
  comma_ = true;
}

void JsonWriter::Raw(std::string_view text) {
  Separate();
  buffer_.append(text);
}

}  // namespace hoarfrost::base
