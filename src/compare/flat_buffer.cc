#include "compare/flat_buffer.h"

#include <fmt/format.h>

#include <bit>

#include "base/text.h"

namespace hoarfrost::compare {

static_assert(std::endian::native == std::endian::little, "FlatBuffers are little-endian");

absl::Status FlatBuffer::Fault(uint64_t position) const {
  return absl::InvalidArgumentError(
      fmt::format("{}: byte {}: an offset or length does not lie in the file",
                  base::Escape(source_.name()), position));
}

absl::StatusOr<uint64_t> FlatBuffer::Follow(uint64_t position) const {
  const absl::StatusOr<uint32_t> offset = Read<uint32_t>(position);
  if (!offset.ok()) return offset.status();
  if (*offset == 0 || *offset >= source_.size() - position) return Fault(position);
  return position + *offset;
}

absl::StatusOr<uint64_t> FlatBuffer::FieldOf(Table table, uint32_t slot) const {
  const absl::StatusOr<int32_t> back = Read<int32_t>(table);
  if (!back.ok()) return back.status();
  const int64_t vtable = static_cast<int64_t>(table) - *back;
  if (vtable < 0) return Fault(table);
  const absl::StatusOr<uint16_t> bytes = Read<uint16_t>(static_cast<uint64_t>(vtable));
  if (!bytes.ok()) return bytes.status();
  const uint64_t entry = 4 + 2 * uint64_t{slot};
  if (entry + 2 > *bytes) return uint64_t{0};
  const absl::StatusOr<uint16_t> field = Read<uint16_t>(static_cast<uint64_t>(vtable) + entry);
  if (!field.ok()) return field.status();
  return *field == 0 ? 0 : table + *field;
}

template <typename T>
absl::StatusOr<std::optional<T>> FlatBuffer::ScalarAt(Table table, uint32_t slot) const {
  const absl::StatusOr<uint64_t> field = FieldOf(table, slot);
  if (!field.ok()) return field.status();
  if (*field == 0) return std::optional<T>();
  const absl::StatusOr<T> value = Read<T>(*field);
  if (!value.ok()) return value.status();
  return std::optional<T>(*value);
}

absl::StatusOr<std::optional<int64_t>> FlatBuffer::Int64At(Table table, uint32_t slot) const {
  return ScalarAt<int64_t>(table, slot);
}

absl::StatusOr<std::optional<int32_t>> FlatBuffer::Int32At(Table table, uint32_t slot) const {
  return ScalarAt<int32_t>(table, slot);
}

absl::StatusOr<std::optional<bool>> FlatBuffer::BoolAt(Table table, uint32_t slot) const {
  const absl::StatusOr<std::optional<uint8_t>> value = ScalarAt<uint8_t>(table, slot);
  if (!value.ok()) return value.status();
  return value->has_value() ? std::optional<bool>(**value != 0) : std::optional<bool>();
}

absl::StatusOr<std::optional<FlatBuffer::Table>> FlatBuffer::TableAt(Table table,
                                                                     uint32_t slot) const {
  const absl::StatusOr<uint64_t> field = FieldOf(table, slot);
  if (!field.ok()) return field.status();
  if (*field == 0) return std::optional<Table>();
  const absl::StatusOr<uint64_t> at = Follow(*field);
  if (!at.ok()) return at.status();
  return std::optional<Table>(*at);
}

absl::StatusOr<std::optional<wire::Span>> FlatBuffer::VectorAt(Table table, uint32_t slot,
                                                               uint64_t width) const {
  const absl::StatusOr<std::optional<Table>> at = TableAt(table, slot);
  if (!at.ok()) return at.status();
  if (!at->has_value()) return std::optional<wire::Span>();
  const absl::StatusOr<uint32_t> count = Read<uint32_t>(**at);
  if (!count.ok()) return count.status();
  const wire::Span span = {**at + 4, *count * width};
  if (span.length > source_.size() - span.offset) return Fault(**at);
  return std::optional<wire::Span>(span);
}

absl::StatusOr<std::optional<std::string>> FlatBuffer::StringAt(Table table, uint32_t slot,
                                                                uint64_t most) const {
  const absl::StatusOr<std::optional<wire::Span>> span = VectorAt(table, slot, 1);
  if (!span.ok()) return span.status();
  if (!span->has_value()) return std::optional<std::string>();
  if ((*span)->length > most) return Fault((*span)->offset);
  std::string text((*span)->length, '\0');
  const absl::StatusOr<size_t> got = source_.ReadAt((*span)->offset, text.data(), text.size());
  if (!got.ok()) return got.status();
  if (*got != text.size()) return Fault((*span)->offset);
  return std::optional<std::string>(std::move(text));
}

}  // namespace hoarfrost::compare
