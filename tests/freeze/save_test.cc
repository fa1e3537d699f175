#include "freeze/save.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "freeze/freezing.h"
#include "support/failing_ops.h"
#include "support/temp_folder.h"
#include "wire/skeleton.h"

namespace hoarfrost::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct FreezeFile {
  freeze::SaveOptions options;
  std::function<void()> between;  // what happens between reading and writing

  absl::Status operator()(const std::string& path, const std::string& target) const {
    absl::StatusOr<std::unique_ptr<wire::ByteSource>> source = wire::OpenFile(path);
    if (!source.ok()) return source.status();
    const std::string folder = std::filesystem::path(path).parent_path().string();
    absl::StatusOr<freeze::Rewrite> rewrite = freeze::Freeze(**source, folder, FreezeBy(All()));
    if (!rewrite.ok()) return rewrite.status();
    const absl::StatusOr<wire::Skeleton> skeleton = wire::ReadSkeleton(**source);
    if (!skeleton.ok()) return skeleton.status();
    absl::StatusOr<freeze::SavePlan> plan =
        freeze::PlanSave(skeleton->model(), path, target, options);
    if (!plan.ok()) return plan.status();
    if (between) between();
    return freeze::Save(rewrite->rope, **source, *plan, options);
  }
};

std::string MessageOf(const absl::Status& status) { return std::string(status.message()); }

TEST(Save, InPlaceAndBesideGiveTheSameBytesAndKeepPermissions) {
  TempFolder folder;
  const std::string bytes = BytesWithWeights(kDenseText);
  for (const mode_t mode : {0600, 0644, 0664}) {
    WriteFile(folder / "m.onnx", bytes);
    ASSERT_EQ(chmod((folder / "m.onnx").c_str(), mode), 0);
    ASSERT_TRUE(FreezeFile()(folder / "m.onnx", folder / "out.onnx").ok());
    EXPECT_EQ(ReadFile(folder / "m.onnx"), bytes);
    ASSERT_TRUE(FreezeFile()(folder / "m.onnx", folder / "m.onnx").ok());
    EXPECT_EQ(ReadFile(folder / "m.onnx"), ReadFile(folder / "out.onnx"));
    EXPECT_EQ(ReadFile(folder / "out.onnx"), Value(Frozen(bytes, FreezeBy(All()))));
    for (const char* name : {"m.onnx", "out.onnx"}) {
      struct stat info = {};
      ASSERT_EQ(stat((folder / name).c_str(), &info), 0);
      EXPECT_EQ(info.st_mode & 07777u, mode);
    }
  }
  EXPECT_THAT(folder.Names(), ElementsAre("m.onnx", "out.onnx"));
}

TEST(Save, ASourceThatChangedSinceItWasReadIsAnErrorAndTheTargetStays) {
  const std::string bytes = BytesWithWeights(kDenseText);
  for (const char* target : {"m.onnx", "out.onnx"}) {
    TempFolder folder;
    WriteFile(folder / "m.onnx", bytes);
    FreezeFile freeze;
    freeze.between = [&] { WriteFile(folder / "m.onnx", bytes + bytes); };
    const absl::Status status = freeze(folder / "m.onnx", folder / target);
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
    EXPECT_THAT(folder.Names(), ElementsAre("m.onnx"));
    EXPECT_EQ(ReadFile(folder / "m.onnx"), bytes + bytes);
  }
}

TEST(Save, AFailureAtAnyStepLeavesEverythingAsItWas) {
  const std::string bytes = BytesWithWeights(kDenseText);
  for (int k = 0;; ++k) {
    TempFolder folder;
    WriteFile(folder / "m.onnx", bytes);
    FailingOps ops;
    ops.fail_at = k;
    FreezeFile freeze;
    freeze.options.ops = &ops;
    const absl::Status status = freeze(folder / "m.onnx", folder / "m.onnx");
    if (ops.failed.empty()) {
      EXPECT_TRUE(status.ok());
      EXPECT_GE(k, 7);
      break;
    }
    EXPECT_FALSE(status.ok());
    EXPECT_THAT(folder.Names(), ElementsAre("m.onnx")) << ops.failed;
    if (ops.failed != "SyncFolder") {
      EXPECT_EQ(ReadFile(folder / "m.onnx"), bytes);
    }
  }
}

// The dense model with its kernel in `location`, beside the model.
std::string WithExternalKernel(const std::string& location) {
  onnx::ModelProto model = ModelWithWeights(kDenseText);
  onnx::TensorProto& kernel = *model.mutable_graph()->mutable_initializer(0);
  kernel.clear_raw_data();
  kernel.set_data_location(onnx::TensorProto::EXTERNAL);
  auto& entry = *kernel.add_external_data();
  entry.set_key("location");
  entry.set_value(location);
  return model.SerializeAsString();
}

