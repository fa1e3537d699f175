#include "compare/match.h"

#include <map>
#include <string>
#include <string_view>

#include "payload/dtype.h"

namespace hoarfrost::compare {
namespace {

void Join(Matching& matching, size_t i, size_t j) {
  matching.b_of[i] = j;
  matching.a_of[j] = i;
}

void MatchByScopeAndName(const TensorSet& a, const TensorSet& b, Matching& matching) {
  // Names are there once in a scope, but for the empty one; the last in the list is the first.
  ScopeNameMap<std::vector<size_t>> of_b;
  of_b.reserve(b.items().size());
  for (size_t j = b.items().size(); j-- > 0;) {
    of_b[{b.items()[j].scope, b.items()[j].name}].push_back(j);
  }
  for (size_t i = 0; i < a.items().size(); ++i) {
    const auto found = of_b.find({a.items()[i].scope, a.items()[i].name});
    if (found == of_b.end() || found->second.empty()) continue;
    Join(matching, i, found->second.back());
    found->second.pop_back();
  }
}

// The only unmatched item of each name; kNoItem where there are several.
base::ViewMap<size_t> OnlyOnes(const TensorSet& set, const std::vector<size_t>& partners) {
  base::ViewMap<size_t> only;
  for (size_t i = 0; i < partners.size(); ++i) {
    const std::string_view name = set.items()[i].name;
    if (partners[i] != kNoItem || name.empty()) continue;
    const auto [place, fresh] = only.try_emplace(name, i);
    if (!fresh) place->second = kNoItem;
  }
  return only;
}

Role RoleOf(roles::Role role) {
  switch (role) {
    case roles::Role::kWeight:
      return Role::kWeight;
    case roles::Role::kStatistic:
      return Role::kStatistic;
    case roles::Role::kQuantization:
      return Role::kQuantization;
    case roles::Role::kConstant:
      return Role::kConstant;
    case roles::Role::kUnused:
      return Role::kUnused;
  }
  return Role::kUnused;
}

}  // namespace

Matching Match(const TensorSet& a, const TensorSet& b) {
  Matching matching;
  matching.b_of.assign(a.items().size(), kNoItem);
  matching.a_of.assign(b.items().size(), kNoItem);
  MatchByScopeAndName(a, b, matching);
  const base::ViewMap<size_t> of_b = OnlyOnes(b, matching.a_of);
  if (of_b.empty()) return matching;
  for (const auto& [name, i] : OnlyOnes(a, matching.b_of)) {
    const auto found = of_b.find(name);
    if (i != kNoItem && found != of_b.end() && found->second != kNoItem) {
      Join(matching, i, found->second);
    }
  }
  return matching;
}

std::vector<std::pair<size_t, size_t>> FindRenamed(const TensorSet& a, const TensorSet& b,
                                                   const Matching& matching,
                                                   ItemComparer& comparer) {
  using Kind = std::pair<int32_t, std::vector<int64_t>>;
  struct Candidates {
    std::vector<size_t> of_a;
    std::vector<size_t> of_b;
  };
  std::map<Kind, Candidates> kinds;
  const auto eligible = [](const Item& item) { return item.elements > 0 && !item.stored; };
  for (size_t i = 0; i < matching.b_of.size(); ++i) {
    const Item& item = a.items()[i];
    if (matching.b_of[i] == kNoItem && eligible(item)) {
      kinds[{item.dtype, item.dims}].of_a.push_back(i);
    }
  }
  if (kinds.empty()) return {};
  for (size_t j = 0; j < matching.a_of.size(); ++j) {
    const Item& item = b.items()[j];
    if (matching.a_of[j] != kNoItem || !eligible(item)) continue;
    const auto found = kinds.find({item.dtype, item.dims});
    if (found != kinds.end()) found->second.of_b.push_back(j);
  }
  std::vector<std::pair<size_t, size_t>> renamed;
  for (const auto& [kind, candidates] : kinds) {
    if (candidates.of_b.empty()) continue;
    std::map<std::string, std::vector<size_t>> by_hash;  // the first in file order is the last
    for (size_t k = candidates.of_b.size(); k-- > 0;) {
      const absl::StatusOr<std::string> hash = comparer.Hash(b, candidates.of_b[k]);
      if (hash.ok()) by_hash[*hash].push_back(candidates.of_b[k]);
    }
    for (const size_t i : candidates.of_a) {
      const absl::StatusOr<std::string> hash = comparer.Hash(a, i);
      if (!hash.ok()) continue;
      const auto found = by_hash.find(*hash);
      if (found == by_hash.end() || found->second.empty()) continue;
      renamed.emplace_back(i, found->second.back());
      found->second.pop_back();
    }
  }
  return renamed;
}

ComparedTensor Describe(const TensorSet& set, size_t i) {
  const Item& item = set.items()[i];
  ComparedTensor tensor;
  tensor.name = item.name;
  tensor.scope = item.scope;
  tensor.dtype = payload::DtypeName(item.dtype);
  tensor.shape = item.dims;
  if (const summary::Summary* model = set.model(); model != nullptr) {
    const auto id = static_cast<model::TensorId>(i);
    tensor.role = RoleOf(model->role(id).role);
    const model::LayerId layer = model->layers.tensor_layer[i];
    if (layer != model::kNone) {
      tensor.layer = model->layers.layers[static_cast<size_t>(layer)].path;
    }
  }
  return tensor;
}

}  // namespace hoarfrost::compare
