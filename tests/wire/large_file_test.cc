// Files past 2 GiB, most of them holes: nothing on the disk, and nothing read of their payloads.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "support/temp_folder.h"
#include "wire/skeleton.h"
#include "wire/wire_text.h"

namespace hoarfrost::wire {
namespace {

using ::hoarfrost::testing::TempFolder;
using ::hoarfrost::testing::wire_text::Bytes;
using ::hoarfrost::testing::wire_text::Number;
using ::hoarfrost::testing::wire_text::Tag;
using ::hoarfrost::testing::wire_text::Varint;
using ::testing::HasSubstr;

// A file of literal bytes and holes.
class SparseFile {
 public:
  explicit SparseFile(const std::string& path)
      : fd_(open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600)) {}
  ~SparseFile() { close(fd_); }
  void Write(const std::string& bytes) {
    EXPECT_EQ(pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(size_)),
              static_cast<ssize_t>(bytes.size()));
    size_ += bytes.size();
  }
  [[nodiscard]] bool Hole(uint64_t bytes) {
    size_ += bytes;
    return ftruncate(fd_, static_cast<off_t>(size_)) == 0;
  }
  uint64_t size() const { return size_; }

 private:
  const int fd_;
  uint64_t size_ = 0;
};

struct Piece {
  std::string head;  // a tensor's fields, up to and with its payload's tag and length
  uint64_t payload;  // bytes
};

uint64_t SizeOf(const Piece& piece) { return piece.head.size() + piece.payload; }

Piece RawTensor(const std::string& name, uint64_t payload) {
  return {Bytes(8, name) + Tag(9, 2) + Varint(payload), payload};
}

// Writes a model with one graph of such tensors; false where the file system has no such files.
bool WriteModel(const std::string& path, const std::vector<Piece>& tensors) {
  uint64_t graph = 0;
  std::vector<std::string> heads;
  for (const Piece& tensor : tensors) {
    heads.push_back(Tag(5, 2) + Varint(SizeOf(tensor)) + tensor.head);
    graph += heads.back().size() + tensor.payload;
  }
  SparseFile file(path);
  file.Write(Number(1, 8) + Tag(7, 2) + Varint(graph));
  for (size_t i = 0; i < tensors.size(); ++i) {
    file.Write(heads[i]);
    if (!file.Hole(tensors[i].payload)) return false;
  }
  file.Write(Bytes(8, Number(2, 17)));
  return true;
}

constexpr uint64_t kGiB = uint64_t{1} << 30;

TEST(LargeFileTest, GraphAndTensorsPast2GiBAreRead) {
  TempFolder folder;
  const std::string path = folder / "big.onnx";
  const std::vector<Piece> tensors = {RawTensor("a", 3 * kGiB), RawTensor("b", 5),
                                      RawTensor("c", 2 * kGiB)};
  if (!WriteModel(path, tensors)) GTEST_SKIP() << "no files of this size here";
  const auto source = OpenFile(path);
  ASSERT_TRUE(source.ok()) << source.status();
  ASSERT_GT((*source)->size(), 5 * kGiB);
  const auto skeleton = ReadSkeleton(**source);
  ASSERT_TRUE(skeleton.ok()) << skeleton.status();
  const onnx::GraphProto& graph = skeleton->model().graph();
  ASSERT_EQ(graph.initializer_size(), 3);
  EXPECT_EQ(skeleton->model().opset_import(0).version(), 17);
  uint64_t end = (*source)->size() - Bytes(8, Number(2, 17)).size();
  for (int i = 2; i >= 0; --i) {
    const Piece& piece = tensors[static_cast<size_t>(i)];
    const auto parts = skeleton->PayloadOf(graph.initializer(i));
    ASSERT_EQ(parts.size(), 1u);
    EXPECT_EQ(parts[0].span, (Span{end - piece.payload, piece.payload}));
    EXPECT_EQ(parts[0].kept, piece.payload == 5);
    end -= SizeOf(piece) + Tag(5, 2).size() + Varint(SizeOf(piece)).size();
  }
}

TEST(LargeFileTest, LengthsThatTakeSixBytesAreRead) {
  TempFolder folder;
  const std::string path = folder / "huge.onnx";
  const uint64_t payload = uint64_t{1} << 36;
  if (!WriteModel(path, {RawTensor("a", payload)})) GTEST_SKIP() << "no files of this size here";
  const auto source = OpenFile(path);
  ASSERT_TRUE(source.ok()) << source.status();
  const auto skeleton = ReadSkeleton(**source);
  ASSERT_TRUE(skeleton.ok()) << skeleton.status();
  const onnx::TensorProto& tensor = skeleton->model().graph().initializer(0);
  EXPECT_EQ(tensor.name(), "a");
  ASSERT_EQ(skeleton->PayloadOf(tensor).size(), 1u);
  EXPECT_EQ(skeleton->PayloadOf(tensor)[0].span.length, payload);
}

TEST(LargeFileTest, CutPast2GiBIsToldWithTheOffset) {
  TempFolder folder;
  const std::string path = folder / "cut.onnx";
  if (!WriteModel(path, {RawTensor("a", 3 * kGiB)})) GTEST_SKIP() << "no files of this size here";
  ASSERT_EQ(truncate(path.c_str(), static_cast<off_t>(2 * kGiB + 1)), 0);
  const auto source = OpenFile(path);
  ASSERT_TRUE(source.ok());
  const absl::Status status = ReadSkeleton(**source).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("cut off at byte 2147483649"));
}

TEST(LargeFileTest, NameOf3GiBIsRefusedBeforeItTakesMemory) {
  TempFolder folder;
  const std::string path = folder / "name.onnx";
  // The name is all zeros: a hole.
  const uint64_t size = 3 * kGiB;
  {
    SparseFile file(path);
    file.Write(Number(1, 8) + Bytes(7, "") + Tag(2, 2) + Varint(size));
    if (!file.Hole(size)) GTEST_SKIP() << "no files of this size here";
  }
  const auto source = OpenFile(path);
  ASSERT_TRUE(source.ok());
  const absl::Status status = ReadSkeleton(**source).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("protobuf can hold"));
}

}  // namespace
}  // namespace hoarfrost::wire
