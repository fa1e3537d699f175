#include "model/notes.h"

#include <fmt/format.h>

#include <string_view>

#include "base/text.h"

namespace hoarfrost::model {
namespace {

constexpr std::array<std::string_view, kNoteKinds> kMore = {
    "versions that are unknown",
    "names that are empty or no valid UTF-8",
    "names that are defined more than once",
    "faults of tensors' sizes, types and locations",
    "data files that are missing",
    "inputs whose type differs from their initializer's",
    "names that are read but never defined",
    "graphs whose nodes are out of order",
    "cycles",
    "Constant nodes without a value",
    "operator domains without an opset import",
    "faults of functions",
};

}  // namespace

void NoteList::Add(NoteKind kind, Severity severity, std::string text) {
  if (Wants(kind)) notes_.push_back({severity, std::move(text)});
  Skip(kind);
}

std::vector<Note> NoteList::Take() {
  for (size_t kind = 0; kind < kNoteKinds; ++kind) {
    if (counts_[kind] <= kMost) continue;
    notes_.push_back(
        {Severity::kWarning,
         fmt::format("... and {} more {}", base::WithCommas(counts_[kind] - kMost), kMore[kind])});
  }
  return std::move(notes_);
}

}  // namespace hoarfrost::model
