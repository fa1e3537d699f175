// Which tensor of one set is which of another: by scope and name, and by name alone where scopes
// are called otherwise or are not known.
#ifndef HOARFROST_COMPARE_MATCH_H_
#define HOARFROST_COMPARE_MATCH_H_

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "base/hash.h"
#include "compare/compare_items.h"
#include "compare/tensor_set.h"

namespace hoarfrost::compare {

struct ScopeNameHash {
  size_t operator()(const std::pair<std::string_view, std::string_view>& key) const {
    return absl::HashOf(base::ViewHash()(key.first), base::ViewHash()(key.second));
  }
};
template <typename T>
using ScopeNameMap =
    absl::flat_hash_map<std::pair<std::string_view, std::string_view>, T, ScopeNameHash>;

inline constexpr size_t kNoItem = ~size_t{0};

struct Matching {
  std::vector<size_t> b_of;  // by item of a: the item of b, or kNoItem
  std::vector<size_t> a_of;  // by item of b
};

// A scope's path names the nodes around it, and tools rename nodes: so what finds no partner by
// scope and name is matched by name where that says it, which is where one tensor on each side is
// left with it. Several without a name are matched in order.
Matching Match(const TensorSet& a, const TensorSet& b);

// Items of a and b, left over by `matching`, that hold the same bytes in the same type and shape:
// the same tensor under another name, each in one pair. Reads those that could be. What cannot be
// read, is empty or sparse is in no pair.
std::vector<std::pair<size_t, size_t>> FindRenamed(const TensorSet& a, const TensorSet& b,
                                                   const Matching& matching,
                                                   ItemComparer& comparer);

// The one for a plan or a message: what is known of an item.
ComparedTensor Describe(const TensorSet& set, size_t i);

}  // namespace hoarfrost::compare

#endif  // HOARFROST_COMPARE_MATCH_H_
