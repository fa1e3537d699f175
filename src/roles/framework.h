// The exporting framework's own count, where the file still shows it.
//
// Exporters fold, drop and duplicate: a BatchNormalization disappears into the convolution before
// it, a tied head is stored a second time, an unused parameter is left out. Each kind of evidence
// has a file of its own (hidden_*.cc) that adds adjustments to what lies in the file. Nothing here
// reads a weight.
#ifndef HOARFROST_ROLES_FRAMEWORK_H_
#define HOARFROST_ROLES_FRAMEWORK_H_

#include <optional>
#include <string_view>
#include <vector>

#include "model/facts.h"
#include "model/layers.h"
#include "roles/roles.h"

namespace hoarfrost::roles {

// nullopt where the file shows no difference. `roles` is by TensorId; `candidates`: see
// Classification.
std::optional<FrameworkCount> CountInFramework(const model::Facts& facts,
                                               const model::Layers& layers,
                                               const std::vector<TensorRole>& roles,
                                               std::vector<Adjustment>& candidates);

// How to export, or what else to do, so that BatchNormalizations stay in the file as they are.
std::string_view HowToKeepBatchNorm(model::Exporter exporter);

// How to export so that hidden statistics stay in the file: at most one note.
std::vector<model::Note> HowToKeepStatistics(const model::Layers& layers,
                                             const FrameworkCount& count);

}  // namespace hoarfrost::roles

#endif  // HOARFROST_ROLES_FRAMEWORK_H_
