// A pattern over names: a GLOB, or `re:REGEX`. Both match a whole name, and in linear time.
//
// In a GLOB, `*` stands for any run of characters, separators such as '.' and '/' too, `?` for one
// character, `[abc]`, `[a-z]` and `[!a-z]` for one of a set; a backslash takes the next character
// as it is. A REGEX has the syntax of RE2. Names need not be valid UTF-8.
#ifndef HOARFROST_BASE_PATTERN_H_
#define HOARFROST_BASE_PATTERN_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace re2 {
class RE2;
}

namespace hoarfrost::base {

class Pattern {
 public:
  // InvalidArgument for a REGEX that RE2 refuses, or a GLOB with an open '[' or a lone '\' at its
  // end; the message says what is wrong.
  static absl::StatusOr<Pattern> Compile(std::string_view text);

  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;
  ~Pattern();

  bool Matches(std::string_view name) const;
  const std::string& text() const { return text_; }

  // True where the pattern is a plain name: it can match that name only.
  bool is_literal() const { return regex_ == nullptr; }

 private:
  Pattern() = default;

  std::string text_;     // as written
  std::string literal_;  // what a plain name says, escapes resolved
  std::unique_ptr<re2::RE2> regex_;
};

// True where a path, or a part of it that ends before a '.' or '/', matches: "backbone" takes all
// of "backbone.layer1.conv".
bool MatchesPathOrAncestor(const Pattern& pattern, std::string_view path);

}  // namespace hoarfrost::base

#endif  // HOARFROST_BASE_PATTERN_H_
