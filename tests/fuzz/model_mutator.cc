// libFuzzer's custom mutator for targets that take a model: half of the time a change of a field,
// else of bytes, so that files that are no models keep being made too.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>

#include "fuzz/mutate_model.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned int seed) {
  std::mt19937_64 random(seed);
  onnx::ModelProto model;
  constexpr size_t kLargest = size_t{1} << 20;
  if (random() % 2 == 0 && size < kLargest && model.ParseFromArray(data, static_cast<int>(size))) {
    for (unsigned n = 1 + random() % 4; n > 0; --n) hoarfrost::testing::MutateModel(model, random);
    const std::string bytes = model.SerializeAsString();
    if (!bytes.empty() && bytes.size() <= max_size) {
      std::memcpy(data, bytes.data(), bytes.size());
      return bytes.size();
    }
  }
  return LLVMFuzzerMutate(data, size, max_size);
}
