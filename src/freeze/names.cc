#include "freeze/names.h"

#include <fmt/format.h>

#include "base/hash.h"
#include "base/text.h"

namespace hoarfrost::freeze {
namespace {

constexpr size_t kMostCandidates = 20'000;

bool IsSeparator(char c) { return c == '.' || c == '/'; }

std::string_view LastPart(std::string_view path) {
  const size_t separator = path.find_last_of("./");
  return separator == std::string_view::npos ? path : path.substr(separator + 1);
}

// Names whose last part is near to that of `word`: of a.long.way.to.conv1 people write conv_1.
std::vector<std::string> NearByLastPart(std::string_view word,
                                        const std::vector<std::string_view>& names) {
  std::vector<std::string_view> parts;
  parts.reserve(names.size());
  for (const std::string_view name : names) parts.push_back(LastPart(name));
  std::vector<std::string> near;
  for (const std::string& part : base::NearNames(LastPart(word), parts)) {
    for (size_t i = 0; i < names.size(); ++i) {
      if (parts[i] != part) continue;
      near.emplace_back(names[i]);
      break;
    }
  }
  return near;
}

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

std::string DidYouMean(std::string_view pattern, const std::vector<std::string_view>& candidates) {
  base::ViewSet seen;
  std::vector<std::string_view> distinct;
  for (const std::string_view candidate : candidates) {
    if (distinct.size() == kMostCandidates) break;
    if (!candidate.empty() && seen.insert(candidate).second) distinct.push_back(candidate);
  }
  std::string word(pattern);
  std::erase_if(word, [](char c) { return c == '*' || c == '?'; });
  if (word.empty()) return "";
  std::vector<std::string> near = base::NearNames(word, distinct);
  if (near.empty()) near = NearByLastPart(word, distinct);
  std::string text;
  for (size_t i = 0; i < near.size(); ++i) {
    text += fmt::format("{}{}", i == 0 ? "; did you mean " : " or ", base::Quote(near[i]));
  }
  return text.empty() ? text : text + "?";
}

}  // namespace hoarfrost::freeze
