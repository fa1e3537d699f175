// From the values of the rooms to those of the public API.
#ifndef HOARFROST_API_CONVERT_H_
#define HOARFROST_API_CONVERT_H_

#include <optional>

#include "hoarfrost/layer.h"
#include "hoarfrost/model.h"
#include "hoarfrost/plan.h"
#include "hoarfrost/tensor.h"
#include "hoarfrost/totals.h"
#include "plan/plan.h"
#include "summary/summary.h"

namespace hoarfrost {

Tensor MakeTensor(const summary::Summary& summary, model::TensorId t);
Layer MakeLayer(const summary::Summary& summary, const summary::LayerRow& row);
Totals MakeTotals(const summary::Totals& totals);
std::optional<FrameworkCount> MakeFramework(const summary::Summary& summary);
ModelInfo MakeInfo(const summary::Summary& summary);
Plan MakePlan(const plan::Plan& plan);

}  // namespace hoarfrost

#endif  // HOARFROST_API_CONVERT_H_
