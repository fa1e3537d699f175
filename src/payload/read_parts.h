// What the readers of payloads share: parts of the source, and the wire format within them.
#ifndef HOARFROST_PAYLOAD_READ_PARTS_H_
#define HOARFROST_PAYLOAD_READ_PARTS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "wire/byte_source.h"
#include "wire/skeleton.h"

namespace hoarfrost::payload {

// DataLoss where the source does not have all of it.
absl::StatusOr<std::string> ReadRange(const wire::ByteSource& source, wire::Span span);

// Takes a varint off `in`; false where it ends too early. The scan that made the index has checked
// every varint but those of packed payloads, so running off the end only stops a loop.
bool TakeVarint(std::string_view& in, uint64_t& value);

// Appends the elements of a numeric part, whose content is `in`, as raw_data would hold them:
// `width` bytes each, cut off the field's own type. `fixed` is the size of the field's own type on
// the wire, 0 for varints.
void AppendNumbers(const wire::PayloadPart& part, std::string_view in, size_t fixed, size_t width,
                   std::string& out);

}  // namespace hoarfrost::payload

#endif  // HOARFROST_PAYLOAD_READ_PARTS_H_
