// What the decompositions found: single operands whose meaning the operator alone does not tell.
#ifndef HOARFROST_ROLES_MARKS_H_
#define HOARFROST_ROLES_MARKS_H_

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "roles/evidence.h"

namespace hoarfrost::roles {

class Marks {
 public:
  struct Mark {
    Role role;
    Why why;
    ReasonKind kind;
  };

  // The first pattern that claims an operand keeps it.
  void Set(model::NodeId node, int32_t slot, Role role, Why why,
           ReasonKind kind = ReasonKind::kPattern) {
    marks_.try_emplace({node, slot}, Mark{role, why, kind});
  }
  const Mark* Find(model::NodeId node, int32_t slot) const {
    const auto found = marks_.find({node, slot});
    return found == marks_.end() ? nullptr : &found->second;
  }

 private:
  absl::flat_hash_map<std::pair<model::NodeId, int32_t>, Mark> marks_;
};

}  // namespace hoarfrost::roles

#endif  // HOARFROST_ROLES_MARKS_H_
