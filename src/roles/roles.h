// What each stored tensor of a model is for, and why.
#ifndef HOARFROST_ROLES_ROLES_H_
#define HOARFROST_ROLES_ROLES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/facts.h"
#include "model/layers.h"

namespace hoarfrost::roles {

enum class Role : uint8_t { kWeight, kStatistic, kQuantization, kConstant, kUnused };

// How strong the evidence is, strongest first.
enum class ReasonKind : uint8_t { kStated, kOperator, kTraced, kPattern, kName, kAssumed };

const char* RoleName(Role role);          // "weight", "statistic", ...
const char* ReasonName(ReasonKind kind);  // "stated", "operator", ...

struct TensorRole {
  Role role = Role::kUnused;
  ReasonKind kind = ReasonKind::kAssumed;
  std::string text;   // one sentence
  bool used = false;  // something reads it
  // The use that decided, and the nodes between the tensor and it, nearest first.
  model::Use decided_by;
  std::vector<model::NodeId> path;
  std::optional<uint64_t> logical_elements;  // where an operator says that storage is packed
};

enum class AdjustmentKind : uint8_t { kHidden, kStoredTwice, kPadding, kDropped };
enum class Certainty : uint8_t { kProved, kEstimated };

struct Adjustment {
  AdjustmentKind kind = AdjustmentKind::kHidden;
  std::string layer;
  std::string type;
  int64_t trainable = 0;  // elements to add to what lies in the file; may be negative
  int64_t statistics = 0;
  std::string text;
  // Where values can tell (values/tied.h): `copy` is `original` with its last two axes changed
  // over.
  model::TensorId copy = model::kNone;
  model::TensorId original = model::kNone;
  bool proved = false;  // values were read and tell so
};

// The framework's own count, where the file still shows it and it differs from what is stored.
struct FrameworkCount {
  uint64_t trainable = 0;  // includes frozen weights
  uint64_t statistics = 0;
  Certainty certainty = Certainty::kEstimated;
  std::vector<Adjustment> adjustments;
};

// Values that training left in a node's attributes, where no gradient reaches them.
struct TrainedAttributes {
  model::NodeId node = model::kNone;
  uint64_t values = 0;
};

struct Classification {
  std::vector<TensorRole> tensors;  // by TensorId
  std::optional<FrameworkCount> framework;
  std::vector<Adjustment> candidates;  // too little evidence for one, but values could give it
  std::vector<TrainedAttributes> trained_attributes;  // in no total
  std::vector<model::Note> notes;  // remarks on roles: two roles for one tensor, how to export
};

// What the plan in a frozen model (hoarfrost.plan) says that a tensor is.
enum class Planned : uint8_t { kNotListed, kWeight, kStatistic, kOther };

// `planned` is by TensorId; empty where the model has no plan.
Classification Classify(const model::Facts& facts, const model::Layers& layers,
                        const std::vector<Planned>& planned = {});

}  // namespace hoarfrost::roles

#endif  // HOARFROST_ROLES_ROLES_H_
