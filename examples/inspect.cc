// Prints what a model holds: its totals, and every tensor with its role and the reason for it.
//
//   example_inspect MODEL
#include <hoarfrost/model.h>

#include <iostream>

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: example_inspect MODEL\n";
    return 2;
  }
  const absl::StatusOr<hoarfrost::Model> model = hoarfrost::Model::Load(argv[1]);
  if (!model.ok()) {
    std::cerr << model.status().message() << "\n";
    return 2;
  }
  const hoarfrost::Totals& totals = model->totals();
  std::cout << "parameters " << totals.parameters << ", trainable " << totals.trainable
            << ", non-trainable " << totals.non_trainable << "\n";
  for (size_t i = 0; i < model->tensor_count(); ++i) {
    const hoarfrost::Tensor tensor = model->tensor(i);
    std::cout << tensor.name << ": " << tensor.elements << " x " << tensor.dtype << ", "
              << (tensor.trainable ? "trainable" : "not trainable") << ", because " << tensor.reason
              << "\n";
  }
  return 0;
}
