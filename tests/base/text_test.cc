#include "base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hoarfrost::base {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Escape, ShowsControlBytesAndInvalidUtf8AsHex) {
  EXPECT_EQ(Escape("a\x1b[31mb"), "a\\x1b[31mb");
  EXPECT_EQ(Escape("line\nnext\ttab"), "line\\nnext\\ttab");
  EXPECT_EQ(Escape("\xff\xfe"), "\\xff\\xfe");
  EXPECT_EQ(Escape("\xc2\x9b"), "\\xc2\\x9b") << "C1 control sequence introducer";
}

TEST(Escape, KeepsReadableUnicode) { EXPECT_EQ(Escape("größe_重み"), "größe_重み"); }

TEST(Escape, DisarmsBidirectionalOverrides) { EXPECT_EQ(Escape("a\u202Eb"), "a\\xe2\\x80\\xaeb"); }

TEST(Quote, CutsLongNamesInTheMiddle) {
  EXPECT_EQ(Quote(std::string(50, 'a') + std::string(50, 'b'), 10), "'aaaaa...bbbbb'");
}

TEST(Utf8, RefusesOverlongSurrogateAndCutSequences) {
  for (const char* bad : {"\xc0\x80", "\xed\xa0\x80", "\xe2\x82", "\xf5\x80\x80\x80", "\x80"}) {
    EXPECT_FALSE(IsValidUtf8(bad)) << Escape(bad);
  }
  EXPECT_TRUE(IsValidUtf8("\xf0\x9f\xa7\x8a"));
}

TEST(Utf8, ReplacementTurnsEachBadByteIntoOneReplacementCharacter) {
  EXPECT_EQ(ReplaceInvalidUtf8("a\xff"), "a\xEF\xBF\xBD");
}

TEST(Numbers, CommasEveryThreeDigits) {
  EXPECT_EQ(WithCommas(0), "0");
  EXPECT_EQ(WithCommas(999), "999");
  EXPECT_EQ(WithCommas(1050), "1,050");
  EXPECT_EQ(WithCommas(18446744073709551615u), "18,446,744,073,709,551,615");
}

// The three sizes that Keras prints for the 1,050 / 1,030 / 20 float32 parameters of a model.
TEST(Numbers, BytesAsKerasPrintsThem) {
  EXPECT_EQ(HumanBytes(1050 * 4), "4.10 KB");
  EXPECT_EQ(HumanBytes(1030 * 4), "4.02 KB");
  EXPECT_EQ(HumanBytes(20 * 4), "80.00 B");
}

TEST(NearNames, FindsTyposAndPartsNearestFirst) {
  EXPECT_THAT(NearNames("inspcet", {"freeze", "inspect", "thaw"}), ElementsAre("inspect"));
  EXPECT_THAT(NearNames("conv1", {"layer1.0.conv1.weight", "conv2", "fc"}),
              ElementsAre("conv2", "layer1.0.conv1.weight"));
  EXPECT_THAT(NearNames("zzzzzz", {"freeze", "inspect"}), IsEmpty());
}

}  // namespace
}  // namespace hoarfrost::base
