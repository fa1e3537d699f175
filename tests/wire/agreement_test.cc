// ReadSkeleton() and the slow reader agree: on every model file at hand, and on made ones.
#include "wire/agreement.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "wire/random_model.h"

namespace hoarfrost::testing {
namespace {

// The slow reader takes a file into memory whole, several times over.
constexpr uintmax_t kLargestFile = uintmax_t{256} << 20;

std::vector<std::string> ModelFilesUnder(const std::string& folder) {
  std::vector<std::string> files;
  if (!std::filesystem::is_directory(folder)) return files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".onnx" && entry.is_regular_file() &&
        entry.file_size() <= kLargestFile) {
      files.push_back(entry.path().string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

// How many files were read, and complaints about those on which the readers disagree.
size_t ExpectAgreementUnder(const std::string& folder) {
  const std::vector<std::string> files = ModelFilesUnder(folder);
  for (const std::string& file : files) {
    std::ifstream in(file, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    EXPECT_EQ(CheckAgreement(bytes).disagreement, "") << file;
  }
  return files.size();
}

TEST(AgreementTest, HoldsOnEveryModelOfTestdata) {
  if (ExpectAgreementUnder(HOARFROST_TESTDATA) == 0) GTEST_SKIP() << "testdata has no models";
}

TEST(AgreementTest, HoldsOnEveryFileOfTheCorpus) {
  const char* corpus = std::getenv("HOARFROST_CORPUS");
  if (corpus == nullptr) GTEST_SKIP() << "HOARFROST_CORPUS names no folder of models";
  if (ExpectAgreementUnder(corpus) == 0) GTEST_SKIP() << "no models under " << corpus;
}

// What an input that a test was surprised by looks like.
std::string Hex(const std::string& bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes.substr(0, 2000)) {
    text += kDigits[static_cast<uint8_t>(c) >> 4];
    text += kDigits[static_cast<uint8_t>(c) & 15];
  }
  return text;
}

class Tally {
 public:
  void Check(const std::string& bytes) {
    const Agreement agreement = CheckAgreement(bytes);
    EXPECT_EQ(agreement.disagreement, "") << Hex(bytes);
    ++count_[agreement.outcome];
  }
  int operator[](Outcome outcome) { return count_[outcome]; }

 private:
  std::map<Outcome, int> count_;
};

TEST(AgreementTest, HoldsOnModelsAsProtobufWritesThem) {
  RandomModels random(1);
  Tally tally;
  for (int i = 0; i < 500 && !HasFailure(); ++i) tally.Check(random.Model().SerializeAsString());
  EXPECT_EQ(tally[Outcome::kBothAccept], 500);
}

TEST(AgreementTest, HoldsOnEveryLegalSpelling) {
  RandomModels random(2);
  Tally tally;
  for (int i = 0; i < 3000 && !HasFailure(); ++i) {
    tally.Check(random.Respell(random.Model().SerializeAsString()));
  }
  EXPECT_EQ(tally[Outcome::kBothAccept], 3000);
}

TEST(AgreementTest, HoldsOnDamagedModels) {
  RandomModels random(3);
  Tally tally;
  for (int i = 0; i < 1000 && !HasFailure(); ++i) {
    const std::string model = random.Respell(random.Model().SerializeAsString());
    for (int k = 0; k < 8; ++k) tally.Check(random.Damage(model));
  }
  // Each outcome is met often enough to mean something.
  EXPECT_GT(tally[Outcome::kBothAccept], 500);
  EXPECT_GT(tally[Outcome::kBothRefuse], 500);
  EXPECT_GT(tally[Outcome::kOnlyProtobufAccepts], 20);
}

}  // namespace
}  // namespace hoarfrost::testing
