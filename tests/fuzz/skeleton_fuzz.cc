// libFuzzer: on any bytes, ReadSkeleton() and the slow reader agree, and nothing else happens.
//
//   cmake --preset fuzz && cmake --build --preset fuzz --target skeleton_fuzz
//   build/fuzz/tests/fuzz/skeleton_fuzz -max_total_time=300 found tests/fuzz/corpus
//
// What it writes to `found` that others should see goes into tests/fuzz/corpus, which an ordinary
// test replays.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "wire/agreement.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto agreement = hoarfrost::testing::CheckAgreement(bytes);
  if (!agreement.disagreement.empty()) {
    std::fprintf(stderr, "%s\n", agreement.disagreement.c_str());
    std::abort();
  }
  return 0;
}
