#include "wire/not_a_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "wire/skeleton.h"
#include "wire/wire_text.h"

namespace hoarfrost::wire {
namespace {

using ::hoarfrost::testing::wire_text::Bytes;
using ::testing::HasSubstr;

std::string Refusal(const std::string& bytes) {
  const auto source = FromMemory("dir/m.onnx", bytes);
  const absl::StatusOr<Skeleton> skeleton = ReadSkeleton(*source);
  if (skeleton.ok()) return "";
  EXPECT_EQ(skeleton.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(skeleton.status().message());
}

// Heads as the programs in question write them, padded with what is no text.
TEST(NotAModelTest, IsCalledByItsName) {
  const std::string tail = std::string(600, '\xff') + std::string(10, '\0');
  const struct {
    std::string head;
    const char* words;
  } kCases[] = {
      {std::string("\x1f\x8b\x08\x00", 4), "dir/m.onnx: is gzip-compressed, not an ONNX model"},
      {"PK\x03\x04\x14", "is a zip archive"},
      {"BZh91AY&SY", "bzip2"},
      {std::string("\xfd"
                   "7zXZ\0\0",
                   7),
       "xz-compressed"},
      {"\x28\xb5\x2f\xfd\x24", "zstd"},
      {"7z\xbc\xaf\x27\x1c", "7-Zip"},
      {"\x89HDF\r\n\x1a\n", "HDF5"},
      {"GGUF\3", "GGUF"},
      {"\x93NUMPY\1", "NumPy"},
      {"\x7f"
       "ELF\2",
       "ELF"},
      {std::string("\x20\0\0\0ORTM", 8), "ONNX Runtime's own format"},
      {std::string("\x1c\0\0\0TFL3", 8), "TensorFlow Lite"},
      {std::string("\x58\0\0\0\0\0\0\0{\"w\":", 13), "safetensors"},
      {"\x80\4\x95", "pickle"},
      {std::string(257, 'n') + "ustar", "tar archive"},
  };
  for (const auto& c : kCases) EXPECT_THAT(Refusal(c.head + tail), HasSubstr(c.words));
}

TEST(NotAModelTest, GitLfsPointerSaysHowToGetTheModel) {
  const std::string text = Refusal(
      "version https://git-lfs.github.com/spec/v1\n"
      "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\n"
      "size 12345\n");
  EXPECT_THAT(text, HasSubstr("dir/m.onnx: is a Git LFS pointer"));
  EXPECT_THAT(text, HasSubstr("12345 bytes"));
  EXPECT_THAT(text, HasSubstr("git lfs pull"));
  EXPECT_THAT(Refusal("version https://git-lfs.github.com/spec/v1\n"), HasSubstr("Git LFS"));
}

TEST(NotAModelTest, TextIsToldFromHtmlAndJson) {
  EXPECT_THAT(Refusal("<!DOCTYPE html>\n<html><head>"), HasSubstr("HTML page"));
  EXPECT_THAT(Refusal("\n  <HTML lang=\"en\">"), HasSubstr("HTML page"));
  EXPECT_THAT(Refusal("<?xml version=\"1.0\"?>\n<net/>"), HasSubstr("XML"));
  EXPECT_THAT(Refusal("{\"error\": \"not found\"}"), HasSubstr("JSON"));
  EXPECT_THAT(Refusal("The quick brown fox"), HasSubstr("is a text file"));
  EXPECT_THAT(Refusal("\xef\xbb\xbf"
                      "with a mark"),
              HasSubstr("is a text file"));
  EXPECT_THAT(Refusal("Gr\xc3\xbc\xc3\x9f"
                      "e\n"),
              HasSubstr("is a text file"));
  EXPECT_THAT(Refusal(" \n\n\t"), HasSubstr("is blank"));
  // Cut in the middle of a character by what we look at.
  EXPECT_THAT(Refusal("x" + std::string(510, 'y') + "\xc3\xbc" + "zzz"), HasSubstr("text file"));
}

TEST(NotAModelTest, ZerosAreAnUnfinishedDownload) {
  EXPECT_THAT(Refusal(std::string(5000, '\0')), HasSubstr("zero bytes only"));
}

TEST(NotAModelTest, WhatNothingGivesAwayIsADamagedModel) {
  EXPECT_EQ(DescribeOtherFormat("\x08\x07\x12\x05hello\x0f"), "");
  EXPECT_THAT(Refusal(std::string("\x08\x07\x12\x05hello\x0f")), HasSubstr("at byte 9"));
}

TEST(NotAModelTest, ModelThatLooksLikeAnotherFormatIsAModel) {
  // Field 10 of type varint ('P') is unknown and legal; so is "GGUF" as fields 8, 8, 10, 8...
  const std::string graph = Bytes(7, "");
  EXPECT_EQ(Refusal("PK" + graph), "");
  // All printable: a graph of 32 bytes whose name is 30 bytes long.
  EXPECT_EQ(
      Refusal(":" + std::string(1, ' ') + "\x12" + std::string(1, '\x1e') + std::string(30, 'n')),
      "");
}

}  // namespace
}  // namespace hoarfrost::wire
