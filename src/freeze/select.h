// Selectors to weights and layers: what a Selection means in one model.
#ifndef HOARFROST_FREEZE_SELECT_H_
#define HOARFROST_FREEZE_SELECT_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "freeze/users.h"
#include "hoarfrost/selection.h"
#include "summary/summary.h"

namespace hoarfrost::freeze {

struct Selected {
  std::vector<bool> weights;  // by TensorId
  std::vector<bool> hit;      // by TensorId: weights, those that --except took away again too
  std::vector<bool> named;    // those that a tensor selector asked for: no doubt about them
  std::vector<bool> layers;   // by LayerId: asked for as a whole
  std::vector<bool> touched;  // by LayerId: a selector took weights that this layer uses
  uint64_t statistics = 0;    // tensors that a pattern hit too; they are never frozen by name
  uint64_t constants = 0;     // likewise: quantization values, constants, unused tensors

  bool nothing() const;
};

// InvalidArgument for a pattern that cannot be read, for one that hits no weight (with near names),
// and for the exact name of a tensor that is no weight.
absl::StatusOr<Selected> Select(const Selection& selection, const summary::Summary& model,
                                Users& users);

// Layers that own statistics but no weight: they are frozen only as layers.
std::vector<bool> LayersWithoutWeights(const summary::Summary& model);

}  // namespace hoarfrost::freeze

#endif  // HOARFROST_FREEZE_SELECT_H_
