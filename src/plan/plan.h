// A plan: which tensors of a model are trainable, which are frozen. The state of a model as data.
//
// Stored in a model as the metadata property "hoarfrost.plan" and beside it as a JSON file; the
// format is docs/plan.schema.json. A plan names tensors by scope and name, never by position, so it
// survives tools that write the model anew.
#ifndef HOARFROST_PLAN_PLAN_H_
#define HOARFROST_PLAN_PLAN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "hoarfrost/forms.h"
#include "model/facts.h"
#include "roles/roles.h"

namespace hoarfrost::plan {

inline constexpr std::string_view kPlanKey = "hoarfrost.plan";
inline constexpr std::string_view kUndoKey = "hoarfrost.undo";
inline constexpr std::string_view kPlanSchema = "hoarfrost.plan/1";

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
  std::vector<Entry> statistics;           // may move in training
  std::vector<Entry> frozen_statistics;    // must not move
  std::vector<Entry> other;                // never trainable
  std::vector<std::string> frozen_layers;  // layer paths that were frozen as a whole, sorted
  Forms forms;                             // how the frozen model is written
  friend bool operator==(const Plan&, const Plan&) = default;
};

// Canonical compact JSON: keys in the order above, entries in the model's order.
std::string ToJson(const Plan& plan);

// Reads what ToJson() writes, and what people and other tools write in that format. InvalidArgument
// says where: no valid JSON (with the byte), a key that does not belong, a value of another type, a
// tensor listed twice, a schema of a later version.
absl::StatusOr<Plan> FromJson(std::string_view json);

// The frozen state of a model by TensorId, as its own plan and its training_info say.
struct FrozenState {
  std::vector<bool> frozen;             // named so by the plan; only of weights it has a meaning
  std::vector<bool> stated_outside;     // outside every training_info update_binding
  std::vector<roles::Planned> planned;  // what the plan lists; empty where there is none
  std::optional<Plan> plan;             // the one in the file, if it can be read
  std::vector<model::Note> notes;       // a plan in the file that cannot be read, or does not fit

  bool is_frozen(model::TensorId t) const {
    const auto i = static_cast<size_t>(t);
    return frozen[i] || stated_outside[i];
  }
};
FrozenState ReadFrozenState(const model::Facts& facts);

}  // namespace hoarfrost::plan

#endif  // HOARFROST_PLAN_PLAN_H_
