// Which BatchNormalizations are frozen, and which statistics must not move therefore.
#ifndef HOARFROST_FREEZE_FROZEN_STATISTICS_H_
#define HOARFROST_FREEZE_FROZEN_STATISTICS_H_

#include <vector>

#include "freeze/users.h"
#include "summary/summary.h"

namespace hoarfrost::freeze {

struct FrozenBatchNorms {
  std::vector<bool> statistics;      // by TensorId
  std::vector<model::NodeId> nodes;  // ascending
};

// A BatchNormalization is frozen where all of its own weights are, or where it has
// none and its layer is frozen; one half of whose weights is frozen is a warning in `notes`, and
// its statistics may move. A statistic of several BatchNormalizations is frozen where all are.
// Where no BatchNormalization node reads a statistic (it was written as arithmetic), the weights of
// its layer decide.
//
// `frozen` is by TensorId, `frozen_layers` by LayerId.
FrozenBatchNorms FindFrozenBatchNorms(const summary::Summary& model,
                                      const std::vector<bool>& frozen,
                                      const std::vector<bool>& frozen_layers, Users& users,
                                      std::vector<model::Note>& notes);

}  // namespace hoarfrost::freeze

#endif  // HOARFROST_FREEZE_FROZEN_STATISTICS_H_