class ExternalTest : public ::testing::Test {
 protected:
  ExternalTest() {
    std::filesystem::create_directories(folder_ / "from/sub");
    std::filesystem::create_directories(folder_ / "to");
  }
  void Make(const std::string& location) {
    WriteFile(folder_ / "from/m.onnx", WithExternalKernel(location));
  }
  absl::Status Run(const std::string& target,
                   freeze::External external = freeze::External::kAsNeeded,
                   FailingOps* ops = nullptr) {
    FreezeFile freeze;
    freeze.options.external = external;
    freeze.options.ops = ops;
    return freeze(folder_ / "from/m.onnx", folder_ / target);
  }
  bool Exists(const std::string& name) { return std::filesystem::exists(folder_ / name); }

  TempFolder folder_;
  const std::string data_ = std::string(4000, 'd');
};

TEST_F(ExternalTest, DataStaysInTheSameFolderAndGoesAlongToAnother) {
  Make("sub/w.bin");
  WriteFile(folder_ / "from/sub/w.bin", data_);
  ASSERT_TRUE(Run("from/out.onnx").ok());
  ASSERT_TRUE(Run("to/out.onnx").ok());
  EXPECT_EQ(ReadFile(folder_ / "to/sub/w.bin"), data_);
  // Again: what is there already is the copy. Other bytes are never replaced.
  EXPECT_TRUE(Run("to/again.onnx").ok());
  WriteFile(folder_ / "to/sub/w.bin", std::string(4000, 'e'));
  const absl::Status again = Run("to/other.onnx");
  EXPECT_EQ(again.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_FALSE(Exists("to/other.onnx"));
  EXPECT_TRUE(Run("to/other.onnx", freeze::External::kKeep).ok());
}

TEST_F(ExternalTest, TheSameFileUnderTheNameIsNoClash) {
  Make("w.bin");
  WriteFile(folder_ / "from/w.bin", data_);
  ASSERT_EQ(link((folder_ / "from/w.bin").c_str(), (folder_ / "to/w.bin").c_str()), 0);
  EXPECT_TRUE(Run("to/out.onnx").ok());
}

TEST_F(ExternalTest, HolesOfADataFileStayHoles) {
  Make("w.bin");
  const int fd = open((folder_ / "from/w.bin").c_str(), O_RDWR | O_CREAT, 0640);
  ASSERT_GE(fd, 0);
  ASSERT_EQ(ftruncate(fd, off_t{1} << 33), 0);
  close(fd);
  struct stat info = {};
  ASSERT_TRUE(Run("to/out.onnx").ok());
  ASSERT_EQ(stat((folder_ / "to/w.bin").c_str(), &info), 0);
  EXPECT_EQ(info.st_size, off_t{1} << 33);
  EXPECT_LT(info.st_blocks, 1000);
  EXPECT_EQ(info.st_mode & 07777u, 0640u);
}

TEST_F(ExternalTest, LocationsThatLeaveTheFolderAreNotCopied) {
  WriteFile(folder_ / "secret", data_);
  ASSERT_EQ(symlink("../secret", (folder_ / "from/link.bin").c_str()), 0);
  for (const std::string& location : {std::string("../secret"), folder_ / "secret",
                                      std::string("link.bin"), std::string("sub/../../secret")}) {
    Make(location);
    const absl::Status status = Run("to/out.onnx");
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << location << status;
    EXPECT_TRUE(std::filesystem::is_empty(folder_ / "to")) << location;
    EXPECT_TRUE(Run("from/out.onnx").ok()) << location;
  }
}

TEST_F(ExternalTest, ALinkInTheTargetFolderIsNotFollowed) {
  Make("sub/w.bin");
  WriteFile(folder_ / "from/sub/w.bin", data_);
  ASSERT_EQ(symlink("../from", (folder_ / "to/sub").c_str()), 0);
  EXPECT_EQ(Run("to/out.onnx").code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_FALSE(Exists("from/w.bin"));
}

TEST_F(ExternalTest, AMissingDataFileIsNoErrorAndTheModelIsNeverWrittenOverItsData) {
  Make("w.bin");
  EXPECT_TRUE(Run("to/out.onnx").ok());
  EXPECT_THAT(MessageOf(Run("from/w.bin")), HasSubstr("data file"));
  WriteFile(folder_ / "from/w.bin", data_);
  EXPECT_THAT(MessageOf(Run("from/w.bin")), HasSubstr("data file"));
  EXPECT_EQ(ReadFile(folder_ / "from/w.bin"), data_);
}

TEST_F(ExternalTest, AFailureAtAnyStepTakesCopiedDataBack) {
  Make("sub/w.bin");
  WriteFile(folder_ / "from/sub/w.bin", data_);
  for (int k = 0;; ++k) {
    FailingOps ops;
    ops.fail_at = k;
    const absl::Status status = Run("to/out.onnx", freeze::External::kAsNeeded, &ops);
    if (ops.failed.empty()) {
      EXPECT_TRUE(status.ok());
      EXPECT_GE(k, 12);
      break;
    }
    EXPECT_FALSE(status.ok());
    if (Exists("to/out.onnx") && ops.failed == "SyncFolder") {
      std::filesystem::remove_all(folder_ / "to");
      std::filesystem::create_directories(folder_ / "to");
      continue;
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder_ / "to")) << ops.failed << " at " << k;
  }
}

}  // namespace
}  // namespace hoarfrost::testing
