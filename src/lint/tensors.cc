// Rules on where tensors stand in the graph, and on what their roles rest.
#include <fmt/format.h>

#include <string>
#include <vector>

#include "base/checked.h"
#include "base/text.h"
#include "lint/rules.h"

namespace hoarfrost::lint {
namespace {

using model::TensorId;
using model::TensorSource;

template <typename Is>
std::vector<TensorId> TensorsThat(const summary::Summary& model, const Is& is) {
  std::vector<TensorId> found;
  for (size_t i = 0; i < model.facts.tensors.size(); ++i) {
    const auto t = static_cast<TensorId>(i);
    if (!IsOfTraining(model, t) && is(t)) found.push_back(t);
  }
  return found;
}

std::string Bytes(const summary::Summary& model, const std::vector<TensorId>& tensors) {
  uint64_t bytes = 0;
  for (const TensorId t : tensors) bytes = base::SaturatingAdd(bytes, model.tensor(t).bytes);
  return base::HumanBytes(bytes);
}

}  // namespace

void FindUnused(const Subject& subject, Findings& findings) {
  const summary::Summary& model = subject.model;
  const std::vector<TensorId> unused = TensorsThat(model, [&](TensorId t) {
    return model.tensor(t).source != TensorSource::kConstantNode && !model.role(t).used;
  });
  if (unused.empty()) return;
  findings.Add(
      fmt::format("{} ({}) {} read by nothing: {}", Plural(unused.size(), "initializer"),
                  Bytes(model, unused), unused.size() == 1 ? "is" : "are", Names(model, unused)),
      "take them out of the graph's initializers: no result changes", unused);
}

// Up to IR version 3 every initializer had to be an input; since then one that is can be overridden
// by a caller, so that no runtime folds it, and onnxruntime-training refuses the file.
void FindInitializersAsInputs(const Subject& subject, Findings& findings) {
  const summary::Summary& model = subject.model;
  if (model.facts.model().ir_version() < 4) return;
  const std::vector<TensorId> inputs = TensorsThat(model, [&](TensorId t) {
    const model::Tensor& tensor = model.tensor(t);
    return tensor.scope == 0 && tensor.source != TensorSource::kConstantNode &&
           tensor.value != model::kNone &&
           model.facts.values[static_cast<size_t>(tensor.value)].is_input;
  });
  if (inputs.empty()) return;
  findings.Add(
      fmt::format("{} {} listed as graph inputs too, which onnxruntime-training refuses: {}",
                  Plural(inputs.size(), "initializer"), inputs.size() == 1 ? "is" : "are",
                  Names(model, inputs)),
      "freeze takes them off the inputs; PyTorch: export with keep_initializers_as_inputs=False",
      inputs);
}

void FindConstantWeights(const Subject& subject, Findings& findings) {
  const summary::Summary& model = subject.model;
  const std::vector<TensorId> weights = TensorsThat(model, [&](TensorId t) {
    return model.tensor(t).source == TensorSource::kConstantNode && model.is_trainable(t);
  });
  if (weights.empty()) return;
  findings.Add(
      fmt::format("{} {} in Constant nodes, where no trainer reaches {}: {}",
                  Plural(weights.size(), "trainable weight"), weights.size() == 1 ? "lies" : "lie",
                  weights.size() == 1 ? "it" : "them", Names(model, weights)),
      "make initializers of them before training", weights);
}

void FindAssumedRoles(const Subject& subject, Findings& findings) {
  const summary::Summary& model = subject.model;
  const std::vector<TensorId> weak = TensorsThat(model, [&](TensorId t) {
    const roles::ReasonKind kind = model.role(t).kind;
    return model.is_counted(t) && model.role(t).role != roles::Role::kUnused &&
           (kind == roles::ReasonKind::kName || kind == roles::ReasonKind::kAssumed);
  });
  if (weak.empty()) return;
  findings.Add(
      fmt::format("{} {} judged by name or by assumption only: {}", Plural(weak.size(), "tensor"),
                  weak.size() == 1 ? "is" : "are", Names(model, weak)),
      "ask hoarfrost explain why, and look at the plan before you train by it", weak);
}

void FindStoredTwice(const Subject& subject, Findings& findings) {
  const auto& framework = subject.model.roles.framework;
  if (!framework.has_value()) return;
  for (const roles::Adjustment& adjustment : framework->adjustments) {
    if (adjustment.kind != roles::AdjustmentKind::kStoredTwice) continue;
    findings.Add(fmt::format("{}: trained, the copies drift apart", adjustment.text),
                 "freeze all copies, or tie them again after training and merge");
  }
}

void FindNothingTrainable(const Subject& subject, Findings& findings) {
  const summary::Totals& totals = subject.model.totals;
  if (totals.parameters == 0 || totals.trainable > 0) return;
  findings.Add(fmt::format("none of {} is trainable, and onnxruntime-training fails where nothing "
                           "is",
                           Plural(totals.parameters, "parameter")),
               totals.frozen > 0 ? "thaw a layer" : "export the weights as floating point");
}

void FindFaults(const Subject& subject, Findings& findings) {
  for (const model::Note& note : subject.model.notes) {
    if (note.severity != model::Severity::kWarning) continue;
    findings.Add(note.text, "mend the file, or fetch or export it again");
  }
}

}  // namespace hoarfrost::lint
