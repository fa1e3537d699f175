#include "wire/byte_source.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <string>

#include "support/temp_folder.h"

namespace hoarfrost::wire {
namespace {

using ::hoarfrost::testing::TempFolder;
using ::hoarfrost::testing::WriteFile;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string Message(const absl::Status& status) { return std::string(status.message()); }

std::string ReadText(const ByteSource& source, uint64_t offset, size_t n) {
  std::string out(n, '?');
  const absl::StatusOr<size_t> got = source.ReadAt(offset, out.data(), n);
  EXPECT_TRUE(got.ok()) << got.status();
  out.resize(got.value_or(0));
  return out;
}

TEST(ByteSourceTest, FileAndMemoryReadAlike) {
  TempFolder folder;
  const std::string path = folder / "a.onnx";
  WriteFile(path, "0123456789");
  const auto file = OpenFile(path);
  ASSERT_TRUE(file.ok()) << file.status();
  const std::string bytes = "0123456789";
  const auto memory = FromMemory("<memory>", bytes);
  for (const ByteSource* source : {file->get(), memory.get()}) {
    EXPECT_EQ(source->size(), 10u);
    EXPECT_EQ(ReadText(*source, 0, 10), "0123456789");
    EXPECT_EQ(ReadText(*source, 3, 4), "3456");
    EXPECT_EQ(ReadText(*source, 8, 5), "89");  // less, at the end only
    EXPECT_EQ(ReadText(*source, 10, 5), "");
    EXPECT_EQ(ReadText(*source, ~uint64_t{0}, 5), "");
    EXPECT_EQ(ReadText(*source, 4, 0), "");
    EXPECT_TRUE(source->CheckUnchanged().ok());
  }
  EXPECT_EQ((*file)->name(), path);
  EXPECT_GE((*file)->descriptor(), 0);
  EXPECT_EQ((*file)->memory(), "");
  EXPECT_EQ(memory->name(), "<memory>");
  EXPECT_EQ(memory->descriptor(), -1);
  EXPECT_EQ(memory->memory(), "0123456789");
}

TEST(ByteSourceTest, SymbolicLinkIsFollowed) {
  TempFolder folder;
  WriteFile(folder / "a.onnx", "abc");
  std::filesystem::create_symlink("a.onnx", folder / "b.onnx");
  const auto file = OpenFile(folder / "b.onnx");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(ReadText(**file, 0, 3), "abc");
}

TEST(OpenFileTest, SaysWhatIsWrongWithThePath) {
  TempFolder folder;
  const std::string path = folder / "none.onnx";
  const absl::Status missing = OpenFile(path).status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(Message(missing), StartsWith(path + ": "));
  EXPECT_THAT(Message(missing), HasSubstr("No such file"));

  const absl::Status directory = OpenFile(folder.path()).status();
  EXPECT_EQ(directory.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Message(directory), StartsWith(folder.path() + ": "));
  EXPECT_THAT(Message(directory), HasSubstr("directory"));

  WriteFile(folder / "file", "x");
  EXPECT_EQ(OpenFile(folder / "file/x.onnx").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(OpenFile("").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(OpenFile(std::string("a\0b", 3)).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(OpenFile(folder / std::string(5000, 'n')).status().code(),
            absl::StatusCode::kInvalidArgument);

  std::filesystem::create_symlink("loop", folder / "loop");
  EXPECT_EQ(OpenFile(folder / "loop").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(OpenFileTest, WithoutPermissionIsPermissionDenied) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  TempFolder folder;
  WriteFile(folder / "a.onnx", "abc");
  chmod((folder / "a.onnx").c_str(), 0);
  const absl::Status status = OpenFile(folder / "a.onnx").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(Message(status), HasSubstr("Permission denied"));
}

TEST(OpenFileTest, NeverWaitsForAFifo) {
  TempFolder folder;
  ASSERT_EQ(mkfifo((folder / "pipe.onnx").c_str(), 0600), 0);
  const absl::Status status = OpenFile(folder / "pipe.onnx").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Message(status), HasSubstr("named pipe"));
}

TEST(OpenFileTest, NeverOpensADevice) {
  const absl::Status status = OpenFile("/dev/zero").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Message(status), HasSubstr("device"));
}

TEST(OpenFileTest, NamesASocket) {
  TempFolder folder;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = folder / "s";
  ASSERT_LT(path.size(), sizeof address.sun_path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_THAT(Message(OpenFile(path).status()), HasSubstr("socket"));
  close(fd);
}

TEST(OpenFileTest, EscapesTheNameInMessages) {
  EXPECT_THAT(Message(OpenFile("no\x1b[31mred").status()), StartsWith("no\\x1b[31mred: "));
}

TEST(FileSourceTest, ThatShrinksIsDataLossWithTheOffset) {
  TempFolder folder;
  const std::string path = folder / "a.onnx";
  WriteFile(path, std::string(10000, 'x'));
  const auto file = OpenFile(path);
  ASSERT_TRUE(file.ok());
  ASSERT_EQ(truncate(path.c_str(), 5000), 0);
  char buffer[100];
  EXPECT_TRUE((*file)->ReadAt(4900, buffer, 100).ok());
  const absl::Status status = (*file)->ReadAt(4950, buffer, 100).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(Message(status), StartsWith(path + ": "));
  EXPECT_THAT(Message(status), HasSubstr("5000"));
  EXPECT_THAT(Message(status), HasSubstr("10000"));
  EXPECT_EQ((*file)->CheckUnchanged().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(FileSourceTest, ThatGrowsIsChanged) {
  TempFolder folder;
  const std::string path = folder / "a.onnx";
  WriteFile(path, "abc");
  const auto file = OpenFile(path);
  ASSERT_TRUE(file.ok());
  ASSERT_EQ(truncate(path.c_str(), 4), 0);
  EXPECT_EQ((*file)->CheckUnchanged().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ((*file)->size(), 3u);
  EXPECT_EQ(ReadText(**file, 0, 10), "abc");  // still the file that was opened
}

TEST(FileSourceTest, WhoseTimeMovesIsChanged) {
  TempFolder folder;
  const std::string path = folder / "a.onnx";
  WriteFile(path, "abc");
  const auto file = OpenFile(path);
  ASSERT_TRUE(file.ok());
  EXPECT_TRUE((*file)->CheckUnchanged().ok());
  const timespec times[2] = {{1000, 0}, {1000, 1}};
  ASSERT_EQ(utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  const absl::Status status = (*file)->CheckUnchanged();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(Message(status), StartsWith(path + ": "));
}

TEST(FileSourceTest, ReplacedByRenameStaysWhatWasOpened) {
  TempFolder folder;
  const std::string path = folder / "a.onnx";
  WriteFile(path, "abc");
  const auto file = OpenFile(path);
  ASSERT_TRUE(file.ok());
  WriteFile(folder / "b.onnx", "other");
  std::filesystem::rename(folder / "b.onnx", path);
  EXPECT_EQ(ReadText(**file, 0, 10), "abc");
  EXPECT_TRUE((*file)->CheckUnchanged().ok());
}

}  // namespace
}  // namespace hoarfrost::wire
