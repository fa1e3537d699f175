#include "batch/find.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "support/temp_folder.h"

namespace hoarfrost::batch {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FindTest : public ::testing::Test {
 protected:
  void Make(const std::string& path) {
    const std::filesystem::path whole(folder_ / path);
    std::filesystem::create_directories(whole.parent_path());
    testing::WriteFile(whole.string(), "");
  }

  // Paths below the one root.
  std::vector<std::string> Found(const FindOptions& options = {}) {
    const auto found = Find({folder_.path()}, options);
    EXPECT_TRUE(found.ok()) << found.status();
    std::vector<std::string> names;
    for (const batch::Found& one : *found) {
      EXPECT_TRUE(one.problem.ok());
      names.emplace_back(one.relative());
    }
    return names;
  }

  testing::TempFolder folder_;
};

TEST_F(FindTest, TakesOnnxFilesInAnyLetterCaseFromAllFoldersBelow) {
  for (const char* name : {"b/c/deep.onnx", "b/UPPER.ONNX", "a.onnx", "b/readme.txt", "onnx",
                           ".onnx", "a.onnx.data", "b.Onnx"}) {
    Make(name);
  }
  EXPECT_THAT(Found(), ElementsAre("a.onnx", "b.Onnx", "b/UPPER.ONNX", "b/c/deep.onnx"));
}

TEST_F(FindTest, LeavesOutHiddenFilesAndFoldersUnlessAsked) {
  for (const char* name : {"m.onnx", "._m.onnx", ".hidden/m.onnx"}) Make(name);
  EXPECT_THAT(Found(), ElementsAre("m.onnx"));
  EXPECT_THAT(Found({.hidden = true}), ElementsAre("._m.onnx", ".hidden/m.onnx", "m.onnx"));
}

TEST_F(FindTest, PatternsAreHeldAgainstThePathAndItsLastPart) {
  for (const char* name : {"a/model.onnx", "a/other.onnx", "b/model.onnx", "b/model.pb"}) {
    Make(name);
  }
  EXPECT_THAT(Found({.globs = {"model.*"}}),
              ElementsAre("a/model.onnx", "b/model.onnx", "b/model.pb"));
  EXPECT_THAT(Found({.globs = {"b/*"}}), ElementsAre("b/model.onnx", "b/model.pb"));
  EXPECT_THAT(Found({.excludes = {"a"}}), ElementsAre("b/model.onnx"));
  EXPECT_THAT(Found({.excludes = {"*/other.*", "re:b/.*"}}), ElementsAre("a/model.onnx"));
  EXPECT_FALSE(Find({folder_.path()}, {.globs = {"["}}).ok());
}

TEST_F(FindTest, LoopsOfLinksEndAndAFolderIsReadOnce) {
  Make("z/real/m.onnx");
  std::filesystem::create_directory_symlink("..", folder_ / "z/up");
  std::filesystem::create_directory_symlink("z/real", folder_ / "a-link");
  std::filesystem::create_directory_symlink("a-link", folder_ / "b-link");
  EXPECT_THAT(Found(), ElementsAre("z/real/m.onnx"));
}

TEST_F(FindTest, FollowsLinksToFilesAndToFoldersOutside) {
  testing::TempFolder elsewhere;
  testing::WriteFile(elsewhere / "m.onnx", "");
  std::filesystem::create_directory_symlink(elsewhere.path(), folder_ / "linked");
  std::filesystem::create_symlink(elsewhere / "m.onnx", folder_ / "file.onnx");
  std::filesystem::create_symlink("nowhere", folder_ / "broken.onnx");
  EXPECT_THAT(Found(), ElementsAre("broken.onnx", "file.onnx", "linked/m.onnx"));
}

TEST_F(FindTest, NoFileIsTakenTwiceWhateverTheRoots) {
  Make("a/m.onnx");
  const auto found = Find({folder_ / "a", folder_.path() + "/", folder_ / "a/m.onnx"}, {});
  ASSERT_TRUE(found.ok());
  std::vector<std::string> files;
  for (const batch::Found& one : *found) files.push_back(one.file);
  EXPECT_THAT(files, ElementsAre(folder_ / "a/m.onnx"));
}

TEST_F(FindTest, AFileThatIsNamedIsTakenWhateverItsName) {
  Make("weights.bin");
  const auto found = Find({folder_ / "weights.bin"}, {});
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ((*found)[0].relative(), "weights.bin");
}

TEST_F(FindTest, ARootThatIsNotThereIsAnError) {
  const auto found = Find({folder_.path(), folder_ / "no"}, {});
  EXPECT_TRUE(absl::IsNotFound(found.status()));
  EXPECT_THAT(std::string(found.status().message()), HasSubstr("/no: "));
}

TEST_F(FindTest, AnEmptyFolderHoldsNothing) { EXPECT_THAT(Found(), IsEmpty()); }

}  // namespace
}  // namespace hoarfrost::batch
