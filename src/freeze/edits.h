// The edits that freezing makes to a file, beside the two properties it adds: one file each.
//
// None changes the result of an inference, but where a frozen BatchNormalization or a Dropout was
// in training mode, which is said. Each says what it did in a note, and labels its edits so that
// they can be made good by name after another tool has written the file anew.
#ifndef HOARFROST_FREEZE_EDITS_H_
#define HOARFROST_FREEZE_EDITS_H_

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "freeze/state.h"
#include "freeze/undo.h"
#include "freeze/users.h"
#include "plan/plan.h"
#include "summary/summary.h"
#include "wire/splice.h"

namespace hoarfrost::freeze {

// Field numbers of onnx-ml.proto that edits go by.
inline constexpr uint32_t kModelIrVersion = 1;
inline constexpr uint32_t kModelGraph = 7;
inline constexpr uint32_t kModelMetadataProps = 14;
inline constexpr uint32_t kModelTrainingInfo = 20;
inline constexpr uint32_t kModelFunctions = 25;
inline constexpr uint32_t kGraphNode = 1;
inline constexpr uint32_t kGraphInitializer = 5;
inline constexpr uint32_t kGraphInput = 11;
inline constexpr uint32_t kGraphSparseInitializer = 15;
inline constexpr uint32_t kFunctionNode = 7;
inline constexpr uint32_t kNodeInput = 1;
inline constexpr uint32_t kNodeOutput = 2;
inline constexpr uint32_t kNodeOperator = 4;
inline constexpr uint32_t kNodeAttribute = 5;
inline constexpr uint32_t kAttributeName = 1;
inline constexpr uint32_t kAttributeTensor = 5;
inline constexpr uint32_t kAttributeGraph = 6;
inline constexpr uint32_t kAttributeGraphs = 11;
inline constexpr uint32_t kAttributeType = 20;
inline constexpr uint32_t kAttributeSparseTensor = 22;
inline constexpr uint32_t kTrainingInitialization = 1;
inline constexpr uint32_t kTrainingAlgorithm = 2;
inline constexpr uint32_t kTrainingInitializationBinding = 3;
inline constexpr uint32_t kTrainingUpdateBinding = 4;

// The labels of undo data.
inline constexpr std::string_view kEditGraphInput = "graph_input";
inline constexpr std::string_view kEditIrVersion = "ir_version";
inline constexpr std::string_view kEditTrainingMode = "training_mode";
inline constexpr std::string_view kEditRunningOutput = "running_output";
inline constexpr std::string_view kEditTrainingBinding = "training_binding";
inline constexpr std::string_view kEditArithmetic = "batchnorm_arithmetic";
inline constexpr std::string_view kEditDropout = "dropout_identity";
inline constexpr std::string_view kEditConstant = "constant";
inline constexpr std::string_view kEditExposed = "exposed_input";

// From this version on an initializer need not be a graph input.
inline constexpr int64_t kIrFreeInitializers = 4;

struct EditList {
  std::vector<wire::Edit> edits;
  std::vector<EditLabel> labels;  // one for each edit
  std::vector<model::Note> notes;
  std::vector<model::NodeId> written_out;  // BatchNormalizations that are arithmetic now, ascending

  void Add(wire::Edit edit, EditLabel label) {
    edits.push_back(std::move(edit));
    labels.push_back(std::move(label));
  }
};

// What an edit goes by: the original, and what is to be frozen of it.
struct EditContext {
  const summary::Summary& model;
  const wire::ByteSource& original;
  const plan::Plan& plan;
  const Outcome& outcome;
  Users& users;

  bool is_frozen_norm(model::NodeId node) const {
    return std::binary_search(outcome.norms.begin(), outcome.norms.end(), node);
  }
};

// Always made.
absl::Status TakeInitializersOutOfInputs(const EditContext& context, EditList& list);
absl::Status PutBatchNormsInInferenceMode(const EditContext& context, EditList& list);
absl::Status PruneTrainingInfo(const EditContext& context, EditList& list);
// Where the plan's forms ask for them.
absl::Status MakeConstants(const EditContext& context, EditList& list);
absl::Status WriteOutBatchNorms(const EditContext& context, EditList& list);
absl::Status MakeDropoutsIdentities(const EditContext& context, EditList& list);
absl::Status ExposeTrainable(const EditContext& context, EditList& list);

// In the order in which they are made; each sees the model as it was before all of them, but for
// what `list.written_out` tells. Constants come before what is written out: both may go before the
// first node.
using EditMaker = absl::Status (*)(const EditContext&, EditList&);
inline constexpr EditMaker kEditMakers[] = {
    TakeInitializersOutOfInputs,  ExposeTrainable,        MakeConstants,    WriteOutBatchNorms,
    PutBatchNormsInInferenceMode, MakeDropoutsIdentities, PruneTrainingInfo};

// How notes name a node: by its name, else by its first output.
std::string NameOf(const onnx::NodeProto& node);

// The first few names, and how many more there are: "2 BatchNormalizations ('a', 'b')".
class NodeNames {
 public:
  explicit NodeNames(std::string_view op) : op_(op) {}
  void Add(std::string_view name);
  bool empty() const { return count_ == 0; }
  std::string Say() const;
  uint64_t count() const { return count_; }

 private:
  std::string_view op_;
  uint64_t count_ = 0;
  std::string text_;
};

// The warning that these frozen BatchNormalizations were in training mode and no longer are.
model::Note LeftTrainingMode(const NodeNames& names);

// A node of the default domain with this operator, outside of training graphs.
bool IsInferenceNode(const model::Facts& facts, model::NodeId node, std::string_view op);

// Whether any output of the node but the first is read or given out. An output that has the name of
// an initializer is that tensor, and the node does not produce it.
bool MoreOutputsAreUsed(const model::Facts& facts, model::NodeId node);

}  // namespace hoarfrost::freeze

#endif  // HOARFROST_FREEZE_EDITS_H_
