// Models for tests, written in ONNX's own text format, and the skeleton and facts of them.
#ifndef HOARFROST_TESTS_SUPPORT_ONNX_TEXT_H_
#define HOARFROST_TESTS_SUPPORT_ONNX_TEXT_H_

#include <string>
#include <string_view>

#include "onnx/onnx_pb.h"

namespace hoarfrost::testing {

// Parses a model in the ONNX text format; a syntax error fails the calling test and gives an empty
// model. A value that is declared without values and that no node or input gives, as w in
// "g (...) => (...) <float[4, 3] w>", becomes an initializer of zeros,
// in branches and bodies too. See
// https://onnx.ai/onnx/repo-docs/Syntax.html.
onnx::ModelProto ParseModel(std::string_view text);

// Its serialised bytes.
std::string ParseModelBytes(std::string_view text);

}  // namespace hoarfrost::testing

#endif  // HOARFROST_TESTS_SUPPORT_ONNX_TEXT_H_
