// Compares a tensor of one set with one of another, whatever their types, shapes and sizes.
#ifndef HOARFROST_COMPARE_COMPARE_ITEMS_H_
#define HOARFROST_COMPARE_COMPARE_ITEMS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "compare/tensor_set.h"
#include "hoarfrost/compare.h"

namespace hoarfrost::compare {

struct Likeness {
  bool same_dtype = false;
  bool same_shape = false;
  // False where no element of one stands against one of the other: another number of elements,
  // sparse against dense, sparse at other positions, numbers against strings.
  bool comparable = false;
  // Where elements differ. With another dtype, elements are the same where one is the other
  // rounded to its type.
  std::optional<Difference> difference;

  // The same tensor, by type, shape and bits.
  bool identical() const { return same_dtype && same_shape && same_values(); }
  bool same_values() const { return comparable && !difference; }
};

// Two blocks of memory, to be used over and over.
class ItemComparer {
 public:
  ItemComparer();

  // An error names the set whose bytes cannot be read, but not the tensor. Not `in_full`, reading
  // may stop once something differs, and the difference counts what was met until then.
  absl::StatusOr<Likeness> Compare(const TensorSet& a, size_t i, const TensorSet& b, size_t j,
                                   bool in_full = true);

  // XXH3-128 of the elements, in hexadecimal.
  absl::StatusOr<std::string> Hash(const TensorSet& set, size_t i);

 private:
  struct Side;

  absl::StatusOr<std::optional<Difference>> CompareNumbers(Side& a, Side& b, int32_t dtype,
                                                           uint64_t elements, bool in_full);
  absl::StatusOr<std::optional<Difference>> CompareCast(Side& a, int32_t dtype_a, Side& b,
                                                        int32_t dtype_b, uint64_t elements);
  absl::StatusOr<std::optional<Difference>> CompareStrings(Side& a, Side& b, uint64_t elements);
  absl::StatusOr<bool> SameIndices(const TensorSet& a, size_t i, const TensorSet& b, size_t j);
  absl::StatusOr<bool> SameBytes(Side& a, Side& b);

  std::unique_ptr<char[]> block_a_;
  std::unique_ptr<char[]> block_b_;
};

}  // namespace hoarfrost::compare

#endif  // HOARFROST_COMPARE_COMPARE_ITEMS_H_
