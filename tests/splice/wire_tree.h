// A message on the wire as a tree, with every length's width: the slow, obviously right twin that
// the splice writer is held against. It parses nothing; tests build it.
#ifndef HOARFROST_TESTS_SPLICE_WIRE_TREE_H_
#define HOARFROST_TESTS_SPLICE_WIRE_TREE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace hoarfrost::testing {

struct WireNode {
  uint32_t field = 1;
  bool is_message = false;
  bool erased = false;
  size_t width = 0;             // of the length; 0: as many bytes as it needs
  std::string bytes;            // of a leaf: the whole field, tag and all
  std::string before;           // inserted before the field
  std::string replacement;      // instead of the field, where `erased`
  std::vector<WireNode> parts;  // of a message: its fields
  std::string appended;         // at the end of the message
};

inline std::string Varint(uint64_t value, size_t width = 0) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
  while (out.size() < width) {
    out.back() = static_cast<char>(out.back() | 0x80);
    out.push_back('\0');
  }
  return out;
}

inline std::string BytesField(uint32_t field, const std::string& bytes, size_t width = 0) {
  return Varint(uint64_t{field} << 3 | 2) + Varint(bytes.size(), width) + bytes;
}

inline std::string VarintField(uint32_t field, uint64_t value, size_t width = 0) {
  return Varint(uint64_t{field} << 3) + Varint(value, width);
}

inline std::string Serialize(const WireNode& node);

inline std::string SerializeContent(const WireNode& message) {
  std::string out;
  for (const WireNode& part : message.parts) out += Serialize(part);
  return out + message.appended;
}

inline std::string Serialize(const WireNode& node) {
  if (node.erased) return node.before + node.replacement;
  if (!node.is_message) return node.before + node.bytes;
  return node.before + BytesField(node.field, SerializeContent(node), node.width);
}

}  // namespace hoarfrost::testing

#endif  // HOARFROST_TESTS_SPLICE_WIRE_TREE_H_
