#include "report/html/data.h"

#include <fmt/format.h>

#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "payload/dtype.h"
#include "report/html/columns.h"
#include "report/json.h"
#include "report/names.h"

namespace hoarfrost::report::html {
namespace {

using base::JsonWriter;
using model::kNone;
using model::TensorId;
using summary::Summary;

// Bits of the column `flags`; src/report/html/page/model.js reads them.
constexpr uint64_t kTrainable = 1;
constexpr uint64_t kFrozen = 2;
constexpr uint64_t kUsed = 4;
constexpr uint64_t kCounted = 8;

std::string ShapeText(const std::vector<int64_t>& dims) {
  std::string text = "(";
  for (const int64_t dim : dims) {
    if (text.size() > 1) text += ", ";
    fmt::format_to(std::back_inserter(text), "{}", dim);
  }
  return text + ")";
}

std::string ShapeText(const summary::LayerRow& row) {
  if (!row.shape_known) return "";
  std::string text = "(";
  for (const summary::Dim& dim : row.output_shape) {
    if (text.size() > 1) text += ", ";
    text += !dim.symbol.empty() ? base::Escape(dim.symbol)
            : dim.value >= 0    ? fmt::format("{}", dim.value)
                                : "?";
  }
  return text + ")";
}

// A reason as a sentence that many share, the name in quotes taken out of it.
class Reasons {
 public:
  void Add(std::string_view text) {
    const size_t first = text.find('\'');
    const size_t last = text.rfind('\'');
    const bool quotes = first != std::string_view::npos && last > first;
    heads_.Add(quotes ? text.substr(0, first + 1) : text);
    names_.Add(quotes ? text.substr(first + 1, last - first - 1) : "");
    tails_.Add(quotes ? text.substr(last) : "");
  }
  void Write(JsonWriter& json) const {
    json.Key("reason");
    json.BeginObject();
    heads_.Write("head", json);
    names_.Write("name", json);
    tails_.Write("tail", json);
    json.EndObject();
  }

 private:
  WordColumn heads_;
  FrontCoded names_;
  WordColumn tails_;
};

// Where each tensor lies: a number, the offset of its only span, which is as long as the tensor;
// [offset, length, offset, length, ...]; or of external data [location, offset, length or null].
void WriteWhere(const Summary& summary, JsonWriter& json) {
  Dictionary locations;
  json.Key("where");
  json.BeginArray();
  for (const model::Tensor& tensor : summary.facts.tensors) {
    const payload::Storage& storage = tensor.storage;
    if (storage.kind == payload::StorageKind::kExternal) {
      json.BeginArray();
      json.Uint(locations.Index(storage.location));
      json.Uint(storage.offset);
      storage.length.has_value() ? json.Uint(*storage.length) : json.Null();
      json.EndArray();
    } else if (storage.spans.size() == 1 && storage.spans[0].length == tensor.bytes) {
      json.Uint(storage.spans[0].offset);
    } else {
      json.BeginArray();
      for (const wire::Span& span : storage.spans) {
        json.Uint(span.offset);
        json.Uint(span.length);
      }
      json.EndArray();
    }
  }
  json.EndArray();
  json.Key("locations");
  json.BeginArray();
  for (const std::string& location : locations.words()) json.String(location);
  json.EndArray();
}

template <typename Of>
void WriteColumn(std::string_view key, size_t count, const Of& of, JsonWriter& json) {
  json.Key(key);
  json.BeginArray();
  for (size_t i = 0; i < count; ++i) json.Int(static_cast<int64_t>(of(i)));
  json.EndArray();
}

uint64_t FlagsOf(const Summary& summary, TensorId t) {
  return (summary.is_trainable(t) ? kTrainable : 0) | (summary.is_frozen(t) ? kFrozen : 0) |
         (summary.role(t).used ? kUsed : 0) | (summary.is_counted(t) ? kCounted : 0);
}

void WriteTensors(const Summary& summary, JsonWriter& json) {
  const std::vector<model::Tensor>& tensors = summary.facts.tensors;
  FrontCoded names;
  WordColumn scopes, sources, dtypes, shapes, kinds, storages;
  Reasons reasons;
  std::vector<std::pair<size_t, uint64_t>> logical, stored;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const model::Tensor& tensor = tensors[i];
    const roles::TensorRole& role = summary.roles.tensors[i];
    names.Add(tensor.name);
    scopes.Add(summary.facts.scopes[static_cast<size_t>(tensor.scope)].path);
    sources.Add(SourceName(tensor.source));
    dtypes.Add(payload::DtypeName(tensor.dtype));
    shapes.Add(ShapeText(tensor.dims));
    kinds.Add(roles::ReasonName(role.kind));
    reasons.Add(role.text);
    storages.Add(StorageName(tensor.storage.kind));
    if (role.logical_elements) logical.emplace_back(i, *role.logical_elements);
    if (tensor.stored_elements) stored.emplace_back(i, *tensor.stored_elements);
  }
  json.Key("tensors");
  json.BeginObject();
  names.Write("name", json);
  WriteColumn(
      "layer", tensors.size(), [&](size_t i) { return summary.layers.tensor_layer[i]; }, json);
  WriteColumn(
      "role", tensors.size(), [&](size_t i) { return summary.roles.tensors[i].role; }, json);
  WriteColumn(
      "flags", tensors.size(), [&](size_t i) { return FlagsOf(summary, static_cast<TensorId>(i)); },
      json);
  json.Key("elements");
  json.BeginArray();
  for (const model::Tensor& tensor : tensors) json.Uint(tensor.elements);
  json.EndArray();
  json.Key("bytes");
  json.BeginArray();
  for (const model::Tensor& tensor : tensors) json.Uint(tensor.bytes);
  json.EndArray();
  WriteSparse("logical", logical, json);
  WriteSparse("stored", stored, json);
  scopes.Write("scope", json);
  sources.Write("source", json);
  dtypes.Write("dtype", json);
  shapes.Write("shape", json);
  kinds.Write("kind", json);
  reasons.Write(json);
  storages.Write("storage", json);
  WriteWhere(summary, json);
  json.EndObject();
}

void WriteLayers(const Summary& summary, JsonWriter& json) {
  FrontCoded paths;
  WordColumn types, shapes, shared;
  // Rows come by layer, but for one of those that belong to none.
  std::vector<const summary::LayerRow*> rows(summary.layers.layers.size());
  for (const summary::LayerRow& row : summary.rows) {
    if (row.layer != kNone) rows[static_cast<size_t>(row.layer)] = &row;
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    paths.Add(summary.layers.layers[i].path);
    types.Add(summary.layers.layers[i].type);
    shapes.Add(rows[i] == nullptr ? "" : ShapeText(*rows[i]));
    shared.Add(rows[i] == nullptr ? "" : rows[i]->shared_with);
  }
  json.Key("layers");
  json.BeginObject();
  paths.Write("path", json);
  types.Write("type", json);
  shapes.Write("shape", json);
  shared.Write("shared_with", json);
  json.EndObject();
}

}  // namespace

void WriteData(const Summary& summary, base::Sink& sink) {
  JsonWriter json(sink);
  json.BeginObject();
  json.TextField("schema", "hoarfrost.page/1");
  json.NameField("file", summary.file);
  json.Field("bytes", summary.file_bytes);
  WriteFacts(summary, json);
  json.Field("weak", summary.weak_reasons());
  WriteLayers(summary, json);
  WriteTensors(summary, json);
  json.Key("notes");
  WriteNotes(summary.notes, json);
  json.EndObject();
  json.EndLine();
}

}  // namespace hoarfrost::report::html
