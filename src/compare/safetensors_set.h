// The tensors of a safetensors file: 8 bytes of length, a JSON header of that many bytes, the data.
//
//   {"fc.weight": {"dtype": "F32", "shape": [10, 4], "data_offsets": [0, 160]}, "__metadata__": {}}
//
// The format: https://github.com/huggingface/safetensors#format
#ifndef HOARFROST_COMPARE_SAFETENSORS_SET_H_
#define HOARFROST_COMPARE_SAFETENSORS_SET_H_

#include <memory>

#include "absl/status/statusor.h"
#include "compare/tensor_set.h"
#include "wire/byte_source.h"

namespace hoarfrost::compare {

// Whether the file begins like one: a length that fits, and a brace.
bool LooksLikeSafetensors(const wire::ByteSource& source);

// InvalidArgument where the header is broken or a tensor does not lie in the file as it says.
absl::StatusOr<std::unique_ptr<TensorSet>> ReadSafetensors(
    std::shared_ptr<const wire::ByteSource> source);

}  // namespace hoarfrost::compare

#endif  // HOARFROST_COMPARE_SAFETENSORS_SET_H_
