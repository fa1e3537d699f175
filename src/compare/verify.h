// Whether a trainer kept its hands off what was frozen.
#ifndef HOARFROST_COMPARE_VERIFY_H_
#define HOARFROST_COMPARE_VERIFY_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "compare/model_set.h"
#include "compare/tensor_set.h"
#include "hoarfrost/compare.h"
#include "plan/plan.h"

namespace hoarfrost::compare {

// By item of the model: the list of the plan that it is in; nullopt for what is never trained.
std::vector<std::optional<PlanList>> ListsOf(const plan::Plan& plan, const TensorSet& model);

// Frozen and may not change, weight or statistic.
inline bool MustNotMove(PlanList list) {
  return list == PlanList::kFrozen || list == PlanList::kFrozenStatistics;
}

// See hoarfrost::Verify.
absl::StatusOr<VerifyResult> Verify(const ModelSet& frozen, const TensorSet& tuned,
                                    const VerifyOptions& options);

}  // namespace hoarfrost::compare

#endif  // HOARFROST_COMPARE_VERIFY_H_
