// Totals, layer rows and tensor rows of one model, as values. No text for people is made here.
//
//   absl::StatusOr<summary::Summary> s = summary::Summarize(*source, directory, {});
//   if (s.ok()) Print(s->totals.trainable);
//
// The arithmetic is Keras's: parameters = trainable + non_trainable, where non_trainable is
// statistics, frozen weights, and weights stored in a type that takes no gradient (integers, floats
// of less than 16 bits). All sums stop at 2^64 - 1 instead of wrapping round; a note says so.
#ifndef HOARFROST_SUMMARY_SUMMARY_H_
#define HOARFROST_SUMMARY_SUMMARY_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "model/facts.h"
#include "model/layers.h"
#include "model/shapes.h"
#include "plan/plan.h"
#include "roles/roles.h"

namespace hoarfrost::summary {

// Elements, but for the three counts of bytes; every (scope, name) counted once.
struct Totals {
  uint64_t parameters = 0;  // weights + statistics
  uint64_t trainable = 0;
  uint64_t non_trainable = 0;
  uint64_t frozen = 0;
  uint64_t statistics = 0;
  uint64_t quantization = 0;
  uint64_t constants = 0;
  uint64_t unused = 0;
  uint64_t bytes = 0;  // of the parameters
  uint64_t trainable_bytes = 0;
  uint64_t non_trainable_bytes = 0;
};

struct Dim {
  std::string symbol;  // "" when `value` holds it
  int64_t value = -1;  // -1 with no symbol: unknown
};

struct LayerRow {
  model::LayerId layer = model::kNone;  // kNone: parameters that belong to no layer
  std::vector<Dim> output_shape;        // of the last value that leaves the layer
  bool shape_known = false;
  bool owns_tensors = false;  // of any role
  uint64_t parameters = 0;
  uint64_t trainable = 0;
  uint64_t non_trainable = 0;
  std::string shared_with;  // path of the earlier layer that owns some of its tensors
  uint64_t macs = 0;        // where they were asked for: the known ones of its nodes
  bool macs_known = true;   // false: it has nodes whose multiply-accumulates are not known
};

// What the exporting framework had (see roles::FrameworkCount), with the frozen state of the file.
struct FrameworkTotals {
  uint64_t parameters = 0;
  uint64_t trainable = 0;
  uint64_t non_trainable = 0;
  uint64_t statistics = 0;
};

// One model, read and classified; owns everything the rows refer to. Movable.
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

  // Of node outputs, where inference was asked for and found one.
  absl::flat_hash_map<model::ValueId, std::vector<Dim>> inferred_shapes;

  model::DimBindings dims;  // numbers given to symbols of dimensions

  // Multiply-accumulates by NodeId, nullopt where unknown; empty unless asked for. See macs.h.
  std::vector<std::optional<uint64_t>> node_macs;
  bool has_macs = false;

  // Inferred, else as the file declares it; nullopt where not even the rank is known.
  std::optional<std::vector<Dim>> shape_of(model::ValueId v) const;

  const model::Tensor& tensor(model::TensorId t) const {
    return facts.tensors[static_cast<size_t>(t)];
  }
  const roles::TensorRole& role(model::TensorId t) const {
    return roles.tensors[static_cast<size_t>(t)];
  }

  bool is_parameter(model::TensorId t) const;  // a weight or statistic
  bool is_frozen(model::TensorId t) const;     // a weight that must not change
  bool is_trainable(model::TensorId t) const;  // a weight that takes a gradient and is not frozen

  // False for what is listed but in no total: an earlier initializer of a name that is there again,
  // and the optimizer state in training_info.
  bool is_counted(model::TensorId t) const;

  // Elements as parameters count them: logical ones where an operator says storage is packed.
  uint64_t elements(model::TensorId t) const;

  // How many counted tensors rest on `name` or `assumed`.
  uint64_t weak_reasons() const;

  // Values that training left in attributes, of all nodes together; in no total.
  uint64_t trained_attribute_values() const;

  // There only where it differs from `totals`.
  std::optional<FrameworkTotals> framework() const;
};

struct Options {
  bool infer_shapes = false;  // ONNX shape inference when the file carries no shapes
  bool macs = false;          // count multiply-accumulates; infers shapes where they are wanting
  model::DimBindings dims = {};
};

// Reads and classifies the model behind `source`. `directory`: where external data is looked for.
// InvalidArgument, besides for what is no model, where `dims` has a symbol that the model has not.
absl::StatusOr<Summary> Summarize(const wire::ByteSource& source, const std::string& directory,
                                  const Options& options);

}  // namespace hoarfrost::summary

#endif  // HOARFROST_SUMMARY_SUMMARY_H_
