// Layer: a module of the framework that owns tensors or nodes, in graph order.
#ifndef HOARFROST_LAYER_H_
#define HOARFROST_LAYER_H_

#include <cstdint>
#include <string>
#include <vector>

namespace hoarfrost {

// One dimension of a shape: a number, a symbol ("N"), or neither when unknown.
struct Dim {
  int64_t value = -1;  // -1: see `symbol`
  std::string symbol;  // "": unknown, if value is -1
};

struct Layer {
  std::string path;  // "layer1.0.bn1", "sequential/dense"; "Gemm_0" where nothing names it
  std::string type;  // the framework's class where known, else the ONNX operator
  bool shape_known = false;
  std::vector<Dim> output_shape;  // of the last value that leaves the layer
  uint64_t parameters = 0;        // elements of its weights and statistics
  uint64_t trainable = 0;
  uint64_t non_trainable = 0;
  std::string shared_with;  // path of the earlier layer that owns tensors this one uses too, or ""
};

}  // namespace hoarfrost

#endif  // HOARFROST_LAYER_H_
