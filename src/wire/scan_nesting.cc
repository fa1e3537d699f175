#include <cstddef>
#include <cstdint>

#include "wire/payload_index.h"
#include "wire/scanner.h"

namespace hoarfrost::wire {

bool Scanner::Enter(uint64_t start, uint32_t field, size_t rules) {
  const uint64_t length_at = cursor_.position();
  uint64_t length = 0;
  if (!Length(start, length)) return false;
  if (depth_ == kMaxNesting) return TooDeep(start);
  Push({cursor_.position(), length, OutPosition(length_at),
        static_cast<uint8_t>(cursor_.position() - length_at)},
       field, rules);
  return true;
}

// Opens a message whose tag and length were read.
void Scanner::Push(const Opening& opening, uint32_t field, size_t rules) {
  Frame& parent = top();
  Frame& frame = frames_[++depth_];
  frame.end = opening.content + opening.length;
  frame.length = opening.length;
  frame.out_length = opening.out_length;
  frame.first_part = pending_.size();
  frame.rules = rules;
  frame.payload = {};
  frame.type = rules == kMetadataEntryRules ? MessageType::kStringStringEntry
                                            : static_cast<MessageType>(rules);
  frame.field = static_cast<uint8_t>(field);
  frame.width = opening.width;
  frame.seen = 0;
  if (frame.type == MessageType::kGraph) {
    has_graph_ = has_graph_ || depth_ == 1;
  } else if (frame.type == MessageType::kTensor || frame.type == MessageType::kSparseTensor) {
    if (FieldOf(parent.type, field).repeated) return;
    // The numbers in question (1, 2, 5, 22) differ in their low bits.
    const auto bit = static_cast<uint8_t>(1U << (field & 7));
    result_.merged = result_.merged || (parent.seen & bit) != 0;
    parent.seen |= bit;
  }
}

// Closes the open message, all of which has been read.
bool Scanner::Leave() {
  const Frame& frame = top();
  if (frame.rules == kMetadataEntryRules && !CloseEntry()) return false;
  if (pending_.size() > frame.first_part) {
    if (!Flush()) return false;
    AppendRunNumber(result_.runs.size(), out());
    result_.runs.push_back({result_.parts.size(), pending_.size() - frame.first_part});
    for (size_t i = frame.first_part; i < pending_.size(); ++i) {
      result_.parts.push_back(pending_[i].part);
    }
    pending_.resize(frame.first_part);
  }
  const uint64_t length = OutPosition(cursor_.position()) - frame.out_length - frame.width;
  const bool same = length == frame.length && frame.width <= kMaxLengthWidth;
  if (!same && !MendLength(frame, length)) return false;
  --depth_;
  return true;
}

// Writes a new length in the place of the old one, and in its width where it fits.
bool Scanner::MendLength(const Frame& frame, uint64_t length) {
  if (!Flush()) return false;
  size_t width = frame.width;
  if (VarintSize(length) > width) {
    const size_t more = VarintSize(length) - width;
    out().insert(frame.out_length, more, '\0');
    width += more;
  } else if (width > kMaxLengthWidth) {
    // Only content past 2^35 bytes may take so many, and that has shrunk.
    out().erase(frame.out_length, width - kMaxLengthWidth);
    width = kMaxLengthWidth;
  }
  PutVarint(length, width, out().data() + frame.out_length);
  return true;
}

}  // namespace hoarfrost::wire
