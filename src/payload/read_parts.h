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

}  // namespace hoarfrost::payload

#endif  // HOARFROST_PAYLOAD_READ_PARTS_H_
