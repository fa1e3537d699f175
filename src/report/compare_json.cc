#include <vector>

#include "report/compare.h"

namespace hoarfrost::report {
namespace {

using base::JsonWriter;

void WriteTensor(const ComparedTensor& tensor, JsonWriter& json) {
  json.BeginObject();
  json.NameField("name", tensor.name);
  json.NameField("scope", tensor.scope);
  json.TextField("dtype", tensor.dtype);
  json.Key("shape");
  json.BeginArray();
  for (const int64_t dim : tensor.shape) json.Int(dim);
  json.EndArray();
  if (tensor.role) json.TextField("role", WordFor(*tensor.role));
  if (tensor.role) json.NameField("layer", tensor.layer);
  json.EndObject();
}

void WriteOptional(std::string_view key, const std::optional<ComparedTensor>& tensor,
                   JsonWriter& json) {
  json.Key(key);
  if (tensor) {
    WriteTensor(*tensor, json);
  } else {
    json.Null();
  }
}

void WriteDifference(const std::optional<Difference>& difference, JsonWriter& json) {
  json.Key("difference");
  if (!difference) {
    json.Null();
    return;
  }
  json.BeginObject();
  json.Field("elements", difference->elements);
  json.Field("changed", difference->changed);
  json.Key("max_abs");
  difference->max_abs ? json.Double(*difference->max_abs) : json.Null();
  json.Key("max_ulps");
  difference->max_ulps ? json.Uint(*difference->max_ulps) : json.Null();
  json.Field("not_finite", difference->not_finite);
  json.Field("signed_zeros", difference->signed_zeros);
  json.Key("first");
  difference->first ? json.Uint(*difference->first) : json.Null();
  json.EndObject();
}

void WriteCount(std::string_view key, const VerifyCount& count, JsonWriter& json) {
  json.Key(key);
  json.BeginObject();
  json.Field("tensors", count.tensors);
  json.Field("identical", count.identical);
  json.Field("changed", count.changed);
  json.EndObject();
}

void WriteValues(std::string_view key, const std::vector<ValueChange>& values, JsonWriter& json) {
  json.Key(key);
  json.BeginArray();
  for (const ValueChange& value : values) {
    json.BeginObject();
    json.NameField("name", value.name);
    json.Key("a");
    value.a.empty() ? json.Null() : json.String(value.a);
    json.Key("b");
    value.b.empty() ? json.Null() : json.String(value.b);
    json.EndObject();
  }
  json.EndArray();
}

void WriteMerged(std::string_view key, const std::vector<MergedTensor>& tensors, JsonWriter& json) {
  json.Key(key);
  json.BeginArray();
  for (const MergedTensor& merged : tensors) {
    json.BeginObject();
    json.Key("tensor");
    WriteTensor(merged.tensor, json);
    WriteDifference(merged.difference, json);
    json.EndObject();
  }
  json.EndArray();
}

}  // namespace

std::string_view WordFor(Answer answer) {
  switch (answer) {
    case Answer::kYes:
      return "yes";
    case Answer::kNo:
      return "no";
    case Answer::kUnknown:
      return "unknown";
  }
  return "";
}

std::string_view WordFor(Role role) {
  switch (role) {
    case Role::kWeight:
      return "weight";
    case Role::kStatistic:
      return "statistic";
    case Role::kQuantization:
      return "quantization";
    case Role::kConstant:
      return "constant";
    case Role::kUnused:
      return "unused";
  }
  return "";
}

std::string_view WordFor(PlanList list) {
  switch (list) {
    case PlanList::kTrainable:
      return "trainable";
    case PlanList::kFrozen:
      return "frozen";
    case PlanList::kStatistics:
      return "statistics";
    case PlanList::kFrozenStatistics:
      return "frozen_statistics";
  }
  return "";
}

std::string_view WordFor(FindingKind kind) {
  switch (kind) {
    case FindingKind::kMoved:
      return "moved";
    case FindingKind::kMissing:
      return "missing";
    case FindingKind::kRetyped:
      return "retyped";
    case FindingKind::kUnreadable:
      return "unreadable";
    case FindingKind::kUnchanged:
      return "unchanged";
    case FindingKind::kReshaped:
      return "reshaped";
    case FindingKind::kRenamed:
      return "renamed";
    case FindingKind::kNotStored:
      return "not_stored";
  }
  return "";
}

std::string_view WordFor(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kChanged:
      return "changed";
    case ChangeKind::kReshaped:
      return "reshaped";
    case ChangeKind::kCast:
      return "cast";
    case ChangeKind::kRenamed:
      return "renamed";
    case ChangeKind::kAdded:
      return "added";
    case ChangeKind::kRemoved:
      return "removed";
    case ChangeKind::kUnreadable:
      return "unreadable";
  }
  return "";
}

