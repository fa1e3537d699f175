// Splicing: a changed file as the old one's bytes and a few new ones.
//
// Nothing is parsed and serialised anew, so whatever hoarfrost does not know stays as it was: the
// source is walked again, the elements that edits name are found, the lengths around them mended,
// and every other byte is a range of the source.
//
//   before  ... 3a <len of graph> ... 5a <len> INPUT ... |end of graph ...
//   erase {7 kMerged}{11 0}
//   after   ... 3a <smaller len>  ...                ... |end of graph ...
//
// A length keeps the width it was written in where that was wider than needed (some writers reserve
// five bytes) and the new value fits; otherwise it takes the bytes it needs, and the lengths
// further out grow with it.
#ifndef HOARFROST_WIRE_SPLICE_H_
#define HOARFROST_WIRE_SPLICE_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "wire/byte_source.h"
#include "wire/rope.h"
#include "wire/skeleton.h"

namespace hoarfrost::wire {

// Which occurrence of a field within its message: the n-th from 0, or one of two words.
inline constexpr uint32_t kLast = std::numeric_limits<uint32_t>::max();  // what a scalar's value is
// All of them together, for a singular message, which may be given in several parts that are read
// as one. Ordinals beneath count through all parts.
inline constexpr uint32_t kMerged = kLast - 1;

struct PathStep {
  uint32_t field = 0;
  uint32_t ordinal = 0;
  friend bool operator==(const PathStep&, const PathStep&) = default;
};
using FieldPath = std::vector<PathStep>;  // from the top level; empty is the whole model

enum class EditKind : uint8_t {
  kErase,         // the field at `path`, tag and all
  kReplace,       // that, and `bytes` in its place
  kInsertBefore,  // `bytes` before it
  kAppend,        // `bytes` at the end of the message at `path`, in the last of its parts
};

// Bytes of the source that stand between bytes of ours: those of `from` before bytes[at].
struct Inset {
  size_t at = 0;
  Span from;
};

struct Edit {
  EditKind kind = EditKind::kErase;
  FieldPath path;
  std::string bytes;  // whole fields: tags, lengths, contents
  // Ascending by `at`. So what is moved from one place to another is copied and not held in memory.
  std::vector<Inset> insets = {};
};

// One place where the new file differs: `bytes`, with the insets in them, stand where `old` stood.
struct Change {
  static constexpr size_t kLength = ~size_t{0};

  Span old;  // of the source; empty for an insertion
  std::string bytes;
  size_t edit = kLength;  // which edit asked for it; kLength for a mended length
  std::vector<Inset> insets = {};

  uint64_t size() const;  // of the new bytes, insets included
};

// The places that the edits change, in source order and apart from each other.
//
// NotFound where a path leads to nothing. InvalidArgument where two edits want the same bytes, or
// the source is no protobuf message along the way. ResourceExhausted where the file, or a message
// in it, would grow past the 2^31-1 bytes that protobuf readers take, and was not past it before.
absl::StatusOr<std::vector<Change>> FindChanges(const ByteSource& source,
                                                absl::Span<const Edit> edits);

// The same error for a file that grows from one size to another.
absl::Status CheckGrowth(const std::string& name, uint64_t old_size, uint64_t new_size);

// The new file, as ranges of the old one and the changed bytes.
Rope ApplyChanges(uint64_t source_size, const std::vector<Change>& changes);

}  // namespace hoarfrost::wire

#endif  // HOARFROST_WIRE_SPLICE_H_
