#include "base/pattern.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace hoarfrost::base {
namespace {

struct Translated {
  std::string regex;
  std::string literal;
  bool is_literal = true;
};

std::string QuoteMeta(std::string_view bytes) {
  return re2::RE2::QuoteMeta(re2::StringPiece(bytes.data(), bytes.size()));
}

absl::Status Refuse(std::string_view glob, const char* why) {
  return absl::InvalidArgumentError(fmt::format("pattern {}: {}", Quote(glob), why));
}

// Appends the set that starts after the '[' at `i` and moves `i` behind its ']'.
absl::Status TranslateSet(std::string_view glob, size_t& i, std::string& regex) {
  size_t p = i;
  const bool negated = p < glob.size() && (glob[p] == '!' || glob[p] == '^');
  if (negated) ++p;
  std::string members;
  const size_t first = p;
  while (p < glob.size() && (glob[p] != ']' || p == first)) {
    if (glob[p] == '\\' && p + 1 < glob.size()) ++p;
    uint32_t code = 0;
    const size_t n = std::max<size_t>(DecodeUtf8(glob.substr(p), code), 1);
    // A '-' between two members stays a range; all else that a regex set would read is quoted.
    const bool range = glob[p] == '-' && p != first && p + 1 < glob.size() && glob[p + 1] != ']';
    members += range ? "-" : QuoteMeta(glob.substr(p, n));
    p += n;
  }
  if (p >= glob.size()) return Refuse(glob, "'[' has no ']' (write \\[ for the character)");
  regex += fmt::format("[{}{}]", negated ? "^" : "", members);
  i = p + 1;
  return absl::OkStatus();
}

absl::StatusOr<Translated> TranslateGlob(std::string_view glob) {
  Translated out;
  size_t i = 0;
  while (i < glob.size()) {
    const char c = glob[i];
    if (c == '*') {
      out.regex += "\\C*";
      out.is_literal = false;
      ++i;
    } else if (c == '?') {
      out.regex += "(?:(?s:.)|\\C)";
      out.is_literal = false;
      ++i;
    } else if (c == '[') {
      out.is_literal = false;
      ++i;
      if (absl::Status set = TranslateSet(glob, i, out.regex); !set.ok()) return set;
    } else {
      if (c == '\\' && ++i == glob.size()) {
        return Refuse(glob, "a '\\' at the end takes no character (write \\\\ for the character)");
      }
      uint32_t code = 0;
      const size_t n = DecodeUtf8(glob.substr(i), code);
      const std::string_view one = glob.substr(i, std::max<size_t>(n, 1));
      // RE2 reads its pattern as UTF-8; a stray byte can only be said as any byte, and is so rare
      // in a pattern that matching more than it is harmless.
      out.regex += n > 0 ? QuoteMeta(one) : "\\C";
      out.literal += one;
      i += one.size();
    }
  }
  return out;
}

}  // namespace

Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

absl::StatusOr<Pattern> Pattern::Compile(std::string_view text) {
  Pattern pattern;
  pattern.text_ = std::string(text);
  std::string regex;
  if (text.starts_with("re:")) {
    regex = std::string(text.substr(3));
  } else {
    absl::StatusOr<Translated> glob = TranslateGlob(text);
    if (!glob.ok()) return glob.status();
    if (glob->is_literal) {
      pattern.literal_ = std::move(glob->literal);
      return pattern;
    }
    regex = std::move(glob->regex);
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  pattern.regex_ = std::make_unique<re2::RE2>(regex, options);
  if (!pattern.regex_->ok()) {
    return absl::InvalidArgumentError(
        fmt::format("pattern {}: {}", Quote(text), Escape(pattern.regex_->error())));
  }
  return pattern;
}

bool Pattern::Matches(std::string_view name) const {
  if (regex_ == nullptr) return name == literal_;
  return re2::RE2::FullMatch(re2::StringPiece(name.data(), name.size()), *regex_);
}

bool MatchesPathOrAncestor(const Pattern& pattern, std::string_view path) {
  if (pattern.Matches(path)) return true;
  size_t end = path.find_first_of("./");
  while (end != std::string_view::npos) {
    if (pattern.Matches(path.substr(0, end))) return true;
    end = path.find_first_of("./", end + 1);
  }
  return false;
}

}  // namespace hoarfrost::base
