// A model as an exporter writes it: nodes in ONNX text, then tensors without values of interest and
// the metadata that the text format has no words for.
//
//   ExportedModel model(R"(<ir_version: 8, opset_import: ["": 17], producer_name: "pytorch">
//   g (float[1, 8] x) => (float[1, 4] y) { ["node_linear"] y = Gemm (x, "fc.weight", "fc.bias")
//   })"); model.Float("fc.weight", {4, 8}).Float("fc.bias", {4}).Module("y", "fc",
//   "torch.nn.Linear");
#ifndef HOARFROST_TESTS_SUPPORT_EXPORTED_MODEL_H_
#define HOARFROST_TESTS_SUPPORT_EXPORTED_MODEL_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "onnx/onnx_pb.h"
#include "support/onnx_text.h"

namespace hoarfrost::testing {

class ExportedModel {
 public:
  explicit ExportedModel(std::string_view text) : model(ParseModel(text)) {}

  // An initializer of zeros.
  ExportedModel& Float(const std::string& name, const std::vector<int64_t>& dims) {
    return Stored(name, dims, onnx::TensorProto::FLOAT, 4);
  }
  ExportedModel& Int8(const std::string& name, const std::vector<int64_t>& dims) {
    return Stored(name, dims, onnx::TensorProto::INT8, 1);
  }
  // What constant folding writes beside a value that it made: a Python list of names.
  ExportedModel& FoldedFrom(const std::string& name, const std::string& list) {
    onnx::ValueInfoProto& info = *model.mutable_graph()->add_value_info();
    info.set_name(name);
    Add(*info.mutable_metadata_props(), "pkg.onnxscript.optimizer.folded_from", list);
    return *this;
  }
  // The module that the node of an output was traced in, as the dynamo exporter writes it.
  ExportedModel& Module(const std::string& output, const std::vector<std::string>& scopes,
                        const std::vector<std::string>& classes = {}) {
    auto& props = *NodeOf(output).mutable_metadata_props();
    Add(props, "pkg.torch.onnx.name_scopes", PythonList(scopes));
    if (!classes.empty()) Add(props, "pkg.torch.onnx.class_hierarchy", PythonList(classes));
    return *this;
  }
  ExportedModel& NodeMetadata(const std::string& output, const std::string& key,
                              const std::string& value) {
    Add(*NodeOf(output).mutable_metadata_props(), key, value);
    return *this;
  }
  // One "name: KIND target='...'" a line.
  ExportedModel& Signature(const std::string& lines) {
    Add(*model.mutable_graph()->mutable_metadata_props(),
        "pkg.torch.export.ExportedProgram.graph_signature",
        "\n# inputs\n" + lines + "\nx: USER_INPUT\n\n# outputs\ny: USER_OUTPUT\n");
    return *this;
  }

  onnx::ModelProto model;

 private:
  ExportedModel& Stored(const std::string& name, const std::vector<int64_t>& dims, int32_t dtype,
                        size_t width) {
    onnx::TensorProto& tensor = *model.mutable_graph()->add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(dtype);
    size_t elements = 1;
    for (const int64_t d : dims) {
      tensor.add_dims(d);
      elements *= static_cast<size_t>(d);
    }
    tensor.set_raw_data(std::string(elements * width, '\0'));
    return *this;
  }
  template <typename Props>
  static void Add(Props& props, const std::string& key, const std::string& value) {
    auto& entry = *props.Add();
    entry.set_key(key);
    entry.set_value(value);
  }
  static std::string PythonList(const std::vector<std::string>& entries) {
    std::string list = "[";
    for (const std::string& entry : entries) {
      if (list.size() > 1) list += ", ";
      list += "'" + entry + "'";
    }
    return list + "]";
  }
  onnx::NodeProto& NodeOf(const std::string& output) {
    for (onnx::NodeProto& node : *model.mutable_graph()->mutable_node()) {
      for (const std::string& name : node.output()) {
        if (name == output) return node;
      }
    }
    ADD_FAILURE() << "no node writes " << output;
    return *model.mutable_graph()->add_node();
  }
};

}  // namespace hoarfrost::testing

#endif  // HOARFROST_TESTS_SUPPORT_EXPORTED_MODEL_H_
