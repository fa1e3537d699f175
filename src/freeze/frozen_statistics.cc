#include "freeze/frozen_statistics.h"

#include <fmt/format.h>

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/text.h"

namespace hoarfrost::freeze {
namespace {

using model::kNone;
using model::LayerId;
using model::NodeId;
using model::TensorId;
using roles::Role;

size_t Index(int32_t id) { return static_cast<size_t>(id); }

struct Share {
  size_t frozen = 0;
  size_t weights = 0;
};

class Deciding {
 public:
  Deciding(const summary::Summary& model, const std::vector<bool>& frozen,
           const std::vector<bool>& frozen_layers, Users& users, std::vector<model::Note>& notes)
      : model_(model),
        frozen_(frozen),
        frozen_layers_(frozen_layers),
        users_(users),
        notes_(notes) {
    by_layer_.resize(model.layers.layers.size());
    for (size_t t = 0; t < frozen.size(); ++t) {
      const LayerId layer = model.layers.tensor_layer[t];
      if (layer != kNone) Count(static_cast<TensorId>(t), by_layer_[Index(layer)]);
    }
  }

  bool IsFrozen(TensorId statistic) {
    bool any = false;
    for (const NodeId node : users_.NodesOf(statistic)) {
      if (model_.facts.nodes[Index(node)].proto->op_type() != "BatchNormalization") continue;
      any = true;
      if (!IsNodeFrozen(node)) return false;
    }
    if (any) return true;
    const LayerId layer = model_.layers.tensor_layer[Index(statistic)];
    if (layer == kNone) return false;
    const std::string& path = model_.layers.layers[Index(layer)].path;
    return Decide(by_layer_[Index(layer)], layer, fmt::format("layer {}", base::Quote(path)));
  }

  bool IsNodeFrozen(NodeId node) {
    const auto known = by_node_.find(node);
    if (known != by_node_.end()) return known->second;
    // Scale and bias: inputs 1 and 2 in every version of the operator.
    Share share;
    for (const int32_t slot : {1, 2}) {
      for (const TensorId t : users_.TensorsAt(node, slot)) Count(t, share);
    }
    const std::string& name = model_.facts.nodes[Index(node)].proto->name();
    const LayerId layer = model_.layers.node_layer[Index(node)];
    const std::string what = name.empty() && layer != kNone
                                 ? fmt::format("BatchNormalization {}",
                                               base::Quote(model_.layers.layers[Index(layer)].path))
                                 : fmt::format("BatchNormalization node {}", base::Quote(name));
    return by_node_[node] = Decide(share, layer, what);
  }

 private:
  void Count(TensorId t, Share& share) const {
    if (!model_.is_counted(t) || model_.role(t).role != Role::kWeight) return;
    ++share.weights;
    if (frozen_[Index(t)]) ++share.frozen;
  }

  bool Decide(const Share& share, LayerId layer, const std::string& what) {
    if (share.weights == 0) return layer != kNone && frozen_layers_[Index(layer)];
    if (share.frozen == share.weights) return true;
    if (share.frozen > 0 && warned_.insert(what).second) {
      notes_.push_back({model::Severity::kWarning,
                        fmt::format("{} is half frozen: {} of its {} weights; its statistics may "
                                    "move in training",
                                    what, share.frozen, share.weights)});
    }
    return false;
  }

  const summary::Summary& model_;
  const std::vector<bool>& frozen_;
  const std::vector<bool>& frozen_layers_;
  Users& users_;
  std::vector<model::Note>& notes_;
  std::vector<Share> by_layer_;
  absl::flat_hash_map<NodeId, bool> by_node_;
  absl::flat_hash_set<std::string> warned_;
};

}  // namespace

FrozenBatchNorms FindFrozenBatchNorms(const summary::Summary& model,
                                      const std::vector<bool>& frozen,
                                      const std::vector<bool>& frozen_layers, Users& users,
                                      std::vector<model::Note>& notes) {
  Deciding deciding(model, frozen, frozen_layers, users, notes);
  FrozenBatchNorms result;
  result.statistics.resize(frozen.size());
  for (size_t t = 0; t < frozen.size(); ++t) {
    const auto id = static_cast<TensorId>(t);
    if (!model.is_counted(id) || model.role(id).role != Role::kStatistic) continue;
    result.statistics[t] = deciding.IsFrozen(id);
  }
  for (size_t n = 0; n < model.facts.nodes.size(); ++n) {
    const auto node = static_cast<NodeId>(n);
    if (model.facts.nodes[n].proto->op_type() != "BatchNormalization") continue;
    if (deciding.IsNodeFrozen(node)) result.nodes.push_back(node);
  }
  return result;
}

}  // namespace hoarfrost::freeze
