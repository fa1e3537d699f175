#include "freeze/marks.h"

#include "plan/plan.h"
#include "wire/field_scan.h"

namespace hoarfrost::freeze {
namespace {

// onnx-ml.proto: ModelProto.metadata_props, StringStringEntryProto.key and .value.
constexpr uint64_t kMetadataProps = 14;
constexpr uint64_t kKey = 1;
constexpr uint64_t kValue = 2;

}  // namespace

absl::StatusOr<Marks> FindMarks(const wire::ByteSource& source) {
  Marks marks;
  wire::FieldScan scan(source);
  wire::FieldAt field;
  wire::FieldAt inner;
  uint32_t ordinal = 0;
  for (uint64_t at = 0; at < source.size(); at = field.end) {
    if (absl::Status read = scan.Read(at, source.size(), field); !read.ok()) return read;
    if (field.number != kMetadataProps || field.type != wire::WireType::kBytes) continue;
    Mark mark = {field.whole(), {field.end, 0}, ordinal++};
    std::string key;
    for (uint64_t in = field.content; in < field.end; in = inner.end) {
      if (absl::Status read = scan.Read(in, field.end, inner); !read.ok()) return read;
      if (inner.number == kValue) mark.value = inner.value();
      if (inner.number != kKey) continue;
      key.clear();
      if (inner.end - inner.content > plan::kPlanKey.size()) continue;  // neither key is longer
      if (absl::Status read = scan.ReadBytes(inner.value(), key); !read.ok()) return read;
    }
    if (key == plan::kPlanKey) marks.plans.push_back(mark);
    if (key == plan::kUndoKey) marks.undos.push_back(mark);
  }
  return marks;
}

std::string MetadataField(std::string_view key, std::string_view value) {
  std::string entry;
  wire::AppendBytesField(kKey, key, entry);
  wire::AppendBytesField(kValue, value, entry);
  std::string field;
  wire::AppendBytesField(kMetadataProps, entry, field);
  return field;
}

}  // namespace hoarfrost::freeze
