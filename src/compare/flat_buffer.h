// Reads the tables of a FlatBuffers file by offset, without having the file in memory.
//
//   root     u32 offset to a table
//   table    i32 distance back to its vtable, then its fields
//   vtable   u16 its bytes, u16 the table's bytes, then for each slot u16 where in the table its
//            field lies; 0, or a slot past the end, where the table does not have it
//   string, vector   u32 offset to u32 count and the elements
//
// Every position is checked against the file, so that broken files are error values. FlatBuffers'
// own library reads buffers that lie in memory whole, and a checkpoint is as large as its model.
// The format: https://flatbuffers.dev/internals/
#ifndef HOARFROST_COMPARE_FLAT_BUFFER_H_
#define HOARFROST_COMPARE_FLAT_BUFFER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "wire/byte_source.h"
#include "wire/skeleton.h"

namespace hoarfrost::compare {

class FlatBuffer {
 public:
  explicit FlatBuffer(const wire::ByteSource& source) : source_(source) {}

  using Table = uint64_t;  // its position

  absl::StatusOr<Table> Root() const { return Follow(0); }

  // Fields by slot; nullopt where the table does not have it.
  absl::StatusOr<std::optional<Table>> TableAt(Table table, uint32_t slot) const;
  absl::StatusOr<std::optional<int64_t>> Int64At(Table table, uint32_t slot) const;
  absl::StatusOr<std::optional<int32_t>> Int32At(Table table, uint32_t slot) const;
  absl::StatusOr<std::optional<bool>> BoolAt(Table table, uint32_t slot) const;
  // A string of at most `most` bytes.
  absl::StatusOr<std::optional<std::string>> StringAt(Table table, uint32_t slot,
                                                      uint64_t most) const;
  // Where the elements of a vector lie, each of `width` bytes: span.length / width of them.
  absl::StatusOr<std::optional<wire::Span>> VectorAt(Table table, uint32_t slot,
                                                     uint64_t width) const;

  // An element of a vector of tables, and one of numbers.
  absl::StatusOr<Table> TableOf(wire::Span vector, uint64_t i) const {
    return Follow(vector.offset + 4 * i);
  }
  absl::StatusOr<int64_t> Int64Of(wire::Span vector, uint64_t i) const {
    return Read<int64_t>(vector.offset + 8 * i);
  }

 private:
  template <typename T>
  absl::StatusOr<T> Read(uint64_t position) const {
    T value{};
    const absl::StatusOr<size_t> got =
        source_.ReadAt(position, reinterpret_cast<char*>(&value), sizeof value);
    if (!got.ok()) return got.status();
    if (*got != sizeof value) return Fault(position);
    return value;
  }

  absl::Status Fault(uint64_t position) const;
  // Where the offset at `position` leads.
  absl::StatusOr<uint64_t> Follow(uint64_t position) const;
  // Where the field lies; 0 where the table does not have it.
  absl::StatusOr<uint64_t> FieldOf(Table table, uint32_t slot) const;
  template <typename T>
  absl::StatusOr<std::optional<T>> ScalarAt(Table table, uint32_t slot) const;

  const wire::ByteSource& source_;
};

}  // namespace hoarfrost::compare

#endif  // HOARFROST_COMPARE_FLAT_BUFFER_H_
