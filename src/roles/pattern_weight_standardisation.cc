// BatchNormalization that normalises a weight instead of data (weight standardisation).
//
//   W ── (Reshape) ── BatchNormalization ── (Reshape) ── Conv
//                       | scale, bias    ones and zeros, or a learned gain
//                       | mean, variance zeros and ones: not used in training mode
//
// Known by the data input, which does not depend on the graph's inputs. The operator runs in
// training mode here, so what lies at inputs 3 and 4 is no statistic of data: stored
// numbers are not used, and computed ones are the weight's own mean and variance.
#include "roles/patterns.h"

namespace hoarfrost::roles {

using model::kNone;
using model::NodeId;
using model::ValueId;

void MarkWeightStandardisation(const GraphView& view, NodeId batch_norm, Marks& marks) {
  const ValueId data = view.input(batch_norm, 0);
  if (data == kNone || view.active(data)) return;
  marks.Set(batch_norm, 0, Role::kWeight, Why::kStandardisedWeight);
  for (int32_t slot = 3; slot <= 4; ++slot) {
    const ValueId statistic = view.input(batch_norm, slot);
    if (statistic == kNone) continue;
    if (view.tensor(statistic) != nullptr) {
      marks.Set(batch_norm, slot, Role::kConstant, Why::kStandardisedNeutral);
    } else {
      marks.Set(batch_norm, slot, Role::kWeight, Why::kStandardisedWeight);
    }
  }
}

}  // namespace hoarfrost::roles
