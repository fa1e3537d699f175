#include "payload/read_parts.h"

#include "absl/status/status.h"
#include "base/text.h"
#include "fmt/format.h"

namespace hoarfrost::payload {

absl::StatusOr<std::string> ReadRange(const wire::ByteSource& source, wire::Span span) {
  if (span.offset > source.size() || span.length > source.size() - span.offset) {
    return absl::DataLossError(
        fmt::format("{}: the payload lies past the end of the file", base::Quote(source.name())));
  }
  std::string bytes(span.length, '\0');
  const absl::StatusOr<size_t> got = source.ReadAt(span.offset, bytes.data(), bytes.size());
  if (!got.ok()) return got.status();
  if (*got != bytes.size()) {
    return absl::DataLossError(
        fmt::format("{}: the file became shorter while it was read", base::Quote(source.name())));
  }
  return bytes;
}

bool TakeVarint(std::string_view& in, uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 70 && !in.empty(); shift += 7) {
    const uint8_t byte = static_cast<uint8_t>(in.front());
    in.remove_prefix(1);
    if (shift < 64) value |= uint64_t{byte & 0x7Fu} << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

}  // namespace hoarfrost::payload
