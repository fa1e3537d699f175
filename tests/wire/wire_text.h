// Protobuf wire format by hand, for tests that need bytes no serialiser would write.
#ifndef HOARFROST_TESTS_WIRE_WIRE_TEXT_H_
#define HOARFROST_TESTS_WIRE_WIRE_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>

namespace hoarfrost::testing::wire_text {

// `width`: bytes to take, padded; 0 for as many as needed.
inline std::string Varint(uint64_t value, size_t width = 0) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
  while (out.size() < width) {
    out.back() = static_cast<char>(out.back() | 0x80);
    out += '\0';
  }
  return out;
}

inline std::string Tag(uint32_t field, uint32_t type, size_t width = 0) {
  return Varint(uint64_t{field} << 3 | type, width);
}

inline std::string Number(uint32_t field, uint64_t value, size_t width = 0) {
  return Tag(field, 0) + Varint(value, width);
}

// A string, bytes, a message or packed values.
inline std::string Bytes(uint32_t field, const std::string& content, size_t length_width = 0) {
  return Tag(field, 2) + Varint(content.size(), length_width) + content;
}

inline std::string Fixed32(uint32_t field, const std::string& four = "\1\2\3\4") {
  return Tag(field, 5) + four;
}

inline std::string Fixed64(uint32_t field, const std::string& eight = "\1\2\3\4\5\6\7\x8") {
  return Tag(field, 1) + eight;
}

inline std::string Group(uint32_t field, const std::string& content) {
  return Tag(field, 3) + content + Tag(field, 4);
}

}  // namespace hoarfrost::testing::wire_text

#endif  // HOARFROST_TESTS_WIRE_WIRE_TEXT_H_
