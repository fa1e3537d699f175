// Comparing models: what a trainer moved, what two models differ in, and bringing trained tensors
// home.
//
//   hoarfrost::TensorSet tuned = *hoarfrost::TensorSet::Open("tuned.safetensors");
//   hoarfrost::Model frozen = *hoarfrost::Model::Load("frozen.onnx");
//   absl::StatusOr<hoarfrost::VerifyResult> proof = hoarfrost::Verify(frozen, tuned);
//   if (proof.ok() && proof->answer == hoarfrost::Answer::kYes) ...
//
// Both sides are read in blocks: memory does not grow with the size of a tensor. Values are
// compared by their bits, so a NaN equals itself and 0 differs from -0.
#ifndef HOARFROST_COMPARE_H_
#define HOARFROST_COMPARE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hoarfrost/export.h"
#include "hoarfrost/model.h"
#include "hoarfrost/tensor.h"

namespace hoarfrost {

namespace compare {
class TensorSet;
}

// A tensor that lies in memory.
struct MemoryTensor {
  std::string name;
  std::string dtype;           // "float32", "bfloat16", ... as in Tensor
  std::vector<int64_t> shape;  // empty for a scalar
  std::string_view bytes;      // little-endian, row-major, 4-bit types packed; the caller keeps it
};

// Named tensors, wherever they come from. Cheap to copy (shared state).
class HOARFROST_EXPORT TensorSet {
 public:
  // An ONNX model, a safetensors file or an ONNX Runtime training checkpoint, told apart by what
  // is in it. Unimplemented for a torch.save file: save its tensors as safetensors.
  static absl::StatusOr<TensorSet> Open(const std::string& path);

  static TensorSet OfModel(const Model& model);

  // `name` is what messages call the set. InvalidArgument where a dtype is unknown, or the bytes
  // are not those that dtype and shape ask for.
  static absl::StatusOr<TensorSet> FromMemory(std::string name, std::vector<MemoryTensor> tensors);

  const std::string& name() const;
  size_t size() const;

  const std::shared_ptr<const compare::TensorSet>& internal() const { return set_; }

