// The machine behind Scan(): a stack of open messages, a cursor on the source, and an output that
// is the source less what is left out.
//
// Output is made in runs: bytes that stay are copied when the run ends, that is where something is
// left out or put in, or where the window moves. A message whose content changed in size has its
// length mended when it closes.
#ifndef HOARFROST_WIRE_SCANNER_H_
#define HOARFROST_WIRE_SCANNER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "wire/byte_source.h"
#include "wire/cursor.h"
#include "wire/scan.h"
#include "wire/scan_ops.h"
#include "wire/schema.h"
#include "wire/skeleton.h"

namespace hoarfrost::wire {

// Protobuf's own: messages inside the model, one in another, groups in unknown fields included.
inline constexpr size_t kMaxNesting = 100;
// What the generated parser takes: lengths are ints, less the room it wants at the end.
inline constexpr uint64_t kMaxSkeleton = 0x7fffffff - 16;

// A length takes at most this many bytes where protobuf reads it.
inline constexpr size_t kMaxLengthWidth = 5;

class Scanner {
 public:
  explicit Scanner(const ByteSource& source) : source_(source), cursor_(source) {}

  absl::StatusOr<ScanResult> Run();

 private:
  // In front of a field: room for its tag and a number, or its tag and a length.
  static constexpr size_t kFieldRoom = 2 * Cursor::kLookahead;
  static constexpr uint16_t kOverBudget = kKeepPayload + 1;

  // A message that is open.
  struct Frame {
    uint64_t end = 0;         // of its content, in the source
    uint64_t length = 0;      // of its content, in the source
    uint64_t out_length = 0;  // where its length stands in the output
    size_t first_part = 0;    // its payload parts are pending_[first_part] and on
    size_t rules = 0;         // index into kScanRules
    std::array<uint16_t, kPayloadFields> payload{};  // bytes per field; kOverBudget: too many
    MessageType type = MessageType::kModel;
    uint8_t field = 0;  // its number in the message around it
    uint8_t width = 0;  // bytes that its length takes
    uint8_t seen = 0;   // which of its singular messages that hold tensors have occurred
  };

  // A payload part of an open message, and where it stands in the output if kept.
  struct PendingPart {
    PayloadPart part;
    uint64_t out_begin = 0;
    uint64_t out_end = 0;
  };

  Frame& top() { return frames_[depth_]; }
  std::string& out() { return result_.bytes; }

  // Every function that gives a bool gives false after an error, which status_ then tells.

  // scan.cc: fields
  bool Field();
  void PlainFields();
  bool Unknown(uint64_t start, uint32_t tag);
  bool SkipGroup(uint64_t start, uint32_t tag);
  bool Length(uint64_t start, uint64_t& length);
  bool Enum(uint64_t start, uint8_t max);
  bool PackedVarints(uint64_t start, uint64_t length, uint64_t& count);
  bool PackedFixed(uint64_t start, uint64_t length, uint64_t width);

  // scan_nesting.cc: messages in messages
  struct Opening {
    uint64_t content = 0;     // where its content begins in the source
    uint64_t length = 0;      // of its content
    uint64_t out_length = 0;  // where its length stands in the output
    uint8_t width = 0;        // bytes that its length takes
  };
  bool Enter(uint64_t start, uint32_t field, size_t rules);
  void Push(const Opening& opening, uint32_t field, size_t rules);
  bool Leave();
  bool MendLength(const Frame& frame, uint64_t content);

  // scan_output.cc: runs
  uint64_t OutPosition(uint64_t position) const {
    return result_.bytes.size() + (position - run_from_);
  }
  bool Flush() { return FlushTo(cursor_.position()); }
  bool FlushTo(uint64_t position);
  bool RoomFor(uint64_t n);
  bool Refill(size_t room = kFieldRoom);
  bool Keep(uint64_t content);
  bool Drop(uint64_t from, uint64_t content);
  void DropToHere() { run_from_ = cursor_.position(); }

  // scan_payload.cc
  bool Blob(uint64_t start, uint32_t field);
  bool PackedPayload(uint64_t start, uint32_t field, uint8_t width);
  bool CountDropped(uint64_t start, uint64_t length, uint64_t& count);
  bool PayloadElements(uint64_t start, uint32_t tag);
  void EraseKept(uint32_t field);

  // scan_metadata.cc
  bool Metadata(uint64_t start, uint32_t field);
  bool EntryKey(uint64_t start);
  bool EntryValue(uint64_t start);
  bool CloseEntry();

  // scan_errors.cc
  bool Fail(std::string text);
  bool Invalid(uint64_t start, std::string_view what);
  bool TooDeep(uint64_t start);
  bool TooLong(uint64_t start, uint64_t length);  // of a length-delimited field
  bool Cut(uint64_t start);
  bool Bad(uint64_t start);  // what the cursor refused
  std::string Where() const;

  const ByteSource& source_;
  Cursor cursor_;
  ScanResult result_;
  absl::Status status_;
  uint64_t run_from_ = 0;  // up to here the source is in the output, or left out of it
  std::array<Frame, kMaxNesting + 1> frames_;
  size_t depth_ = 0;
  std::vector<PendingPart> pending_;
  bool has_graph_ = false;
  uint32_t tag_ = 0;  // of the field at hand, for messages

  // The metadata entry that is open.
  Span key_;
  Span value_;
  bool has_value_ = false;
};

}  // namespace hoarfrost::wire

#endif  // HOARFROST_WIRE_SCANNER_H_
