#include "freeze/names.h"

#include <fmt/format.h>

#include "base/hash.h"
#include "base/text.h"

namespace hoarfrost::freeze {
namespace {

constexpr size_t kMostCandidates = 20'000;

bool IsSeparator(char c) { return c == '.' || c == '/'; }

}  // namespace

bool IsWithin(std::string_view path, std::string_view ancestor) {
  if (!path.starts_with(ancestor)) return false;
  return path.size() == ancestor.size() || IsSeparator(path[ancestor.size()]);
}

std::vector<std::string_view> PathAndAncestors(std::string_view path) {
  std::vector<std::string_view> paths = {path};
  for (size_t i = path.size(); i-- > 1;) {
    if (IsSeparator(path[i])) paths.push_back(path.substr(0, i));
  }
  return paths;
}

std::string DidYouMean(std::string_view word, const std::vector<std::string_view>& candidates) {
  base::ViewSet seen;
  std::vector<std::string_view> distinct;
  for (const std::string_view candidate : candidates) {
    if (distinct.size() == kMostCandidates) break;
    if (!candidate.empty() && seen.insert(candidate).second) distinct.push_back(candidate);
  }
  const std::vector<std::string> near = base::NearNames(word, distinct);
  std::string text;
  for (size_t i = 0; i < near.size(); ++i) {
    text += fmt::format("{}{}", i == 0 ? "; did you mean " : " or ", base::Quote(near[i]));
  }
  return text.empty() ? text : text + "?";
}

}  // namespace hoarfrost::freeze
