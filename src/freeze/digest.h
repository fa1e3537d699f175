// A digest of a model that tensor values do not enter.
//
// A trainer may write new values into a frozen file in place, and the file can still be thawed; a
// tool that moves so much as a byte of anything else has rewritten it. So the content of the fields
// raw_data and *_data of every TensorProto, wherever it lies, is left out, and their tags and
// lengths are in. No payload is read.
#ifndef HOARFROST_FREEZE_DIGEST_H_
#define HOARFROST_FREEZE_DIGEST_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "wire/byte_source.h"

namespace hoarfrost::freeze {

// XXH3-128 in its canonical form as 32 hexadecimal digits, of the first `length` bytes of `source`
// (which end between two top-level fields) and then of `more`. InvalidArgument where they are no
// protobuf message.
absl::StatusOr<std::string> DigestOf(const wire::ByteSource& source, uint64_t length,
                                     std::string_view more);

}  // namespace hoarfrost::freeze

#endif  // HOARFROST_FREEZE_DIGEST_H_
