#include "base/pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hoarfrost::base {
namespace {

using ::testing::HasSubstr;

bool Matches(std::string_view pattern, std::string_view name) {
  const absl::StatusOr<Pattern> compiled = Pattern::Compile(pattern);
  EXPECT_TRUE(compiled.ok()) << compiled.status().ToString();
  return compiled.ok() && compiled->Matches(name);
}

std::string Refusal(std::string_view pattern) {
  const absl::StatusOr<Pattern> compiled = Pattern::Compile(pattern);
  return compiled.ok() ? "" : std::string(compiled.status().message());
}

TEST(Glob, MatchesAWholeName) {
  EXPECT_TRUE(Matches("conv1", "conv1"));
  EXPECT_FALSE(Matches("conv1", "conv10"));
  EXPECT_FALSE(Matches("conv1", "my.conv1"));
  EXPECT_TRUE(Matches("", ""));
  EXPECT_FALSE(Matches("", "x"));
}

TEST(Glob, AStarCrossesSeparatorsAndLines) {
  EXPECT_TRUE(Matches("backbone*weight", "backbone.layer1/conv.weight"));
  EXPECT_TRUE(Matches("*", ""));
  EXPECT_TRUE(Matches("*", "a\nb\xFF"));
  EXPECT_FALSE(Matches("*.bias", "layer.weight"));
}

TEST(Glob, AQuestionMarkIsOneCharacter) {
  EXPECT_TRUE(Matches("layer?", "layer1"));
  EXPECT_FALSE(Matches("layer?", "layer"));
  EXPECT_FALSE(Matches("layer?", "layer12"));
  EXPECT_TRUE(Matches("?", "\xE5\xB1\x82"));
  EXPECT_TRUE(Matches("?", "\xFF"));
}

TEST(Glob, ASetIsOneOfItsMembers) {
  EXPECT_TRUE(Matches("layer[12]", "layer2"));
  EXPECT_FALSE(Matches("layer[12]", "layer3"));
  EXPECT_TRUE(Matches("layer[1-4]", "layer3"));
  EXPECT_FALSE(Matches("layer[!1-4]", "layer3"));
  EXPECT_TRUE(Matches("layer[!1-4]", "layer7"));
  EXPECT_TRUE(Matches("[]]", "]"));
  EXPECT_TRUE(Matches("[a-]", "-"));
  EXPECT_TRUE(Matches("[.^$]", "^"));
}

TEST(Glob, WhatARegexWouldReadIsItself) {
  EXPECT_TRUE(Matches("a.b(c)+{2}|^$", "a.b(c)+{2}|^$"));
  EXPECT_FALSE(Matches("a.b", "axb"));
  EXPECT_TRUE(Matches("\\*\\?\\[", "*?["));
  EXPECT_FALSE(Matches("\\*", "x"));
  EXPECT_TRUE(Matches("a.b*", "a.bc"));
  EXPECT_FALSE(Matches("a.b*", "axbc"));
}

TEST(Glob, SaysWhatIsWrong) {
  EXPECT_THAT(Refusal("layer["), HasSubstr("']'"));
  EXPECT_THAT(Refusal("layer[]"), HasSubstr("']'"));
  EXPECT_THAT(Refusal("layer\\"), HasSubstr("\\"));
}

TEST(Regex, MatchesAWholeName) {
  EXPECT_TRUE(Matches("re:layer[12]\\..*", "layer1.conv"));
  EXPECT_FALSE(Matches("re:layer[12]", "layer12"));
  EXPECT_THAT(Refusal("re:("), HasSubstr("re:("));
}

TEST(Regex, TakesLinearTimeOnAnyInput) {
  // Exponential for a matcher that backtracks.
  EXPECT_FALSE(Matches("re:(a*)*(a*)*(a*)*b", std::string(100000, 'a')));
  EXPECT_FALSE(Matches("*a*a*a*a*a*a*a*a*a*b", std::string(100000, 'a')));
}

TEST(Pattern, KnowsAPlainName) {
  EXPECT_TRUE(Pattern::Compile("conv1.weight")->is_literal());
  EXPECT_TRUE(Pattern::Compile("\\*")->is_literal());
  EXPECT_FALSE(Pattern::Compile("conv*")->is_literal());
  EXPECT_FALSE(Pattern::Compile("re:conv1")->is_literal());
}

TEST(Pattern, OfAnAncestorTakesTheWholeSubtree) {
  const absl::StatusOr<Pattern> pattern = Pattern::Compile("backbone.layer1");
  ASSERT_TRUE(pattern.ok());
  EXPECT_TRUE(MatchesPathOrAncestor(*pattern, "backbone.layer1"));
  EXPECT_TRUE(MatchesPathOrAncestor(*pattern, "backbone.layer1.conv/x"));
  EXPECT_FALSE(MatchesPathOrAncestor(*pattern, "backbone.layer12.conv"));
  EXPECT_FALSE(MatchesPathOrAncestor(*pattern, "backbone"));
}

}  // namespace
}  // namespace hoarfrost::base
