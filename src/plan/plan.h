// A plan: which tensors of a model are trainable, which are frozen. The state of a model as data.
//
// Stored in a model as the metadata property "hoarfrost.plan" and beside it as a JSON file; the
// format is docs/plan.schema.json.
#ifndef HOARFROST_PLAN_PLAN_H_
#define HOARFROST_PLAN_PLAN_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "model/facts.h"

namespace hoarfrost::plan {

inline constexpr std::string_view kPlanKey = "hoarfrost.plan";
inline constexpr std::string_view kUndoKey = "hoarfrost.undo";

struct Entry {
  std::string name;
  std::string scope;
  std::string dtype;
  std::vector<int64_t> shape;
  friend bool operator==(const Entry&, const Entry&) = default;
};

struct Plan {
  std::vector<Entry> trainable;
  std::vector<Entry> frozen;
  std::vector<Entry> statistics;         // may move in training
  std::vector<Entry> frozen_statistics;  // must not move
  std::vector<Entry> other;              // never trainable
  std::vector<std::string> frozen_layers;  // layer paths that were frozen as a whole, sorted
};

// Canonical compact JSON: keys in the order above, entries in the model's order.
std::string ToJson(const Plan& plan);
absl::StatusOr<Plan> FromJson(std::string_view json);

// The frozen state of a model by TensorId, as its own plan and its training_info say.
struct FrozenState {
  std::vector<bool> frozen;          // weights that must not change
  std::vector<bool> stated_outside;  // frozen because outside every training_info update_binding
  std::vector<model::Note> notes;    // a plan in the file that cannot be read, or does not fit
};
FrozenState ReadFrozenState(const model::Facts& facts);

}  // namespace hoarfrost::plan

#endif  // HOARFROST_PLAN_PLAN_H_
