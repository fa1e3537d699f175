#include "wire/scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "wire/cursor.h"
#include "wire/payload_index.h"
#include "wire/scan_ops.h"
#include "wire/schema.h"

namespace hoarfrost::wire {
namespace {

// Protobuf's own: messages inside the model, one in another, groups in unknown fields included.
constexpr size_t kMaxNesting = 100;
// What the generated parser takes: int sizes, less the room it wants at the end.
constexpr uint64_t kMaxSkeleton = 0x7fffffff - 16;
// Virtual memory set aside at the start, so that the buffer of a usual model never moves.
constexpr uint64_t kReserve = uint64_t{32} << 20;
// At the start of a field: its tag, and a value or a length.
constexpr size_t kFieldRoom = 2 * Cursor::kLookahead;

constexpr uint16_t kOverBudget = kKeepPayload + 1;

// A message that is open.
struct Frame {
  uint64_t end = 0;         // of its content, in the source
  uint64_t length = 0;      // of its content, in the source
  uint64_t out_length = 0;  // where its length stands in the output
  size_t first_part = 0;    // its payload parts are pending_[first_part] and on
  std::array<uint16_t, kPayloadFields> payload{};  // bytes so far per field; kOverBudget: too many
  size_t rules = 0;                                // index into kScanRules
  MessageType type = MessageType::kModel;
  uint8_t field = 0;  // its number in the message around it
  uint8_t width = 0;  // bytes that its length takes
  uint8_t seen = 0;   // which of its singular messages that hold tensors have occurred
};

// A payload part whose message is still open, and where its bytes stand in the output if kept.
struct PendingPart {
  PayloadPart part;
  uint64_t out_begin = 0;
  uint64_t out_end = 0;
};

class Scanner {
 public:
  explicit Scanner(const ByteSource& source) : source_(source), cursor_(source) {}

  absl::StatusOr<ScanResult> Run();

 private:
  Frame& top() { return frames_[depth_]; }
  std::string& out() { return result_.bytes; }

  // --- the output: what of the source between run_from_ and the position is still to be copied
  bool Flush() { return FlushTo(cursor_.position()); }
  bool FlushTo(uint64_t position);
  bool Refill();
  void ElideToHere() { run_from_ = cursor_.position(); }
  uint64_t OutPosition(uint64_t position) const {
    return result_.bytes.size() + (position - run_from_);
  }
  bool Drop(uint64_t from, uint64_t content);
  bool Keep(uint64_t content);

  // --- fields
  bool Field();
  bool Unknown(uint64_t start, uint32_t tag);
  bool SkipGroup(uint64_t start, uint32_t tag);
  bool Enter(uint64_t start, uint32_t field, size_t rules, MessageType type);
  bool Leave();
  bool PatchLength(const Frame& frame, uint64_t content);
  bool Length(uint64_t start, uint64_t& length);
  bool PackedVarints(uint64_t start, uint64_t length, uint64_t& count);
  bool CheckPackedFixed(uint64_t start, uint64_t length, uint64_t width);
  bool Enum(uint64_t start, uint8_t max);

  // --- payloads
  bool Blob(uint64_t start, uint32_t field);
  bool PackedPayload(uint64_t start, uint32_t field, uint8_t width);
  bool PayloadRun(uint64_t start, uint32_t tag);
  void EraseKept(uint32_t field);

  // --- metadata
  bool Metadata(uint64_t start, uint32_t field);
  bool EntryKey(uint64_t start);
  bool EntryValue(uint64_t start);
  bool CloseEntry();

  // --- errors: all return false
  bool Fail(std::string text);
  bool Bad(uint64_t start);
  bool Cut(uint64_t start);
  std::string Where(uint64_t start);

  const ByteSource& source_;
  Cursor cursor_;
  ScanResult result_;
  absl::Status status_;
  uint64_t run_from_ = 0;
  size_t depth_ = 0;
  std::array<Frame, kMaxNesting + 1> frames_;
  std::vector<PendingPart> pending_;
  uint32_t tag_ = 0;  // of the field at hand, for messages
  bool has_graph_ = false;

