// Reads the values of one tensor, and nothing else of the file.
//
// Everywhere `tensor`, `attribute` or `sparse` lies in skeleton.model(), which was read from
// `source`; `directory` is the folder that an external location is relative to.
#ifndef HOARFROST_PAYLOAD_READ_H_
#define HOARFROST_PAYLOAD_READ_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "onnx/onnx_pb.h"
#include "wire/byte_source.h"
#include "wire/skeleton.h"

namespace hoarfrost::payload {

// The elements of `tensor` as raw_data would hold them: little-endian, row-major, 4-bit and 2-bit
// types packed with the first element in the lowest bits (onnx-ml.proto, TensorProto.raw_data).
// Typed fields are brought to that form by the rules of their comments there.
//
// Unimplemented for strings, DataLoss where the bytes found are not those that shape and type ask
// for, InvalidArgument for a location that may not be followed.
absl::StatusOr<std::string> ReadElements(const wire::ByteSource& source,
                                         const wire::Skeleton& skeleton,
                                         const onnx::TensorProto& tensor,
                                         const std::string& directory);

// The same of a Constant node's value_float(s) and value_int(s), which are float32 and int64.
absl::StatusOr<std::string> ReadElements(const wire::ByteSource& source,
                                         const wire::Skeleton& skeleton,
                                         const onnx::AttributeProto& attribute);

// The strings of a tensor of type STRING, in row-major order, and of a Constant node's
// value_string(s). DataLoss where there are not as many as the shape asks for.
absl::StatusOr<std::vector<std::string>> ReadStrings(const wire::ByteSource& source,
                                                     const wire::Skeleton& skeleton,
                                                     const onnx::TensorProto& tensor);
absl::StatusOr<std::vector<std::string>> ReadStrings(const wire::ByteSource& source,
                                                     const wire::Skeleton& skeleton,
                                                     const onnx::AttributeProto& attribute);

// For each stored value of a sparse tensor, in their order, its position among the elements of the
// dense one (row-major). DataLoss where an index is outside of the shape, or there are not as many
// as values.
absl::StatusOr<std::vector<uint64_t>> ReadPositions(const wire::ByteSource& source,
                                                    const wire::Skeleton& skeleton,
                                                    const onnx::SparseTensorProto& sparse,
                                                    const std::string& directory);

}  // namespace hoarfrost::payload

#endif  // HOARFROST_PAYLOAD_READ_H_
