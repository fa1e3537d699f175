// libFuzzer: on any bytes, reading a plan holds CheckPlan() of fuzz/properties.h.
#include <cstddef>
#include <cstdint>

#include "fuzz/properties.h"
#include "fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return hoarfrost::testing::Expect(
      hoarfrost::testing::CheckPlan({reinterpret_cast<const char*>(data), size}));
}
