#include "support/onnx_text.h"

#include <gtest/gtest.h>
#include <onnx/defs/parser.h>

namespace hoarfrost::testing {

onnx::ModelProto ParseModel(std::string_view text) {
  onnx::ModelProto model;
  const std::string copy(text);
  onnx::OnnxParser parser(copy.c_str());
  const auto status = parser.Parse(model);
  EXPECT_TRUE(status.IsOK()) << status.ErrorMessage();
  EXPECT_TRUE(parser.EndOfInput()) << "text left over after the model";
  if (!status.IsOK()) model.Clear();
  return model;
}

std::string ParseModelBytes(std::string_view text) { return ParseModel(text).SerializeAsString(); }

}  // namespace hoarfrost::testing
