// What the values of a model are worth a note for.
#ifndef HOARFROST_VALUES_NOTES_H_
#define HOARFROST_VALUES_NOTES_H_

#include <vector>

#include "model/facts.h"
#include "summary/summary.h"

namespace hoarfrost::values {

struct ModelValues;

// One note a condition, which names the first few tensors that it is true of: values that could not
// be read, NaN and infinities in trainable weights and statistics, negative variances (warnings);
// parameters that are all zero or all one value, and tensors of the same bytes (remarks).
std::vector<model::Note> NotesOn(const summary::Summary& model, const ModelValues& values);

}  // namespace hoarfrost::values

#endif  // HOARFROST_VALUES_NOTES_H_
