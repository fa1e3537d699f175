// The parameters of an ONNX Runtime training checkpoint ("ODTC"), as release 1.19 writes them: a
// FlatBuffers file whose schema is in ONNX Runtime's source tree,
// onnxruntime/core/flatbuffers/schema/ort_training_checkpoint.fbs.
//
//   Checkpoint   1 module_state
//   ModuleState  0 requires_grad_params, 1 frozen_params: Tensors; 2 is_nominal_state
//   Tensor       0 name, 2 dims, 3 data_type (numbers of TensorProto.DataType), 4 raw_data,
//                6 external_data_offset into the file PATH.data
//
// It holds what the trainer was told of: parameters that it was not told to train or keep frozen
// lie in the training graph, where nothing moves them, and are not here. Optimizer state is none
// of a model's tensors and is passed over.
#ifndef HOARFROST_COMPARE_CHECKPOINT_SET_H_
#define HOARFROST_COMPARE_CHECKPOINT_SET_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "compare/tensor_set.h"
#include "wire/byte_source.h"

namespace hoarfrost::compare {

bool LooksLikeCheckpoint(const wire::ByteSource& source);

// `directory` is where the file lies, for the data file beside it. InvalidArgument where it is
// broken, or holds no values (a nominal checkpoint).
absl::StatusOr<std::unique_ptr<TensorSet>> ReadCheckpoint(
    std::shared_ptr<const wire::ByteSource> source, const std::string& directory);

}  // namespace hoarfrost::compare

#endif  // HOARFROST_COMPARE_CHECKPOINT_SET_H_
