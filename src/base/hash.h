// Hash maps keyed by std::string_view. Debian's Abseil is built with a string_view of its own, so
// its containers need to be told how to hash the standard one.
#ifndef HOARFROST_BASE_HASH_H_
#define HOARFROST_BASE_HASH_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"

namespace hoarfrost::base {

struct ViewHash {
  using is_transparent = void;
  size_t operator()(std::string_view s) const {
    return absl::Hash<absl::string_view>()(absl::string_view(s.data(), s.size()));
  }
};

// A scope (or any other small number) and a name in it.
struct ScopedNameHash {
  size_t operator()(const std::pair<int32_t, std::string_view>& key) const {
    return absl::HashOf(key.first, absl::string_view(key.second.data(), key.second.size()));
  }
};

template <typename T>
using ViewMap = absl::flat_hash_map<std::string_view, T, ViewHash, std::equal_to<>>;
using ViewSet = absl::flat_hash_set<std::string_view, ViewHash, std::equal_to<>>;
template <typename T>
using ScopedNameMap = absl::flat_hash_map<std::pair<int32_t, std::string_view>, T, ScopedNameHash>;

}  // namespace hoarfrost::base

#endif  // HOARFROST_BASE_HASH_H_
