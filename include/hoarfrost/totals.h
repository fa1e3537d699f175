// Totals of a model, in the file and in the framework it came from. Keras's arithmetic:
// parameters = trainable + non_trainable, non_trainable = statistics + what cannot or must not
// train.
#ifndef HOARFROST_TOTALS_H_
#define HOARFROST_TOTALS_H_

#include <cstdint>
#include <string>
#include <vector>

namespace hoarfrost {

// Elements, but for the three counts of bytes.
struct Totals {
  uint64_t parameters = 0;
  uint64_t trainable = 0;
  uint64_t non_trainable = 0;
  uint64_t frozen = 0;
  uint64_t statistics = 0;
  uint64_t quantization = 0;  // not part of parameters
  uint64_t constants = 0;     // not part of parameters
  uint64_t unused = 0;        // not part of parameters
  uint64_t bytes = 0;         // of the parameters
  uint64_t trainable_bytes = 0;
  uint64_t non_trainable_bytes = 0;
};

// One difference between what lies in the file and what the framework had.
struct Adjustment {
  std::string kind;  // "hidden", "stored_twice", "padding" or "dropped"
  std::string layer;
  std::string type;
  int64_t trainable = 0;  // elements to add to the file's; may be negative
  int64_t statistics = 0;
  std::string text;
};

// The exporting framework's own count, where the file still shows it and it differs.
struct FrameworkCount {
  uint64_t parameters = 0;
  uint64_t trainable = 0;
  uint64_t statistics = 0;
  bool proved = false;  // else estimated
  std::vector<Adjustment> adjustments;
};

}  // namespace hoarfrost

#endif  // HOARFROST_TOTALS_H_
