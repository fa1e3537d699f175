// Rules on BatchNormalization: what exporters make of it, and what training does to a frozen one.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/text.h"
#include "freeze/frozen_statistics.h"
#include "freeze/users.h"
#include "lint/rules.h"
#include "roles/framework.h"

namespace hoarfrost::lint {
namespace {

using model::NodeId;
using model::TensorId;

struct Frozen {
  freeze::FrozenBatchNorms batch_norms;
  std::vector<model::Note> half_frozen;
};

Frozen FrozenOf(const summary::Summary& model) {
  if (model.totals.frozen == 0 && !model.frozen.plan.has_value()) {
    return {{std::vector<bool>(model.facts.tensors.size()), {}}, {}};
  }
  std::vector<bool> tensors(model.facts.tensors.size());
  for (size_t t = 0; t < tensors.size(); ++t) {
    tensors[t] = model.is_frozen(static_cast<TensorId>(t));
  }
  std::vector<bool> layers(model.layers.layers.size());
  if (model.frozen.plan.has_value()) {
    base::ViewSet frozen;
    for (const std::string& path : model.frozen.plan->frozen_layers) frozen.insert(path);
    for (size_t l = 0; l < layers.size(); ++l) {
      layers[l] = frozen.contains(model.layers.layers[l].path);
    }
  }
  freeze::Users users(model);
  Frozen result;
  result.batch_norms =
      freeze::FindFrozenBatchNorms(model, tensors, layers, users, result.half_frozen);
  return result;
}

// Whether the node normalizes by the mean and variance of its input. Since opset 14 training_mode
// says so; before, running outputs; in versions 1 and 6 is_test, by default 0.
bool ByTheBatch(const model::Facts& facts, NodeId n) {
  const model::Node& node = facts.nodes[static_cast<size_t>(n)];
  const int64_t opset = facts.opset(node.scope, "");
  const auto& attributes = node.proto->attribute();
  const auto is_set = [&](std::string_view name) {
    return std::any_of(attributes.begin(), attributes.end(),
                       [&](const auto& a) { return a.name() == name && a.i() != 0; });
  };
  if (opset >= 14) return is_set("training_mode");
  if (opset >= 7) return node.output_count > 1;
  return !is_set("is_test");
}

std::string NameOf(const summary::Summary& model, NodeId n) {
  const model::Node& node = model.facts.nodes[static_cast<size_t>(n)];
  const model::LayerId layer = model.layers.node_layer[static_cast<size_t>(n)];
  if (!node.proto->name().empty() || layer == model::kNone) return node.proto->name();
  return model.layers.layers[static_cast<size_t>(layer)].path;
}

}  // namespace

void FindFoldedBatchNorm(const Subject& subject, Findings& findings) {
  const auto& framework = subject.model.roles.framework;
  if (!framework.has_value()) return;
  uint64_t folded = 0;
  int64_t statistics = 0;
  std::vector<std::string> layers;
  for (const roles::Adjustment& adjustment : framework->adjustments) {
    if (adjustment.kind != roles::AdjustmentKind::kHidden || adjustment.statistics <= 0) continue;
    ++folded;
    statistics += adjustment.statistics;
    layers.push_back(adjustment.layer);
  }
  if (folded == 0) return;
  const bool proved = framework->certainty == roles::Certainty::kProved;
  findings.Add(fmt::format("{} {} folded into other tensors ({}), {} in no tensor: {}",
                           Plural(folded, "BatchNormalization"), folded == 1 ? "is" : "are",
                           proved ? "proved" : "estimated",
                           Plural(static_cast<uint64_t>(statistics), "statistic"), Names(layers)),
               std::string(roles::HowToKeepBatchNorm(subject.model.layers.exporter)));
}

void FindBatchStatistics(const Subject& subject, Findings& findings) {
  const summary::Summary& model = subject.model;
  std::vector<std::string> names;
  for (const NodeId n : FrozenOf(model).batch_norms.nodes) {
    if (ByTheBatch(model.facts, n)) names.push_back(NameOf(model, n));
  }
  if (names.empty()) return;
  findings.Add(fmt::format("{} frozen but {} by the batch, and training moves the statistics: {}",
                           names.size() == 1 ? "1 BatchNormalization is"
                                             : fmt::format("{} BatchNormalizations are",
                                                           base::WithCommas(names.size())),
                           names.size() == 1 ? "normalizes" : "normalize", Names(names)),
               "freeze their layers with hoarfrost freeze, which puts them in inference mode");
}

void FindHalfFrozen(const Subject& subject, Findings& findings) {
  std::vector<model::Note> notes = FrozenOf(subject.model).half_frozen;
  for (model::Note& note : notes) {
    findings.Add(std::move(note.text), "freeze the whole layer, or thaw it");
  }
}

void FindFrozenStatistics(const Subject& subject, Findings& findings) {
  const summary::Summary& model = subject.model;
  const std::vector<bool> frozen = FrozenOf(model).batch_norms.statistics;
  std::vector<TensorId> statistics;
  for (size_t t = 0; t < frozen.size(); ++t) {
    if (frozen[t]) statistics.push_back(static_cast<TensorId>(t));
  }
  if (statistics.empty()) return;
  findings.Add(
      fmt::format("{} of frozen layers {} only where the trainer is told so (PyTorch's train() "
                  "moves them, onnxruntime-training normalizes by the batch): {}",
                  Plural(statistics.size(), "statistic"), statistics.size() == 1 ? "stays" : "stay",
                  Names(model, statistics)),
      "keep these layers in eval(), and check the result with hoarfrost verify", statistics);
}

}  // namespace hoarfrost::lint
