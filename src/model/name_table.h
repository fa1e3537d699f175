// Which value a name means in a scope: an open-addressing table of 8-byte slots.
//
// Names stay where they are, in the values; a slot holds a value's id and half of its hash. A model
// of 200,000 nodes takes 4 MB so, and a lookup about one cache miss, where a general map of
// (scope, name) pairs takes four times that. Hashing is Abseil's, seeded anew in each process, so
// that a hostile file cannot choose names that collide.
#ifndef HOARFROST_MODEL_NAME_TABLE_H_
#define HOARFROST_MODEL_NAME_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"

namespace hoarfrost::model {

// `Values` is a vector of structs with `scope` and `name`; the same one in every call.
class NameTable {
 public:
  // A name's place. Whoever has many names at hand takes their keys first, which fetches the slots
  // from memory while the others are hashed.
  struct Key {
    size_t index;
    uint32_t tag;
  };

  static Key KeyOf(int32_t scope, std::string_view name) {
    const uint64_t hash = base::ScopedNameHash()({scope, name});
    return {static_cast<size_t>(hash), static_cast<uint32_t>(hash >> 32)};
  }
  void Prefetch(Key key) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[key.index & mask_]);
  }

  template <typename Values>
  int32_t Find(const Values& values, int32_t scope, std::string_view name) const {
    return Find(values, KeyOf(scope, name), scope, name);
  }
  template <typename Values>
  int32_t Find(const Values& values, Key key, int32_t scope, std::string_view name) const {
    if (slots_.empty()) return -1;
    for (size_t i = key.index & mask_;; i = (i + 1) & mask_) {
      const Slot& slot = slots_[i];
      if (slot.value < 0) return -1;
      if (slot.tag == key.tag && Is(values, slot.value, scope, name)) return slot.value;
    }
  }

  // The value of a name; where there is none yet, `make()` gives the one to enter. `make` must not
  // touch the table. Returns the value and whether it is new.
  template <typename Values, typename Make>
  std::pair<int32_t, bool> FindOrEnter(const Values& values, Key key, int32_t scope,
                                       std::string_view name, Make make) {
    if (size_ * 2 >= slots_.size()) Grow(values);
    for (size_t i = key.index & mask_;; i = (i + 1) & mask_) {
      if (slots_[i].value < 0) {
        slots_[i] = {key.tag, make()};
        ++size_;
        return {slots_[i].value, true};
      }
      if (slots_[i].tag == key.tag && Is(values, slots_[i].value, scope, name)) {
        return {slots_[i].value, false};
      }
    }
  }

  void Reserve(size_t names) {
    size_t size = 16;
    while (size < names * 2) size *= 2;
    if (slots_.empty()) Resize(size);
  }

 private:
  struct Slot {
    uint32_t tag = 0;
    int32_t value = -1;
  };
  template <typename Values>
  static bool Is(const Values& values, int32_t value, int32_t scope, std::string_view name) {
    const auto& v = values[static_cast<size_t>(value)];
    return v.scope == scope && v.name == name;
  }

  void Resize(size_t size) {
    slots_.assign(size, Slot());
    mask_ = size - 1;
  }

  template <typename Values>
  void Grow(const Values& values) {
    const std::vector<Slot> old = std::move(slots_);
    Resize(old.empty() ? 16 : old.size() * 2);
    for (const Slot& slot : old) {
      if (slot.value < 0) continue;
      const auto& v = values[static_cast<size_t>(slot.value)];
      const Key key = KeyOf(v.scope, v.name);
      size_t i = key.index & mask_;
      while (slots_[i].value >= 0) i = (i + 1) & mask_;
      slots_[i] = slot;
    }
  }

  std::vector<Slot> slots_;
  size_t mask_ = 0;
  size_t size_ = 0;
};

}  // namespace hoarfrost::model

#endif  // HOARFROST_MODEL_NAME_TABLE_H_
