#include "wire/scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "wire/scanner.h"

namespace hoarfrost::wire {
namespace {

// Set aside at the start, so that the output of a usual model never moves. Less than a large page
// (2 MiB), which the kernel would have to clear as a whole for a skeleton of a few KB.
constexpr uint64_t kReserve = uint64_t{1} << 20;

}  // namespace

absl::StatusOr<ScanResult> Scan(const ByteSource& source) { return Scanner(source).Run(); }

absl::StatusOr<ScanResult> Scanner::Run() {
  out().reserve(static_cast<size_t>(std::min(source_.size() + 64, kReserve)));
  top().end = top().length = source_.size();
  top().rules = static_cast<size_t>(MessageType::kModel);
  for (;;) {
    PlainFields();
    if (cursor_.position() < top().end) {
      if (!Field()) return status_;
    } else if (depth_ > 0) {
      if (!Leave()) return status_;
    } else {
      break;
    }
  }
  if (!Flush()) return status_;
  if (!has_graph_) {
    Fail("holds no graph, so it is not an ONNX model");
    return status_;
  }
  return std::move(result_);
}

// Steps over what stays as it is and lies in the window: most of a model that is not weights. In
// front of anything out of the ordinary it stops, and leaves that to Field() and Leave().
void Scanner::PlainFields() {
  if (cursor_.available() <= kFieldRoom) return;
  const char* const begin = cursor_.data();
  const char* const last = begin + (cursor_.available() - kFieldRoom);
  const uint64_t begin_at = cursor_.position();
  const uint64_t out_begin = OutPosition(begin_at);
  const auto ahead = [&](const char* place) { return static_cast<uint64_t>(place - begin); };
  // Where the open message ends, but at most where the window does.
  const auto end_of = [&](const Frame& frame) {
    return begin + std::min<uint64_t>(frame.end - begin_at, cursor_.available());
  };
  const char* p = begin;
  const char* end = end_of(top());
  while (p < last) {
    const Frame& frame = top();
    if (p == end) {
      const uint64_t out_length = out_begin + ahead(p) - frame.out_length - frame.width;
      if (depth_ == 0 || out_length != frame.length || frame.width > kMaxLengthWidth ||
          pending_.size() != frame.first_part || frame.rules == kMetadataEntryRules) {
        break;
      }
      --depth_;
      end = end_of(top());
      continue;
    }
    const auto tag = static_cast<uint8_t>(*p);
    const char* q = p + 1;
    // Tags of two bytes go up to 255 in ONNX: the first then reads like the number itself.
    if (tag >= 0x80 && *q++ != 1) break;
    const ScanRule rule = kScanRules[frame.rules][tag];
    uint64_t value = 0;
    switch (rule.op) {
      case ScanOp::kVarint:
        q = DecodeVarint(q, value);
        break;
      case ScanOp::kEnum:
        q = DecodeVarint(q, value);
        if (value > rule.arg) q = nullptr;
        break;
      case ScanOp::kFixed32:
        q += 4;
        break;
      case ScanOp::kFixed64:
        q += 8;
        break;
      case ScanOp::kText:
      case ScanOp::kMessage: {
        const char* const length_at = q;
        q = DecodeVarint(q, value);
        if (q == nullptr || q > end || value > static_cast<uint64_t>(end - q) ||
            q - length_at > static_cast<ptrdiff_t>(kMaxLengthWidth)) {
          q = nullptr;
        } else if (rule.op == ScanOp::kText) {
          q += value;
        } else if (depth_ < kMaxNesting) {
          Push({begin_at + ahead(q), value, out_begin + ahead(length_at),
                static_cast<uint8_t>(q - length_at)},
               tag >> 3, rule.arg);
          end = q + value;
        } else {
          q = nullptr;
        }
        break;
      }
      default:
        q = nullptr;
    }
    if (q == nullptr || q > end) break;
    p = q;
  }
  cursor_.Skip(ahead(p));
}

bool Scanner::Field() {
  if (cursor_.available() < kFieldRoom && !Refill()) return false;
  const uint64_t end = top().end;
  const uint64_t start = cursor_.position();
  uint32_t tag = 0;
  tag_ = 0;
  if (!cursor_.ReadTag(end, tag)) return Bad(start);
  tag_ = tag;
  const ScanRule rule = tag < kScanTagLimit ? kScanRules[top().rules][tag] : ScanRule{};
  uint64_t value = 0;
  switch (rule.op) {
    case ScanOp::kUnknown:
      return Unknown(start, tag);
    case ScanOp::kWrongType:
      if (TagTypeOf(tag) == TagType::kEndGroup) return Unknown(start, tag);
      return Invalid(start, fmt::format("has wire type {}, which this field cannot have", tag & 7));
    case ScanOp::kVarint:
      return cursor_.ReadVarint(end, value) || Bad(start);
    case ScanOp::kEnum:
      return Enum(start, rule.arg);
    case ScanOp::kFixed32:
    case ScanOp::kFixed64:
      value = rule.op == ScanOp::kFixed32 ? 4 : 8;
      return value <= end - cursor_.position() ? Keep(value) : Cut(start);
    case ScanOp::kText:
      return Length(start, value) && Keep(value);
    case ScanOp::kPackedVarints: {
      uint64_t count = 0;
      return Length(start, value) && PackedVarints(start, value, count);
    }
    case ScanOp::kPackedFixed:
      return Length(start, value) && PackedFixed(start, value, rule.arg) && Keep(value);
    case ScanOp::kDrop:
      return Length(start, value) && Drop(start, value);
    case ScanOp::kMessage:
      return Enter(start, TagField(tag), rule.arg);
    case ScanOp::kMetadata:
      return Metadata(start, TagField(tag));
    case ScanOp::kBlob:
      return Blob(start, TagField(tag));
    case ScanOp::kPackedPayload:
      return PackedPayload(start, TagField(tag), rule.arg);
    case ScanOp::kPayloadElements:
      return PayloadElements(start, tag);
    case ScanOp::kEntryKey:
      return EntryKey(start);
    case ScanOp::kEntryValue:
      return EntryValue(start);
  }
  return Invalid(start, "is of no kind");
}

// Reads a length and checks that its content fits in the open message.
bool Scanner::Length(uint64_t start, uint64_t& length) {
  if (!cursor_.ReadLength(top().end, length)) return Bad(start);
  return length <= top().end - cursor_.position() || TooLong(start, length);
}

bool Scanner::Enum(uint64_t start, uint8_t max) {
  uint64_t value = 0;
  if (!cursor_.ReadVarint(top().end, value)) return Bad(start);
  // Enums are 32 bits wide; a value that is none of them counts as an unknown field.
  return static_cast<uint32_t>(value) <= max || Drop(start, 0);
}

// Keeps `length` bytes of packed varints and counts them.
bool Scanner::PackedVarints(uint64_t start, uint64_t length, uint64_t& count) {
  const uint64_t end = cursor_.position() + length;
  while (cursor_.position() < end) {
    if (cursor_.available() < kFieldRoom && !Refill()) return false;
    uint64_t value = 0;
    if (!cursor_.ReadVarint(end, value)) return Bad(start);
    ++count;
  }
  return true;
}

bool Scanner::PackedFixed(uint64_t start, uint64_t length, uint64_t width) {
  if (length % width == 0) return true;
  return Invalid(start, fmt::format("packs values of {} bytes each into {} bytes", width, length));
}

bool Scanner::Unknown(uint64_t start, uint32_t tag) {
  if (TagField(tag) == 0) return Invalid(start, "has field number 0");
  const uint64_t end = top().end;
  uint64_t value = 0;
  switch (TagTypeOf(tag)) {
    case TagType::kVarint:
      if (!cursor_.ReadVarint(end, value)) return Bad(start);
      return Drop(start, 0);
    case TagType::kFixed64:
    case TagType::kFixed32:
      value = TagTypeOf(tag) == TagType::kFixed32 ? 4 : 8;
      return value <= end - cursor_.position() ? Drop(start, value) : Cut(start);
    case TagType::kLength:
      return Length(start, value) && Drop(start, value);
    case TagType::kStartGroup:
      return SkipGroup(start, tag);
    case TagType::kEndGroup:
      return Invalid(start, "ends a group that was never begun");
  }
  return Invalid(start, fmt::format("has wire type {}, which does not exist", tag & 7));
}

// Leaves out a group, whose start tag has been read, and all that is in it.
bool Scanner::SkipGroup(uint64_t start, uint32_t tag) {
  if (!FlushTo(start)) return false;
  const uint64_t end = top().end;
  std::array<uint32_t, kMaxNesting> open;
  size_t nested = 0;
  uint64_t at = start;
  for (;;) {
    uint64_t value = 0;
    switch (TagTypeOf(tag)) {
      case TagType::kVarint:
        if (!cursor_.ReadVarint(end, value)) return Bad(at);
        break;
      case TagType::kFixed64:
      case TagType::kFixed32:
        value = TagTypeOf(tag) == TagType::kFixed32 ? 4 : 8;
        if (value > end - cursor_.position()) return Cut(at);
        cursor_.Skip(value);
        break;
      case TagType::kLength:
        if (!Length(at, value)) return false;
        cursor_.Skip(value);
        break;
      case TagType::kStartGroup:
        if (depth_ + nested == kMaxNesting) return TooDeep(at);
        open[nested++] = TagField(tag);
        break;
      case TagType::kEndGroup:
        if (open[nested - 1] != TagField(tag)) {
          return Invalid(at, fmt::format("ends a group that began as field {}", open[nested - 1]));
        }
        --nested;
        break;
      default:
        return Invalid(at, fmt::format("has wire type {}, which does not exist", tag & 7));
    }
    DropToHere();
    if (nested == 0) return true;
    at = cursor_.position();
    if (at >= end) return Invalid(start, "begins a group that does not end");
    if (!cursor_.ReadTag(end, tag)) return Bad(at);
    tag_ = tag;
    if (TagField(tag) == 0) return Invalid(at, "has field number 0");
  }
}

}  // namespace hoarfrost::wire
