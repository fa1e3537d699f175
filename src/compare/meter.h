// Adds up by how much two tensors of one element type differ, block by block.
#ifndef HOARFROST_COMPARE_METER_H_
#define HOARFROST_COMPARE_METER_H_

#include <cstddef>
#include <cstdint>

#include "hoarfrost/compare.h"

namespace hoarfrost::compare {

class Meter {
 public:
  // Any type but string, with `elements` of them in all.
  Meter(int32_t dtype, uint64_t elements);

  // The next block of both, `bytes` long: a multiple of 48, but for the last. What has not changed
  // may be left out: `offset` says where in the tensor the block lies.
  void Add(const char* a, const char* b, size_t bytes, uint64_t offset);

  // `changed` is 0 where only bits differ that belong to no element.
  const Difference& result() const { return result_; }

 private:
  const int32_t dtype_;
  const uint64_t bits_;
  Difference result_;
};

}  // namespace hoarfrost::compare

#endif  // HOARFROST_COMPARE_METER_H_
