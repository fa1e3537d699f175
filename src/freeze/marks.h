// Where the two metadata properties of a frozen model lie in its file.
#ifndef HOARFROST_FREEZE_MARKS_H_
#define HOARFROST_FREEZE_MARKS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "wire/byte_source.h"
#include "wire/skeleton.h"

namespace hoarfrost::freeze {

// One of the two: its whole field at the top level, and its value.
struct Mark {
  wire::Span field;
  wire::Span value;
  uint32_t ordinal = 0;  // among all metadata_props
};

struct Marks {
  std::vector<Mark> plans;  // of key hoarfrost.plan; more than one only where a tool made it so
  std::vector<Mark> undos;

  bool any() const { return !plans.empty() || !undos.empty(); }

  // As freezing leaves them: one each, the plan and then the undo as the last two fields.
  bool as_written(uint64_t file_size) const {
    return plans.size() == 1 && undos.size() == 1 &&
           plans[0].field.offset + plans[0].field.length == undos[0].field.offset &&
           undos[0].field.offset + undos[0].field.length == file_size;
  }
};

// Walks the top level only.
absl::StatusOr<Marks> FindMarks(const wire::ByteSource& source);

// A metadata_props field with this key and value.
std::string MetadataField(std::string_view key, std::string_view value);

}  // namespace hoarfrost::freeze

#endif  // HOARFROST_FREEZE_MARKS_H_