void WriteJson(const VerifyResult& result, base::Sink& sink) {
  JsonWriter json(sink);
  json.BeginObject();
  json.TextField("schema", kVerifySchema);
  json.NameField("frozen_file", result.frozen_file);
  json.NameField("tuned_file", result.tuned_file);
  json.TextField("verified", WordFor(result.answer));
  json.Key("counts");
  json.BeginObject();
  WriteCount("trainable", result.trainable, json);
  WriteCount("frozen", result.frozen, json);
  WriteCount("statistics", result.statistics, json);
  WriteCount("frozen_statistics", result.frozen_statistics, json);
  json.EndObject();
  json.Key("findings");
  json.BeginArray();
  for (const Finding& finding : result.findings) {
    json.BeginObject();
    json.TextField("kind", WordFor(finding.kind));
    json.TextField("severity", finding.failure                            ? "failure"
                               : finding.kind == FindingKind::kUnreadable ? "unknown"
                                                                          : "warning");
    json.TextField("list", WordFor(finding.list));
    json.Key("expected");
    WriteTensor(finding.expected, json);
    WriteOptional("found", finding.found, json);
    WriteDifference(finding.difference, json);
    json.TextField("text", finding.text);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  json.EndLine();
}

void WriteJson(const DiffResult& result, base::Sink& sink) {
  JsonWriter json(sink);
  json.BeginObject();
  json.TextField("schema", kDiffSchema);
  json.NameField("a", result.a_file);
  json.NameField("b", result.b_file);
  json.TextField("equal", WordFor(result.equal));
  json.Field("equal_tensors", result.equal_tensors);
  json.Key("tensors");
  json.BeginArray();
  for (const TensorChange& change : result.tensors) {
    json.BeginObject();
    json.TextField("kind", WordFor(change.kind));
    WriteOptional("a", change.a, json);
    WriteOptional("b", change.b, json);
    WriteDifference(change.difference, json);
    if (!change.text.empty()) json.TextField("text", change.text);
    json.EndObject();
  }
  json.EndArray();
  json.Key("graph");
  if (result.graphs_compared) {
    json.BeginObject();
    json.Key("operators");
    json.BeginArray();
    for (const OperatorChange& change : result.operators) {
      json.BeginObject();
      json.NameField("domain", change.domain);
      json.NameField("op_type", change.op_type);
      json.Field("a", change.a);
      json.Field("b", change.b);
      json.EndObject();
    }
    json.EndArray();
    WriteValues("inputs", result.inputs, json);
    WriteValues("outputs", result.outputs, json);
    json.EndObject();
  } else {
    json.Null();
  }
  json.EndObject();
  json.EndLine();
}

void WriteJson(const MergeResult& result, base::Sink& sink) {
  JsonWriter json(sink);
  json.BeginObject();
  json.TextField("schema", kMergeSchema);
  json.NameField("base", result.base_file);
  json.NameField("tuned", result.tuned_file);
  json.NameField("output", result.output);
  json.Field("bytes", result.bytes);
  WriteMerged("merged", result.merged, json);
  json.Field("unchanged", result.unchanged);
  json.Key("missing");
  json.BeginArray();
  for (const ComparedTensor& tensor : result.missing) WriteTensor(tensor, json);
  json.EndArray();
  WriteMerged("kept", result.kept, json);
  json.Key("data_files");
  json.BeginArray();
  for (const std::string& file : result.data_files) {
    json.BeginObject();
    json.NameField("location", file);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  json.EndLine();
}

}  // namespace hoarfrost::report
