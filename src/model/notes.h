// Collects notes, and keeps a file with a million faults from becoming a million lines: of each
// kind the first few are kept, and a last one tells how many more there were.
#ifndef HOARFROST_MODEL_NOTES_H_
#define HOARFROST_MODEL_NOTES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "model/facts.h"

namespace hoarfrost::model {

enum class NoteKind : uint8_t {
  kVersion,
  kName,
  kDuplicate,
  kTensor,
  kMissingFile,
  kType,
  kUndefined,
  kOrder,
  kCycle,
  kConstant,
  kDomain,
  kFunction,
};
inline constexpr size_t kNoteKinds = 12;

class NoteList {
 public:
  // Notes of one kind that are kept.
  static constexpr size_t kMost = 20;

  // True while the next note of this kind is kept: ask before formatting one in a loop, and call
  // Skip() instead of Add() where it is not.
  bool Wants(NoteKind kind) const { return counts_[Index(kind)] < kMost; }
  void Skip(NoteKind kind) { ++counts_[Index(kind)]; }
  void Add(NoteKind kind, Severity severity, std::string text);

  // The notes in the order given, and a closing one for each kind that had too many.
  std::vector<Note> Take();

 private:
  static size_t Index(NoteKind kind) { return static_cast<size_t>(kind); }

  std::vector<Note> notes_;
  std::array<uint64_t, kNoteKinds> counts_ = {};
};

}  // namespace hoarfrost::model

#endif  // HOARFROST_MODEL_NOTES_H_
