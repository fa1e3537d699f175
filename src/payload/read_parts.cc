#include "payload/read_parts.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "absl/status/status.h"
#include "base/text.h"
#include "fmt/format.h"

namespace hoarfrost::payload {

static_assert(std::endian::native == std::endian::little, "elements are kept little-endian");

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

void AppendNumbers(const wire::PayloadPart& part, std::string_view in, size_t fixed, size_t width,
                   std::string& out) {
  const bool unpacked = part.encoding == wire::PayloadEncoding::kUnpacked;
  if (fixed != 0 && !unpacked) {
    out.append(in);
    return;
  }
  while (!in.empty()) {
    uint64_t value = 0;
    if (unpacked && !TakeVarint(in, value)) return;  // the tag
    if (fixed != 0) {
      out.append(in.substr(0, fixed));
      in.remove_prefix(std::min(fixed, in.size()));
      continue;
    }
    if (!TakeVarint(in, value)) return;
    char little[sizeof value];
    std::memcpy(little, &value, sizeof value);
    out.append(little, width);
  }
}

}  // namespace hoarfrost::payload
