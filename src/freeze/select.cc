#include "freeze/select.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "base/pattern.h"
#include "base/text.h"
#include "freeze/names.h"
#include "freeze/upstream.h"

namespace hoarfrost::freeze {
namespace {

using model::kNone;
using model::LayerId;
using model::NodeId;
using model::TensorId;
using roles::Role;

size_t Index(int32_t id) { return static_cast<size_t>(id); }

std::string_view AsStd(absl::string_view text) { return {text.data(), text.size()}; }

// What one selector hits, before any of it is taken away again.
struct Hits {
  std::vector<bool> tensors;  // of any role
  std::vector<bool> layers;
  std::vector<bool> touched;
};

class Selector {
 public:
  Selector(const summary::Summary& model, Users& users)
      : model_(model), users_(users), without_weights_(LayersWithoutWeights(model)) {}

  absl::StatusOr<Selected> Run(const Selection& selection) {
    result_.weights.resize(tensor_count());
    result_.named.resize(tensor_count());
    result_.layers.resize(layer_count());
    result_.touched.resize(layer_count());
    skipped_.resize(tensor_count());
    if (absl::Status added = Add(selection); !added.ok()) return added;
    result_.hit = result_.weights;
    for (const std::string& except : selection.except) {
      if (absl::Status taken = TakeAway(except); !taken.ok()) return taken;
    }
    for (size_t t = 0; t < tensor_count(); ++t) {
      if (!skipped_[t]) continue;
      const Role role = model_.role(static_cast<TensorId>(t)).role;
      ++(role == Role::kStatistic ? result_.statistics : result_.constants);
    }
    return std::move(result_);
  }

 private:
  size_t tensor_count() const { return model_.facts.tensors.size(); }
  size_t layer_count() const { return model_.layers.layers.size(); }
  const model::Layer& layer(size_t l) const { return model_.layers.layers[l]; }
  bool is_weight(size_t t) const {
    const auto id = static_cast<TensorId>(t);
    return model_.is_counted(id) && model_.role(id).role == Role::kWeight;
  }

  Hits NoHits() const {
    return {std::vector<bool>(tensor_count()), std::vector<bool>(layer_count()),
            std::vector<bool>(layer_count())};
  }

  // All that the layers marked in `hits` own or use.
  void TakeLayers(Hits& hits) {
    for (size_t l = 0; l < layer_count(); ++l) {
      if (hits.layers[l]) hits.touched[l] = true;
    }
    for (size_t t = 0; t < tensor_count(); ++t) {
      const LayerId owner = model_.layers.tensor_layer[t];
      if (owner != kNone && hits.layers[Index(owner)]) {
        hits.tensors[t] = true;
      } else if (is_weight(t)) {
        for (const LayerId user : users_.LayersOf(static_cast<TensorId>(t))) {
          if (hits.layers[Index(user)]) hits.tensors[t] = true;
        }
      }
    }
  }

  // A hit counts when it is a weight, or a layer that can only be frozen as a layer.
  bool HitsSomething(const Hits& hits) const {
    for (size_t t = 0; t < tensor_count(); ++t) {
      if (hits.tensors[t] && is_weight(t)) return true;
    }
    for (size_t l = 0; l < layer_count(); ++l) {
      if (hits.layers[l] && without_weights_[l]) return true;
    }
    return false;
  }

  absl::Status Miss(std::string_view option, std::string_view word, bool hit_others,
                    std::vector<std::string_view> candidates) const {
    const std::string what =
        hit_others ? "hits no weight: statistics and constants are never trained"
                   : fmt::format("hits nothing{}", DidYouMean(word, std::move(candidates)));
    return absl::InvalidArgumentError(fmt::format("{} {}: {}", option, base::Quote(word), what));
  }

  absl::StatusOr<Hits> ByLayers(std::string_view option, const std::string& word) {
    absl::StatusOr<base::Pattern> pattern = base::Pattern::Compile(word);
    if (!pattern.ok()) return BadPattern(option, word, pattern.status());
    Hits hits = NoHits();
    bool any = false;
    for (size_t l = 0; l < layer_count(); ++l) {
      for (const std::string_view path : PathAndAncestors(layer(l).path)) {
        if (!pattern->Matches(path)) continue;
        hits.layers[l] = any = true;
        break;
      }
    }
    TakeLayers(hits);
    if (HitsSomething(hits)) return hits;
    std::vector<std::string_view> candidates;
    candidates.reserve(model_.layers.layers.size() + model_.facts.nodes.size());
    for (const model::Layer& each : model_.layers.layers) {
      for (const std::string_view path : PathAndAncestors(each.path)) candidates.push_back(path);
    }
    const absl::Status miss = Miss(option, word, any, candidates);
    if (any || miss.message().find("did you mean") != absl::string_view::npos) return miss;
    return absl::InvalidArgumentError(
        fmt::format("{}{}", AsStd(miss.message()), OutermostLayers()));
  }

