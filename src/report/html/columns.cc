#include "report/html/columns.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "base/text.h"

namespace hoarfrost::report::html {
namespace {

size_t SharedAscii(std::string_view a, std::string_view b) {
  const size_t most = std::min(a.size(), b.size());
  size_t n = 0;
  while (n < most && a[n] == b[n] && static_cast<unsigned char>(a[n]) < 0x80) ++n;
  return n;
}

template <typename T>
void WriteNumbers(std::string_view key, const std::vector<T>& numbers, base::JsonWriter& json) {
  json.Key(key);
  json.BeginArray();
  for (const T n : numbers) json.Uint(n);
  json.EndArray();
}

void WriteStrings(std::string_view key, const std::vector<std::string>& strings,
                  base::JsonWriter& json) {
  json.Key(key);
  json.BeginArray();
  for (const std::string& text : strings) json.String(text);
  json.EndArray();
}

}  // namespace

void FrontCoded::Add(std::string_view text) {
  const size_t shared = SharedAscii(last_, text);
  if (!base::IsValidUtf8(text)) {
    invalid_.emplace_back(static_cast<uint32_t>(keep_.size()),
                          absl::Base64Escape(absl::string_view(text.data(), text.size())));
  }
  keep_.push_back(static_cast<uint32_t>(shared));
  rest_.emplace_back(text.substr(shared));
  last_ = text;
}

void FrontCoded::Write(std::string_view key, base::JsonWriter& json) const {
  json.Key(key);
  json.BeginObject();
  WriteNumbers("keep", keep_, json);
  WriteStrings("rest", rest_, json);
  if (!invalid_.empty()) {
    json.Key("base64");
    json.BeginObject();
    for (const auto& [position, text] : invalid_) json.TextField(std::to_string(position), text);
    json.EndObject();
  }
  json.EndObject();
}

uint32_t Dictionary::Index(std::string_view text) {
  if (const auto known = index_.find(text); known != index_.end()) return known->second;
  const auto index = static_cast<uint32_t>(words_.size());
  index_.emplace(text, index);
  words_.emplace_back(text);
  return index;
}

void WordColumn::Write(std::string_view key, base::JsonWriter& json) const {
  json.Key(key);
  json.BeginObject();
  WriteStrings("words", words_.words(), json);
  if (words_.words().size() > 1) WriteNumbers("of", of_, json);
  json.EndObject();
}

void WriteSparse(std::string_view key, const std::vector<std::pair<size_t, uint64_t>>& values,
                 base::JsonWriter& json) {
  json.Key(key);
  json.BeginObject();
  for (const auto& [row, value] : values) json.Field(std::to_string(row), value);
  json.EndObject();
}

}  // namespace hoarfrost::report::html
