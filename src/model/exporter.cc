// Which program wrote a model: the producer, and where tools replaced it, what the exporter left.
#include <string_view>

#include "model/exporter_metadata.h"
#include "model/layer_paths.h"
#include "model/layers.h"

namespace hoarfrost::model {
namespace {

bool Contains(std::string_view s, std::string_view part) {
  return s.find(part) != std::string_view::npos;
}

// How many nodes and tensors of the main graph are looked at: exporters are uniform.
constexpr int kSample = 512;

struct Marks {
  int traced = 0;          // nodes with the dynamo exporter's metadata
  int slashed = 0;         // nodes named "/layer1/conv1/Conv"
  int numbered = 0;        // nodes named "node_Conv_12", as the dynamo exporter does
  int onnx_names = 0;      // tensors named "onnx::Conv_12"
  int variable_reads = 0;  // tensors named ".../ReadVariableOp:0"
  int keras3 = 0;          // ... as Keras 3 reads them
};

Marks LookAt(const onnx::GraphProto& graph) {
  Marks marks;
  int seen = 0;
  for (const auto& node : graph.node()) {
    if (++seen > kSample) break;
    for (const auto& entry : node.metadata_props()) {
      if (std::string_view(entry.key()).substr(0, 15) == "pkg.torch.onnx.") {
        ++marks.traced;
        break;
      }
    }
    if (!node.name().empty() && node.name()[0] == '/') ++marks.slashed;
    if (std::string_view(node.name()).substr(0, 5) == "node_") ++marks.numbered;
    if (IsKeras3Scope(node.name())) ++marks.keras3;
  }
  seen = 0;
  for (const auto& tensor : graph.initializer()) {
    if (++seen > kSample) break;
    const std::string_view name = tensor.name();
    if (name.substr(0, 6) == "onnx::") ++marks.onnx_names;
    if (Contains(name, "ReadVariableOp")) ++marks.variable_reads;
    if (IsKeras3Scope(name)) ++marks.keras3;
  }
  return marks;
}

}  // namespace

Exporter DetectExporter(const Facts& facts) {
  const onnx::ModelProto& model = facts.model();
  const std::string_view producer = model.producer_name();
  const Marks marks = LookAt(model.graph());
  const bool signature =
      !FindMetadata(model.graph().metadata_props(), kSignatureKey).empty() || marks.traced > 0;
  if (signature) return Exporter::kTorchDynamo;
  if (Contains(producer, "tf2onnx") || marks.variable_reads > 0) {
    return marks.keras3 > 0 ? Exporter::kKeras3Tensorflow : Exporter::kTensorflow;
  }
  if (Contains(producer, "pytorch")) {
    // Optimizers drop metadata and keep names.
    const bool dynamo = marks.numbered > 0 && marks.slashed == 0 && marks.onnx_names == 0;
    return dynamo ? Exporter::kTorchDynamo : Exporter::kTorchScript;
  }
  if (Contains(producer, "jax")) return Exporter::kJax;
  if (Contains(producer, "PaddlePaddle") || Contains(model.graph().name(), "PaddlePaddle")) {
    return Exporter::kPaddle;
  }
  // Tools that rewrite a file put their own name in its place; the names of nodes stay.
  if (marks.onnx_names > 0 && marks.slashed > 0) return Exporter::kTorchScript;
  return Exporter::kUnknown;
}

}  // namespace hoarfrost::model
