#include "freeze/respell.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "splice/wire_tree.h"
#include "wire/byte_source.h"
#include "wire/field_scan.h"
#include "wire/schema.h"

namespace hoarfrost::testing {
namespace {

using wire::MessageType;

struct Piece {
  uint64_t number;
  std::string bytes;
};

std::string Join(const std::vector<Piece>& pieces) {
  std::string out;
  for (const Piece& piece : pieces) out += piece.bytes;
  return out;
}

// Recursion: the models of tests are shallow.
std::vector<Piece> Pieces(const std::string& bytes, MessageType type, const Spelling& spelling) {
  const auto source = wire::FromMemory("model", bytes);
  wire::FieldScan scan(*source);
  wire::FieldAt field;
  std::vector<Piece> pieces;
  for (uint64_t at = 0; at < bytes.size(); at = field.end) {
    if (!scan.Read(at, bytes.size(), field).ok()) return {};
    const auto number = static_cast<uint32_t>(field.number);
    const wire::FieldRule rule = wire::FieldOf(type, number);
    std::string whole = bytes.substr(field.begin, field.end - field.begin);
    if (field.type == wire::WireType::kBytes && rule.kind == wire::FieldKind::kMessage) {
      const std::string content = bytes.substr(field.content, field.end - field.content);
      std::vector<Piece> inner = Pieces(content, rule.message, spelling);
      if (spelling.split_graph && type == MessageType::kModel && number == 7) {
        // The second part comes at the very end, where the caller puts the last piece.
        const auto half = inner.begin() + static_cast<ptrdiff_t>(inner.size() / 2);
        const size_t width = spelling.padded ? 5 : 0;
        pieces.push_back({7, BytesField(7, Join({inner.begin(), half}), width)});
        pieces.push_back({~uint64_t{0}, BytesField(7, Join({half, inner.end()}), width)});
        continue;
      }
      whole = BytesField(number, Join(inner), spelling.padded ? 5 : 0);
    } else if (field.type == wire::WireType::kBytes && spelling.padded) {
      whole = BytesField(number, bytes.substr(field.content, field.end - field.content), 5);
    }
    pieces.push_back({field.number, std::move(whole)});
  }
  if (spelling.reversed) {
    std::stable_sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) {
      return b.number != ~uint64_t{0} && a.number > b.number;
    });
  }
  std::stable_partition(pieces.begin(), pieces.end(),
                        [](const Piece& piece) { return piece.number != ~uint64_t{0}; });
  if (spelling.unknown_fields) {
    pieces.insert(pieces.begin(), {5000, VarintField(5000, 7, 3)});
    // A group of field 6000 with a group in it.
    const std::string group = Varint(6000 << 3 | 3) + Varint(6001 << 3 | 3) + VarintField(1, 1) +
                              Varint(6001 << 3 | 4) + Varint(6000 << 3 | 4);
    pieces.insert(pieces.begin() + static_cast<ptrdiff_t>(pieces.size() / 2), {6000, group});
    pieces.push_back({7000, BytesField(7000, "unknown")});
  }
  return pieces;
}

}  // namespace

Spelling SpellingOf(unsigned n) { return {(n & 1) != 0, (n & 2) != 0, (n & 4) != 0, (n & 8) != 0}; }

std::string Respell(const std::string& model, const Spelling& spelling) {
  return Join(Pieces(model, MessageType::kModel, spelling));
}

}  // namespace hoarfrost::testing
