#include "payload/external.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "payload/storage.h"
#include "wire/byte_source.h"
#include "wire/skeleton.h"

namespace hoarfrost::payload {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Entries = std::vector<std::pair<std::string, std::string>>;

// float32 [4]: 16 bytes.
onnx::TensorProto External(const Entries& entries) {
  onnx::TensorProto tensor;
  tensor.set_name("w");
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  tensor.add_dims(4);
  tensor.set_data_location(onnx::TensorProto::EXTERNAL);
  for (const auto& [key, value] : entries) {
    auto& entry = *tensor.add_external_data();
    entry.set_key(key);
    entry.set_value(value);
  }
  return tensor;
}

class ExternalData : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "/external-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    folder_ = root_ / "model";
    std::filesystem::create_directory(folder_);
    Write(folder_ / "w.bin", 64);
    Write(root_ / "outside.bin", 64);
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  static void Write(const std::filesystem::path& path, size_t bytes) {
    std::ofstream(path) << std::string(bytes, 'x');
  }

  StorageReport Describe(const onnx::TensorProto& tensor, const std::string& model_file = "") {
    onnx::ModelProto model;
    *model.mutable_graph()->add_initializer() = tensor;
    const std::string bytes = model.SerializeAsString();
    const auto source = wire::FromMemory("<test>", bytes);
    auto skeleton = wire::ReadSkeleton(*source);
    EXPECT_TRUE(skeleton.ok());
    return StorageInspector(*skeleton, folder_.string(), model_file)
        .Describe(skeleton->model().graph().initializer(0));
  }
  std::vector<std::string> Problems(const Entries& entries, const std::string& model_file = "") {
    std::vector<std::string> texts;
    for (const Problem& p : Describe(External(entries), model_file).problems) {
      texts.push_back(p.text);
    }
    return texts;
  }

  std::filesystem::path root_;
  std::filesystem::path folder_;
};

TEST_F(ExternalData, InRangeIsFineAndKeepsWhatTheFileSays) {
  const StorageReport report =
      Describe(External({{"location", "w.bin"}, {"offset", "48"}, {"length", "16"}}));
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_EQ(report.storage.kind, StorageKind::kExternal);
  EXPECT_EQ(report.storage.location, "w.bin");
  EXPECT_EQ(report.storage.offset, 48u);
  EXPECT_EQ(report.storage.length, 16u);
  EXPECT_EQ(report.elements, 4u);
  EXPECT_EQ(report.bytes, 16u);
}

TEST_F(ExternalData, OffsetAndLengthMayBeLeftOut) {
  EXPECT_THAT(Problems({{"location", "w.bin"}}), IsEmpty());
  EXPECT_FALSE(Describe(External({{"location", "w.bin"}})).storage.length);
}

TEST_F(ExternalData, LengthZeroCountsAsLeftOut) {
  EXPECT_THAT(Problems({{"location", "w.bin"}, {"length", "0"}}), IsEmpty());
}

TEST_F(ExternalData, UnknownKeysAndChecksumsAreFine) {
  EXPECT_THAT(Problems({{"location", "w.bin"}, {"checksum", "00"}, {"basepath", "x"}}), IsEmpty());
}

TEST_F(ExternalData, ALengthThatDoesNotFitShapeAndTypeIsAProblem) {
  EXPECT_THAT(Problems({{"location", "w.bin"}, {"length", "20"}}),
              ElementsAre("float32 [4] takes 16 bytes, but its external length is 20"));
}

TEST_F(ExternalData, ARangePastTheEndIsAProblem) {
  EXPECT_THAT(Problems({{"location", "w.bin"}, {"offset", "56"}, {"length", "16"}}),
              ElementsAre(HasSubstr("past the end")));
  EXPECT_THAT(Problems({{"location", "w.bin"}, {"offset", "56"}}),
              ElementsAre(HasSubstr("past the end")));
  EXPECT_THAT(Problems({{"location", "w.bin"}, {"offset", "9223372036854775807"}}),
              ElementsAre(HasSubstr("past the end")));
}

TEST_F(ExternalData, NumbersAreDecimalDigitsThatFitAFileOffset) {
  for (const char* bad : {"-8", "0x10", " 8", "+8", "8 ", "", "1e3", "8.0", "18446744073709551608",
                          "9223372036854775808", "100000000000000000000000000000"}) {
    EXPECT_THAT(Problems({{"location", "w.bin"}, {"offset", bad}}),
                ElementsAre(HasSubstr("offset")))
        << bad;
    EXPECT_THAT(Problems({{"location", "w.bin"}, {"length", bad}}),
                ElementsAre(HasSubstr("length")))
        << bad;
  }
}

TEST_F(ExternalData, KeysGivenTwiceAreAProblemAndTheFirstCounts) {
  const StorageReport report = Describe(
      External({{"location", "w.bin"}, {"offset", "0"}, {"location", "v.bin"}, {"offset", "16"}}));
  EXPECT_EQ(report.problems.size(), 2u);
  EXPECT_EQ(report.storage.location, "w.bin");
  EXPECT_EQ(report.storage.offset, 0u);
}

