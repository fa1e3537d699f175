// What holds of any bytes whatever: the fuzz targets check it on what they make up, ordinary tests
// on the stored corpus and on mutated models. Each returns "", or what is wrong in words.
#ifndef HOARFROST_TESTS_FUZZ_PROPERTIES_H_
#define HOARFROST_TESTS_FUZZ_PROPERTIES_H_

#include <string>
#include <string_view>

namespace hoarfrost::testing {

// A model is read, or refused with a message that is safe to print. Of one that is read the totals
// add up, the JSON is JSON, and no text holds a control byte.
std::string CheckInspect(std::string_view bytes);

// Freezing all of a model, or its first layers, is refused or undone by thawing to the same bytes;
// between the two nothing is trainable, no total changes, and no stored value.
std::string CheckFreeze(std::string_view bytes);

// A plan is refused, or reads back as what it was written as.
std::string CheckPlan(std::string_view json);

}  // namespace hoarfrost::testing

#endif  // HOARFROST_TESTS_FUZZ_PROPERTIES_H_
