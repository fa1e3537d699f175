// For each stored tensor, the strongest evidence that its uses give, near or far.
//
// Evidence starts at the operand that decides (a row of the operator table, or a mark that a
// decomposition left there) and flows backwards: through storage operators, into and out of bodies
// and calls, and through arithmetic on values that do not depend on the graph's inputs. Each value
// keeps the best it has heard. An edge is looked at once per improvement, of which there are a few
// dozen at most, so chains of any length, hubs and cycles cost linear time.
#ifndef HOARFROST_ROLES_TRACE_H_
#define HOARFROST_ROLES_TRACE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "roles/evidence.h"
#include "roles/graph_view.h"
#include "roles/marks.h"

namespace hoarfrost::roles {

struct Traced {
  std::vector<Evidence> best;         // by ValueId
  std::vector<uint8_t> strong_roles;  // by ValueId: bit per role that strong evidence gives
};

Traced Trace(const GraphView& view, const Marks& marks);

// The nodes between a value and the use that decided, nearest first; of a longer way the first
// kLongestPath, since every tensor behind a long chain has one of its own.
inline constexpr size_t kLongestPath = 256;
std::vector<model::NodeId> PathOf(const GraphView& view, const Traced& traced, model::ValueId v);

}  // namespace hoarfrost::roles

#endif  // HOARFROST_ROLES_TRACE_H_
