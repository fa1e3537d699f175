#include "freeze/undo.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/escaping.h"
#include "base/json_writer.h"
#include "base/sink.h"
#include "base/text.h"
#include "wire/field_scan.h"

namespace hoarfrost::freeze {
namespace {

using nlohmann::json;

constexpr size_t kLargestUndo = size_t{1} << 29;

absl::Status Bad(std::string_view what) {
  return absl::InvalidArgumentError(fmt::format("undo data: {}", what));
}

void WriteItems(const std::vector<UndoItem>& items, base::JsonWriter& out) {
  out.BeginArray();
  for (const UndoItem& item : items) {
    if (item.range.length > 0) {
      out.BeginArray();
      out.Uint(item.range.offset);
      out.Uint(item.range.length);
      out.EndArray();
      continue;
    }
    std::string coded;
    absl::Base64Escape(item.bytes, &coded);
    if (item.edit.empty()) {
      out.String(coded);
      continue;
    }
    out.BeginObject();
    out.TextField("edit", item.edit);
    out.Field("position", item.position);
    if (!item.of.empty()) {  // in base64 too: names need not be UTF-8
      std::string name;
      absl::Base64Escape(item.of, &name);
      out.TextField("of", name);
    }
    out.TextField("bytes", coded);
    out.EndObject();
  }
  out.EndArray();
}

bool ReadNumber(const json& value, uint64_t& out) {
  if (!value.is_number_unsigned()) return false;
  out = value.get<uint64_t>();
  return true;
}

bool ReadBytes(const json& value, std::string& out) {
  return value.is_string() && absl::Base64Unescape(value.get_ref<const std::string&>(), &out);
}

bool ReadItem(const json& value, UndoItem& item) {
  if (value.is_array()) {
    return value.size() == 2 && ReadNumber(value[0], item.range.offset) &&
           ReadNumber(value[1], item.range.length) && item.range.length > 0;
  }
  if (!value.is_object()) return ReadBytes(value, item.bytes);
  const auto edit = value.find("edit");
  const auto position = value.find("position");
  const auto bytes = value.find("bytes");
  if (edit == value.end() || position == value.end() || bytes == value.end()) return false;
  if (!edit->is_string()) return false;
  const auto of = value.find("of");
  if (of != value.end() && !ReadBytes(*of, item.of)) return false;
  item.edit = edit->get_ref<const std::string&>();
  return !item.edit.empty() && ReadNumber(*position, item.position) &&
         ReadBytes(*bytes, item.bytes);
}

}  // namespace

absl::StatusOr<std::vector<UndoItem>> MakeItems(const wire::ByteSource& original,
                                                const std::vector<wire::Change>& changes,
                                                const std::vector<EditLabel>& labels) {
  std::vector<UndoItem> items;
  wire::FieldScan scan(original);
  uint64_t at = 0;         // in the original
  uint64_t frozen_at = 0;  // in the changed file
  const auto copy_up_to = [&](uint64_t end) {
    if (end == at) return;
    items.emplace_back().range = {frozen_at, end - at};
    frozen_at += end - at;
    at = end;
  };
  for (const wire::Change& change : changes) {
    if (change.old.length == 0) {  // nothing of the original went, but ranges are apart from here
      copy_up_to(change.old.offset);
      frozen_at += change.bytes.size();
      continue;
    }
    copy_up_to(change.old.offset);
    UndoItem item;
    if (absl::Status read = scan.ReadBytes(change.old, item.bytes); !read.ok()) return read;
    if (change.edit < labels.size()) {
      item.edit = labels[change.edit].edit;
      item.position = labels[change.edit].position;
      item.of = labels[change.edit].of;
    }
    items.push_back(std::move(item));
    at += change.old.length;
    frozen_at += change.bytes.size();
  }
  copy_up_to(original.size());
  return items;
}

std::string ItemsToJson(const std::vector<UndoItem>& items) {
  base::StringSink sink;
  base::JsonWriter out(sink);
  WriteItems(items, out);
  out.Flush();
  return std::move(sink.text);
}

std::string ToJson(const Undo& undo) {
  base::StringSink sink;
  base::JsonWriter out(sink);
  out.BeginObject();
  out.TextField("schema", kUndoSchema);
  out.Field("length", undo.length);
  out.TextField("digest", undo.digest);
  out.Key("original");
  WriteItems(undo.original, out);
  out.EndObject();
  out.Flush();
  return std::move(sink.text);
}

absl::StatusOr<Undo> FromJson(std::string_view text) {
  if (text.size() > kLargestUndo) return Bad("more than any model takes");
  const json root = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!root.is_object()) return Bad("no JSON object");
  const auto schema = root.find("schema");
  if (schema == root.end() || !schema->is_string()) return Bad("no schema");
  if (schema->get_ref<const std::string&>() != kUndoSchema) {
    return Bad(fmt::format("written by another version of hoarfrost ({}, this reads {})",
                           base::Quote(schema->get_ref<const std::string&>()), kUndoSchema));
  }
  const auto length = root.find("length");
  const auto digest = root.find("digest");
  const auto original = root.find("original");
  Undo undo;
  if (length == root.end() || !ReadNumber(*length, undo.length)) return Bad("no length");
  if (digest == root.end() || !digest->is_string()) return Bad("no digest");
  undo.digest = digest->get_ref<const std::string&>();
  if (original == root.end() || !original->is_array()) return Bad("no original");
  undo.original.reserve(original->size());
  for (const json& value : *original) {
    if (!ReadItem(value, undo.original.emplace_back())) {
      return Bad(fmt::format("item {} of the original cannot be read", undo.original.size() - 1));
    }
  }
  return undo;
}

absl::StatusOr<wire::Rope> Restore(const Undo& undo) {
  wire::Rope rope;
  uint64_t free_from = 0;
  for (const UndoItem& item : undo.original) {
    if (item.range.length == 0) {
      rope.AppendLiteral(item.bytes);
      continue;
    }
    if (item.range.offset < free_from || item.range.offset > undo.length ||
        item.range.length > undo.length - item.range.offset) {
      return Bad(fmt::format("bytes {} + {} are not in the file, or come twice", item.range.offset,
                             item.range.length));
    }
    free_from = item.range.offset + item.range.length;
    rope.AppendRange(item.range);
  }
  return rope;
}

}  // namespace hoarfrost::freeze
