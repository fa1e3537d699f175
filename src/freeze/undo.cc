#include "freeze/undo.h"

#include <fmt/format.h>

#include <algorithm>
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

// Walks the original in order: what is where it was, what was moved, what is gone.
class Unsplicer {
 public:
  Unsplicer(const wire::ByteSource& original, const std::vector<wire::Change>& changes,
            const std::vector<EditLabel>& labels)
      : original_(original), scan_(original), changes_(changes), labels_(labels) {
    uint64_t frozen_at = 0;
    uint64_t at = 0;
    for (const wire::Change& change : changes) {
      frozen_at += change.old.offset - at;
      uint64_t inset_at = frozen_at;
      size_t own = 0;
      for (const wire::Inset& inset : change.insets) {
        inset_at += inset.at - own;
        own = inset.at;
        moved_.push_back({inset.from, inset_at});
        inset_at += inset.from.length;
      }
      frozen_at += change.size();
      at = change.old.offset + change.old.length;
    }
    std::sort(moved_.begin(), moved_.end(),
              [](const Moved& a, const Moved& b) { return a.from.offset < b.from.offset; });
  }

  absl::StatusOr<std::vector<UndoItem>> Run() {
    for (const wire::Change& change : changes_) {
      CopyUpTo(change.old.offset);
      absl::Status gone = change.old.length > 0 ? Gone(change) : absl::OkStatus();
      if (!gone.ok()) return gone;
      if (change.old.length == 0) {
        UndoItem item;
        Label(change, item);
        if (!item.edit.empty()) items_.push_back(std::move(item));
      }
      frozen_at_ += change.size();
    }
    CopyUpTo(original_.size());
    return std::move(items_);
  }

 private:
  struct Moved {
    wire::Span from;  // of the original
    uint64_t to = 0;  // in the changed file
  };

  void CopyUpTo(uint64_t end) {
    if (end == at_) return;
    items_.emplace_back().range = {frozen_at_, end - at_};
    frozen_at_ += end - at_;
    at_ = end;
  }

  // The label goes with the first of what is really gone.
  absl::Status Gone(const wire::Change& change) {
    const uint64_t end = change.old.offset + change.old.length;
    bool labelled = false;
    while (at_ < end) {
      while (next_moved_ < moved_.size() && moved_[next_moved_].from.offset < at_) ++next_moved_;
      const Moved* moved = next_moved_ < moved_.size() ? &moved_[next_moved_] : nullptr;
      if (moved != nullptr && moved->from.offset == at_) {
        items_.emplace_back().range = {moved->to, moved->from.length};
        at_ += moved->from.length;
        continue;
      }
      const uint64_t until = moved != nullptr ? std::min(end, moved->from.offset) : end;
      UndoItem item;
      absl::Status read = scan_.ReadBytes({at_, until - at_}, item.bytes);
      if (!read.ok()) return read;
      if (!labelled) Label(change, item);
      labelled = true;
      items_.push_back(std::move(item));
      at_ = until;
    }
    return absl::OkStatus();
  }

  void Label(const wire::Change& change, UndoItem& item) const {
    if (change.edit >= labels_.size()) return;
    item.edit = labels_[change.edit].edit;
    item.position = labels_[change.edit].position;
    item.of = labels_[change.edit].of;
  }

  const wire::ByteSource& original_;
  wire::FieldScan scan_;
  const std::vector<wire::Change>& changes_;
  const std::vector<EditLabel>& labels_;
  std::vector<Moved> moved_;
  size_t next_moved_ = 0;
  std::vector<UndoItem> items_;
  uint64_t at_ = 0;         // in the original
  uint64_t frozen_at_ = 0;  // in the changed file
};

}  // namespace

absl::StatusOr<std::vector<UndoItem>> MakeItems(const wire::ByteSource& original,
                                                const std::vector<wire::Change>& changes,
                                                const std::vector<EditLabel>& labels) {
  Unsplicer unsplicer(original, changes, labels);
  return unsplicer.Run();
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
  std::vector<wire::Span> ranges;
  for (const UndoItem& item : undo.original) {
    if (item.range.length == 0) {
      rope.AppendLiteral(item.bytes);
      continue;
    }
    if (item.range.offset > undo.length || item.range.length > undo.length - item.range.offset) {
      return Bad(
          fmt::format("bytes {} + {} are not in the file", item.range.offset, item.range.length));
    }
    ranges.push_back(item.range);
    rope.AppendRange(item.range);
  }
  std::sort(ranges.begin(), ranges.end(),
            [](const wire::Span& a, const wire::Span& b) { return a.offset < b.offset; });
  for (size_t i = 1; i < ranges.size(); ++i) {
    if (ranges[i - 1].offset + ranges[i - 1].length <= ranges[i].offset) continue;
    return Bad(fmt::format("bytes {} + {} come twice", ranges[i].offset, ranges[i].length));
  }
  return rope;
}

}  // namespace hoarfrost::freeze
