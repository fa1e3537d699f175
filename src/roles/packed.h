// Weights of which several lie packed in one stored element.
#ifndef HOARFROST_ROLES_PACKED_H_
#define HOARFROST_ROLES_PACKED_H_

#include <cstdint>
#include <optional>

#include "roles/graph_view.h"

namespace hoarfrost::roles {

// How many weights tensor `t` holds where operand `use` reads it, by the operator's attributes;
// nullopt where storage is not packed or the attributes do not say.
std::optional<uint64_t> PackedElements(const GraphView& view, model::Use use,
                                       const model::Tensor& t);

}  // namespace hoarfrost::roles

#endif  // HOARFROST_ROLES_PACKED_H_
