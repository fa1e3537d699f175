// The edits that freezing makes to a file, beside the two properties it adds: one file each.
//
// None changes the result of an inference. Each says what it did in a note, and labels its edits so
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
inline constexpr uint32_t kGraphInput = 11;

// The labels of undo data.
inline constexpr std::string_view kEditGraphInput = "graph_input";
inline constexpr std::string_view kEditIrVersion = "ir_version";

// From this version on an initializer need not be a graph input.
inline constexpr int64_t kIrFreeInitializers = 4;

struct EditList {
  std::vector<wire::Edit> edits;
  std::vector<EditLabel> labels;  // one for each edit
  std::vector<model::Note> notes;

  void Add(wire::Edit edit, EditLabel label) {
    edits.push_back(std::move(edit));
    labels.push_back(label);
  }
};

void TakeInitializersOutOfInputs(const summary::Summary& model, const plan::Plan& plan,
                                 EditList& list);

// In the order in which they are made; each sees the model as it was before all of them.
using EditMaker = void (*)(const summary::Summary&, const plan::Plan&, EditList&);
inline constexpr EditMaker kEditMakers[] = {TakeInitializersOutOfInputs};

}  // namespace hoarfrost::freeze

#endif  // HOARFROST_FREEZE_EDITS_H_
