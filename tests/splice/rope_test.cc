#include "wire/rope.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>

namespace hoarfrost::wire {
namespace {

std::string ReadAll(const ByteSource& source) {
  std::string bytes(source.size(), '\0');
  absl::StatusOr<size_t> got = source.ReadAt(0, bytes.data(), bytes.size());
  EXPECT_TRUE(got.ok() && *got == bytes.size());
  return bytes;
}

TEST(Rope, NeighboursAreJoinedAndEmptyPiecesLeftOut) {
  Rope rope;
  rope.AppendRange({4, 2});
  rope.AppendRange({6, 3});
  rope.AppendLiteral("");
  rope.AppendLiteral("ab");
  rope.AppendLiteral("c");
  rope.AppendRange({9, 0});
  ASSERT_EQ(rope.pieces().size(), 2u);
  EXPECT_EQ(rope.pieces()[0].source, (Span{4, 5}));
  EXPECT_EQ(rope.pieces()[1].literal, "abc");
  EXPECT_EQ(rope.size(), 8u);
}

TEST(Rope, ReadingPastTheEndIsShort) {
  const std::unique_ptr<ByteSource> base = FromMemory("base", "0123456789");
  Rope rope;
  rope.AppendRange({2, 3});
  rope.AppendLiteral("xy");
  const std::unique_ptr<ByteSource> source = MakeRopeSource(rope, *base, "rope");
  EXPECT_EQ(ReadAll(*source), "234xy");
  char out[8];
  EXPECT_EQ(*source->ReadAt(3, out, 8), 2u);
  EXPECT_EQ(*source->ReadAt(5, out, 8), 0u);
  EXPECT_EQ(*source->ReadAt(1u << 20, out, 8), 0u);
}

TEST(Rope, FlatteningARopeOverARopeGivesTheSameBytesOverTheSource) {
  std::mt19937 random(7);
  const auto below = [&](size_t n) {
    return std::uniform_int_distribution<size_t>(0, n - 1)(random);
  };
  const auto make = [&](uint64_t size) {
    Rope rope;
    for (int i = 0; i < 12; ++i) {
      if (below(3) == 0) {
        rope.AppendLiteral(std::string(below(5), static_cast<char>('a' + i)));
      } else if (size > 0) {
        const uint64_t offset = below(size);
        rope.AppendRange({offset, below(size - offset + 1)});
      }
    }
    return rope;
  };
  std::string bytes(200, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i);
  const std::unique_ptr<ByteSource> base = FromMemory("base", bytes);
  for (int round = 0; round < 500; ++round) {
    const Rope inner = make(bytes.size());
    const Rope outer = make(inner.size());
    const std::unique_ptr<ByteSource> middle = MakeRopeSource(inner, *base, "inner");
    const std::string expected = ReadAll(*MakeRopeSource(outer, *middle, "outer"));
    const Rope flat = Flatten(outer, inner);
    EXPECT_EQ(flat.size(), outer.size());
    EXPECT_EQ(ReadAll(*MakeRopeSource(flat, *base, "flat")), expected);
  }
}

}  // namespace
}  // namespace hoarfrost::wire
