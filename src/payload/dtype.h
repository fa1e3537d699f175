// The element types of ONNX (TensorProto.DataType): their names and sizes.
#ifndef HOARFROST_PAYLOAD_DTYPE_H_
#define HOARFROST_PAYLOAD_DTYPE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hoarfrost::payload {

// NumPy-like lower-case name: "float32", "bfloat16", "float8e4m3fn", "int4", "string", ...;
// "undefined" for 0 and "unknown(99)" for a number this release does not know.
std::string DtypeName(int32_t dtype);

// The type of a name that DtypeName gives; nullopt for other words and "undefined".
std::optional<int32_t> DtypeNamed(std::string_view name);

// Bits of one element in raw_data; nullopt for string, undefined and unknown types.
// complex64 is 64, bool is 8, the 4-bit types are 4, the 2-bit types 2.
std::optional<int> DtypeBits(int32_t dtype);

// One of the element types that this release knows; not undefined.
bool IsKnownDtype(int32_t dtype);

// Floating point (float8, float6, float4, float16, bfloat16, float32, float64), not complex.
bool IsFloat(int32_t dtype);

// Floating point of 16 bits or more: what a gradient can flow into.
bool IsTrainableFloat(int32_t dtype);

// Signed and unsigned integers of every width; not bool.
bool IsInteger(int32_t dtype);

bool IsComplex(int32_t dtype);

// Bytes of `elements` packed elements: ceil(elements * bits / 8). nullopt on overflow or where the
// type has no fixed size.
std::optional<uint64_t> PackedBytes(int32_t dtype, uint64_t elements);

}  // namespace hoarfrost::payload

#endif  // HOARFROST_PAYLOAD_DTYPE_H_