TEST_F(ExternalData, NoLocationIsAProblem) {
  EXPECT_THAT(Problems({}), ElementsAre(HasSubstr("location")));
  EXPECT_THAT(Problems({{"location", ""}}), ElementsAre(HasSubstr("location")));
}

TEST_F(ExternalData, LocationsThatCouldLeaveTheFolderAreNotEvenLookedAt) {
  for (const std::string bad : {"/etc/passwd", "../outside.bin", "sub/../w.bin", "..", "a/.."}) {
    EXPECT_THAT(Problems({{"location", bad}, {"offset", "1000000"}}), testing::SizeIs(1)) << bad;
    EXPECT_FALSE(LocationFault(bad).empty());
  }
  EXPECT_THAT(Problems({{"location", std::string("w.bin\0x", 7)}}), ElementsAre(HasSubstr("NUL")));
  for (const char* good : {"w.bin", "..w.bin", "a..b/c", "...", "./w.bin"}) {
    EXPECT_EQ(LocationFault(good), "") << good;
  }
}

TEST_F(ExternalData, AMissingFileIsAProblemOfItsOwnKind) {
  const StorageReport report = Describe(External({{"location", "nowhere.bin"}}));
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_EQ(report.problems[0].kind, ProblemKind::kMissingFile);
  EXPECT_THAT(report.problems[0].text, HasSubstr("'nowhere.bin'"));
  EXPECT_THAT(Problems({{"location", "w.bin/x"}}), ElementsAre(HasSubstr("missing")));
}

TEST_F(ExternalData, OnlyRegularFilesWillDo) {
  ASSERT_EQ(mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  std::filesystem::create_directory(folder_ / "sub");
  std::filesystem::create_symlink("/dev/zero", folder_ / "zero");
  EXPECT_THAT(Problems({{"location", "pipe"}}), ElementsAre(HasSubstr("pipe")));
  EXPECT_THAT(Problems({{"location", "sub"}}), ElementsAre(HasSubstr("directory")));
  EXPECT_THAT(Problems({{"location", "zero"}}), ElementsAre(HasSubstr("device")));
}

TEST_F(ExternalData, LinksWithinTheFolderAreFineAndOutOfItAProblem) {
  std::filesystem::create_symlink("w.bin", folder_ / "inside");
  std::filesystem::create_symlink("../outside.bin", folder_ / "outside");
  EXPECT_THAT(Problems({{"location", "inside"}}), IsEmpty());
  EXPECT_THAT(Problems({{"location", "outside"}}), ElementsAre(HasSubstr("link")));
}

TEST_F(ExternalData, AModelThatIsALinkItselfMayHaveItsDataBesideItsTarget) {
  std::filesystem::create_directory(root_ / "blobs");
  Write(root_ / "blobs" / "aaaa", 10);
  Write(root_ / "blobs" / "bbbb", 64);
  std::filesystem::create_symlink("../blobs/aaaa", folder_ / "m.onnx");
  std::filesystem::create_symlink("../blobs/bbbb", folder_ / "m.data");
  EXPECT_THAT(Problems({{"location", "m.data"}}, (folder_ / "m.onnx").string()), IsEmpty());
  EXPECT_THAT(Problems({{"location", "m.data"}}), ElementsAre(HasSubstr("link")));
}

TEST_F(ExternalData, TheModelItselfIsNoDataFile) {
  EXPECT_THAT(Problems({{"location", "w.bin"}}, (folder_ / "w.bin").string()),
              ElementsAre(HasSubstr("model file itself")));
}

TEST_F(ExternalData, WithoutAFolderOnlyTheKeysAreChecked) {
  folder_.clear();
  EXPECT_THAT(Problems({{"location", "nowhere.bin"}, {"length", "16"}}), IsEmpty());
  EXPECT_THAT(Problems({{"location", "nowhere.bin"}, {"length", "x"}}), testing::SizeIs(1));
}

TEST_F(ExternalData, DataInsideAsWellAndStringsAreProblems) {
  onnx::TensorProto both = External({{"location", "w.bin"}});
  both.set_raw_data(std::string(16, 'x'));
  EXPECT_EQ(Describe(both).problems.size(), 1u);
  EXPECT_EQ(Describe(both).storage.kind, StorageKind::kExternal);
  onnx::TensorProto strings = External({{"location", "w.bin"}});
  strings.set_data_type(onnx::TensorProto::STRING);
  EXPECT_EQ(Describe(strings).problems.size(), 1u);
}

TEST_F(ExternalData, KeysWithoutTheLocationFlagAreAProblem) {
  onnx::TensorProto tensor = External({{"location", "w.bin"}});
  tensor.set_data_location(onnx::TensorProto::DEFAULT);
  tensor.set_raw_data(std::string(16, 'x'));
  EXPECT_THAT(Describe(tensor).problems, testing::SizeIs(1));
}

TEST(ExternalFiles, AnswersStayRightOverManyFiles) {
  ExternalFiles files(testing::TempDir(), "");
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 100; ++i) {
      const ExternalFile& file = files.Look("no-such-file-" + std::to_string(i));
      EXPECT_FALSE(file.present);
      EXPECT_TRUE(file.looked_at);
    }
  }
}

}  // namespace
}  // namespace hoarfrost::payload
