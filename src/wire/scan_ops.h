// What the scan does with each field that may occur, as one table indexed by message and tag.
//
// Derived from schema.h and the rules of skeleton.h: doc_strings are dropped, payload fields and
// metadata values are weighed, everything else that is known stays, and a known field with a wire
// type it cannot have is refused.
#ifndef HOARFROST_WIRE_SCAN_OPS_H_
#define HOARFROST_WIRE_SCAN_OPS_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "wire/cursor.h"
#include "wire/schema.h"

namespace hoarfrost::wire {

enum class ScanOp : uint8_t {
  kUnknown,          // drop; any wire type that exists
  kWrongType,        // refuse
  kVarint,           // keep
  kEnum,             // keep where the value is one of the enum's
  kFixed32,          // keep
  kFixed64,          // keep
  kText,             // keep: a string or bytes
  kPackedVarints,    // keep, after a look at each
  kPackedFixed,      // keep: `arg` is the width of an element
  kDrop,             // a doc_string
  kMessage,          // go into it: `arg` is its MessageType
  kMetadata,         // an entry of metadata_props
  kBlob,             // payload: raw_data, s
  kPackedPayload,    // payload: `arg` is the width of an element, 0 for varints
  kPayloadElements,  // payload: repeated elements one by one
  kEntryKey,         // of a metadata entry that is gone into
  kEntryValue,
};

struct ScanRule {
  ScanOp op = ScanOp::kUnknown;
  uint8_t arg = 0;
};

// A metadata entry is a StringStringEntryProto that is read with rules of its own.
inline constexpr size_t kMetadataEntryRules = kMessageTypes;
inline constexpr uint32_t kScanTagLimit = 32 * 8;
using ScanRuleTable = std::array<std::array<ScanRule, kScanTagLimit>, kMessageTypes + 1>;

// Payload fields have numbers 4 to 11 in both messages that have any.
inline constexpr uint32_t kFirstPayloadField = 4;
inline constexpr size_t kPayloadFields = 8;
constexpr bool IsPayload(MessageType message, uint32_t field) {
  if (message == MessageType::kTensor) {
    return (field >= 4 && field <= 7) || (field >= 9 && field <= 11);
  }
  if (message == MessageType::kAttribute) return field == 4 || (field >= 7 && field <= 9);
  return false;
}

namespace scan_internal {

constexpr uint8_t ElementWidth(FieldKind kind) {
  return kind == FieldKind::kFixed32 ? 4 : kind == FieldKind::kFixed64 ? 8 : 0;
}

constexpr ScanRule RuleOf(const FieldRow& row, TagType type) {
  if (!Accepts(row.rule, type)) return {ScanOp::kWrongType, 0};
  const bool packed = row.rule.packable() && type == TagType::kLength;
  if (IsPayload(row.message, row.number)) {
    if (packed) return {ScanOp::kPackedPayload, ElementWidth(row.rule.kind)};
    return {row.rule.repeated ? ScanOp::kPayloadElements : ScanOp::kBlob, 0};
  }
  if (packed) {
    const uint8_t width = ElementWidth(row.rule.kind);
    return {width == 0 ? ScanOp::kPackedVarints : ScanOp::kPackedFixed, width};
  }
  switch (row.rule.kind) {
    case FieldKind::kVarint:
      if (row.rule.enum_max != 0) return {ScanOp::kEnum, row.rule.enum_max};
      return {ScanOp::kVarint, 0};
    case FieldKind::kFixed32:
      return {ScanOp::kFixed32, 0};
    case FieldKind::kFixed64:
      return {ScanOp::kFixed64, 0};
    case FieldKind::kBytes:
    case FieldKind::kString:
      return {row.name == "doc_string" ? ScanOp::kDrop : ScanOp::kText, 0};
    case FieldKind::kMessage:
      if (row.name == "metadata_props") return {ScanOp::kMetadata, 0};
      return {ScanOp::kMessage, static_cast<uint8_t>(row.rule.message)};
    case FieldKind::kUnknown:
      break;
  }
  return {};
}

constexpr ScanRuleTable MakeScanRules() {
  ScanRuleTable table{};
  for (const FieldRow& row : kFieldRows) {
    for (uint32_t type = 0; type <= 5; ++type) {
      table[static_cast<size_t>(row.message)][row.number * 8 + type] =
          RuleOf(row, static_cast<TagType>(type));
    }
  }
  auto& entry = table[kMetadataEntryRules];
  entry = table[static_cast<size_t>(MessageType::kStringStringEntry)];
  entry[MakeTag(1, TagType::kLength)] = {ScanOp::kEntryKey, 0};
  entry[MakeTag(2, TagType::kLength)] = {ScanOp::kEntryValue, 0};
  return table;
}

}  // namespace scan_internal

inline constexpr ScanRuleTable kScanRules = scan_internal::MakeScanRules();

}  // namespace hoarfrost::wire

#endif  // HOARFROST_WIRE_SCAN_OPS_H_
