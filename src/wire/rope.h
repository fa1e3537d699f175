// A Rope: the bytes of a new file as pieces, each a range of a source or literal bytes.
//
// What a splice gives. Nothing of the source is read to make one; writing, hashing and reading it
// back (RopeSource) are different consumers of the same value.
#ifndef HOARFROST_WIRE_ROPE_H_
#define HOARFROST_WIRE_ROPE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "wire/byte_source.h"
#include "wire/skeleton.h"

namespace hoarfrost::wire {

class Rope {
 public:
  struct Piece {
    Span source;          // a range of the source; empty for a literal
    std::string literal;  // else these bytes
    uint64_t begin = 0;   // where the piece starts in the rope

    bool is_literal() const { return source.length == 0; }
    uint64_t length() const { return is_literal() ? literal.size() : source.length; }
  };

  // Neighbours are joined: two ranges that touch, two literals. Empty ones leave no piece.
  void AppendRange(Span range);
  void AppendLiteral(std::string_view bytes);

  uint64_t size() const { return size_; }
  const std::vector<Piece>& pieces() const { return pieces_; }

  // The piece that holds byte `offset` < size().
  size_t PieceAt(uint64_t offset) const;

 private:
  std::vector<Piece> pieces_;
  uint64_t size_ = 0;
};

// The whole of a source, unchanged.
Rope WholeOf(const ByteSource& source);

// `outer` ranges over the bytes of `inner`, which ranges over a source; the result ranges over that
// source and has the bytes of `outer`. Ranges of `outer` must lie within `inner`.
Rope Flatten(const Rope& outer, const Rope& inner);

// A rope as a source of its own, so that what was spliced can be read and spliced again before it
// is written. `base` must outlive it; CheckUnchanged() asks the base.
std::unique_ptr<ByteSource> MakeRopeSource(Rope rope, const ByteSource& base, std::string name);

}  // namespace hoarfrost::wire

#endif  // HOARFROST_WIRE_ROPE_H_
