// The statistics of one tensor, gathered block by block.
//
// Values are those of NumPy and ml_dtypes. Minimum, maximum, mean and standard deviation are of the
// finite values; NaN and infinities are counted beside them. The mean and the standard deviation
// (of the population: the divisor is how many there are) are summed up in float64 around a running
// mean, so that no digits are lost where values are large and near to each other. Of a complex
// tensor each real and each imaginary part is a value; of bools false is 0 and true 1.
#ifndef HOARFROST_VALUES_GAUGE_H_
#define HOARFROST_VALUES_GAUGE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <variant>

namespace hoarfrost::values {

// Integers as they are: a double does not hold all of them beyond 2^53.
using Number = std::variant<int64_t, uint64_t, double>;

double ToDouble(const Number& number);

struct Statistics {
  uint64_t count = 0;   // of values: as many as elements, of a complex tensor twice that
  uint64_t finite = 0;  // of them
  uint64_t zeros = 0;   // of either sign
  uint64_t subnormals = 0;
  uint64_t nans = 0;
  uint64_t infinities = 0;
  // Of the finite values; nullopt where there are none.
  std::optional<Number> min;
  std::optional<Number> max;
  // The same, and nullopt where a double cannot hold it.
  std::optional<double> mean;
  std::optional<double> deviation;

  bool all_zero() const { return count > 0 && zeros == count; }
  bool constant() const { return count > 0 && finite == count && min == max; }
};

// Mean and squares of distances from it, of parts that are put together (Chan, Golub and LeVeque,
// "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances", 1979). The sum is
// kept in two doubles, so that it does not lose a digit with every part (Dekker, "A Floating-Point
// Technique for Extending the Available Precision", 1971).
struct Moments {
  uint64_t count = 0;
  double mean = 0;
  double squares = 0;
  double sum = 0;   // infinite where it is past the largest double; then the mean goes without it
  double rest = 0;  // of the sum

  void Merge(const Moments& more);
};

class Gauge {
 public:
  // Elements of every type but string and those without a size.
  explicit Gauge(int32_t dtype);

  // The next `elements` of the tensor, `bytes` long in the form of payload/stream.h: a multiple of
  // 48 bytes, but for the last block.
  void Add(const char* block, size_t bytes, uint64_t elements);

  // What a gauge of the same type saw of the elements that follow.
  void Merge(const Gauge& next);

  // `zeros` more elements that are not stored: those of a sparse tensor.
  void AddZeros(uint64_t zeros);

  Statistics result() const;

 private:
  void AddNumbers(const char* numbers, size_t n);
  void Extend(const Number& min, const Number& max);

  int32_t dtype_;
  uint64_t bits_;      // of an element
  Statistics counts_;  // all but mean and deviation, of types that have a kernel
  Moments moments_;
  bool masked_ = false;  // the last numbers were not all finite
  // Of the small types: how often each byte is there, and each pattern of elements in a last byte
  // that is not full, or where elements do not fill bytes.
  struct Counts {
    std::array<uint64_t, 256> bytes = {};
    std::array<uint64_t, 256> patterns = {};
  };
  std::unique_ptr<Counts> small_;
  uint64_t unstored_ = 0;
};

}  // namespace hoarfrost::values

#endif  // HOARFROST_VALUES_GAUGE_H_
