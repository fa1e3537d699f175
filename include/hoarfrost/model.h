// Model: an ONNX model read without its weights.
//
// Loading costs time by the number of nodes and tensors, not by bytes: no weight is read. A Model
// knows its tensors with their roles, its layers, its totals, and can write itself with layers
// frozen or thawed; the bytes it does not change are copied by the kernel.
//
//   absl::StatusOr<hoarfrost::Model> model = hoarfrost::Model::Load("m.onnx");
//   if (!model.ok()) return model.status();
//   std::cout << model->totals().trainable << "\n";
//
//   hoarfrost::Selection backbone;
//   backbone.layers = {"backbone"};
//   absl::StatusOr<hoarfrost::Model> frozen = model->Freeze(backbone);
//   if (frozen.ok()) absl::Status saved = frozen->Save("frozen.onnx");
//
// Errors are values whose message names the file, the tensor or node, and the cause. A Model is
// immutable and safe to read from several threads; copying one is cheap (shared state).
#ifndef HOARFROST_MODEL_H_
#define HOARFROST_MODEL_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hoarfrost/export.h"
#include "hoarfrost/forms.h"
#include "hoarfrost/layer.h"
#include "hoarfrost/lint.h"
#include "hoarfrost/plan.h"
#include "hoarfrost/selection.h"
#include "hoarfrost/tensor.h"
#include "hoarfrost/totals.h"
#include "hoarfrost/trainer.h"
#include "hoarfrost/values.h"

namespace hoarfrost {

struct LoadOptions {
  bool infer_shapes = false;  // ONNX shape inference where the file carries no shapes
};

struct OpsetImport {
  std::string domain;  // "" is ai.onnx
  int64_t version = 0;
};

struct ModelInfo {
  std::string file;    // as given to Load()
  uint64_t bytes = 0;  // of the model file, without external data
  int64_t ir_version = 0;
  std::vector<OpsetImport> opsets;
  std::string producer;  // name and version
  std::string graph;     // name of the main graph
};

// A fault of the file or a remark on it; never an error.
struct Note {
  bool warning = true;
  std::string text;
};

struct FreezeOptions {
  SharedTensors shared = SharedTensors::kRefuse;
  // A model that is frozen already keeps the forms it has; InvalidArgument for others.
  Forms forms = {};
};

class TensorSet;  // hoarfrost/compare.h

class HOARFROST_EXPORT Model {
 public:
  // Reads the model at `path`. NotFound, PermissionDenied, InvalidArgument (not a readable model).
  static absl::StatusOr<Model> Load(const std::string& path, const LoadOptions& options = {});

  // Reads a model from memory, which the Model keeps. `name` is what messages call it;
  // `directory` is where external data is relative to ("": there is none to be found).
  static absl::StatusOr<Model> FromBytes(std::string bytes, std::string name = "<memory>",
                                         std::string directory = "",
                                         const LoadOptions& options = {});

  Model(const Model&);
  Model& operator=(const Model&);
  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;
  ~Model();

  const ModelInfo& info() const;
  const Totals& totals() const;
  const std::optional<FrameworkCount>& framework() const;
  const std::vector<Note>& notes() const;

  // Made when asked for, so that a model of a million tensors costs nothing until then.
  size_t tensor_count() const;
  Tensor tensor(size_t i) const;  // i < tensor_count(), in file order
  size_t layer_count() const;
  Layer layer(size_t i) const;  // i < layer_count(), in graph order

  // The index of a tensor. NotFound with near names; InvalidArgument if `name` is in several scopes
  // and `scope` is not given.
  absl::StatusOr<size_t> FindTensor(const std::string& name,
                                    const std::optional<std::string>& scope = std::nullopt) const;

  // The payload of tensor i, as little-endian elements in row-major order, packed as in raw_data
  // (4-bit types two to a byte). Of a sparse tensor, the values that are stored. Reads just those
  // bytes, from the data file if external. Unimplemented for strings; DataLoss where the bytes are
  // not there; FailedPrecondition if the file changed since it was loaded.
  absl::StatusOr<std::string> ReadTensor(size_t i) const;

  // The same for a tensor of strings; InvalidArgument for one that is none.
  absl::StatusOr<std::vector<std::string>> ReadStrings(size_t i) const;

  // Where the stored values of a sparse tensor belong: the position of each among the elements of
  // the dense one (row-major). InvalidArgument for a tensor that is not sparse.
  absl::StatusOr<std::vector<uint64_t>> ReadPositions(size_t i) const;

  // What stands in tensor i, summed up in one pass that holds a block of it at a time. DataLoss and
  // FailedPrecondition as above.
  absl::StatusOr<Values> ReadValues(size_t i) const;

  // The text that `hoarfrost inspect` prints, `width` columns wide, and its JSON.
  std::string ToTable(int width = 80) const;
  std::string ToJson() const;
  // What `hoarfrost explain` prints of tensor i, and its JSON.
  std::string Explain(size_t i) const;
  std::string ExplainJson(size_t i) const;

  // What could go wrong with it, by the rules named, all where none is; InvalidArgument for an
  // unknown one. Data files are asked for their size.
  absl::StatusOr<std::vector<LintFinding>> Lint(const std::vector<std::string>& rules = {}) const;

  // What is trainable and what is frozen in this model now. The file is read again for it, so this
  // fails where it changed since.
  absl::StatusOr<Plan> plan() const;

  // The same in a trainer's own words: the names that it is to train, and those it is not.
  absl::StatusOr<TrainerNames> NamesFor(Trainer trainer) const;

  // A model with the selected weights frozen, besides those already frozen; this one is unchanged.
  // InvalidArgument where a selector hits no weight, or a tensor is shared and `options` refuses.
  absl::StatusOr<Model> Freeze(const Selection& selection, const FreezeOptions& options = {}) const;

  // The model with nothing, or all but the selected weights, still frozen. Thawing everything gives
  // the bytes it had before it was frozen. FailedPrecondition if it was never frozen, or was
  // rewritten by another tool since.
  absl::StatusOr<Model> Thaw() const;
  absl::StatusOr<Model> Thaw(const Selection& selection) const;

  // Writes the model, atomically: on any failure `path` is as it was. FailedPrecondition where the
  // source changed since it was read. External data stays where it is, so `path` must be in the
  // same folder if the model has any.
  absl::Status Save(const std::string& path) const;

  // The whole serialised model, payloads included (external data not).
  absl::StatusOr<std::string> Serialize() const;

  struct Rep;  // internal

 private:
  friend class TensorSet;
  explicit Model(std::shared_ptr<const Rep> rep);
  std::shared_ptr<const Rep> rep_;
};

// The version of the library, "0.1.0".
HOARFROST_EXPORT const char* Version();

}  // namespace hoarfrost

#endif  // HOARFROST_MODEL_H_
