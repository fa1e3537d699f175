// Columns of strings made small, for a page that holds every tensor of a model.
//
// Names come in long runs that differ at their end, and most other strings repeat.
#ifndef HOARFROST_REPORT_HTML_COLUMNS_H_
#define HOARFROST_REPORT_HTML_COLUMNS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/hash.h"
#include "base/json_writer.h"

namespace hoarfrost::report::html {

// Strings in order, each without what it shares with the one before it at their beginning:
// {"keep": [0, 6, ...], "rest": ["layer1.weight", ".bias"...], "base64": {"7": "..."}}. Only ASCII
// counts as shared, so that `keep` is a number of bytes and of JavaScript's characters alike.
// `base64` has the exact bytes of those that are no valid UTF-8; it is there only if some are not.
class FrontCoded {
 public:
  void Add(std::string_view text);
  void Write(std::string_view key, base::JsonWriter& json) const;

 private:
  std::string last_;
  std::vector<uint32_t> keep_;
  std::vector<std::string> rest_;
  std::vector<std::pair<uint32_t, std::string>> invalid_;  // position, base64
};

// Different strings, in the order in which they are met first.
class Dictionary {
 public:
  uint32_t Index(std::string_view text);
  const std::vector<std::string>& words() const { return words_; }

 private:
  absl::flat_hash_map<std::string, uint32_t, base::ViewHash, std::equal_to<>> index_;
  std::vector<std::string> words_;
};

// A column of indices into a dictionary: {"words": [...], "of": [...]}, without "of" where all rows
// have one word.
class WordColumn {
 public:
  void Add(std::string_view text) { of_.push_back(words_.Index(text)); }
  void Write(std::string_view key, base::JsonWriter& json) const;

 private:
  Dictionary words_;
  std::vector<uint32_t> of_;
};

// A few values among many rows: {"7": 12, ...}.
void WriteSparse(std::string_view key, const std::vector<std::pair<size_t, uint64_t>>& values,
                 base::JsonWriter& json);

}  // namespace hoarfrost::report::html

#endif  // HOARFROST_REPORT_HTML_COLUMNS_H_
