#include "freeze/state.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/hash.h"
#include "base/text.h"
#include "payload/dtype.h"

namespace hoarfrost::freeze {
namespace {

using model::TensorId;
using roles::Role;

// What does not fit, the first few of each kind.
class Misfits {
 public:
  void Add(std::string_view name, std::string_view what) {
    constexpr size_t kShown = 10;
    if (++count_ > kShown) return;
    text_ += fmt::format("{}{} {}", text_.empty() ? "" : "; ", base::Quote(name), what);
    shown_ = count_;
  }
  absl::Status ToStatus() const {
    if (count_ == 0) return absl::OkStatus();
    return absl::InvalidArgumentError(
        fmt::format("the plan does not fit this model: {}{}", text_,
                    count_ > shown_ ? fmt::format("; and {} more", count_ - shown_) : ""));
  }

 private:
  std::string text_;
  size_t count_ = 0;
  size_t shown_ = 0;
};

std::string ShapeText(const std::vector<int64_t>& shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

}  // namespace

bool State::nothing() const {
  return std::find(weights.begin(), weights.end(), true) == weights.end() &&
         std::find(layers.begin(), layers.end(), true) == layers.end();
}

absl::StatusOr<State> StateOf(const plan::Plan& plan, const summary::Summary& model) {
  State state(model);
  state.forms = plan.forms;
  Misfits misfits;
  base::ViewMap<model::ScopeId> scopes;
  for (size_t s = 0; s < model.facts.scopes.size(); ++s) {
    scopes.emplace(model.facts.scopes[s].path, static_cast<model::ScopeId>(s));
  }
  base::ScopedNameMap<TensorId> tensors;
  for (size_t t = 0; t < model.facts.tensors.size(); ++t) {
    if (!model.is_counted(static_cast<TensorId>(t))) continue;
    const model::Tensor& tensor = model.facts.tensors[t];
    tensors.insert_or_assign({tensor.scope, tensor.name}, static_cast<TensorId>(t));
  }
  const auto find = [&](const plan::Entry& entry) {
    const auto scope = scopes.find(entry.scope);
    const auto found =
        scope == scopes.end() ? tensors.end() : tensors.find({scope->second, entry.name});
    if (found == tensors.end()) {
      misfits.Add(entry.name, "is not in the model");
      return model::kNone;
    }
    const model::Tensor& tensor = model.tensor(found->second);
    if (tensor.dims != entry.shape) {
      misfits.Add(entry.name, fmt::format("has shape {}, in the plan {}", ShapeText(tensor.dims),
                                          ShapeText(entry.shape)));
    } else if (payload::DtypeName(tensor.dtype) != entry.dtype) {
      misfits.Add(entry.name, fmt::format("is {}, in the plan {}", payload::DtypeName(tensor.dtype),
                                          base::Escape(entry.dtype)));
    }
    return found->second;
  };
  for (const plan::Entry& entry : plan.frozen) {
    const TensorId t = find(entry);
    if (t == model::kNone) continue;
    const Role role = model.role(t).role;
    if (role != Role::kWeight) {
      misfits.Add(entry.name,
                  fmt::format("is to be frozen, but is no weight: a {}", RoleName(role)));
    }
    state.weights[static_cast<size_t>(t)] = true;
  }
  for (const auto* list :
       {&plan.trainable, &plan.statistics, &plan.frozen_statistics, &plan.other}) {
    for (const plan::Entry& entry : *list) find(entry);
  }
  base::ViewMap<size_t> layers;
  for (size_t l = 0; l < model.layers.layers.size(); ++l) {
    layers.emplace(model.layers.layers[l].path, l);
  }
  const std::vector<bool> without_weights = LayersWithoutWeights(model);
  for (const std::string& path : plan.frozen_layers) {
    const auto found = layers.find(path);
    if (found == layers.end()) {
      misfits.Add(path, "is no layer of the model");
    } else if (without_weights[found->second]) {
      state.layers[found->second] = true;
    }
  }
  if (absl::Status fits = misfits.ToStatus(); !fits.ok()) return fits;
  return state;
}

}  // namespace hoarfrost::freeze
