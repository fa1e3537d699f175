// --upto NAME: a node, tensor or layer, and all that lies upstream of it.
#ifndef HOARFROST_FREEZE_UPSTREAM_H_
#define HOARFROST_FREEZE_UPSTREAM_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "summary/summary.h"

namespace hoarfrost::freeze {

struct Upstream {
  std::vector<bool> nodes;    // by NodeId
  std::vector<bool> tensors;  // by TensorId: read by one of the nodes
};

// `name` is a node's name, a value's (its producer is meant; of a stored tensor, the nodes that
// read it) or a layer's path (with its sublayers); where it is several of them, all are meant.
// NotFound with near names where it is none.
absl::StatusOr<Upstream> FindUpstream(const summary::Summary& model, const std::string& name);

}  // namespace hoarfrost::freeze

#endif  // HOARFROST_FREEZE_UPSTREAM_H_