  // "; its outermost layers are 'a', 'b', ...": where to begin for one who knows no name.
  std::string OutermostLayers() const {
    constexpr size_t kMost = 5;
    std::vector<std::string_view> names;
    for (const model::Layer& each : model_.layers.layers) {
      if (each.path.empty()) continue;
      const std::string_view outermost = PathAndAncestors(each.path).back();
      if (std::find(names.begin(), names.end(), outermost) != names.end()) continue;
      names.push_back(outermost);
      if (names.size() > kMost) break;
    }
    std::string text;
    for (size_t i = 0; i < std::min(names.size(), kMost); ++i) {
      text +=
          fmt::format("{}{}", i == 0 ? "; its outermost layers are " : ", ", base::Quote(names[i]));
    }
    return names.size() > kMost ? text + ", ..." : text;
  }

  absl::StatusOr<Hits> ByTensors(std::string_view option, const std::string& word) {
    absl::StatusOr<base::Pattern> pattern = base::Pattern::Compile(word);
    if (!pattern.ok()) return BadPattern(option, word, pattern.status());
    Hits hits = NoHits();
    bool any = false;
    for (size_t t = 0; t < tensor_count(); ++t) {
      if (!pattern->Matches(model_.facts.tensors[t].name)) continue;
      hits.tensors[t] = any = true;
    }
    if (HitsSomething(hits)) return hits;
    if (any && pattern->is_literal()) return NoWeight(option, word, hits);
    std::vector<std::string_view> candidates;
    for (size_t t = 0; t < tensor_count(); ++t) {
      if (is_weight(t)) candidates.push_back(model_.facts.tensors[t].name);
    }
    return Miss(option, word, any, std::move(candidates));
  }

