// What comparing and merging promise of every model: of testdata, and of a corpus where there is
// one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "compare/comparing.h"
#include "freeze/respell.h"
#include "support/temp_folder.h"

namespace hoarfrost::testing {
namespace {

using ::testing::IsEmpty;

struct Tally {
  size_t models = 0;
  size_t merged = 0;
  size_t verified = 0;
};

// Every payload that the plan lets move, one bit in its first element flipped: a memory set with
// the names that a state dict would have.
struct State {
  std::vector<std::string> bytes;
  std::vector<MemoryTensor> tensors;
};

State TrainedState(const compare::ModelSet& model) {
  State state;
  const auto lists = compare::ListsOf(freeze::PlanOf(*model.model()), model);
  std::set<std::string_view> names;
  std::set<std::string_view> twice;
  for (const compare::Item& item : model.items()) {
    if (!names.insert(item.name).second) twice.insert(item.name);
  }
  std::vector<size_t> chosen;
  for (size_t i = 0; i < lists.size(); ++i) {
    const compare::Item& item = model.items()[i];
    const bool moves = lists[i] == PlanList::kTrainable || lists[i] == PlanList::kStatistics;
    if (!moves || item.elements == 0 || item.stored || twice.contains(item.name)) continue;
    auto stream = model.Open(i);
    if (!stream.ok()) continue;
    std::string bytes(model.model()->facts.tensors[i].bytes, '\0');
    const absl::StatusOr<size_t> got = (*stream)->Read(bytes.data(), bytes.size());
    if (!got.ok() || *got != bytes.size()) continue;
    bytes[0] ^= 1;
    state.bytes.push_back(std::move(bytes));
    chosen.push_back(i);
  }
  for (size_t k = 0; k < chosen.size(); ++k) {
    const ComparedTensor tensor = compare::Describe(model, chosen[k]);
    state.tensors.push_back({tensor.name, tensor.dtype, tensor.shape, state.bytes[k]});
  }
  return state;
}

void CheckModel(const std::string& path, const TempFolder& folder, Tally& tally) {
  auto opened = compare::OpenModel(path);
  if (!opened.ok()) return;  // no model: refused as by inspect
  ++tally.models;
  const compare::ModelSet& model = **opened;
  const DiffResult itself = DiffOf(model, model);
  EXPECT_NE(itself.equal, Answer::kNo) << path;
  for (const TensorChange& change : itself.tensors) {
    EXPECT_EQ(change.kind, ChangeKind::kUnreadable) << path << " " << change.a->name;
  }
  // A model with itself is itself.
  const std::string out = folder / "out.onnx";
  std::filesystem::remove_all(folder.path());
  std::filesystem::create_directory(folder.path());
  const absl::StatusOr<MergeResult> same = compare::Merge(model, model, out, {}, nullptr);
  if (!same.ok()) {
    // Nothing to train, or bytes that are not there.
    EXPECT_NE(same.status().code(), absl::StatusCode::kInternal) << path << same.status();
    return;
  }
  EXPECT_TRUE(ReadFile(out) == ReadFile(path)) << path << ": merged with itself it is another";
  EXPECT_THAT(same->merged, IsEmpty()) << path;

  const State state = TrainedState(model);
  if (state.tensors.empty()) return;
  std::filesystem::remove_all(folder.path());
  std::filesystem::create_directory(folder.path());
  const auto tuned = Value(compare::MakeMemorySet("<state>", state.tensors));
  const absl::StatusOr<MergeResult> merged = compare::Merge(model, *tuned, out, {}, nullptr);
  ASSERT_TRUE(merged.ok()) << path << ": " << merged.status();
  EXPECT_EQ(merged->merged.size(), state.tensors.size()) << path;
  const auto result = Value(compare::OpenModel(out));
  const DiffResult diff = DiffOf(model, *result);
  std::set<std::string> changed;
  for (const TensorChange& change : diff.tensors) {
    if (change.kind == ChangeKind::kUnreadable) continue;
    EXPECT_EQ(change.kind, ChangeKind::kChanged) << path;
    EXPECT_EQ(change.difference->changed, 1u) << path;
    changed.insert(change.a->name);
  }
  std::set<std::string> expected;
  for (const MemoryTensor& tensor : state.tensors) expected.insert(tensor.name);
  EXPECT_EQ(changed, expected) << path;
  EXPECT_TRUE(diff.operators.empty() && diff.inputs.empty() && diff.outputs.empty()) << path;
  ++tally.merged;
}

void CheckVerify(const std::string& path, Tally& tally) {
  const std::string bytes = ReadFile(path);
  const absl::StatusOr<std::string> frozen = Frozen(bytes, FreezeBy(All()));
  if (!frozen.ok()) return;
  const auto set = SetOf(*frozen);
  const absl::StatusOr<VerifyResult> itself = compare::Verify(*set, *set, {});
  ASSERT_TRUE(itself.ok()) << path << ": " << itself.status();
  EXPECT_NE(itself->answer, Answer::kNo) << path;
  // Every other spelling of the unfrozen file holds the same tensors.
  for (const unsigned n : {0u, 7u, 15u}) {
    const auto other = SetOf(Respell(bytes, SpellingOf(n)));
    EXPECT_NE(Value(compare::Verify(*set, *other, {})).answer, Answer::kNo) << path << " " << n;
  }
  ++tally.verified;
}

void CheckFolder(const std::string& folder, Tally& tally) {
  constexpr uintmax_t kLargest = uintmax_t{64} << 20;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().extension() == ".onnx" &&
        entry.file_size() <= kLargest) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  const TempFolder temporary;
  for (const std::filesystem::path& file : files) {
    CheckModel(file.string(), temporary, tally);
    CheckVerify(file.string(), tally);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

TEST(Comparing, TestdataKeepsTheLaws) {
  Tally tally;
  CheckFolder(HOARFROST_TESTDATA, tally);
  EXPECT_GT(tally.merged, 50u);
  EXPECT_GT(tally.verified, 50u);
}

TEST(Comparing, TheCorpusKeepsTheLaws) {
  const char* corpus = std::getenv("HOARFROST_CORPUS");
  if (corpus == nullptr || !std::filesystem::exists(corpus)) {
    GTEST_SKIP() << "HOARFROST_CORPUS names no folder";
  }
  Tally tally;
  CheckFolder(corpus, tally);
  EXPECT_GT(tally.merged, 0u);
  RecordProperty("models", static_cast<int>(tally.models));
  RecordProperty("merged", static_cast<int>(tally.merged));
}

}  // namespace
}  // namespace hoarfrost::testing