  // The metadata entry that is open.
  Span key_;
  Span value_;
  bool has_value_ = false;
};

absl::StatusOr<ScanResult> Scanner::Run() {
  out().reserve(std::min(source_.size() + 64, kReserve));
  top().end = top().length = source_.size();
  top().rules = static_cast<size_t>(MessageType::kModel);
  for (;;) {
    if (cursor_.position() >= top().end) {
      if (depth_ == 0) break;
      if (!Leave()) return status_;
      continue;
    }
    if (!Field()) return status_;
  }
  if (!Flush()) return status_;
  if (!has_graph_) {
    Fail("it holds no graph, so it is no ONNX model");
    return status_;
  }
  return std::move(result_);
}

bool Scanner::FlushTo(uint64_t position) {
  const uint64_t n = position - run_from_;
  if (n == 0) return true;
  if (out().size() + n > kMaxSkeleton) {
    return Fail(
        fmt::format("what is left of it without tensor data is larger than {} bytes, the "
                    "most that protobuf can hold",
                    base::WithCommas(kMaxSkeleton)));
  }
  out().append(cursor_.data() - (cursor_.position() - run_from_), n);
  run_from_ = position;
  return true;
}

bool Scanner::Refill() {
  if (!Flush()) return false;
  return cursor_.Fill(kFieldRoom) || Bad(cursor_.position());
}

// Leaves out what lies from `from` to the position, and `content` bytes more.
bool Scanner::Drop(uint64_t from, uint64_t content) {
  if (from > run_from_ && !FlushTo(from)) return false;
  cursor_.Skip(content);
  ElideToHere();
  return true;
}

// Keeps the next `content` bytes.
bool Scanner::Keep(uint64_t content) {
  while (content > cursor_.available()) {
    const size_t step = cursor_.available();
    cursor_.Skip(step);
    content -= step;
    if (!Refill()) return false;
    if (cursor_.available() == 0) return Cut(cursor_.position());
  }
  cursor_.Skip(content);
  return true;
}

bool Scanner::Field() {
  if (cursor_.available() < kFieldRoom && !Refill()) return false;
  Frame& frame = top();
  const uint64_t start = cursor_.position();
  uint32_t tag = 0;
  tag_ = 0;
  if (!cursor_.ReadTag(frame.end, tag)) return Bad(start);
  tag_ = tag;
  const ScanRule rule = tag < kRuleTagLimit ? kScanRules[frame.rules][tag] : ScanRule{};
  uint64_t value = 0;
  switch (rule.op) {
    case ScanOp::kUnknown:
      return Unknown(start, tag);
    case ScanOp::kWrongType:
      return Fail(fmt::format("{}: this field cannot have wire type {}", Where(start), tag & 7));
    case ScanOp::kVarint:
      return cursor_.ReadVarint(frame.end, value) || Bad(start);
    case ScanOp::kEnum:
      return Enum(start, rule.arg);
    case ScanOp::kFixed32:
    case ScanOp::kFixed64:
      value = rule.op == ScanOp::kFixed32 ? 4 : 8;
      if (frame.end - cursor_.position() < value) return Cut(start);
      cursor_.Skip(value);
      return true;
    case ScanOp::kText:
      return Length(start, value) && Keep(value);
    case ScanOp::kPackedVarints: {
      uint64_t count = 0;
      return Length(start, value) && PackedVarints(start, value, count);
    }
    case ScanOp::kPackedFixed:
      return Length(start, value) && CheckPackedFixed(start, value, rule.arg) && Keep(value);
    case ScanOp::kDrop:
      return Length(start, value) && Drop(start, value);
    case ScanOp::kMessage:
      return Enter(start, tag >> 3, rule.arg, static_cast<MessageType>(rule.arg));
    case ScanOp::kMetadata:
      return Metadata(start, tag >> 3);
    case ScanOp::kBlob:
      return Blob(start, tag >> 3);
    case ScanOp::kPackedPayload:
      return PackedPayload(start, tag >> 3, rule.arg);
    case ScanOp::kPayloadRun:
      return PayloadRun(start, tag);
    case ScanOp::kEntryKey:
      return EntryKey(start);
    case ScanOp::kEntryValue:
      return EntryValue(start);
  }
  return false;
}

// Reads a length and checks that its content fits in the message.
bool Scanner::Length(uint64_t start, uint64_t& length) {
  if (!cursor_.ReadLength(top().end, length)) return Bad(start);
  const uint64_t left = top().end - cursor_.position();
  if (length <= left) return true;
  if (top().end == source_.size()) {
    return Fail(
        fmt::format("cut off at byte {}: {} is {} bytes long, and the file ends {} bytes "
                    "short of that",
                    base::WithCommas(source_.size()), Where(start), base::WithCommas(length),
                    base::WithCommas(length - left)));
  }
  return Fail(
      fmt::format("{} is {} bytes long, which reaches past the end of what it lies in "
                  "({} bytes remain)",
                  Where(start), base::WithCommas(length), base::WithCommas(left)));
}

bool Scanner::Unknown(uint64_t start, uint32_t tag) {
  if (TagField(tag) == 0) return Fail(fmt::format("{}: field number 0", Where(start)));
  const uint64_t end = top().end;
  uint64_t value = 0;
  switch (TagTypeOf(tag)) {
    case TagType::kVarint:
      return (cursor_.ReadVarint(end, value) || Bad(start)) && Drop(start, 0);
    case TagType::kFixed64:
    case TagType::kFixed32:
      value = TagTypeOf(tag) == TagType::kFixed32 ? 4 : 8;
      if (end - cursor_.position() < value) return Cut(start);
      return Drop(start, value);
    case TagType::kLength:
      return Length(start, value) && Drop(start, value);
    case TagType::kStartGroup:
      return SkipGroup(start, tag);
    case TagType::kEndGroup:
      return Fail(fmt::format("{}: the end of a group that was never begun", Where(start)));
  }
  return Fail(fmt::format("{}: wire type {}, which does not exist", Where(start), tag & 7));
}

bool Scanner::SkipGroup(uint64_t start, uint32_t tag) {
  if (!FlushTo(start)) return false;
  const uint64_t end = top().end;
  std::array<uint32_t, kMaxNesting> open;
  size_t nested = 0;
  const auto begin = [&](uint32_t field) {
    if (depth_ + nested >= kMaxNesting) {
      return Fail(fmt::format("{}: nested deeper than {} levels, the most that protobuf allows",
                              Where(start), kMaxNesting));
    }
    open[nested++] = field;
    return true;
  };
  if (!begin(TagField(tag))) return false;
  while (nested > 0) {
    ElideToHere();
    const uint64_t at = cursor_.position();
    if (at >= end) return Fail(fmt::format("{}: a group that does not end", Where(start)));
    if (!cursor_.ReadTag(end, tag)) return Bad(at);
    if (TagField(tag) == 0) return Fail(fmt::format("{}: field number 0", Where(at)));
    uint64_t value = 0;
    switch (TagTypeOf(tag)) {
      case TagType::kVarint:
        if (!cursor_.ReadVarint(end, value)) return Bad(at);
        break;
      case TagType::kFixed64:
      case TagType::kFixed32:
        value = TagTypeOf(tag) == TagType::kFixed32 ? 4 : 8;
        if (end - cursor_.position() < value) return Cut(at);
        cursor_.Skip(value);
        break;
      case TagType::kLength:
        if (!Length(at, value)) return false;
        cursor_.Skip(value);
        break;
      case TagType::kStartGroup:
        if (!begin(TagField(tag))) return false;
        break;
      case TagType::kEndGroup:
        if (open[nested - 1] != TagField(tag)) {
          return Fail(fmt::format("{}: a group ends as field {}, but began as field {}", Where(at),
                                  TagField(tag), open[nested - 1]));
        }
        --nested;
        break;
      default:
        return Fail(fmt::format("{}: wire type {}, which does not exist", Where(at), tag & 7));
    }
  }
  ElideToHere();
  return true;
}

bool Scanner::Enter(uint64_t start, uint32_t field, size_t rules, MessageType type) {
  uint64_t length = 0;
  const uint64_t length_at = cursor_.position();
  if (!Length(start, length)) return false;
  if (depth_ == kMaxNesting) {
    return Fail(fmt::format("{}: nested deeper than {} levels, the most that protobuf allows",
                            Where(start), kMaxNesting));
  }
  Frame& parent = top();
  Frame& frame = frames_[++depth_];
  frame.end = cursor_.position() + length;
  frame.length = length;
  frame.out_length = OutPosition(length_at);
  frame.first_part = pending_.size();
  frame.payload = {};
  frame.rules = rules;
  frame.type = type;
  frame.field = static_cast<uint8_t>(field);
  frame.width = static_cast<uint8_t>(cursor_.position() - length_at);
  frame.seen = 0;
  if (type == MessageType::kTensor || type == MessageType::kSparseTensor) {
    if (!FieldOf(parent.type, field).repeated) {
      const auto bit = static_cast<uint8_t>(1U << (field & 7));
      if ((parent.seen & bit) != 0) result_.merged = true;
      parent.seen |= bit;
    }
  }
  if (depth_ == 1 && type == MessageType::kGraph) has_graph_ = true;
  return true;
}

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
  const uint64_t content = OutPosition(cursor_.position()) - frame.out_length - frame.width;
  if ((content != frame.length || frame.width > 5) && !PatchLength(frame, content)) return false;
  --depth_;
  return true;
}

// Writes a message's new length in the place of the old one.
bool Scanner::PatchLength(const Frame& frame, uint64_t content) {
  if (!Flush()) return false;
  size_t width = frame.width;
  const size_t needed = VarintSize(content);
  if (needed > width) {
    out().insert(frame.out_length, needed - width, '\0');
    width = needed;
  } else if (width > 5) {
    // Past 2^35 a length takes more bytes than the generated parser reads.
    out().erase(frame.out_length, width - 5);
    width = 5;
  }
  PutVarint(content, width, out().data() + frame.out_length);
  return true;
}

bool Scanner::Enum(uint64_t start, uint8_t max) {
  uint64_t value = 0;
  if (!cursor_.ReadVarint(top().end, value)) return Bad(start);
  // Enums are 32 bits wide; a value that is none of them counts as an unknown field.
  if (static_cast<uint32_t>(value) <= max) return true;
  return Drop(start, 0);
}

// Keeps `length` bytes of packed varints and counts them.
bool Scanner::PackedVarints(uint64_t start, uint64_t length, uint64_t& count) {
  const uint64_t end = cursor_.position() + length;
  while (cursor_.position() < end) {
    if (cursor_.available() < Cursor::kLookahead && !Refill()) return false;
    uint64_t value = 0;
    if (!cursor_.ReadVarint(end, value)) return Bad(start);
    ++count;
  }
  return true;
}

bool Scanner::CheckPackedFixed(uint64_t start, uint64_t length, uint64_t width) {
  if (length % width == 0) return true;
  return Fail(fmt::format("{}: {} bytes of packed values of {} bytes each do not come out even",
                          Where(start), base::WithCommas(length), width));
}

bool Scanner::Blob(uint64_t start, uint32_t field) {
  uint64_t length = 0;
  if (!Length(start, length)) return false;
  uint16_t& seen = top().payload[field - kFirstPayloadField];
  if (seen != 0) {
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

bool Scanner::PackedPayload(uint64_t start, uint32_t field, uint8_t width) {
  uint64_t length = 0;
  if (!Length(start, length)) return false;
  if (width != 0 && !CheckPackedFixed(start, length, width)) return false;
  uint16_t& used = top().payload[field - kFirstPayloadField];
  PendingPart pending;
  pending.part = {static_cast<int>(field), PayloadEncoding::kPacked, used + length <= kKeepPayload,
                  Span{cursor_.position(), length},
                  width != 0 ? length / width : PayloadPart::kUnknownCount};
  if (pending.part.kept) {
    used = static_cast<uint16_t>(used + length);
    pending.out_begin = OutPosition(start);
    if (width != 0) {
      if (!Keep(length)) return false;
    } else {
      pending.part.count = 0;
      if (!PackedVarints(start, length, pending.part.count)) return false;
    }
    pending.out_end = OutPosition(cursor_.position());
  } else {
    if (!Drop(start, length)) return false;
    if (used != kOverBudget) EraseKept(field);
    used = kOverBudget;
  }
  pending_.push_back(pending);
  return true;
}

// Reads elements of one field as long as they follow each other.
bool Scanner::PayloadRun(uint64_t start, uint32_t tag) {
  const uint64_t end = top().end;
  const uint32_t field = TagField(tag);
  uint16_t& used = top().payload[field - kFirstPayloadField];
  const uint64_t before = used;
  const uint64_t out_begin = OutPosition(start);
  bool keep = used != kOverBudget;
  uint64_t count = 0;
  uint64_t at = start;
  if (!keep && !FlushTo(start)) return false;
  for (;;) {
    uint64_t content = 0;
    switch (TagTypeOf(tag)) {
      case TagType::kVarint:
        if (!cursor_.ReadVarint(end, content)) return Bad(at);
        content = 0;
        break;
      case TagType::kFixed32:
        content = 4;
        break;
      case TagType::kFixed64:
        content = 8;
        break;
      default:
        if (!Length(at, content)) return false;
    }
    if (content > end - cursor_.position()) return Cut(at);
    if (keep && before + (cursor_.position() + content - start) > kKeepPayload) {
      // Too much after all: what was kept so far goes.
      keep = false;
      if (!Flush()) return false;
      out().resize(out().size() - (cursor_.position() - start));
      EraseKept(field);
      used = kOverBudget;
    }
    if (keep) {
      if (!Keep(content)) return false;
    } else {
      cursor_.Skip(content);
      ElideToHere();
    }
    ++count;
    at = cursor_.position();
    if (at >= end) break;
    if (cursor_.available() < kFieldRoom && !Refill()) return false;
    uint32_t next = 0;
    // Whatever is wrong with the next tag is for the next field to say.
    if (!cursor_.ReadTag(end, next) || next != tag) {
      cursor_.Seek(at);
      break;
    }
  }
  PendingPart pending;
  pending.part = {
      static_cast<int>(field),
      TagTypeOf(tag) == TagType::kLength ? PayloadEncoding::kStrings : PayloadEncoding::kUnpacked,
      keep, Span{start, cursor_.position() - start}, count};
  if (keep) {
    used = static_cast<uint16_t>(before + pending.part.span.length);
    pending.out_begin = out_begin;
    pending.out_end = OutPosition(cursor_.position());
  }
  pending_.push_back(pending);
  return true;
}

// Takes the parts of one field of the open message that were kept back out of the output, which
// must have been brought up to date.
void Scanner::EraseKept(uint32_t field) {
  for (size_t i = top().first_part; i < pending_.size(); ++i) {
    PendingPart& pending = pending_[i];
    if (pending.part.field != static_cast<int>(field) || !pending.part.kept) continue;
    pending.part.kept = false;
    const uint64_t gone = pending.out_end - pending.out_begin;
    out().erase(pending.out_begin, gone);
    for (size_t j = i + 1; j < pending_.size(); ++j) {
      pending_[j].out_begin -= gone;
      pending_[j].out_end -= gone;
    }
  }
}

bool Scanner::Metadata(uint64_t start, uint32_t field) {
  if (!Enter(start, field, kMetadataEntryRules, MessageType::kStringStringEntry)) return false;
  key_ = value_ = {};
  has_value_ = false;
  return true;
}

bool Scanner::EntryKey(uint64_t start) {
  uint64_t length = 0;
  if (!Length(start, length)) return false;
  key_ = {cursor_.position(), length};
  return Keep(length);
}

bool Scanner::EntryValue(uint64_t start) {
  uint64_t length = 0;
  if (!Length(start, length)) return false;
  value_ = {cursor_.position(), length};
  has_value_ = true;
  return Drop(start, length);
}

bool Scanner::CloseEntry() {
  if (!has_value_) return true;
  char key[128];
  std::string_view name;
  if (key_.length <= sizeof key) {
    absl::StatusOr<size_t> got = source_.ReadAt(key_.offset, key, key_.length);
    if (!got.ok()) {
      status_ = got.status();
      return false;
    }
    name = std::string_view(key, *got);
  }
  if (!KeepMetadataValue(name, value_.length)) return true;
  if (!Flush()) return false;
  PutVarint(MakeTag(2, TagType::kLength), out());
  PutVarint(value_.length, out());
  const uint64_t here = cursor_.position();
  cursor_.Seek(value_.offset);
  run_from_ = value_.offset;
  if (!Keep(value_.length) || !Flush()) return false;
  cursor_.Seek(here);
  run_from_ = here;
  return true;
}

bool Scanner::Fail(std::string text) {
  status_ = absl::InvalidArgumentError(fmt::format("{}: {}", base::Escape(source_.name()), text));
  return false;
}

std::string Scanner::Where(uint64_t start) {
  std::string path;
  for (size_t i = 1; i <= depth_; ++i) {
    path += FieldName(frames_[i - 1].type, frames_[i].field);
    path += '.';
  }
  const std::string_view name = FieldName(top().type, TagField(tag_));
  path += name.empty() ? fmt::format("field {}", TagField(tag_)) : std::string(name);
  return fmt::format("{} at byte {}", path, base::WithCommas(start));
}

bool Scanner::Cut(uint64_t start) {
  if (top().end == source_.size()) {
    return Fail(fmt::format("cut off at byte {}: {} does not end before the file does",
                            base::WithCommas(source_.size()), Where(start)));
  }
  return Fail(fmt::format("{} reaches past the end of what it lies in", Where(start)));
}

bool Scanner::Bad(uint64_t start) {
  switch (cursor_.error()) {
    case WireError::kSource:
      status_ = cursor_.status();
      return false;
    case WireError::kCut:
      return Cut(start);
    case WireError::kLongVarint:
      return Fail(fmt::format("{}: a varint of more than 10 bytes", Where(start)));
    case WireError::kBadTag:
      return Fail(fmt::format("{}: a damaged tag", Where(start)));
    case WireError::kLongLength:
      return Fail(fmt::format("{}: a length padded to more than 5 bytes", Where(start)));
    case WireError::kNone:
      break;
  }
  return false;
}

}  // namespace

absl::StatusOr<ScanResult> Scan(const ByteSource& source) { return Scanner(source).Run(); }

}  // namespace hoarfrost::wire
