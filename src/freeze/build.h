// From an original and a state to the frozen file.
#ifndef HOARFROST_FREEZE_BUILD_H_
#define HOARFROST_FREEZE_BUILD_H_

#include "absl/status/statusor.h"
#include "freeze/freeze.h"
#include "freeze/original.h"
#include "freeze/state.h"
#include "freeze/users.h"

namespace hoarfrost::freeze {

// What the state makes of the model, in elements.
Counts CountsOf(const State& state, const summary::Summary& model);

// The original itself where the state freezes nothing.
absl::StatusOr<Rewrite> Build(const Original& original, const State& before, const State& after,
                              Users& users);

}  // namespace hoarfrost::freeze

#endif  // HOARFROST_FREEZE_BUILD_H_
