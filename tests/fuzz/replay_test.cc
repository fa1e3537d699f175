// Replays the fuzzing corpora: inputs that reach a branch of their own, or once broke something.
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "fuzz/properties.h"
#include "support/temp_folder.h"
#include "wire/agreement.h"

namespace hoarfrost::testing {
namespace {

void ExpectOfEvery(const char* folder, const std::function<std::string(std::string_view)>& check) {
  size_t files = 0;
  const std::filesystem::path corpus(HOARFROST_FUZZ_CORPUS);
  for (const auto& entry : std::filesystem::directory_iterator(corpus / folder)) {
    EXPECT_EQ(check(ReadFile(entry.path())), "") << entry.path().filename();
    ++files;
  }
  EXPECT_GT(files, 0u);
}

TEST(FuzzCorpusTest, ReadersAgreeOnEveryInput) {
  ExpectOfEvery("model", [](std::string_view bytes) { return CheckAgreement(bytes).disagreement; });
}

TEST(FuzzCorpusTest, EveryInputIsToldOfOrRefused) { ExpectOfEvery("model", CheckInspect); }

TEST(FuzzCorpusTest, EveryInputComesBackFromFreezingOrIsRefused) {
  ExpectOfEvery("model", CheckFreeze);
}

TEST(FuzzCorpusTest, EveryPlanReadsBackOrIsRefused) { ExpectOfEvery("plan", CheckPlan); }

}  // namespace
}  // namespace hoarfrost::testing
