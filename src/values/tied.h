// Whether a tensor is another one with its last two axes changed over, by their values.
//
// A head tied to an embedding is stored a second time, transposed, and from names and shapes alone
// that is an estimate. (Equal bytes alone prove no tie: torch.nn.TransformerEncoder and others
// begin with copies of one layer, which are trained apart.)
#ifndef HOARFROST_VALUES_TIED_H_
#define HOARFROST_VALUES_TIED_H_

#include <string>

#include "absl/status/statusor.h"
#include "summary/summary.h"
#include "values/read_values.h"
#include "wire/byte_source.h"

namespace hoarfrost::values {

// Both are read once, block by block, and two random linear forms of them compared; where they
// differ, those agree once in 2^59 times. InvalidArgument where their shapes and types do not fit.
absl::StatusOr<bool> IsTransposed(const wire::ByteSource& source, const summary::Summary& model,
                                  const std::string& directory, model::TensorId a,
                                  model::TensorId b);

// Puts the framework's count of `model` right by what the values tell: adjustments for a tensor
// that is stored twice are proved or, with a note, taken back, and candidates that are proved
// added.
// A tensor of one value only proves nothing.
void SettleTied(const wire::ByteSource& source, const std::string& directory,
                const ModelValues& values, summary::Summary& model);

}  // namespace hoarfrost::values

#endif  // HOARFROST_VALUES_TIED_H_
