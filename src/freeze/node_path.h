// Where a node or graph lies in its file: the field path that an edit of it begins with.
#ifndef HOARFROST_FREEZE_NODE_PATH_H_
#define HOARFROST_FREEZE_NODE_PATH_H_

#include "model/facts.h"
#include "wire/splice.h"

namespace hoarfrost::freeze {

// Through every subgraph around it, from the main graph, a function or a training graph.
wire::FieldPath NodePath(const model::Facts& facts, model::NodeId node);

// The same of a graph or function.
wire::FieldPath ScopePath(const model::Facts& facts, model::ScopeId scope);

}  // namespace hoarfrost::freeze

#endif  // HOARFROST_FREEZE_NODE_PATH_H_
