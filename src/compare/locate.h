// Where the message that holds a tensor's values lies in its model, as a path that edits go by.
#ifndef HOARFROST_COMPARE_LOCATE_H_
#define HOARFROST_COMPARE_LOCATE_H_

#include "absl/status/statusor.h"
#include "model/facts.h"
#include "wire/splice.h"

namespace hoarfrost::compare {

// The TensorProto of the values, however deep in subgraphs and functions; of a Constant node's
// value_float and the like the AttributeProto. Unimplemented for what lies in training_info.
absl::StatusOr<wire::FieldPath> PathOf(const model::Facts& facts, model::TensorId t);

}  // namespace hoarfrost::compare

#endif  // HOARFROST_COMPARE_LOCATE_H_
