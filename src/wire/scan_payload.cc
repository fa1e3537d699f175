// Payload fields: what is small stays, the rest is stepped over, and all of it is noted down.
#include <cstddef>
#include <cstdint>

#include "wire/scanner.h"

namespace hoarfrost::wire {

// raw_data, or an attribute's s.
bool Scanner::Blob(uint64_t start, uint32_t field) {
  uint64_t length = 0;
  if (!Length(start, length)) return false;
  uint16_t& seen = top().payload[field - kFirstPayloadField];
  if (seen != 0) {  // the last counts
    if (!FlushTo(start)) return false;
    EraseKept(field);
  }
  seen = 1;
  PendingPart pending;
  pending.part = {static_cast<int>(field), PayloadEncoding::kBytes, length <= kKeepPayload,
                  Span{cursor_.position(), length}, length};
  if (pending.part.kept) {
    pending.out_begin = OutPosition(start);
    if (!Keep(length)) return false;
    pending.out_end = OutPosition(cursor_.position());
  } else if (!Drop(start, length)) {
    return false;
  }
  pending_.push_back(pending);
  return true;
}

// One packed chunk of a repeated field; `width` as in its ScanRule.
bool Scanner::PackedPayload(uint64_t start, uint32_t field, uint8_t width) {
  uint64_t length = 0;
  if (!Length(start, length)) return false;
  if (width != 0 && !PackedFixed(start, length, width)) return false;
  uint16_t& used = top().payload[field - kFirstPayloadField];
  PendingPart pending;
  pending.part = {static_cast<int>(field), PayloadEncoding::kPacked, used + length <= kKeepPayload,
                  Span{cursor_.position(), length},
                  width != 0 ? length / width : PayloadPart::kUnknownCount};
  if (pending.part.kept) {
    used = static_cast<uint16_t>(used + length);
    pending.out_begin = OutPosition(start);
    if (width == 0) {
      pending.part.count = 0;
      if (!PackedVarints(start, length, pending.part.count)) return false;
    } else if (!Keep(length)) {
      return false;
    }
    pending.out_end = OutPosition(cursor_.position());
  } else {
    // A tensor's shape says how many there are; of an attribute's integers nothing else does.
    if (field == onnx::AttributeProto::kIntsFieldNumber) {
      if (!CountDropped(start, length, pending.part.count)) return false;
    } else if (!Drop(start, length)) {
      return false;
    }
    if (used != kOverBudget) EraseKept(field);
    used = kOverBudget;
  }
  pending_.push_back(pending);
  return true;
}

// Counts `length` bytes of varints and leaves them out.
bool Scanner::CountDropped(uint64_t start, uint64_t length, uint64_t& count) {
  if (!FlushTo(start)) return false;
  DropToHere();
  const uint64_t end = cursor_.position() + length;
  for (count = 0; cursor_.position() < end; ++count) {
    if (cursor_.available() < kFieldRoom && !Refill()) return false;
    uint64_t value = 0;
    if (!cursor_.ReadVarint(end, value)) return Bad(start);
    DropToHere();
  }
  return true;
}

// Elements of one repeated field, as long as they follow each other.
bool Scanner::PayloadElements(uint64_t start, uint32_t tag) {
  const uint64_t end = top().end;
  const uint32_t field = TagField(tag);
  uint16_t& used = top().payload[field - kFirstPayloadField];
  PendingPart pending;
  pending.part.field = static_cast<int>(field);
  pending.part.encoding =
      TagTypeOf(tag) == TagType::kLength ? PayloadEncoding::kStrings : PayloadEncoding::kUnpacked;
  pending.part.kept = used != kOverBudget;
  pending.out_begin = OutPosition(start);
  if (!pending.part.kept && !FlushTo(start)) return false;
  for (uint64_t at = start;;) {
    uint64_t content = 0;
    switch (TagTypeOf(tag)) {
      case TagType::kFixed32:
        content = 4;
        break;
      case TagType::kFixed64:
        content = 8;
        break;
      case TagType::kLength:
        if (!Length(at, content)) return false;
        break;
      default:
        if (uint64_t value = 0; !cursor_.ReadVarint(end, value)) return Bad(at);
    }
    if (content > end - cursor_.position()) return Cut(at);
    const uint64_t so_far = cursor_.position() - start;
    if (pending.part.kept && used + so_far + content > kKeepPayload) {
      // Too much after all: what was kept goes.
      if (!Flush()) return false;
      out().resize(out().size() - static_cast<size_t>(so_far));
      EraseKept(field);
      pending.part.kept = false;
      used = kOverBudget;
    }
    if (!pending.part.kept) {
      cursor_.Skip(content);
      DropToHere();
    } else if (!Keep(content)) {
      return false;
    }
    ++pending.part.count;
    at = cursor_.position();
    if (at >= end) break;
    if (cursor_.available() < kFieldRoom && !Refill()) return false;
    // What is wrong with the next tag, if anything is, comes up when its field is read.
    if (uint32_t next = 0; !cursor_.ReadTag(end, next) || next != tag) {
      cursor_.Seek(at);
      break;
    }
  }
  pending.part.span = {start, cursor_.position() - start};
  if (pending.part.kept) {
    used = static_cast<uint16_t>(used + pending.part.span.length);
    pending.out_end = OutPosition(cursor_.position());
  }
  pending_.push_back(pending);
  return true;
}

// Takes the kept parts of a field of the open message back out of the output, which must have been
// flushed.
void Scanner::EraseKept(uint32_t field) {
  uint64_t gone = 0;
  for (size_t i = top().first_part; i < pending_.size(); ++i) {
    PendingPart& pending = pending_[i];
    if (!pending.part.kept) continue;
    pending.out_begin -= gone;
    pending.out_end -= gone;
    if (pending.part.field != static_cast<int>(field)) continue;
    pending.part.kept = false;
    const uint64_t size = pending.out_end - pending.out_begin;
    out().erase(static_cast<size_t>(pending.out_begin), static_cast<size_t>(size));
    gone += size;
  }
}

}  // namespace hoarfrost::wire
