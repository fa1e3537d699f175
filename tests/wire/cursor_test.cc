#include "wire/cursor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "wire/wire_text.h"

namespace hoarfrost::wire {
namespace {

using ::hoarfrost::testing::wire_text::Varint;

// Notes down what is read; fails from a given offset on.
class WatchedSource final : public ByteSource {
 public:
  explicit WatchedSource(std::string bytes, uint64_t broken_from = ~uint64_t{0})
      : bytes_(std::move(bytes)), broken_from_(broken_from) {}
  uint64_t size() const override { return bytes_.size(); }
  const std::string& name() const override { return name_; }
  absl::Status CheckUnchanged() const override { return absl::OkStatus(); }
  absl::StatusOr<size_t> ReadAt(uint64_t offset, char* out, size_t n) const override {
    reads.emplace_back(offset, n);
    if (offset + n > broken_from_) return absl::DataLossError("broken");
    if (offset >= bytes_.size()) return size_t{0};
    n = std::min(n, bytes_.size() - static_cast<size_t>(offset));
    std::copy_n(bytes_.data() + offset, n, out);
    return n;
  }

  mutable std::vector<std::pair<uint64_t, size_t>> reads;

 private:
  const std::string name_ = "watched";
  const std::string bytes_;
  const uint64_t broken_from_;
};

constexpr uint64_t kNumbers[] = {0,
                                 1,
                                 127,
                                 128,
                                 300,
                                 16383,
                                 16384,
                                 (uint64_t{1} << 35) - 1,
                                 uint64_t{1} << 35,
                                 uint64_t{1} << 63,
                                 ~uint64_t{0}};

TEST(CursorTest, ReadsVarintsOfEveryWidthAtEveryPlaceOfAWindow) {
  // The first window ends at 4096; each number is put at every distance from there.
  for (const uint64_t number : kNumbers) {
    for (size_t width = VarintSize(number); width <= 10; ++width) {
      for (size_t before = 4096 - 12; before <= 4096 + 2; ++before) {
        const WatchedSource source(std::string(before, '\1') + Varint(number, width) + "\x2a");
        Cursor in(source);
        uint64_t value = 0;
        for (size_t i = 0; i < before; ++i) ASSERT_TRUE(in.ReadVarint(source.size(), value));
        ASSERT_TRUE(in.ReadVarint(source.size(), value)) << number << " at " << before;
        EXPECT_EQ(value, number);
        EXPECT_EQ(in.position(), before + width);
        ASSERT_TRUE(in.ReadVarint(source.size(), value));
        EXPECT_EQ(value, 0x2au);
      }
    }
  }
}

TEST(CursorTest, VarintThatDoesNotEndIsToldFromOneThatIsTooLong) {
  uint64_t value = 0;
  const std::string cut(9, '\xff');
  const WatchedSource cut_source(cut);
  Cursor in_cut(cut_source);
  EXPECT_FALSE(in_cut.ReadVarint(cut.size(), value));
  EXPECT_EQ(in_cut.error(), WireError::kCut);

  const std::string endless(11, '\xff');
  const WatchedSource endless_source(endless);
  Cursor in_endless(endless_source);
  EXPECT_FALSE(in_endless.ReadVarint(endless.size(), value));
  EXPECT_EQ(in_endless.error(), WireError::kLongVarint);
}

TEST(CursorTest, NothingPastTheEndThatIsGivenIsTaken) {
  const WatchedSource source(Varint(300) + Varint(5));
  for (uint64_t end = 0; end < 2; ++end) {
    uint64_t value = 0;
    uint32_t tag = 0;
    Cursor in(source);
    EXPECT_FALSE(in.ReadVarint(end, value));
    EXPECT_EQ(in.error(), WireError::kCut);
    EXPECT_FALSE(in.ReadTag(end, tag));
    EXPECT_EQ(in.error(), WireError::kCut);
    EXPECT_FALSE(in.ReadLength(end, value));
    EXPECT_EQ(in.error(), WireError::kCut);
  }
  uint64_t value = 0;
  Cursor in(source);
  EXPECT_TRUE(in.ReadVarint(2, value));
  EXPECT_EQ(value, 300u);
}

TEST(CursorTest, ValueAtTheVeryEndOfTheSourceIsRead) {
  for (const size_t before : {0, 1, 4095, 4096, 4097, 12287, 12288, 12289}) {
    const WatchedSource source(std::string(before, '\1') + Varint(300));
    Cursor in(source);
    in.Seek(before);
    uint64_t value = 0;
    EXPECT_TRUE(in.ReadVarint(source.size(), value));
    EXPECT_EQ(value, 300u);
    EXPECT_EQ(in.available(), 0u);
    EXPECT_FALSE(in.ReadVarint(source.size(), value));
    EXPECT_EQ(in.error(), WireError::kCut);
  }
}

TEST(CursorTest, TagsTakeFiveBytesAnd32BitsAtMost) {
  const auto read = [](const std::string& bytes, uint32_t& tag) {
    const WatchedSource source(bytes);
    Cursor in(source);
    return in.ReadTag(bytes.size(), tag) ? WireError::kNone : in.error();
  };
  uint32_t tag = 0;
  EXPECT_EQ(read(Varint(10, 5), tag), WireError::kNone);
  EXPECT_EQ(tag, 10u);
  EXPECT_EQ(read(Varint(UINT32_MAX), tag), WireError::kNone);
  EXPECT_EQ(tag, UINT32_MAX);
  EXPECT_EQ(read(Varint(uint64_t{UINT32_MAX} + 1), tag), WireError::kBadTag);
  EXPECT_EQ(read(Varint(10, 6), tag), WireError::kBadTag);
  EXPECT_EQ(read(std::string(4, '\x80'), tag), WireError::kCut);
}

TEST(CursorTest, LengthsArePaddedToFiveBytesAtMost) {
  const auto read = [](const std::string& bytes, uint64_t& length) {
    const WatchedSource source(bytes);
    Cursor in(source);
    return in.ReadLength(bytes.size(), length) ? WireError::kNone : in.error();
  };
  uint64_t length = 0;
  EXPECT_EQ(read(Varint(3, 5), length), WireError::kNone);
  EXPECT_EQ(length, 3u);
  EXPECT_EQ(read(Varint(3, 6), length), WireError::kLongLength);
  EXPECT_EQ(read(Varint(uint64_t{1} << 35), length), WireError::kNone);  // needs six
  EXPECT_EQ(length, uint64_t{1} << 35);
  EXPECT_EQ(read(Varint(uint64_t{1} << 35, 7), length), WireError::kLongLength);
}

TEST(CursorTest, WindowsGrowWhileReadingOnAndAreSmallAfterAJump) {
  const WatchedSource source(std::string(1 << 20, '\1'));
  Cursor in(source);
  uint64_t value = 0;
  for (size_t i = 0; i < 200000; ++i) ASSERT_TRUE(in.ReadVarint(source.size(), value));
  ASSERT_GE(source.reads.size(), 4u);
  EXPECT_EQ(source.reads[0].second, Cursor::kSmallestWindow);
  EXPECT_EQ(source.reads[1].second, 2 * Cursor::kSmallestWindow);
  EXPECT_EQ(source.reads[2].second, 4 * Cursor::kSmallestWindow);
  EXPECT_LT(source.reads.size(), 10u);
  uint64_t next = 0;
  for (const auto& [offset, n] : source.reads) {
    EXPECT_EQ(offset, next) << "a byte was read twice, or none";
    EXPECT_LE(n, Cursor::kLargestWindow);
    next = offset + n;
  }

  source.reads.clear();
  in.Skip(600000);
  ASSERT_TRUE(in.ReadVarint(source.size(), value));
  ASSERT_EQ(source.reads.size(), 1u);
  EXPECT_EQ(source.reads[0], std::make_pair(uint64_t{800000}, Cursor::kSmallestWindow));
}

TEST(CursorTest, SkippingLargePiecesReadsAWindowForEach) {
  const WatchedSource source(std::string(10 << 20, '\1'));
  Cursor in(source);
  uint64_t value = 0;
  for (int i = 0; i < 9; ++i) {
    ASSERT_TRUE(in.ReadVarint(source.size(), value));
    in.Skip(1 << 20);
  }
  EXPECT_EQ(source.reads.size(), 9u);
  for (const auto& read : source.reads) EXPECT_EQ(read.second, Cursor::kSmallestWindow);
}

TEST(CursorTest, SeekInsideTheWindowReadsNothing) {
  const WatchedSource source("\1\2\3\4");
  Cursor in(source);
  uint64_t value = 0;
  ASSERT_TRUE(in.ReadVarint(4, value));
  ASSERT_TRUE(in.ReadVarint(4, value));
  in.Seek(0);
  ASSERT_TRUE(in.ReadVarint(4, value));
  EXPECT_EQ(value, 1u);
  in.Seek(4);
  EXPECT_EQ(in.position(), 4u);
  EXPECT_EQ(source.reads.size(), 1u);
}

TEST(CursorTest, FillGivesAsManyBytesAsAskedOrAllThatAreLeft) {
  const WatchedSource source(std::string(200000, 'x'));
  Cursor in(source);
  ASSERT_TRUE(in.Fill(100000));
  EXPECT_GE(in.available(), 100000u);
  in.Seek(199990);
  ASSERT_TRUE(in.Fill(100000));
  EXPECT_EQ(in.available(), 10u);
  EXPECT_EQ(in.data()[9], 'x');
}

TEST(CursorTest, SourceThatFailsIsTold) {
  const WatchedSource source(std::string(10000, '\1'), 4096);
  Cursor in(source);
  uint64_t value = 0;
  bool ok = true;
  for (int i = 0; i < 5000 && ok; ++i) ok = in.ReadVarint(source.size(), value);
  EXPECT_FALSE(ok);
  EXPECT_EQ(in.error(), WireError::kSource);
  EXPECT_EQ(in.status().code(), absl::StatusCode::kDataLoss);
}

TEST(PutVarintTest, WritesTheWidthAskedFor) {
  for (const uint64_t number : kNumbers) {
    for (size_t width = VarintSize(number); width <= 10; ++width) {
      std::string out(width, '\0');
      PutVarint(number, width, out.data());
      EXPECT_EQ(out, Varint(number, width));
    }
    std::string out = "x";
    PutVarint(number, out);
    EXPECT_EQ(out, "x" + Varint(number));
  }
}

TEST(DecodeVarintTest, DropsBitsPastThe64th) {
  uint64_t value = 0;
  const std::string bytes = std::string(9, '\xff') + "\x7f";
  EXPECT_EQ(DecodeVarint(bytes.data(), value), bytes.data() + 10);
  EXPECT_EQ(value, ~uint64_t{0});
}

}  // namespace
}  // namespace hoarfrost::wire
