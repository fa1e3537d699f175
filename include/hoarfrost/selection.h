// Selection: which weights of a model to freeze or thaw.
//
// A pattern is a GLOB whose `*` crosses separators, or `re:REGEX` (RE2). Selectors add up; then
// `except` takes away. Statistics and constants that a pattern also hits are skipped and counted.
#ifndef HOARFROST_SELECTION_H_
#define HOARFROST_SELECTION_H_

#include <cstdint>
#include <string>
#include <vector>

namespace hoarfrost {

struct Selection {
  bool all = false;
  std::vector<std::string> layers;   // a layer or any of its ancestors matches
  std::vector<std::string> tensors;  // tensor names
  std::vector<std::string> types;    // framework class or ONNX operator
  std::vector<std::string> upto;     // a node, tensor or layer: it and all that lies upstream
  int64_t first = 0;  // the first N layers that own parameters, in graph order; 0 selects none
  std::vector<std::string> except;  // "layers:P", "tensors:P", "types:P"; plain P is layers
};

// What to do with a tensor that a frozen and a trained layer share.
enum class SharedTensors : uint8_t { kRefuse, kFreeze, kTrain };

}  // namespace hoarfrost

#endif  // HOARFROST_SELECTION_H_
