#include "wire/splice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "splice/wire_tree.h"

namespace hoarfrost::wire {
namespace {

using ::hoarfrost::testing::BytesField;
using ::hoarfrost::testing::Varint;
using ::hoarfrost::testing::VarintField;
using ::testing::HasSubstr;

std::string ReadAll(const ByteSource& source) {
  std::string bytes(source.size(), '\0');
  absl::StatusOr<size_t> got = source.ReadAt(0, bytes.data(), bytes.size());
  EXPECT_TRUE(got.ok() && *got == bytes.size());
  return bytes;
}

absl::StatusOr<std::string> Spliced(const std::string& bytes, const std::vector<Edit>& edits) {
  const std::unique_ptr<ByteSource> source = FromMemory("m", bytes);
  absl::StatusOr<std::vector<Change>> changes = FindChanges(*source, edits);
  if (!changes.ok()) return changes.status();
  const Rope rope = ApplyChanges(bytes.size(), *changes);
  return ReadAll(*MakeRopeSource(rope, *source, "spliced"));
}

std::string Result(const std::string& bytes, const std::vector<Edit>& edits) {
  absl::StatusOr<std::string> spliced = Spliced(bytes, edits);
  EXPECT_TRUE(spliced.ok()) << spliced.status();
  return spliced.ok() ? *spliced : "";
}

Edit Erase(FieldPath path) { return {EditKind::kErase, std::move(path), ""}; }

TEST(Splice, ErasingAnElementMendsTheLengthOfItsMessage) {
  const std::string a = BytesField(11, "aaaa");
  const std::string b = BytesField(11, "bb");
  const std::string c = BytesField(5, "cccccc");
  EXPECT_EQ(Result(BytesField(7, a + b + c), {Erase({{7, 0}, {11, 1}})}), BytesField(7, a + c));
}

TEST(Splice, WhatIsMovedIsARangeOfTheSourceAndCountsInLengths) {
  const std::string moved(300, 'w');  // its length takes two bytes
  const std::string a = BytesField(1, "node");
  const std::string b = BytesField(5, moved);
  const std::string bytes = BytesField(7, a + b);
  const uint64_t at = bytes.find(moved);
  Edit insert = {EditKind::kInsertBefore, {{7, kMerged}, {1, 0}}, std::string("<[") + "]>"};
  insert.insets = {{2, {at, moved.size()}}};
  EXPECT_EQ(Result(bytes, {insert, Erase({{7, kMerged}, {5, 0}})}),
            BytesField(7, "<[" + moved + "]>" + a));
  const std::unique_ptr<ByteSource> source = FromMemory("m", bytes);
  const auto changes = FindChanges(*source, {insert, Erase({{7, kMerged}, {5, 0}})});
  ASSERT_TRUE(changes.ok());
  const Rope rope = ApplyChanges(bytes.size(), *changes);
  for (const Rope::Piece& piece : rope.pieces()) {
    EXPECT_LT(piece.literal.size(), moved.size());
  }
}

TEST(Splice, OrdinalsCountThroughTheMergedPartsOfASingularMessage) {
  const std::string a = BytesField(11, "a");
  const std::string b = BytesField(11, "b");
  const std::string c = BytesField(11, "c");
  const std::string split = BytesField(7, a) + VarintField(1, 8) + BytesField(7, b + c);
  EXPECT_EQ(Result(split, {Erase({{7, kMerged}, {11, 1}})}),
            BytesField(7, a) + VarintField(1, 8) + BytesField(7, c));
  EXPECT_EQ(Result(split, {Erase({{7, kMerged}, {11, 0}}), Erase({{7, kMerged}, {11, 2}})}),
            BytesField(7, "") + VarintField(1, 8) + BytesField(7, b));
}

TEST(Splice, AppendingToAMergedMessageGoesToItsLastPart) {
  const std::string split = BytesField(7, "\x08\x01") + BytesField(7, "\x08\x02");
  EXPECT_EQ(Result(split, {{EditKind::kAppend, {{7, kMerged}}, "\x08\x03"}}),
            BytesField(7, "\x08\x01") + BytesField(7, std::string("\x08\x02\x08\x03")));
}

TEST(Splice, ALengthThatGrowsPastItsWidthGrowsAllLengthsAroundIt) {
  // Content of 127 bytes has a length of one byte; with 2 more it has two. The message around it
  // has 127 + 2 = 129 bytes (2 of length) and then 129 + 3 = 132.
  const std::string inner = BytesField(1, std::string(125, 'x'));
  ASSERT_EQ(inner.size(), 127u);
  const std::string bytes = BytesField(7, BytesField(2, inner));
  EXPECT_EQ(Result(bytes, {{EditKind::kAppend, {{7, 0}, {2, 0}}, VarintField(9, 1)}}),
            BytesField(7, BytesField(2, inner + VarintField(9, 1))));
}

TEST(Splice, APaddedLengthKeepsItsWidth) {
  const std::string keep = BytesField(5, "k");
  const std::string bytes = BytesField(7, BytesField(11, "gone") + keep, 5);
  EXPECT_EQ(Result(bytes, {Erase({{7, 0}, {11, 0}})}), BytesField(7, keep, 5));
}

TEST(Splice, APaddedLengthThatIsTooNarrowGrows) {
  // 2 bytes of width hold up to 16383.
  const std::string keep = BytesField(5, "k");
  const std::string big = BytesField(6, std::string(20000, 'b'));
  EXPECT_EQ(Result(BytesField(7, keep, 2), {{EditKind::kAppend, {{7, 0}}, big}}),
            BytesField(7, keep + big, 3));
}

TEST(Splice, ReplacingTheLastOfAScalarGivenTwiceReplacesItsValue) {
  const std::string bytes = VarintField(1, 2) + BytesField(7, "") + VarintField(1, 3);
  EXPECT_EQ(Result(bytes, {{EditKind::kReplace, {{1, kLast}}, VarintField(1, 4)}}),
            VarintField(1, 2) + BytesField(7, "") + VarintField(1, 4));
}

TEST(Splice, InsertingComesBeforeTheElementAndAppendingAtTheEnd) {
  const std::string bytes = BytesField(7, VarintField(1, 1) + VarintField(1, 2));
  EXPECT_EQ(
      Result(bytes, {{EditKind::kInsertBefore, {{7, 0}, {1, 1}}, VarintField(1, 9)},
                     {EditKind::kAppend, {{7, 0}}, VarintField(1, 3)},
                     {EditKind::kAppend, {}, VarintField(2, 5)}}),
      BytesField(7, VarintField(1, 1) + VarintField(1, 9) + VarintField(1, 2) + VarintField(1, 3)) +
          VarintField(2, 5));
}

TEST(Splice, UnknownFieldsAndGroupsStayAsTheyAre) {
  // Field 99 varint, field 98 as a group that holds a nested group, field 97 fixed64.
  const std::string group = "\x93\x06\x08\x01\x9b\x06\x9c\x06\x94\x06";
  const std::string odd = VarintField(99, 7) + group + "\x89\x06" + std::string("12345678");
  const std::string bytes = BytesField(7, odd + BytesField(11, "x") + odd) + odd;
  EXPECT_EQ(Result(bytes, {Erase({{7, 0}, {11, 0}})}), BytesField(7, odd + odd) + odd);
}

TEST(Splice, WithoutEditsEveryByteIsTheSources) {
  const std::string bytes = BytesField(7, "whatever") + VarintField(1, 3, 7);
  const std::unique_ptr<ByteSource> source = FromMemory("m", bytes);
  absl::StatusOr<std::vector<Change>> changes = FindChanges(*source, {});
  ASSERT_TRUE(changes.ok());
  const Rope rope = ApplyChanges(bytes.size(), *changes);
  ASSERT_EQ(rope.pieces().size(), 1u);
  EXPECT_EQ(rope.pieces()[0].source, (Span{0, bytes.size()}));
}

TEST(Splice, APathThatLeadsToNothingIsNotFound) {
  const std::string bytes = BytesField(7, BytesField(11, "x"));
  absl::StatusOr<std::string> spliced = Spliced(bytes, {Erase({{7, kMerged}, {11, 1}})});
  EXPECT_EQ(spliced.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(spliced.status().message()), HasSubstr("7.11[1]"));
  EXPECT_EQ(Spliced(bytes, {{EditKind::kAppend, {{8, kMerged}}, "\x08\x01"}}).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(Spliced(bytes, {{EditKind::kReplace, {{1, kLast}}, "\x08\x01"}}).status().code(),
            absl::StatusCode::kNotFound);
}

TEST(Splice, TwoEditsOfTheSameBytesAreRefused) {
  const std::string bytes = BytesField(7, BytesField(11, "\x08\x01"));
  const std::vector<std::vector<Edit>> clashes = {
      {Erase({{7, 0}, {11, 0}}), Erase({{7, 0}, {11, 0}})},
      {Erase({{7, 0}}), Erase({{7, 0}, {11, 0}})},
      {Erase({{7, 0}, {11, 0}}), Erase({{7, 0}})},
      {Erase({{7, 0}}), {EditKind::kAppend, {{7, 0}}, "\x08\x01"}},
      {Erase({{7, kMerged}, {11, 0}}), Erase({{7, 0}})},
      {Erase({})},
  };
  for (const std::vector<Edit>& edits : clashes) {
    EXPECT_EQ(Spliced(bytes, edits).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST(Splice, ASourceThatIsNoMessageIsRefusedWithTheByte) {
  for (const std::string& bytes :
       {BytesField(7, std::string("\x5a\x20x", 3)), BytesField(7, "\x5a"), BytesField(7, "\x5c"),
        BytesField(7, std::string("\x00\x00", 2)), BytesField(7, "\x5e\x01"),
        BytesField(7, "\x5b\x08\x01"), BytesField(7, "\x5b\x64"),
        BytesField(7, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")}) {
    absl::StatusOr<std::string> spliced = Spliced(bytes, {Erase({{7, 0}, {11, 0}})});
    EXPECT_FALSE(spliced.ok());
  }
}

// A file of any size that is all one field; only its head is ever read.
class HugeSource final : public ByteSource {
 public:
  explicit HugeSource(uint64_t content)
      : head_(BytesHead(content)), size_(head_.size() + content) {}
  uint64_t size() const override { return size_; }
  const std::string& name() const override { return name_; }
  absl::Status CheckUnchanged() const override { return absl::OkStatus(); }
  absl::StatusOr<size_t> ReadAt(uint64_t offset, char* out, size_t n) const override {
    n = static_cast<size_t>(std::min<uint64_t>(n, size_ - std::min(offset, size_)));
    for (size_t i = 0; i < n; ++i) {
      out[i] = offset + i < head_.size() ? head_[static_cast<size_t>(offset) + i] : 'x';
    }
    return n;
  }

 private:
  // Field 7, and in it a field 5 up to its end.
  static std::string BytesHead(uint64_t content) {
    std::string inner = "\x2a" + Varint(content - 6, 5);
    return "\x3a" + Varint(content, 5) + inner;
  }
  std::string head_;
  uint64_t size_;
  std::string name_ = "huge";
};

TEST(Splice, GrowingPastTwoGibIsAnErrorThatSaysWhatToDo) {
  constexpr uint64_t kLimit = 2147483647;
  const Edit append = {EditKind::kAppend, {}, VarintField(1, 1)};
  const HugeSource fits(kLimit - 6 - 2 - 6);  // exactly at the limit after two bytes more
  EXPECT_TRUE(FindChanges(fits, {append}).ok());
  const HugeSource full(kLimit - 6 - 1 - 6);
  const absl::Status status = FindChanges(full, {append}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), HasSubstr("external data"));
  // One that was too large before has its readers, and keeps them.
  EXPECT_TRUE(FindChanges(HugeSource(kLimit + 1), {append}).ok());
}

}  // namespace
}  // namespace hoarfrost::wire