  absl::Status NoWeight(std::string_view option, std::string_view word, const Hits& hits) const {
    for (size_t t = 0; t < tensor_count(); ++t) {
      if (!hits.tensors[t]) continue;
      const Role role = model_.role(static_cast<TensorId>(t)).role;
      const std::string_view hint =
          role == Role::kStatistic
              ? "; statistics are never trained, and those of a frozen layer do not move: select "
                "the layer"
              : "";
      return absl::InvalidArgumentError(fmt::format("{} {}: is no weight but a {}{}", option,
                                                    base::Quote(word), RoleName(role), hint));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Hits> ByTypes(std::string_view option, const std::string& word) {
    absl::StatusOr<base::Pattern> pattern = base::Pattern::Compile(word);
    if (!pattern.ok()) return BadPattern(option, word, pattern.status());
    Hits hits = NoHits();
    bool any = false;
    for (size_t l = 0; l < layer_count(); ++l) {
      if (pattern->Matches(layer(l).type)) hits.layers[l] = any = true;
    }
    TakeLayers(hits);
    std::vector<bool> nodes(model_.facts.nodes.size());
    for (size_t n = 0; n < nodes.size(); ++n) {
      nodes[n] = pattern->Matches(model_.facts.nodes[n].proto->op_type());
      any |= nodes[n];
    }
    TakeOperands(nodes, hits);
    if (HitsSomething(hits)) return hits;
    std::vector<std::string_view> candidates;
    for (const model::Layer& each : model_.layers.layers) candidates.push_back(each.type);
    for (const model::Node& node : model_.facts.nodes) candidates.push_back(node.proto->op_type());
    return Miss(option, word, any, std::move(candidates));
  }

  // The tensors that the marked nodes compute with.
  void TakeOperands(const std::vector<bool>& nodes, Hits& hits) {
    for (size_t t = 0; t < tensor_count(); ++t) {
      if (!model_.is_parameter(static_cast<TensorId>(t))) continue;
      for (const NodeId node : users_.NodesOf(static_cast<TensorId>(t))) {
        if (!nodes[Index(node)]) continue;
        hits.tensors[t] = true;
        const LayerId layer = model_.layers.node_layer[Index(node)];
        if (layer == kNone || !is_weight(t)) continue;
        hits.touched[Index(layer)] = true;
      }
    }
  }

  absl::StatusOr<Hits> ByUpstream(const std::string& name) {
    absl::StatusOr<Upstream> upstream = FindUpstream(model_, name);
    if (!upstream.ok()) return upstream.status();
    Hits hits = NoHits();
    TakeOperands(upstream->nodes, hits);
    for (size_t t = 0; t < tensor_count(); ++t) {
      if (upstream->tensors[t]) hits.tensors[t] = true;
    }
    // A layer without weights has no other way to be hit.
    for (size_t n = 0; n < upstream->nodes.size(); ++n) {
      const LayerId layer = model_.layers.node_layer[n];
      if (upstream->nodes[n] && layer != kNone && without_weights_[Index(layer)]) {
        hits.layers[Index(layer)] = true;
      }
    }
    if (HitsSomething(hits)) return hits;
    return absl::InvalidArgumentError(
        fmt::format("upto {}: no weight lies upstream of it", base::Quote(name)));
  }

  absl::StatusOr<Hits> ByCount(int64_t first) {
    Hits hits = NoHits();
    int64_t left = first;
    for (const summary::LayerRow& row : model_.rows) {
      if (left == 0) break;
      if (row.layer == kNone || row.parameters == 0) continue;
      hits.layers[Index(row.layer)] = true;
      --left;
    }
    TakeLayers(hits);
    if (HitsSomething(hits)) return hits;
    return absl::InvalidArgumentError(
        fmt::format("first {}: the model's first layers own no weights", first));
  }

  absl::StatusOr<Hits> Everything() const {
    Hits hits = NoHits();
    hits.tensors.assign(tensor_count(), true);
    hits.layers.assign(layer_count(), true);
    hits.touched.assign(layer_count(), true);
    if (HitsSomething(hits)) return hits;
    return absl::InvalidArgumentError("all: the model has no weights");
  }

  absl::Status BadPattern(std::string_view option, std::string_view word,
                          const absl::Status& cause) const {
    return absl::InvalidArgumentError(
        fmt::format("{} {}: {}", option, base::Quote(word), AsStd(cause.message())));
  }

  absl::Status Merge(const absl::StatusOr<Hits>& hits, bool named) {
    if (!hits.ok()) return hits.status();
    for (size_t t = 0; t < tensor_count(); ++t) {
      if (!hits->tensors[t]) continue;
      if (is_weight(t)) {
        result_.weights[t] = true;
        if (named) result_.named[t] = true;
      } else if (model_.is_counted(static_cast<TensorId>(t))) {
        skipped_[t] = true;
      }
    }
    for (size_t l = 0; l < layer_count(); ++l) {
      if (hits->layers[l]) result_.layers[l] = true;
      if (hits->touched[l]) result_.touched[l] = true;
    }
    return absl::OkStatus();
  }

  absl::Status Add(const Selection& selection) {
    const auto each = [&](const std::vector<std::string>& words, bool named, const auto& find) {
      for (const std::string& word : words) {
        if (absl::Status merged = Merge(find(word), named); !merged.ok()) return merged;
      }
      return absl::OkStatus();
    };
    if (selection.all) {
      if (absl::Status merged = Merge(Everything(), false); !merged.ok()) return merged;
    }
    if (selection.first > 0) {
      if (absl::Status merged = Merge(ByCount(selection.first), false); !merged.ok()) return merged;
    }
    absl::Status status = each(selection.layers, false,
                               [&](const std::string& word) { return ByLayers("layers", word); });
    if (!status.ok()) return status;
    status = each(selection.tensors, true,
                  [&](const std::string& word) { return ByTensors("tensors", word); });
    if (!status.ok()) return status;
    status = each(selection.types, false,
                  [&](const std::string& word) { return ByTypes("types", word); });
    if (!status.ok()) return status;
    return each(selection.upto, false, [&](const std::string& word) { return ByUpstream(word); });
  }

  absl::Status TakeAway(const std::string& except) {
    std::string_view word = except;
    const auto strip = [&](std::string_view prefix) {
      if (!word.starts_with(prefix)) return false;
      word.remove_prefix(prefix.size());
      return true;
    };
    absl::StatusOr<Hits> hits = NoHits();
    bool named = false;
    if (strip("tensors:")) {
      hits = ByTensors("except tensors:", std::string(word));
      named = true;
    } else if (strip("types:")) {
      hits = ByTypes("except types:", std::string(word));
    } else if (strip("layers:")) {
      hits = ByLayers("except layers:", std::string(word));
    } else {
      hits = ByLayers("except", std::string(word));
    }
    if (!hits.ok()) return hits.status();
    for (size_t t = 0; t < tensor_count(); ++t) {
      if (!hits->tensors[t]) continue;
      skipped_[t] = false;
      result_.weights[t] = false;
      // Left out by its own name: no doubt about it either.
      if (is_weight(t)) result_.named[t] = named;
    }
    for (size_t l = 0; l < layer_count(); ++l) {
      if (hits->layers[l]) result_.layers[l] = false;
      if (hits->touched[l]) result_.touched[l] = false;
    }
    return absl::OkStatus();
  }

  const summary::Summary& model_;
  Users& users_;
  const std::vector<bool> without_weights_;
  std::vector<bool> skipped_;
  Selected result_;
};

}  // namespace

bool Selected::nothing() const {
  return std::find(weights.begin(), weights.end(), true) == weights.end() &&
         std::find(layers.begin(), layers.end(), true) == layers.end();
}

std::vector<bool> LayersWithoutWeights(const summary::Summary& model) {
  std::vector<bool> statistics(model.layers.layers.size());
  std::vector<bool> weights(model.layers.layers.size());
  for (size_t t = 0; t < model.facts.tensors.size(); ++t) {
    const auto id = static_cast<TensorId>(t);
    const LayerId layer = model.layers.tensor_layer[t];
    if (layer == kNone || !model.is_counted(id)) continue;
    const Role role = model.role(id).role;
    if (role == Role::kStatistic) statistics[Index(layer)] = true;
    if (role == Role::kWeight) weights[Index(layer)] = true;
  }
  for (size_t l = 0; l < statistics.size(); ++l) statistics[l] = statistics[l] && !weights[l];
  return statistics;
}

absl::StatusOr<Selected> Select(const Selection& selection, const summary::Summary& model,
                                Users& users) {
  return Selector(model, users).Run(selection);
}

}  // namespace hoarfrost::freeze
