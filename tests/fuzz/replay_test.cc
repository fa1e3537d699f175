// Replays the fuzzing corpus: inputs that reach a branch of their own, or once broke something.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "wire/agreement.h"

namespace hoarfrost::testing {
namespace {

TEST(FuzzCorpusTest, ReadersAgreeOnEveryInput) {
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(HOARFROST_FUZZ_CORPUS)) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    EXPECT_EQ(CheckAgreement(bytes).disagreement, "") << entry.path().filename();
    ++files;
  }
  EXPECT_GT(files, 0u);
}

}  // namespace
}  // namespace hoarfrost::testing
