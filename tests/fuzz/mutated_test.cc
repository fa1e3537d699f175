// The properties of any input, on models that were sound until some of their fields were changed.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "fuzz/mutate_model.h"
#include "fuzz/properties.h"
#include "support/temp_folder.h"
#include "wire/agreement.h"

namespace hoarfrost::testing {
namespace {

constexpr uintmax_t kLargestFile = 64 << 10;
constexpr int kMutants = 6;  // of each model, one change apart

std::vector<std::filesystem::path> SmallModels() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(HOARFROST_TESTDATA)) {
    if (entry.is_regular_file() && entry.path().extension() == ".onnx" &&
        entry.file_size() <= kLargestFile) {
      paths.push_back(entry.path());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

TEST(MutatedModels, KeepEveryPropertyOfAnyInput) {
  size_t mutants = 0;
  for (const auto& path : SmallModels()) {
    onnx::ModelProto model;
    if (!model.ParseFromString(ReadFile(path))) continue;
    std::mt19937_64 random(mutants);
    for (int change = 1; change <= kMutants; ++change, ++mutants) {
      MutateModel(model, random);
      const std::string bytes = model.SerializeAsString();
      SCOPED_TRACE(path.filename().string() + ", change " + std::to_string(change));
      EXPECT_EQ(CheckAgreement(bytes).disagreement, "");
      EXPECT_EQ(CheckInspect(bytes), "");
      EXPECT_EQ(CheckFreeze(bytes), "");
    }
  }
  EXPECT_GT(mutants, 1000u);
}

}  // namespace
}  // namespace hoarfrost::testing
