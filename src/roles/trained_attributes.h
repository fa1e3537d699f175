// Values that training left in attributes: trees, linear models, SVMs, scalers of ai.onnx.ml. No
// gradient reaches them and no tensor holds them, so they are in no total; they are told apart.
#ifndef HOARFROST_ROLES_TRAINED_ATTRIBUTES_H_
#define HOARFROST_ROLES_TRAINED_ATTRIBUTES_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "model/facts.h"
#include "roles/roles.h"

namespace hoarfrost::roles {

// By node, in the order of the facts; those without a value are left out.
std::vector<TrainedAttributes> FindTrainedAttributes(const model::Facts& facts);

// How many values the attribute `name` of `node` holds: numbers of a list, or elements of a tensor,
// whether they are in the skeleton or were left out. 0 where there is none; stops at 2^64 - 1.
uint64_t ValuesInAttribute(const model::Facts& facts, const onnx::NodeProto& node,
                           std::string_view name);

}  // namespace hoarfrost::roles

#endif  // HOARFROST_ROLES_TRAINED_ATTRIBUTES_H_
