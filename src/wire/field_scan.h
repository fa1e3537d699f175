// Steps over the fields of one message on the wire, where whole fields matter and values do not.
//
// The scan of a model to a skeleton is elsewhere; this is for those who look at a file again: the
// splice writer, the digest of a frozen file. Unknown fields and groups are stepped over whole.
#ifndef HOARFROST_WIRE_FIELD_SCAN_H_
#define HOARFROST_WIRE_FIELD_SCAN_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "wire/byte_source.h"
#include "wire/cursor.h"
#include "wire/skeleton.h"

namespace hoarfrost::wire {

enum class WireType : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kGroup = 3, kFixed32 = 5 };

struct FieldAt {
  uint64_t number = 0;
  WireType type = WireType::kVarint;
  uint64_t begin = 0;    // of the tag
  Span length_bytes;     // the varint of a kBytes field's length
  uint64_t content = 0;  // of the value: for kBytes what follows the length
  uint64_t end = 0;

  Span whole() const { return {begin, end - begin}; }
  Span value() const { return {content, end - content}; }
};

class FieldScan {
 public:
  explicit FieldScan(const ByteSource& source) : source_(source), in_(source) {}

  // The field at `position`, within a message that ends at `end`. InvalidArgument with the byte
  // offset where there is none.
  absl::Status Read(uint64_t position, uint64_t end, FieldAt& field);

  // The value of a varint field.
  absl::Status ReadVarint(const FieldAt& field, uint64_t& value);

  // Appends the bytes of a range to `out`.
  absl::Status ReadBytes(Span range, std::string& out);

 private:
  absl::Status ReadHead(uint64_t end, FieldAt& field, bool& ends_group);
  absl::Status SkipGroup(uint64_t end, FieldAt& field);
  absl::Status Fault(uint64_t at, std::string_view what) const;

  const ByteSource& source_;
  Cursor in_;
};

// Wire encoding, for the few fields that are made here.
void AppendVarintField(uint64_t number, uint64_t value, std::string& out);
void AppendBytesField(uint64_t number, std::string_view bytes, std::string& out);
// The tag and length alone, of a field whose content comes from elsewhere.
void AppendBytesHead(uint64_t number, uint64_t length, std::string& out);

}  // namespace hoarfrost::wire

#endif  // HOARFROST_WIRE_FIELD_SCAN_H_