 private:
  explicit TensorSet(std::shared_ptr<const compare::TensorSet> set) : set_(std::move(set)) {}
  std::shared_ptr<const compare::TensorSet> set_;
};

// One side of a comparison. Role and layer are known of models only.
struct ComparedTensor {
  std::string name;
  std::string scope;
  std::string dtype;
  std::vector<int64_t> shape;
  std::optional<Role> role;
  std::string layer;
};

// By how much two tensors of as many elements differ.
struct Difference {
  uint64_t elements = 0;
  uint64_t changed = 0;              // whose bits differ; with another dtype: whose values do
  std::optional<double> max_abs;     // the largest |a - b| of finite numbers; none of strings
  std::optional<uint64_t> max_ulps;  // numbers of the type between a and b, b counted; floats only
  uint64_t not_finite = 0;    // of `changed`: NaN or infinite in one or both; not in the two above
  uint64_t signed_zeros = 0;  // of `changed`: 0 against -0
  std::optional<uint64_t> first;  // index of the first that changed, in row-major order
};

// Whether the question can be answered: some tensor's bytes may not be readable.
enum class Answer : uint8_t { kYes, kNo, kUnknown };

enum class FindingKind : uint8_t {
  kMoved,       // must not have changed and did
  kMissing,     // is not there
  kRetyped,     // has another dtype, or another number of elements
  kUnreadable,  // its bytes are not to be had in one of the two
  // Warnings:
  kUnchanged,  // trainable, and did not change
  kReshaped,   // the same bytes in another shape
  kRenamed,    // the same bytes under another name
  kNotStored,  // not there, in a file that holds some of a model's tensors only
};

enum class PlanList : uint8_t { kTrainable, kFrozen, kStatistics, kFrozenStatistics };

struct Finding {
  FindingKind kind = FindingKind::kMoved;
  bool failure = false;  // else a warning
  PlanList list = PlanList::kFrozen;
  ComparedTensor expected;
  std::optional<ComparedTensor> found;
  std::optional<Difference> difference;
  std::string text;  // a sentence
};

struct VerifyCount {
  uint64_t tensors = 0;
  uint64_t identical = 0;
  uint64_t changed = 0;  // the rest are missing or cannot be compared
};

struct VerifyResult {
  std::string frozen_file;
  std::string tuned_file;
  Answer answer = Answer::kYes;  // kNo: some frozen tensor moved, or one is missing
  VerifyCount trainable;
  VerifyCount frozen;
  VerifyCount statistics;         // may move
  VerifyCount frozen_statistics;  // must not
  std::vector<Finding> findings;  // in the order of the model
};

struct VerifyOptions {
  // The plan to hold the tuned model to, as JSON; "": the one in the frozen model.
  std::string plan_json;
  // The tuned side holds some of the tensors only: missing ones are warnings. Always so for an ONNX
  // Runtime checkpoint, which has what the trainer was told of.
  bool partial = false;
};

// Whether every frozen tensor and frozen statistic of `frozen` is in `tuned`, bit for bit, and
// nothing is missing. FailedPrecondition where nothing is frozen.
HOARFROST_EXPORT absl::StatusOr<VerifyResult> Verify(const Model& frozen, const TensorSet& tuned,
                                                     const VerifyOptions& options = {});

enum class ChangeKind : uint8_t {
  kChanged,     // other values, and perhaps another dtype
  kReshaped,    // another shape; `difference` says whether the values are the same
  kCast,        // another dtype, and each value is the other side's, rounded to it
  kRenamed,     // the same bytes, dtype and shape under another name
  kAdded,       // in b only
  kRemoved,     // in a only
  kUnreadable,  // the bytes of one side are not to be had
};

struct TensorChange {
  ChangeKind kind = ChangeKind::kChanged;
  std::optional<ComparedTensor> a;
  std::optional<ComparedTensor> b;
  std::optional<Difference> difference;
  std::string text;  // why it is unreadable
};

struct OperatorChange {
  std::string domain;  // "" is ai.onnx
  std::string op_type;
  uint64_t a = 0;  // nodes of every scope
  uint64_t b = 0;
};

// An input or output of the main graph: "float32 [N, 3]", or "" where that side has none.
struct ValueChange {
  std::string name;
  std::string a;
  std::string b;
};

struct LayerCount {
  std::string layer;  // "" where no layer owns them, or none is known
  uint64_t tensors = 0;
};

struct DiffResult {
  std::string a_file;
  std::string b_file;
  Answer equal = Answer::kYes;
  uint64_t equal_tensors = 0;
  std::vector<LayerCount> equal_by_layer;  // the same by layer of a, in the order of a
  std::vector<TensorChange> tensors;       // in the order of a, then what only b has
  bool graphs_compared = false;            // both are models
  std::vector<OperatorChange> operators;
  std::vector<ValueChange> inputs;
  std::vector<ValueChange> outputs;
};

HOARFROST_EXPORT absl::StatusOr<DiffResult> Diff(const TensorSet& a, const TensorSet& b);

struct MergeOptions {
  // Leave frozen tensors as the base has them where the tuned model moved them, instead of
  // refusing.
  bool keep_frozen = false;
};

struct MergedTensor {
  ComparedTensor tensor;
  Difference difference;
};

struct MergeResult {
  std::string base_file;
  std::string tuned_file;
  std::string output;
  uint64_t bytes = 0;                   // of the output
  std::vector<MergedTensor> merged;     // that got new values
  uint64_t unchanged = 0;               // trainable ones and statistics with the base's values
  std::vector<ComparedTensor> missing;  // not in the tuned set: left as they are
  std::vector<MergedTensor> kept;       // frozen, moved in the tuned set, left as they are
  std::vector<std::string> data_files;  // written beside the output
};

// What was found, as the command prints it: one compact JSON object (docs/comparing.md), and for
// people, where of a kind of thing no more than `most` are listed; 0 for all.
HOARFROST_EXPORT std::string ToJson(const VerifyResult& result);
HOARFROST_EXPORT std::string ToText(const VerifyResult& result, size_t most = 0);
HOARFROST_EXPORT std::string ToJson(const DiffResult& result);
HOARFROST_EXPORT std::string ToText(const DiffResult& result, size_t most = 0);
HOARFROST_EXPORT std::string ToJson(const MergeResult& result);
HOARFROST_EXPORT std::string ToText(const MergeResult& result, size_t most = 0);

// Writes `base` to `output` with the trainable tensors, and the statistics of BatchNormalizations
// that are not frozen, of `tuned`, matched by name; every other byte is the base's. Atomic: on any
// failure `output` is as it was. External data is copied to the output's folder where that is
// another, and must be where values in it change.
//
// InvalidArgument where the output is one of the inputs. NotFound where no tensor has the name of a
// trainable one. FailedPrecondition where a frozen tensor differs, or a tensor has another shape or
// dtype.
HOARFROST_EXPORT absl::StatusOr<MergeResult> Merge(const Model& base, const TensorSet& tuned,
                                                   const std::string& output,
                                                   const MergeOptions& options = {});

}  // namespace hoarfrost

#endif  // HOARFROST_COMPARE_H_
