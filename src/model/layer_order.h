// Nodes in graph order: each subgraph and function body where it is first entered.
#ifndef HOARFROST_MODEL_LAYER_ORDER_H_
#define HOARFROST_MODEL_LAYER_ORDER_H_

#include <vector>

#include "model/facts.h"

namespace hoarfrost::model {

// Every node once: a node, then the bodies its attributes open and the function it calls if no
// earlier node called it, then the next node. Functions that nothing calls come last. Loops, not
// recursion: nesting and call cycles cost nothing.
std::vector<NodeId> GraphOrder(const Facts& facts);

}  // namespace hoarfrost::model

#endif  // HOARFROST_MODEL_LAYER_ORDER_H_
