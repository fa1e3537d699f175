// Layers: the modules of the framework that own tensors and nodes.
//
// Exporters leave the module tree in different places: node metadata (PyTorch dynamo), node names
// (PyTorch TorchScript), tensor names (state_dict names), TensorFlow scopes. AssignLayers() gives
// every node and every tensor a layer; where nothing names one, it is "Op_k", k counting that
// operator in graph order.
#ifndef HOARFROST_MODEL_LAYERS_H_
#define HOARFROST_MODEL_LAYERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "model/facts.h"

namespace hoarfrost::model {

using LayerId = int32_t;

struct Layer {
  std::string path;   // "layer1.0.bn1", "sequential/dense"; unique
  std::string type;   // the framework's class where known, else the ONNX operator
  bool named = true;  // false for "Op_k"
};

enum class Exporter : uint8_t {
  kUnknown,
  kTorchDynamo,
  kTorchScript,
  kKeras3Tensorflow,
  kTensorflow,  // tf2onnx on Keras 2 or plain TensorFlow
  kJax,
  kPaddle,
};

struct Layers {
  Exporter exporter = Exporter::kUnknown;
  std::vector<Layer> layers;          // in graph order of their first node
  std::vector<LayerId> node_layer;    // by NodeId; kNone where a node belongs to no layer
  std::vector<LayerId> tensor_layer;  // by TensorId: the first layer in graph order that uses it
};

Exporter DetectExporter(const Facts& facts);
Layers AssignLayers(const Facts& facts);

}  // namespace hoarfrost::model

#endif  // HOARFROST_MODEL_LAYERS_H_
