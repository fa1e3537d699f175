// Layer paths and misses: the small words that selection needs.
#ifndef HOARFROST_FREEZE_NAMES_H_
#define HOARFROST_FREEZE_NAMES_H_

#include <string>
#include <string_view>
#include <vector>

namespace hoarfrost::freeze {

// True for "a.b" within "a" and for a path within itself; '.' and '/' separate.
bool IsWithin(std::string_view path, std::string_view ancestor);

// The path itself, then each ancestor: "a/b.c", "a/b", "a".
std::vector<std::string_view> PathAndAncestors(std::string_view path);

// "; did you mean 'x' or 'y'?", or nothing. Names near to the pattern without its wildcards, else
// those whose last part is near to its own. Looks at distinct candidates only, and at no more than
// a few ten thousand of them.
std::string DidYouMean(std::string_view pattern, const std::vector<std::string_view>& candidates);

}  // namespace hoarfrost::freeze

#endif  // HOARFROST_FREEZE_NAMES_H_
