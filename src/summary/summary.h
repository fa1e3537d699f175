// Totals, layer rows and tensor rows of one model, as values. No text is made here.
#ifndef HOARFROST_SUMMARY_SUMMARY_H_
#define HOARFROST_SUMMARY_SUMMARY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/facts.h"
#include "model/layers.h"
#include "plan/plan.h"
#include "roles/roles.h"

namespace hoarfrost::summary {

// Elements, but for `bytes`; every (scope, name) counted once.
struct Totals {
  uint64_t parameters = 0;  // weights + statistics
  uint64_t trainable = 0;
  uint64_t non_trainable = 0;
  uint64_t frozen = 0;
  uint64_t statistics = 0;
  uint64_t quantization = 0;
  uint64_t constants = 0;
  uint64_t unused = 0;
  uint64_t bytes = 0;            // of the parameters
  uint64_t trainable_bytes = 0;
  uint64_t non_trainable_bytes = 0;
};

struct Dim {
  std::string symbol;  // "" when `value` holds it
  int64_t value = -1;  // -1 with no symbol: unknown
};

struct LayerRow {
  model::LayerId layer = model::kNone;
  std::vector<Dim> output_shape;
  bool shape_known = false;
  uint64_t parameters = 0;
  uint64_t trainable = 0;
  uint64_t non_trainable = 0;
  std::string shared_with;  // path of the earlier layer that owns some of its tensors
};

// One model, read and classified; owns everything the rows refer to.
struct Summary {
  std::string file;  // as the caller named it
  uint64_t file_bytes = 0;
  std::unique_ptr<wire::Skeleton> skeleton;
  model::Facts facts;
  model::Layers layers;
  roles::Classification roles;
  plan::FrozenState frozen;
  Totals totals;
  std::vector<LayerRow> rows;  // graph order; layers without tensors too (parameters == 0)
  std::vector<model::Note> notes;

  bool is_trainable(model::TensorId t) const;  // a weight that can take a gradient and is not frozen
  // How many tensors rest on `name` or `assumed`.
  uint64_t weak_reasons() const;
};

struct Options {
  bool infer_shapes = false;  // ONNX shape inference when the file carries no shapes
};

// Reads and classifies the model behind `source`. `directory`: where external data is looked for.
absl::StatusOr<Summary> Summarize(const wire::ByteSource& source, const std::string& directory,
                                  const Options& options);

}  // namespace hoarfrost::summary

#endif  // HOARFROST_SUMMARY_SUMMARY_H_
