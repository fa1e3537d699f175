#include "report/json.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "payload/dtype.h"
#include "report/names.h"
#include "summary/macs.h"
#include "values/read_values.h"

namespace hoarfrost::report {
namespace {

using base::JsonWriter;
using model::kNone;
using summary::Summary;

void WriteModel(const onnx::ModelProto& model, JsonWriter& json) {
  json.Key("model");
  json.BeginObject();
  json.Key("ir_version");
  json.Int(model.ir_version());
  json.Key("opsets");
  json.BeginArray();
  for (const onnx::OperatorSetIdProto& opset : model.opset_import()) {
    json.BeginObject();
    json.NameField("domain", opset.domain());
    json.Key("version");
    json.Int(opset.version());
    json.EndObject();
  }
  json.EndArray();
  std::string producer = model.producer_name();
  if (!producer.empty() && !model.producer_version().empty()) producer += ' ';
  producer += model.producer_version();
  json.NameField("producer", producer);
  json.NameField("graph", model.graph().name());
  json.EndObject();
}

void WriteTotals(const summary::Totals& totals, JsonWriter& json) {
  json.Key("totals");
  json.BeginObject();
  json.Field("parameters", totals.parameters);
  json.Field("trainable", totals.trainable);
  json.Field("non_trainable", totals.non_trainable);
  json.Field("frozen", totals.frozen);
  json.Field("statistics", totals.statistics);
  json.Field("quantization", totals.quantization);
  json.Field("constants", totals.constants);
  json.Field("unused", totals.unused);
  json.Field("bytes", totals.bytes);
  json.EndObject();
}

void WriteFramework(const Summary& summary, JsonWriter& json) {
  const auto framework = summary.framework();
  if (!framework.has_value()) return;
  const bool proved = summary.roles.framework->certainty == roles::Certainty::kProved;
  json.Key("framework");
  json.BeginObject();
  json.Field("parameters", framework->parameters);
  json.Field("trainable", framework->trainable);
  json.Field("statistics", framework->statistics);
  json.TextField("certainty", proved ? "proved" : "estimated");
  json.Key("adjustments");
  json.BeginArray();
  for (const roles::Adjustment& adjustment : summary.roles.framework->adjustments) {
    json.BeginObject();
    json.TextField("kind", AdjustmentName(adjustment.kind));
    json.NameField("layer", adjustment.layer);
    json.TextField("type", adjustment.type);
    json.Key("trainable");
    json.Int(adjustment.trainable);
    json.Key("statistics");
    json.Int(adjustment.statistics);
    json.TextField("text", adjustment.text);
    if (adjustment.proved) json.Field("proved", true);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
}

void WriteTrainedAttributes(const Summary& summary, JsonWriter& json) {
  if (summary.roles.trained_attributes.empty()) return;
  json.Key("trained_attributes");
  json.BeginArray();
  for (const roles::TrainedAttributes& of_node : summary.roles.trained_attributes) {
    const model::LayerId layer = summary.layers.node_layer[static_cast<size_t>(of_node.node)];
    json.BeginObject();
    if (layer == kNone) {
      json.Key("layer");
      json.Null();
    } else {
      json.NameField("layer", summary.layers.layers[static_cast<size_t>(layer)].path);
    }
    json.NameField("type", summary.facts.op(of_node.node).type);
    json.Field("values", of_node.values);
    json.EndObject();
  }
  json.EndArray();
}

void WriteMacs(const Summary& summary, JsonWriter& json) {
  if (!summary.has_macs) return;
  const summary::MacTotals totals = summary::TotalMacs(summary);
  json.Key("macs");
  json.BeginObject();
  json.Field("known", totals.known);
  json.Field("in_bodies", totals.known_in_bodies);
  json.Field("unknown_nodes", totals.unknown_nodes);
  json.Key("unknown_operators");
  json.BeginArray();
  for (const auto& [type, nodes] : totals.unknown_types) {
    json.BeginObject();
    json.NameField("type", type);
    json.Field("nodes", nodes);
    json.EndObject();
  }
  json.EndArray();
  json.Key("unbound_symbols");
  json.BeginArray();
  for (const std::string_view symbol : summary::UnboundSymbols(summary)) json.String(symbol);
  json.EndArray();
  json.EndObject();
}

void WriteShape(const summary::LayerRow& row, JsonWriter& json) {
  if (!row.shape_known) {
    json.Null();
    return;
  }
  json.BeginArray();
  for (const summary::Dim& dim : row.output_shape) {
    if (!dim.symbol.empty()) {
      json.String(dim.symbol);
    } else if (dim.value >= 0) {
      json.Int(dim.value);
    } else {
      json.Null();
    }
  }
  json.EndArray();
}

void WriteLayers(const Summary& summary, bool all, JsonWriter& json) {
  json.Key("layers");
  json.BeginArray();
  for (const summary::LayerRow& row : summary.rows) {
    const bool computes = summary.has_macs && (row.macs > 0 || !row.macs_known);
    if (!all && !row.owns_tensors && row.shared_with.empty() && !computes) continue;
    static const model::Layer kNoLayer;
    const model::Layer& layer =
        row.layer == kNone ? kNoLayer : summary.layers.layers[static_cast<size_t>(row.layer)];
    json.BeginObject();
    json.NameField("path", layer.path);
    json.NameField("type", layer.type);
    json.Key("output_shape");
    WriteShape(row, json);
    json.Field("parameters", row.parameters);
    json.Field("trainable", row.trainable);
    json.Field("non_trainable", row.non_trainable);
    if (!row.shared_with.empty()) json.NameField("shared_with", row.shared_with);
    if (summary.has_macs) {
      json.Key("macs");
      row.macs_known ? json.Uint(row.macs) : json.Null();
    }
    json.EndObject();
  }
  json.EndArray();
}

void WriteStorage(const payload::Storage& storage, JsonWriter& json) {
  json.Key("storage");
  json.BeginObject();
  if (storage.kind == payload::StorageKind::kExternal) {
    json.TextField("kind", StorageName(storage.kind));
    json.NameField("location", storage.location);
    json.Field("offset", storage.offset);
    json.Key("length");
    storage.length.has_value() ? json.Uint(*storage.length) : json.Null();
  } else {
    json.TextField("kind", StorageName(storage.kind));
    json.Key("spans");
    json.BeginArray();
    for (const wire::Span& span : storage.spans) {
      json.BeginArray();
      json.Uint(span.offset);
      json.Uint(span.length);
      json.EndArray();
    }
    json.EndArray();
  }
  json.EndObject();
}

void WriteNumber(std::string_view key, const std::optional<values::Number>& number,
                 JsonWriter& json) {
  json.Key(key);
  if (!number.has_value()) {
    json.Null();
  } else if (const auto* integer = std::get_if<int64_t>(&*number)) {
    json.Int(*integer);
  } else if (const auto* natural = std::get_if<uint64_t>(&*number)) {
    json.Uint(*natural);
  } else {
    json.Double(std::get<double>(*number));
  }
}

void WriteReal(std::string_view key, const std::optional<double>& real, JsonWriter& json) {
  json.Key(key);
  real.has_value() ? json.Double(*real) : json.Null();
}

void WriteValues(const Summary& summary, const values::TensorValues& values, JsonWriter& json) {
  json.Key("values");
  json.BeginObject();
  if (!values.error.empty()) json.TextField("error", values.error);
  if (values.statistics.has_value()) {
    const values::Statistics& statistics = *values.statistics;
    WriteNumber("min", statistics.min, json);
    WriteNumber("max", statistics.max, json);
    WriteReal("mean", statistics.mean, json);
    WriteReal("std", statistics.deviation, json);
    json.Field("count", statistics.count);
    json.Field("zeros", statistics.zeros);
    json.Field("subnormals", statistics.subnormals);
    json.Field("nan", statistics.nans);
    json.Field("inf", statistics.infinities);
  }
  if (!values.digest.empty()) json.TextField("digest", values.digest);
  if (values.same_as != kNone) {
    const model::Tensor& first = summary.tensor(values.same_as);
    json.Key("same_as");
    json.BeginObject();
    json.NameField("name", first.name);
    json.NameField("scope", summary.facts.scopes[static_cast<size_t>(first.scope)].path);
    json.EndObject();
  }
  json.EndObject();
}

}  // namespace

void WriteTensor(const Summary& summary, model::TensorId t, JsonWriter& json,
                 const values::TensorValues* values) {
  const model::Tensor& tensor = summary.tensor(t);
  const roles::TensorRole& role = summary.role(t);
  json.BeginObject();
  json.NameField("name", tensor.name);
  json.NameField("scope", summary.facts.scopes[static_cast<size_t>(tensor.scope)].path);
  json.TextField("source", SourceName(tensor.source));
  json.TextField("dtype", payload::DtypeName(tensor.dtype));
  json.Key("shape");
  json.BeginArray();
  for (const int64_t dim : tensor.dims) json.Int(dim);
  json.EndArray();
  json.Field("elements", tensor.elements);
  if (tensor.stored_elements) json.Field("stored_elements", *tensor.stored_elements);
  if (role.logical_elements) json.Field("logical_elements", *role.logical_elements);
  json.Field("bytes", tensor.bytes);
  json.TextField("role", roles::RoleName(role.role));
  json.Field("trainable", summary.is_trainable(t));
  json.Field("frozen", summary.is_frozen(t));
  json.Field("used", role.used);
  const model::LayerId layer = summary.layers.tensor_layer[static_cast<size_t>(t)];
  if (layer == kNone) {
    json.Key("layer");
    json.Null();
  } else {
    json.NameField("layer", summary.layers.layers[static_cast<size_t>(layer)].path);
  }
  json.Key("reason");
  json.BeginObject();
  json.TextField("kind", roles::ReasonName(role.kind));
  json.TextField("text", role.text);
  json.EndObject();
  WriteStorage(tensor.storage, json);
  if (values != nullptr) WriteValues(summary, *values, json);
  json.EndObject();
}

void WriteNotes(const std::vector<model::Note>& notes, JsonWriter& json) {
  json.BeginArray();
  for (const model::Note& note : notes) {
    json.BeginObject();
    json.TextField("severity", note.severity == model::Severity::kWarning ? "warning" : "info");
    json.TextField("text", note.text);
    json.EndObject();
  }
  json.EndArray();
}

void WriteFacts(const Summary& summary, JsonWriter& json) {
  WriteModel(summary.facts.model(), json);
  WriteTotals(summary.totals, json);
  WriteFramework(summary, json);
  WriteTrainedAttributes(summary, json);
  WriteMacs(summary, json);
}

void WriteFields(const Summary& summary, const JsonOptions& options, JsonWriter& json) {
  json.Field("bytes", summary.file_bytes);
  WriteFacts(summary, json);
  if (options.rows) {
    WriteLayers(summary, options.all_layers, json);
    json.Key("tensors");
    json.BeginArray();
    for (size_t t = 0; t < summary.facts.tensors.size(); ++t) {
      WriteTensor(summary, static_cast<model::TensorId>(t), json,
                  options.values == nullptr ? nullptr : &options.values->tensors[t]);
    }
    json.EndArray();
  }
  json.Key("notes");
  WriteNotes(summary.notes, json);
}

void WriteJson(const Summary& summary, const JsonOptions& options, base::Sink& sink) {
  JsonWriter json(sink);
  json.BeginObject();
  json.TextField("schema", kInspectSchema);
  json.NameField("file", summary.file);
  WriteFields(summary, options, json);
  json.EndObject();
  json.EndLine();
}

}  // namespace hoarfrost::report
