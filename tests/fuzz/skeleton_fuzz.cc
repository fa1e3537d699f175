// libFuzzer: on any bytes, ReadSkeleton() and the slow reader agree, and nothing else happens.
#include <cstddef>
#include <cstdint>

#include "fuzz/target.h"
#include "wire/agreement.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return hoarfrost::testing::Expect(
      hoarfrost::testing::CheckAgreement({reinterpret_cast<const char*>(data), size}).disagreement);
}
