#include "report/html/diff.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "report/compare.h"
#include "report/html/columns.h"

namespace hoarfrost::report::html {
namespace {

using base::JsonWriter;

std::string TypeText(const std::optional<ComparedTensor>& tensor) {
  if (!tensor) return "";
  return fmt::format("{} ({})", tensor->dtype, fmt::join(tensor->shape, ", "));
}

template <typename Write>
void WriteColumn(std::string_view key, const std::vector<TensorChange>& changes, const Write& write,
                 JsonWriter& json) {
  json.Key(key);
  json.BeginArray();
  for (const TensorChange& change : changes) {
    change.difference.has_value() ? write(*change.difference) : json.Null();
  }
  json.EndArray();
}

void WriteTensors(const std::vector<TensorChange>& changes, JsonWriter& json) {
  FrontCoded names, new_names;
  WordColumn scopes, layers, kinds, roles, types, new_types, texts;
  for (const TensorChange& change : changes) {
    const ComparedTensor& tensor = change.a ? *change.a : *change.b;
    names.Add(tensor.name);
    new_names.Add(change.a && change.b ? change.b->name : "");
    scopes.Add(tensor.scope);
    layers.Add(tensor.layer);
    kinds.Add(WordFor(change.kind));
    roles.Add(tensor.role ? WordFor(*tensor.role) : "");
    types.Add(TypeText(change.a));
    new_types.Add(TypeText(change.b));
    texts.Add(change.text);
  }
  json.Key("tensors");
  json.BeginObject();
  json.Field("count", uint64_t{changes.size()});
  names.Write("name", json);
  new_names.Write("new_name", json);
  scopes.Write("scope", json);
  layers.Write("layer", json);
  kinds.Write("kind", json);
  roles.Write("role", json);
  types.Write("type", json);
  new_types.Write("new_type", json);
  texts.Write("text", json);
  WriteColumn("elements", changes, [&](const Difference& d) { json.Uint(d.elements); }, json);
  WriteColumn("changed", changes, [&](const Difference& d) { json.Uint(d.changed); }, json);
  WriteColumn(
      "max_abs", changes,
      [&](const Difference& d) { d.max_abs ? json.Double(*d.max_abs) : json.Null(); }, json);
  WriteColumn(
      "max_ulps", changes,
      [&](const Difference& d) { d.max_ulps ? json.Uint(*d.max_ulps) : json.Null(); }, json);
  WriteColumn("not_finite", changes, [&](const Difference& d) { json.Uint(d.not_finite); }, json);
  WriteColumn(
      "first", changes, [&](const Difference& d) { d.first ? json.Uint(*d.first) : json.Null(); },
      json);
  json.EndObject();
}

void WriteValues(std::string_view key, const std::vector<ValueChange>& changes, JsonWriter& json) {
  json.Key(key);
  json.BeginArray();
  for (const ValueChange& change : changes) {
    json.BeginObject();
    json.TextField("name", change.name);
    json.TextField("a", change.a);
    json.TextField("b", change.b);
    json.EndObject();
  }
  json.EndArray();
}

}  // namespace

void WriteData(const DiffResult& result, base::Sink& sink) {
  JsonWriter json(sink);
  json.BeginObject();
  json.TextField("schema", "hoarfrost.diff-page/1");
  json.TextField("a", result.a_file);
  json.TextField("b", result.b_file);
  json.TextField("equal", WordFor(result.equal));
  json.Field("equal_tensors", result.equal_tensors);
  json.Key("layers");  // with the tensors of theirs that are equal
  json.BeginArray();
  for (const LayerCount& layer : result.equal_by_layer) {
    json.BeginObject();
    json.TextField("path", layer.layer);
    json.Field("equal", layer.tensors);
    json.EndObject();
  }
  json.EndArray();
  WriteTensors(result.tensors, json);
  json.Field("graphs_compared", result.graphs_compared);
  json.Key("operators");
  json.BeginArray();
  for (const OperatorChange& change : result.operators) {
    json.BeginObject();
    json.TextField("domain", change.domain);
    json.TextField("type", change.op_type);
    json.Field("a", change.a);
    json.Field("b", change.b);
    json.EndObject();
  }
  json.EndArray();
  WriteValues("inputs", result.inputs, json);
  WriteValues("outputs", result.outputs, json);
  json.EndObject();
  json.EndLine();
}

}  // namespace hoarfrost::report::html
