// What every fuzz target ends with.
#ifndef HOARFROST_TESTS_FUZZ_TARGET_H_
#define HOARFROST_TESTS_FUZZ_TARGET_H_

#include <cstdio>
#include <cstdlib>
#include <string>

namespace hoarfrost::testing {

// Aborts, so that the fuzzer keeps the input, unless `wrong` is empty.
inline int Expect(const std::string& wrong) {
  if (wrong.empty()) return 0;
  std::fprintf(stderr, "%s\n", wrong.c_str());
  std::abort();
}

}  // namespace hoarfrost::testing

#endif  // HOARFROST_TESTS_FUZZ_TARGET_H_
