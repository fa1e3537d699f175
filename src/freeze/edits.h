// The edits that freezing makes to a file, beside the two properties it adds: one file each.
//
// None changes the result of an inference, but where a frozen BatchNormalization was in training
// mode, which is said. Each says what it did in a note, and labels its edits so
// that they can be made good by name after another tool has written the file anew.
#ifndef HOARFROST_FREEZE_EDITS_H_
#define HOARFROST_FREEZE_EDITS_H_

#include <string>
#include <string_view>
#include <vector>

#include "freeze/undo.h"
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
inline constexpr uint32_t kGraphInput = 11;
inline constexpr uint32_t kFunctionNode = 7;
inline constexpr uint32_t kNodeOutput = 2;
inline constexpr uint32_t kNodeAttribute = 5;
inline constexpr uint32_t kAttributeGraph = 6;
inline constexpr uint32_t kAttributeGraphs = 11;
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

// From this version on an initializer need not be a graph input.
inline constexpr int64_t kIrFreeInitializers = 4;

struct EditList {
  std::vector<wire::Edit> edits;
  std::vector<EditLabel> labels;  // one for each edit
  std::vector<model::Note> notes;

  void Add(wire::Edit edit, EditLabel label) {
    edits.push_back(std::move(edit));
    labels.push_back(std::move(label));
  }
};

// What an edit goes by: the original, and what is to be frozen of it.
struct EditContext {
  const summary::Summary& model;
  const plan::Plan& plan;
  const std::vector<model::NodeId>& frozen_norms;  // BatchNormalization nodes, ascending
};

void TakeInitializersOutOfInputs(const EditContext& context, EditList& list);
void PutBatchNormsInInferenceMode(const EditContext& context, EditList& list);
void PruneTrainingInfo(const EditContext& context, EditList& list);

// In the order in which they are made; each sees the model as it was before all of them.
using EditMaker = void (*)(const EditContext&, EditList&);
inline constexpr EditMaker kEditMakers[] = {TakeInitializersOutOfInputs,
                                            PutBatchNormsInInferenceMode, PruneTrainingInfo};

}  // namespace hoarfrost::freeze

#endif  // HOARFROST_FREEZE_EDITS_H_
