// Trainer: who is to fine-tune a model, and so in whose words a plan is to be told.
#ifndef HOARFROST_TRAINER_H_
#define HOARFROST_TRAINER_H_

#include <cstdint>
#include <string>
#include <vector>

namespace hoarfrost {

enum class Trainer : uint8_t {
  kOrt,    // onnxruntime.training.artifacts.generate_artifacts: JSON
  kTorch,  // a module that onnx2torch or onnx2pytorch made of the model: JSON
  kNames,  // the initializers to train, one a line: whatever takes its names from the file
};

struct TrainerNames {
  std::string text;                   // the JSON, or the lines, each ended by a line feed
  std::vector<std::string> warnings;  // what the trainer cannot be told, and why
};

}  // namespace hoarfrost

#endif  // HOARFROST_TRAINER_H_
