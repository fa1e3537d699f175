// Values: what stands in a tensor, summed up. A plain value, copied freely.
#ifndef HOARFROST_VALUES_H_
#define HOARFROST_VALUES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace hoarfrost {

// Integers as they are: a double does not hold all of them beyond 2^53.
using Number = std::variant<int64_t, uint64_t, double>;

// Values are those of NumPy and ml_dtypes. Of a sparse tensor they are those of the dense one, of a
// complex one its real and imaginary parts; bools are 0 and 1. Strings have none.
struct Values {
  uint64_t count = 0;  // as many as elements, of a complex tensor twice that
  uint64_t zeros = 0;  // of either sign
  uint64_t subnormals = 0;
  uint64_t nan = 0;
  uint64_t inf = 0;
  // Of the finite values; nullopt where there are none, or a double cannot hold it.
  std::optional<Number> min;
  std::optional<Number> max;
  std::optional<double> mean;
  std::optional<double> std;  // of the population
  std::string digest;         // of the bytes: see docs/json.md, `values`
};

}  // namespace hoarfrost

#endif  // HOARFROST_VALUES_H_
