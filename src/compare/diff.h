// What two sets of tensors, and the graphs around them, differ in.
#ifndef HOARFROST_COMPARE_DIFF_H_
#define HOARFROST_COMPARE_DIFF_H_

#include "absl/status/statusor.h"
#include "compare/tensor_set.h"
#include "hoarfrost/compare.h"

namespace hoarfrost::compare {

// See hoarfrost::Diff.
absl::StatusOr<DiffResult> Diff(const TensorSet& a, const TensorSet& b);

// The graphs of two models: operators by how many nodes there are of them in all scopes, inputs and
// outputs of the main graph by name and type. Fills `operators`, `inputs` and `outputs`.
void CompareGraphs(const summary::Summary& a, const summary::Summary& b, DiffResult& result);

}  // namespace hoarfrost::compare

#endif  // HOARFROST_COMPARE_DIFF_H_
