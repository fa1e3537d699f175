// One pass over the payloads of a model: statistics and a digest of each tensor, and what they say
// of the model.
//
// Memory does not grow with the size of tensors. Nothing found in a payload is an error: a tensor
// whose values cannot be read says why, and the others are read.
#ifndef HOARFROST_VALUES_READ_VALUES_H_
#define HOARFROST_VALUES_READ_VALUES_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "model/facts.h"
#include "summary/summary.h"
#include "values/gauge.h"
#include "wire/byte_source.h"

namespace hoarfrost::values {

struct TensorValues {
  std::optional<Statistics> statistics;  // nullopt for strings, and where there is an error
  std::string error;                     // why the values were not read: a clause
  // XXH3-128 of the elements as raw_data holds them, in hexadecimal: whatever field they lie in, in
  // the model or outside. Of what is larger than kDigestPart, that of the digests of its parts; of
  // a sparse tensor, of the stored values and then the indices. Empty where there is an error.
  std::string digest;
  // The first tensor of the same type, shape and bytes; kNone if this is it, if it is smaller than
  // kTrivialBytes, or if all its values are one.
  model::TensorId same_as = model::kNone;
};

inline constexpr uint64_t kDigestPart = uint64_t{24} << 20;
inline constexpr uint64_t kTrivialBytes = 256;

struct ModelValues {
  std::vector<TensorValues> tensors;  // by TensorId
  std::vector<model::Note> notes;

  const TensorValues& of(model::TensorId t) const { return tensors[static_cast<size_t>(t)]; }
};

// `model` was read from `source`; `directory`: where external data is relative to, "" if nowhere.
// `threads`: 0 for one per core.
ModelValues ReadValues(const wire::ByteSource& source, const summary::Summary& model,
                       const std::string& directory, size_t threads = 0);

// One tensor of it; `same_as` is not looked for.
TensorValues ReadTensorValues(const wire::ByteSource& source, const summary::Summary& model,
                              const std::string& directory, model::TensorId t);

}  // namespace hoarfrost::values

#endif  // HOARFROST_VALUES_READ_VALUES_H_
