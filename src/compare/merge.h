// Brings trained tensors home: into the model that they were trained from.
#ifndef HOARFROST_COMPARE_MERGE_H_
#define HOARFROST_COMPARE_MERGE_H_

#include <string>

#include "absl/status/statusor.h"
#include "compare/model_set.h"
#include "compare/tensor_set.h"
#include "hoarfrost/compare.h"
#include "wire/file_ops.h"

namespace hoarfrost::compare {

// See hoarfrost::Merge. `ops` is null for the operating system.
absl::StatusOr<MergeResult> Merge(const ModelSet& base, const TensorSet& tuned,
                                  const std::string& output, const MergeOptions& options,
                                  wire::FileOps* ops = nullptr);

}  // namespace hoarfrost::compare

#endif  // HOARFROST_COMPARE_MERGE_H_
