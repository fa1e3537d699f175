#include "wire/field_scan.h"

#include <fmt/format.h>

#include <vector>

#include "base/text.h"

namespace hoarfrost::wire {

absl::Status FieldScan::Fault(uint64_t at, std::string_view what) const {
  if (in_.error() == WireError::kSource) return in_.status();
  return absl::InvalidArgumentError(
      fmt::format("{}: byte {}: {}", base::Escape(source_.name()), at, what));
}

absl::Status FieldScan::ReadHead(uint64_t end, FieldAt& field, bool& ends_group) {
  ends_group = false;
  field.begin = in_.position();
  field.length_bytes = {};
  uint32_t tag = 0;
  if (!in_.ReadTag(end, tag)) return Fault(field.begin, "no field tag");
  field.number = tag >> 3;
  if (field.number == 0) return Fault(field.begin, "field number 0");
  field.content = in_.position();
  uint64_t length = 0;
  switch (tag & 7) {
    case 0:
      if (!in_.ReadVarint(end, length)) return Fault(field.begin, "cut off number");
      field.type = WireType::kVarint;
      field.end = in_.position();
      return absl::OkStatus();
    case 1:
      field.type = WireType::kFixed64;
      length = 8;
      break;
    case 5:
      field.type = WireType::kFixed32;
      length = 4;
      break;
    case 2:
      field.type = WireType::kBytes;
      field.length_bytes.offset = field.content;
      if (!in_.ReadLength(end, length)) return Fault(field.begin, "no length");
      field.content = in_.position();
      field.length_bytes.length = field.content - field.length_bytes.offset;
      break;
    case 3:
      field.type = WireType::kGroup;
      field.end = field.content;
      return absl::OkStatus();
    case 4:
      ends_group = true;
      field.end = field.content;
      return absl::OkStatus();
    default:
      return Fault(field.begin, "no such wire type");
  }
  if (length > end - field.content) return Fault(field.begin, "a field longer than its message");
  field.end = field.content + length;
  return absl::OkStatus();
}

absl::Status FieldScan::SkipGroup(uint64_t end, FieldAt& field) {
  std::vector<uint64_t> open = {field.number};
  FieldAt inner;
  while (!open.empty()) {
    bool ends_group = false;
    if (absl::Status head = ReadHead(end, inner, ends_group); !head.ok()) return head;
    if (ends_group) {
      if (inner.number != open.back()) return Fault(inner.begin, "the end of another group");
      open.pop_back();
    } else if (inner.type == WireType::kGroup) {
      open.push_back(inner.number);
    } else {
      in_.Seek(inner.end);
    }
  }
  field.end = inner.end;
  return absl::OkStatus();
}

absl::Status FieldScan::Read(uint64_t position, uint64_t end, FieldAt& field) {
  in_.Seek(position);
  bool ends_group = false;
  if (absl::Status head = ReadHead(end, field, ends_group); !head.ok()) return head;
  if (ends_group) return Fault(field.begin, "the end of a group that was never opened");
  return field.type == WireType::kGroup ? SkipGroup(end, field) : absl::OkStatus();
}

absl::Status FieldScan::ReadVarint(const FieldAt& field, uint64_t& value) {
  in_.Seek(field.content);
  if (field.type == WireType::kVarint && in_.ReadVarint(field.end, value)) return absl::OkStatus();
  return Fault(field.begin, "not a number");
}

absl::Status FieldScan::ReadBytes(Span range, std::string& out) {
  const size_t old_size = out.size();
  out.resize(old_size + range.length);
  absl::StatusOr<size_t> got = source_.ReadAt(range.offset, out.data() + old_size, range.length);
  if (!got.ok()) return got.status();
  if (*got == range.length) return absl::OkStatus();
  return absl::DataLossError(fmt::format("{}: ends at byte {}, earlier than when it was opened",
                                         base::Escape(source_.name()), range.offset + *got));
}

void AppendVarintField(uint64_t number, uint64_t value, std::string& out) {
  PutVarint(number << 3, out);
  PutVarint(value, out);
}

void AppendBytesField(uint64_t number, std::string_view bytes, std::string& out) {
  AppendBytesHead(number, bytes.size(), out);
  out.append(bytes);
}

void AppendBytesHead(uint64_t number, uint64_t length, std::string& out) {
  PutVarint(number << 3 | 2, out);
  PutVarint(length, out);
}

}  // namespace hoarfrost::wire
