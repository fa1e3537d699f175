// Opens a file of tensors by what is in it.
#ifndef HOARFROST_COMPARE_OPEN_SET_H_
#define HOARFROST_COMPARE_OPEN_SET_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "compare/model_set.h"
#include "compare/tensor_set.h"

namespace hoarfrost::compare {

// An ONNX model, a safetensors file or an ONNX Runtime checkpoint; see hoarfrost::TensorSet::Open.
absl::StatusOr<std::unique_ptr<TensorSet>> OpenSet(const std::string& path);

// An ONNX model and nothing else.
absl::StatusOr<std::unique_ptr<ModelSet>> OpenModel(const std::string& path);

// The folder that a file lies in: "." for a bare name.
std::string FolderOf(const std::string& path);

}  // namespace hoarfrost::compare

#endif  // HOARFROST_COMPARE_OPEN_SET_H_
