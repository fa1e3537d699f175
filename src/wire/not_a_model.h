// What a file is that is no ONNX model: the mix-ups that people meet, by their first bytes.
#ifndef HOARFROST_WIRE_NOT_A_MODEL_H_
#define HOARFROST_WIRE_NOT_A_MODEL_H_

#include <string>
#include <string_view>

namespace hoarfrost::wire {

// Bytes that DescribeOtherFormat() wants to see, where the file has as many.
inline constexpr size_t kOtherFormatBytes = 512;

// A clause to follow the file's name, such as "is a zip archive, not an ONNX model; unpack it
// first". Empty when the bytes say nothing. Ask only about a file that was refused: a model can
// begin with almost any byte.
std::string DescribeOtherFormat(std::string_view first_bytes);

}  // namespace hoarfrost::wire

#endif  // HOARFROST_WIRE_NOT_A_MODEL_H_
