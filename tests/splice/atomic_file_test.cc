#include "wire/atomic_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "support/failing_ops.h"
#include "support/temp_folder.h"

namespace hoarfrost::wire {
namespace {

using ::hoarfrost::testing::FailingOps;
using ::hoarfrost::testing::ReadFile;
using ::hoarfrost::testing::TempFolder;
using ::hoarfrost::testing::WriteFile;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Three pieces with a large range among them, so that both the buffer and the kernel's copy run.
absl::Status WriteSample(const std::string& target, const ByteSource& source,
                         const AtomicFileOptions& options) {
  absl::StatusOr<AtomicFile> file = AtomicFile::Create(target, options);
  if (!file.ok()) return file.status();
  Rope rope;
  rope.AppendLiteral("head");
  rope.AppendRange({1, source.size() - 2});
  rope.AppendRange({0, 3});
  rope.AppendLiteral("tail");
  if (absl::Status written = file->AppendRope(rope, source); !written.ok()) return written;
  return file->Commit();
}

std::string SampleResult(const std::string& bytes) {
  return "head" + bytes.substr(1, bytes.size() - 2) + bytes.substr(0, 3) + "tail";
}

std::string Pattern(size_t n) {
  std::string bytes(n, '\0');
  for (size_t i = 0; i < n; ++i) bytes[i] = static_cast<char>(i * 7 + i / 251);
  return bytes;
}

TEST(AtomicFile, EveryWayToCopyGivesTheSameBytes) {
  const std::string bytes = Pattern(900'001);
  for (const bool nameless : {true, false}) {
    for (const bool kernel_copies : {true, false}) {
      for (const bool short_writes : {true, false}) {
        TempFolder folder;
        WriteFile(folder / "in", bytes);
        const auto source = OpenFile(folder / "in");
        ASSERT_TRUE(source.ok());
        FailingOps ops;
        ops.nameless = nameless;
        ops.kernel_copies = kernel_copies;
        ops.short_writes = short_writes;
        const absl::Status written = WriteSample(folder / "out", **source, {.ops = &ops});
        ASSERT_TRUE(written.ok()) << written;
        EXPECT_EQ(ReadFile(folder / "out"), SampleResult(bytes));
        EXPECT_THAT(folder.Names(), ElementsAre("in", "out"));
      }
    }
  }
}

TEST(AtomicFile, AFailureAtAnyStepLeavesTheTargetAsItWasAndNothingBesideIt) {
  const std::string bytes = Pattern(700'000);
  for (const bool nameless : {true, false}) {
    for (const int error : {ENOSPC, EIO}) {
      for (const bool there : {true, false}) {
        for (int k = 0;; ++k) {
          TempFolder folder;
          WriteFile(folder / "in", bytes);
          if (there) WriteFile(folder / "out", "old");
          const auto source = OpenFile(folder / "in");
          ASSERT_TRUE(source.ok());
          FailingOps ops;
          ops.nameless = nameless;
          ops.fail_at = k;
          ops.error = error;
          const absl::Status status = WriteSample(folder / "out", **source, {.ops = &ops});
          if (ops.failed.empty()) {
            EXPECT_TRUE(status.ok());
            EXPECT_GE(k, 7);
            break;
          }
          EXPECT_FALSE(status.ok()) << ops.failed;
          EXPECT_THAT(std::string(status.message()), HasSubstr(folder / "out"));
          if (ops.failed == "SyncFolder") {
            // The file stands under its name already; the message says what is not sure.
            EXPECT_EQ(ReadFile(folder / "out"), SampleResult(bytes));
            EXPECT_THAT(std::string(status.message()), HasSubstr("power cut"));
            continue;
          }
          EXPECT_EQ(status.code(), error == ENOSPC ? absl::StatusCode::kResourceExhausted
                                                   : absl::StatusCode::kDataLoss);
          if (there) {
            EXPECT_THAT(folder.Names(), ElementsAre("in", "out")) << ops.failed;
            EXPECT_EQ(ReadFile(folder / "out"), "old");
          } else {
            EXPECT_THAT(folder.Names(), ElementsAre("in")) << ops.failed;
          }
        }
      }
    }
  }
}

TEST(AtomicFile, WithoutACommitNothingIsLeft) {
  for (const bool nameless : {true, false}) {
    TempFolder folder;
    FailingOps ops;
    ops.nameless = nameless;
    {
      absl::StatusOr<AtomicFile> file = AtomicFile::Create(folder / "out", {.ops = &ops});
      ASSERT_TRUE(file.ok());
      ASSERT_TRUE(file->Append("bytes").ok());
    }
    EXPECT_TRUE(folder.Names().empty());
  }
}

TEST(AtomicFile, TheTargetMayBeTheSource) {
  const std::string bytes = Pattern(500'000);
  TempFolder folder;
  WriteFile(folder / "m", bytes);
  const auto source = OpenFile(folder / "m");
  ASSERT_TRUE(source.ok());
  ASSERT_TRUE(WriteSample(folder / "m", **source, {}).ok());
  EXPECT_EQ(ReadFile(folder / "m"), SampleResult(bytes));
}

TEST(AtomicFile, PermissionsAreThoseGivenWhateverTheUmask) {
  TempFolder folder;
  const std::unique_ptr<ByteSource> source = FromMemory("m", "12345");
  const mode_t umask_before = umask(0);
  for (const mode_t mask : {0, 022, 077, 0777}) {
    for (const mode_t mode : {0600, 0640, 0664, 0444, 0755}) {
      umask(mask);
      const absl::Status written = WriteSample(folder / "out", *source, {.mode = mode});
      umask(umask_before);
      ASSERT_TRUE(written.ok()) << written;
      struct stat info = {};
      ASSERT_EQ(stat((folder / "out").c_str(), &info), 0);
      EXPECT_EQ(info.st_mode & 07777u, mode);
    }
  }
}

TEST(AtomicFile, ASymbolicLinkStaysALink) {
  TempFolder folder;
  WriteFile(folder / "real", "old");
  ASSERT_EQ(symlink("real", (folder / "link").c_str()), 0);
  ASSERT_EQ(symlink("link", (folder / "second").c_str()), 0);
  ASSERT_EQ(symlink("new", (folder / "dangling").c_str()), 0);
  const std::unique_ptr<ByteSource> source = FromMemory("m", "12345");
  ASSERT_TRUE(WriteSample(folder / "second", *source, {}).ok());
  EXPECT_EQ(ReadFile(folder / "real"), SampleResult("12345"));
  ASSERT_TRUE(WriteSample(folder / "dangling", *source, {}).ok());
  EXPECT_EQ(ReadFile(folder / "new"), SampleResult("12345"));
  EXPECT_THAT(folder.Names(), ElementsAre("dangling", "link", "new", "real", "second"));
  ASSERT_EQ(symlink("loop", (folder / "loop").c_str()), 0);
  EXPECT_FALSE(WriteSample(folder / "loop", *source, {}).ok());
}

TEST(AtomicFile, OtherHardLinksKeepTheOldBytes) {
  TempFolder folder;
  WriteFile(folder / "a", "old");
  ASSERT_EQ(link((folder / "a").c_str(), (folder / "b").c_str()), 0);
  ASSERT_TRUE(WriteSample(folder / "a", *FromMemory("m", "12345"), {}).ok());
  EXPECT_EQ(ReadFile(folder / "a"), SampleResult("12345"));
  EXPECT_EQ(ReadFile(folder / "b"), "old");
}

TEST(AtomicFile, WhatIsNoRegularFileIsNotReplaced) {
  TempFolder folder;
  const std::unique_ptr<ByteSource> source = FromMemory("m", "12345");
  ASSERT_EQ(mkdir((folder / "folder").c_str(), 0755), 0);
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0644), 0);
  for (const std::string& target : {folder / "folder", folder / "pipe", std::string("/dev/null")}) {
    EXPECT_EQ(WriteSample(target, *source, {}).code(), absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(WriteSample(folder / "none/out", *source, {}).code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(folder.Names(), ElementsAre("folder", "pipe"));
}

TEST(AtomicFile, WithoutReplaceAnExistingTargetIsRefused) {
  for (const bool nameless : {true, false}) {
    TempFolder folder;
    FailingOps ops;
    ops.nameless = nameless;
    const AtomicFileOptions options = {.replace = false, .ops = &ops};
    const std::unique_ptr<ByteSource> source = FromMemory("m", "12345");
    ASSERT_TRUE(WriteSample(folder / "out", *source, options).ok());
    EXPECT_EQ(WriteSample(folder / "out", *source, options).code(),
              absl::StatusCode::kAlreadyExists);
    EXPECT_EQ(ReadFile(folder / "out"), SampleResult("12345"));
    EXPECT_THAT(folder.Names(), ElementsAre("out"));
  }
}

TEST(AtomicFile, HolesStayHoles) {
  TempFolder folder;
  constexpr off_t kSize = off_t{3} << 30;
  const int fd = open((folder / "in").c_str(), O_RDWR | O_CREAT, 0644);
  ASSERT_GE(fd, 0);
  ASSERT_EQ(pwrite(fd, "begin", 5, 0), 5);
  ASSERT_EQ(pwrite(fd, "middle", 6, off_t{1} << 30), 6);
  ASSERT_EQ(ftruncate(fd, kSize), 0);
  close(fd);
  struct stat before = {};
  ASSERT_EQ(stat((folder / "in").c_str(), &before), 0);
  if (before.st_blocks > 1000) GTEST_SKIP() << "this file system has no holes";

  const auto source = OpenFile(folder / "in");
  ASSERT_TRUE(source.ok());
  absl::StatusOr<AtomicFile> file = AtomicFile::Create(folder / "out", {});
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE(file->Append("ab").ok());
  ASSERT_TRUE(file->AppendRange(**source, {0, static_cast<uint64_t>(kSize)}).ok());
  ASSERT_TRUE(file->Commit().ok());
  struct stat after = {};
  ASSERT_EQ(stat((folder / "out").c_str(), &after), 0);
  EXPECT_EQ(after.st_size, kSize + 2);
  EXPECT_LT(after.st_blocks, 1000);
  const auto out = OpenFile(folder / "out");
  ASSERT_TRUE(out.ok());
  char bytes[6];
  ASSERT_TRUE((*out)->ReadAt((uint64_t{1} << 30) + 2, bytes, 6).ok());
  EXPECT_EQ(std::string(bytes, 6), "middle");
}

TEST(AtomicFile, ASourceThatEndsEarlyIsAnError) {
  TempFolder folder;
  WriteFile(folder / "in", Pattern(600'000));
  const auto source = OpenFile(folder / "in");
  ASSERT_TRUE(source.ok());
  ASSERT_EQ(truncate((folder / "in").c_str(), 100'000), 0);
  EXPECT_FALSE(WriteSample(folder / "out", **source, {}).ok());
  EXPECT_THAT(folder.Names(), ElementsAre("in"));
}

}  // namespace
}  // namespace hoarfrost::wire
