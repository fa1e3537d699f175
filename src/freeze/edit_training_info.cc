// The model's own training steps leave frozen tensors alone.
//
//   before   training_info { update_binding: W -> W_new, V -> V_new }      W is frozen
//   after    training_info { update_binding: V -> V_new }
//
// update_binding says which initializers a step writes, initialization_binding which ones a fresh
// start writes. The algorithm that computes the values stays; nothing takes them any more.
#include <fmt/format.h>

#include "base/hash.h"
#include "base/text.h"
#include "freeze/edits.h"

namespace hoarfrost::freeze {

absl::Status PruneTrainingInfo(const EditContext& context, EditList& list) {
  const onnx::ModelProto& model = context.model.facts.model();
  if (model.training_info_size() == 0) return absl::OkStatus();
  base::ViewSet frozen;  // bindings name tensors of the main graph
  for (const auto* entries : {&context.plan.frozen, &context.plan.frozen_statistics}) {
    for (const plan::Entry& entry : *entries) {
      if (entry.scope.empty()) frozen.insert(entry.name);
    }
  }
  uint64_t taken = 0;
  for (int i = 0; i < model.training_info_size(); ++i) {
    const auto prune = [&](const auto& bindings, uint32_t field) {
      for (int b = 0; b < bindings.size(); ++b) {
        if (!frozen.contains(bindings[b].key())) continue;
        const auto ordinal = static_cast<uint32_t>(b);
        list.Add({wire::EditKind::kErase,
                  {{kModelTrainingInfo, static_cast<uint32_t>(i)}, {field, ordinal}},
                  ""},
                 {kEditTrainingBinding, ordinal, bindings[b].key()});
        ++taken;
      }
    };
    prune(model.training_info(i).initialization_binding(), kTrainingInitializationBinding);
    prune(model.training_info(i).update_binding(), kTrainingUpdateBinding);
  }
  if (taken == 0) return absl::OkStatus();
  list.notes.push_back({model::Severity::kInfo,
                        fmt::format("{} binding{} of frozen tensors taken out of training_info",
                                    base::WithCommas(taken), taken == 1 ? "" : "s")});
  return absl::OkStatus();
}

}  // namespace hoarfrost::freeze
