// Reads the elements of one tensor, and nothing else of the file.
#ifndef HOARFROST_PAYLOAD_READ_H_
#define HOARFROST_PAYLOAD_READ_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "onnx/onnx_pb.h"
#include "wire/byte_source.h"
#include "wire/skeleton.h"

namespace hoarfrost::payload {

// The elements of `tensor` as raw_data would hold them: little-endian, row-major, 4-bit and 2-bit
// types packed with the first element in the lowest bits (onnx-ml.proto, TensorProto.raw_data).
// Typed fields are brought to that form by the rules of their comments there.
//
// `tensor` lies in skeleton.model(), which was read from `source`; `directory` is the folder that
// an external location is relative to. Unimplemented for strings, DataLoss where the bytes found
// are not those that shape and type ask for, InvalidArgument for a location that may not be
// followed.
absl::StatusOr<std::string> ReadElements(const wire::ByteSource& source,
                                         const wire::Skeleton& skeleton,
                                         const onnx::TensorProto& tensor,
                                         const std::string& directory);

}  // namespace hoarfrost::payload

#endif  // HOARFROST_PAYLOAD_READ_H_
