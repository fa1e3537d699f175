#include "support/onnx_text.h"

#include <gtest/gtest.h>
#include <onnx/defs/parser.h>

#include <set>

#include "payload/dtype.h"

namespace hoarfrost::testing {
namespace {

// What is declared without values and that nothing gives becomes an initializer of zeros.
void FillDeclared(onnx::GraphProto& graph) {
  std::set<std::string> given;
  for (const onnx::ValueInfoProto& input : graph.input()) given.insert(input.name());
  for (const onnx::NodeProto& node : graph.node()) {
    given.insert(node.output().begin(), node.output().end());
  }
  google::protobuf::RepeatedPtrField<onnx::ValueInfoProto> kept;
  for (const onnx::ValueInfoProto& info : graph.value_info()) {
    if (given.count(info.name()) > 0 || !info.type().has_tensor_type()) {
      *kept.Add() = info;
      continue;
    }
    onnx::TensorProto& tensor = *graph.add_initializer();
    tensor.set_name(info.name());
    tensor.set_data_type(info.type().tensor_type().elem_type());
    uint64_t elements = 1;
    for (const auto& dim : info.type().tensor_type().shape().dim()) {
      tensor.add_dims(dim.dim_value());
      elements *= static_cast<uint64_t>(dim.dim_value());
    }
    const auto bytes = payload::PackedBytes(tensor.data_type(), elements);
    tensor.set_raw_data(std::string(bytes.value_or(0), '\0'));
  }
  graph.mutable_value_info()->Swap(&kept);
  for (onnx::NodeProto& node : *graph.mutable_node()) {
    for (onnx::AttributeProto& attribute : *node.mutable_attribute()) {
      if (attribute.has_g()) FillDeclared(*attribute.mutable_g());
    }
  }
}

}  // namespace

onnx::ModelProto ParseModel(std::string_view text) {
  onnx::ModelProto model;
  const std::string copy(text);
  onnx::OnnxParser parser(copy.c_str());
  const auto status = parser.Parse(model);
  EXPECT_TRUE(status.IsOK()) << status.ErrorMessage();
  EXPECT_TRUE(parser.EndOfInput()) << "text left over after the model";
  if (!status.IsOK()) model.Clear();
  FillDeclared(*model.mutable_graph());
  return model;
}

std::string ParseModelBytes(std::string_view text) { return ParseModel(text).SerializeAsString(); }

}  // namespace hoarfrost::testing
