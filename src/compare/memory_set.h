// Tensors in memory: what Python hands in, and what a test makes up.
#ifndef HOARFROST_COMPARE_MEMORY_SET_H_
#define HOARFROST_COMPARE_MEMORY_SET_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compare/tensor_set.h"
#include "hoarfrost/compare.h"

namespace hoarfrost::compare {

// The bytes of the tensors must outlive the set. See hoarfrost::TensorSet::FromMemory.
absl::StatusOr<std::unique_ptr<TensorSet>> MakeMemorySet(std::string name,
                                                         std::vector<MemoryTensor> tensors);

}  // namespace hoarfrost::compare

#endif  // HOARFROST_COMPARE_MEMORY_SET_H_
