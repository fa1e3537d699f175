// The names that converters to PyTorch give a plan's tensors; rules in freeze/trainer_names.h.
#ifndef HOARFROST_FREEZE_TORCH_NAMES_H_
#define HOARFROST_FREEZE_TORCH_NAMES_H_

#include <string>
#include <vector>

#include "model/facts.h"
#include "plan/plan.h"

namespace hoarfrost::freeze {

struct TorchNames {
  std::vector<std::string> requires_grad;  // parameters, in graph order
  std::vector<std::string> frozen;         // parameters
  std::vector<std::string> eval;           // modules: frozen BatchNormalizations, never in train()
  // Initializers, trainable, that are not (only) one parameter of the module: buffers, which no
  // optimizer sees, or copies that would drift apart.
  std::vector<std::string> by_mapping;
};

TorchNames NamesInOnnx2Torch(const plan::Plan& plan, const model::Facts& facts);
TorchNames NamesInOnnx2Pytorch(const plan::Plan& plan, const model::Facts& facts);

}  // namespace hoarfrost::freeze

#endif  // HOARFROST_FREEZE_TORCH_NAMES_H_
