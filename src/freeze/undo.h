// Undo data: how to get the bytes back that a model had before it was frozen.
//
// A frozen file is   REST  plan entry  undo entry   with the plan entry counted to the rest. The
// undo value is JSON (docs/freezing.md): the length and digest of the rest, and the original as
// items in order, each a range of the frozen file or literal bytes. Ranges do not overlap, so that
// a hostile undo cannot make more of a file than it holds; they rise but where an edit moved bytes.
#ifndef HOARFROST_FREEZE_UNDO_H_
#define HOARFROST_FREEZE_UNDO_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "wire/byte_source.h"
#include "wire/rope.h"
#include "wire/splice.h"

namespace hoarfrost::freeze {

inline constexpr std::string_view kUndoSchema = "hoarfrost.undo/1";

struct UndoItem {
  wire::Span range = {};   // of the frozen file; empty for literal bytes
  std::string bytes = {};  // the original's
  // Which edit took the bytes away, and which element of its list they were: what restoring by name
  // goes by. Empty for mended lengths.
  std::string edit = {};
  uint64_t position = 0;
  std::string of = {};  // the tensor, or the first output of the node, that it belonged to
  friend bool operator==(const UndoItem&, const UndoItem&) = default;
};

struct Undo {
  uint64_t length = 0;
  std::string digest;
  std::vector<UndoItem> original;
};

// What an edit is called in undo data, and which element it took.
struct EditLabel {
  std::string_view edit;
  uint64_t position = 0;
  std::string of = {};  // see UndoItem
};

// The items that turn what `changes` made of `original` back. `labels` go with the edits; a
// labelled edit that took nothing away leaves an item without bytes.
absl::StatusOr<std::vector<UndoItem>> MakeItems(const wire::ByteSource& original,
                                                const std::vector<wire::Change>& changes,
                                                const std::vector<EditLabel>& labels);

// The text of the items alone: the digest covers it too.
std::string ItemsToJson(const std::vector<UndoItem>& items);

std::string ToJson(const Undo& undo);
absl::StatusOr<Undo> FromJson(std::string_view text);

// The original's bytes as ranges of the frozen file and literals. InvalidArgument where a range
// does not lie in the first `undo.length` bytes or overlaps another.
absl::StatusOr<wire::Rope> Restore(const Undo& undo);

}  // namespace hoarfrost::freeze

#endif  // HOARFROST_FREEZE_UNDO_H_
