// The numbers behind the bits of every element type: values, rounding, distance.
#ifndef HOARFROST_PAYLOAD_NUMBERS_H_
#define HOARFROST_PAYLOAD_NUMBERS_H_

#include <cstdint>
#include <string_view>

namespace hoarfrost::payload {

// A floating-point type as sign, exponent and mantissa. Rows by the comments of TensorProto's
// DataType in onnx-ml.proto and the papers that they name.
struct FloatForm {
  // What the topmost bit patterns mean.
  enum class Top : uint8_t {
    kIeee,    // exponent all ones: infinity, and NaN
    kFn,      // all ones is NaN, no infinity
    kFnuz,    // no infinity, no -0: its pattern is the only NaN
    kFinite,  // numbers only
    kScale,   // float8e8m0: powers of two without a sign; all ones is NaN
  };

  int bits = 0;
  int mantissa = 0;
  int bias = 0;
  Top top = Top::kIeee;

  uint64_t sign_bit() const { return top == Top::kScale ? 0 : uint64_t{1} << (bits - 1); }
  uint64_t magnitude(uint64_t pattern) const { return pattern & ~sign_bit(); }
  bool IsFinite(uint64_t pattern) const;
  bool IsNan(uint64_t pattern) const;
  bool IsZero(uint64_t pattern) const;       // of either sign
  bool IsSubnormal(uint64_t pattern) const;  // not zero, and smaller than what the exponent reaches
  double Value(uint64_t pattern) const;

  // Numbers of the type from one to the other, the second counted; both finite.
  uint64_t Distance(uint64_t a, uint64_t b) const;

  // `x` rounded to nearest, ties to even; infinite where that is past the largest number. Not for
  // kScale.
  double Round(double x) const;
  double Largest() const;
};

// Null for a type that is no floating point.
const FloatForm* FormOf(int32_t dtype);

// Element i of packed elements of `bits` bits each, the first in the lowest bits.
uint64_t PatternAt(std::string_view packed, uint64_t i, int bits);

}  // namespace hoarfrost::payload

#endif  // HOARFROST_PAYLOAD_NUMBERS_H_
