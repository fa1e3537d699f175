// Tensors that two layers share, where one layer is frozen and the other trained.
//
//   embed.weight ──▶ embed (frozen)
//         └─ Identity ──▶ lm_head (trained)?
//
// One tensor cannot be both, and a guess would surprise either way: a person decides.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/text.h"
#include "freeze/state.h"

namespace hoarfrost::freeze {
namespace {

using model::LayerId;
using model::TensorId;

size_t Index(int32_t id) { return static_cast<size_t>(id); }

bool IsWeight(const summary::Summary& model, size_t t) {
  const auto id = static_cast<TensorId>(t);
  return model.is_counted(id) && model.role(id).role == roles::Role::kWeight;
}

class Contest {
 public:
  Contest(const summary::Summary& model, Users& users, const Selected& selected,
          SharedTensors shared)
      : model_(model), users_(users), selected_(selected), shared_(shared) {}

  // Sets `state.weights` of the tensors that the selection is about: to `freeze` where all agree.
  absl::Status Run(bool freeze, State& state) {
    const size_t n = state.weights.size();
    std::vector<size_t> doubtful;
    for (size_t t = 0; t < n; ++t) {
      if (state.weights[t] == freeze || !selected_.hit[t]) continue;
      const LayerList layers = users_.LayersOf(static_cast<TensorId>(t));
      const bool touched = std::any_of(layers.begin(), layers.end(), [&](LayerId layer) {
        return selected_.touched[Index(layer)];
      });
      const bool all_touched = std::all_of(layers.begin(), layers.end(), [&](LayerId layer) {
        return selected_.touched[Index(layer)];
      });
      if (selected_.named[t] || !touched || all_touched) {
        if (selected_.weights[t]) state.weights[t] = freeze;
      } else if (layers.size() > 1) {
        doubtful.push_back(t);
      } else if (selected_.weights[t]) {
        state.weights[t] = freeze;
      }
    }
    CountOthers(state, doubtful);
    for (const size_t t : doubtful) {
      const LayerList layers = users_.LayersOf(static_cast<TensorId>(t));
      const auto other = std::find_if(layers.begin(), layers.end(), [&](LayerId layer) {
        return !selected_.touched[Index(layer)] && IsOtherwise(!freeze, layer);
      });
      if (other == layers.end()) {
        if (selected_.weights[t]) state.weights[t] = freeze;
      } else if (shared_ == SharedTensors::kRefuse) {
        Refuse(t, layers, *other, freeze);
      } else {
        state.weights[t] = shared_ == SharedTensors::kFreeze;
      }
    }
    if (refused_ == 0) return absl::OkStatus();
    return absl::InvalidArgumentError(fmt::format(
        "{}{}; --shared freeze freezes what is shared, --shared train leaves it to training",
        refusals_, refused_ > kShown ? fmt::format("; and {} more", refused_ - kShown) : ""));
  }

 private:
  static constexpr size_t kShown = 3;

  // Of each layer: its weights apart from those in doubt, and how many of them are frozen.
  void CountOthers(const State& state, const std::vector<size_t>& doubtful) {
    if (doubtful.empty()) return;
    frozen_.assign(model_.layers.layers.size(), 0);
    trained_.assign(model_.layers.layers.size(), 0);
    std::vector<bool> in_doubt(state.weights.size());
    for (const size_t t : doubtful) in_doubt[t] = true;
    for (size_t t = 0; t < state.weights.size(); ++t) {
      if (in_doubt[t] || !IsWeight(model_, t)) continue;
      for (const LayerId layer : users_.LayersOf(static_cast<TensorId>(t))) {
        ++(state.weights[t] ? frozen_ : trained_)[Index(layer)];
      }
    }
  }

  // Whether a layer that was not selected holds on to a tensor: one that has no other weights does,
  // as it was before.
  bool IsOtherwise(bool frozen, LayerId layer) const {
    const size_t f = frozen_[Index(layer)];
    const size_t t = trained_[Index(layer)];
    return frozen ? t == 0 : t > 0 || f == 0;
  }

  void Refuse(size_t t, const LayerList& layers, LayerId other, bool freeze) {
    if (++refused_ > kShown) return;
    const auto chosen = std::find_if(layers.begin(), layers.end(), [&](LayerId layer) {
      return selected_.touched[Index(layer)];
    });
    refusals_ += fmt::format(
        "{}tensor {} is shared by layer {}, to be {}, and layer {}, which is {}",
        refusals_.empty() ? "" : "; ", base::Quote(model_.facts.tensors[t].name), PathOf(*chosen),
        freeze ? "frozen" : "trained", PathOf(other), freeze ? "trained" : "frozen");
  }

  std::string PathOf(LayerId layer) const {
    return base::Quote(model_.layers.layers[Index(layer)].path);
  }

  const summary::Summary& model_;
  Users& users_;
  const Selected& selected_;
  const SharedTensors shared_;
  std::vector<size_t> frozen_;
  std::vector<size_t> trained_;
  size_t refused_ = 0;
  std::string refusals_;
};

// Layers without weights follow their selection.
void SetLayers(const Selected& selected, bool freeze, const summary::Summary& model, State& state) {
  const std::vector<bool> without_weights = LayersWithoutWeights(model);
  for (size_t l = 0; l < state.layers.size(); ++l) {
    if (selected.layers[l] && without_weights[l]) state.layers[l] = freeze;
  }
}

}  // namespace

absl::Status AddFrozen(const Selected& selected, SharedTensors shared,
                       const summary::Summary& model, Users& users, State& state) {
  SetLayers(selected, true, model, state);
  return Contest(model, users, selected, shared).Run(true, state);
}

absl::Status TakeFrozen(const Selected& selected, SharedTensors shared,
                        const summary::Summary& model, Users& users, State& state) {
  SetLayers(selected, false, model, state);
  return Contest(model, users, selected, shared).Run(false, state);
}

}  // namespace hoarfrost::freeze
