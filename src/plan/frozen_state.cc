#include <fmt/format.h>

#include <utility>

#include "base/hash.h"
#include "base/text.h"
#include "payload/dtype.h"
#include "plan/plan.h"

namespace hoarfrost::plan {
namespace {

using model::Facts;
using model::TensorId;
using roles::Planned;

size_t Index(int32_t id) { return static_cast<size_t>(id); }

// Names for a note: the first few, and how many more.
class Examples {
 public:
  void Add(std::string_view name) {
    constexpr uint64_t kShown = 3;
    if (count_++ < kShown) names_ += fmt::format("{}{}", count_ > 1 ? ", " : "", base::Quote(name));
  }
  bool empty() const { return count_ == 0; }
  std::string Say(std::string_view what) const {
    return fmt::format("{} {}: {}{}", count_, what, names_, count_ > 3 ? ", ..." : "");
  }

 private:
  uint64_t count_ = 0;
  std::string names_;
};

struct Misfits {
  Examples missing;
  Examples other_shape;
  Examples other_dtype;

  void AddNotes(std::vector<model::Note>& notes) const {
    std::string text;
    const auto add = [&](const Examples& some, std::string_view what) {
      if (!some.empty()) text += fmt::format("; {}", some.Say(what));
    };
    add(missing, "of its tensors are not there");
    add(other_shape, "have another shape and are taken as not frozen");
    add(other_dtype, "have another element type");
    if (text.empty()) return;
    notes.push_back(
        {model::Severity::kWarning,
         fmt::format("metadata property '{}' does not fit this file{}", kPlanKey, text)});
  }
};

void ApplyPlan(const Facts& facts, const Plan& plan, FrozenState& state) {
  base::ViewMap<model::ScopeId> scopes;
  for (size_t s = 0; s < facts.scopes.size(); ++s) {
    scopes.emplace(facts.scopes[s].path, static_cast<model::ScopeId>(s));
  }
  base::ScopedNameMap<TensorId> tensors;
  for (size_t t = 0; t < facts.tensors.size(); ++t) {
    const model::Tensor& tensor = facts.tensors[t];
    // Of several initializers of one name the last counts.
    tensors.insert_or_assign({tensor.scope, tensor.name}, static_cast<TensorId>(t));
  }
  Misfits misfits;
  const auto find = [&](const Entry& entry) {
    const auto scope = scopes.find(entry.scope);
    if (scope == scopes.end()) return model::kNone;
    const auto tensor = tensors.find({scope->second, entry.name});
    return tensor == tensors.end() ? model::kNone : tensor->second;
  };
  const auto check = [&](const Entry& entry) {
    const TensorId t = find(entry);
    if (t == model::kNone) {
      misfits.missing.Add(entry.name);
      return model::kNone;
    }
    const model::Tensor& tensor = facts.tensors[Index(t)];
    if (tensor.dims != entry.shape) {
      misfits.other_shape.Add(entry.name);
      return model::kNone;
    }
    // Another type is what a conversion to half precision leaves: still the same tensor.
    if (payload::DtypeName(tensor.dtype) != entry.dtype) misfits.other_dtype.Add(entry.name);
    return t;
  };
  state.planned.resize(facts.tensors.size(), Planned::kNotListed);
  const auto take = [&](const std::vector<Entry>& entries, Planned as, bool frozen) {
    for (const Entry& entry : entries) {
      const TensorId t = check(entry);
      if (t == model::kNone) continue;
      state.planned[Index(t)] = as;
      if (frozen) state.frozen[Index(t)] = true;
    }
  };
  take(plan.frozen, Planned::kWeight, true);
  take(plan.trainable, Planned::kWeight, false);
  take(plan.statistics, Planned::kStatistic, false);
  take(plan.frozen_statistics, Planned::kStatistic, false);
  for (const Entry& entry : plan.other) {
    if (const TensorId t = find(entry); t != model::kNone) {
      state.planned[Index(t)] = Planned::kOther;
    }
  }
  misfits.AddNotes(state.notes);
}

// The last value counts where the key is there twice, as for any map kept in a list.
const std::string* FindPlan(const onnx::ModelProto& model) {
  const std::string* found = nullptr;
  for (const onnx::StringStringEntryProto& property : model.metadata_props()) {
    if (property.key() == kPlanKey) found = &property.value();
  }
  return found;
}

// An update_binding names the initializers that a training step writes; where a training step is
// stated at all, nothing else changes (onnx.proto, TrainingInfoProto.update_binding).
void ReadTrainingInfo(const Facts& facts, FrozenState& state) {
  base::ViewSet updated;
  bool states_a_step = false;
  for (const onnx::TrainingInfoProto& info : facts.model().training_info()) {
    states_a_step |= info.update_binding_size() > 0 || info.algorithm().node_size() > 0;
    for (const auto& binding : info.update_binding()) updated.insert(binding.key());
  }
  if (!states_a_step) return;
  for (size_t t = 0; t < facts.tensors.size(); ++t) {
    const model::Tensor& tensor = facts.tensors[t];
    const model::ScopeId root = facts.scopes[Index(tensor.scope)].root;
    if (facts.scopes[Index(root)].kind == model::ScopeKind::kTraining) continue;
    const bool bound = tensor.scope == 0 && tensor.source != model::TensorSource::kConstantNode &&
                       updated.contains(tensor.name);
    state.stated_outside[t] = !bound;
  }
}

}  // namespace

FrozenState ReadFrozenState(const Facts& facts) {
  FrozenState state;
  state.frozen.resize(facts.tensors.size());
  state.stated_outside.resize(facts.tensors.size());
  ReadTrainingInfo(facts, state);
  const std::string* text = FindPlan(facts.model());
  if (text == nullptr) return state;
  absl::StatusOr<Plan> plan = FromJson(*text);
  if (!plan.ok()) {
    const auto cause = plan.status().message();
    state.notes.push_back(
        {model::Severity::kWarning,
         fmt::format("metadata property '{}' cannot be read, nothing is taken as frozen: {}",
                     kPlanKey, std::string_view(cause.data(), cause.size()))});
    return state;
  }
  ApplyPlan(facts, *plan, state);
  state.plan = *std::move(plan);
  return state;
}

}  // namespace hoarfrost::plan
