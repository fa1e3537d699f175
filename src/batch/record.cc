#include "batch/record.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/escaping.h"
#include "base/sink.h"

namespace hoarfrost::batch {
namespace {

using nlohmann::json;

struct Cause {
  absl::StatusCode code;
  std::string_view word;
  std::string_view text;
};

constexpr Cause kCauses[] = {
    {absl::StatusCode::kInvalidArgument, "invalid", "no readable model"},
    {absl::StatusCode::kNotFound, "not_found", "not there"},
    {absl::StatusCode::kPermissionDenied, "permission", "not permitted"},
    {absl::StatusCode::kFailedPrecondition, "changed", "changed while it was read"},
    {absl::StatusCode::kDataLoss, "damaged", "cut short or damaged"},
    {absl::StatusCode::kResourceExhausted, "resources", "too large, or no memory or room left"},
    {absl::StatusCode::kAlreadyExists, "exists", "a file is in the way"},
    {absl::StatusCode::kUnavailable, "unreadable", "could not be read or written"},
    // Freezing tells these two apart from others of their code; no status has these codes.
    {absl::StatusCode::kCancelled, "selection", "cannot be frozen as asked"},
    {absl::StatusCode::kAborted, "refused", "nothing was written, for safety"},
    {absl::StatusCode::kUnknown, "other", "other"},
};

// 0 where there is no such number.
uint64_t Count(const json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_number_unsigned() ? at->get<uint64_t>() : 0;
}

std::string Text(const json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

std::string Name(const json& object, const std::string& key) {
  const std::string encoded = Text(object, (key + "_base64").c_str());
  std::string bytes;
  if (!encoded.empty() && absl::Base64Unescape(encoded, &bytes)) return bytes;
  return Text(object, key.c_str());
}

const json& Part(const json& object, const char* key) {
  static const json kNothing = json::object();
  const auto at = object.find(key);
  return at != object.end() && at->is_object() ? *at : kNothing;
}

// Layers and tensors may be millions and are nothing that a row needs.
bool KeepsForRow(int depth, json::parse_event_t event, json& parsed) {
  if (event != json::parse_event_t::key || depth != 1) return true;
  return parsed != "layers" && parsed != "tensors" && parsed != "notes" && parsed != "framework";
}

}  // namespace

std::string_view CauseOf(const absl::Status& status) {
  for (const Cause& cause : kCauses) {
    if (cause.code == status.code()) return cause.word;
  }
  return "other";
}

std::string_view CauseText(std::string_view word) {
  for (const Cause& cause : kCauses) {
    if (cause.word == word) return cause.text;
  }
  return word;
}

Row MakeRow(const summary::Summary& summary) {
  Row row;
  row.file = summary.file;
  row.ok = true;
  row.bytes = summary.file_bytes;
  row.totals = summary.totals;
  for (size_t i = 0; i < summary.facts.tensors.size(); ++i) {
    const auto t = static_cast<model::TensorId>(i);
    if (summary.is_counted(t)) ++row.evidence[static_cast<size_t>(summary.role(t).kind)];
  }
  return row;
}

Row MakeFailedRow(std::string file, const absl::Status& status, std::string_view cause) {
  Row row;
  row.file = std::move(file);
  row.error = std::string(status.message());
  row.cause = std::string(cause);
  return row;
}

void BeginRecord(const Row& row, base::JsonWriter& json) {
  json.BeginObject();
  json.TextField("schema", kRecordSchema);
  json.NameField("file", row.file);
  json.TextField("status", row.ok ? "ok" : "failed");
  json.Key("seconds");
  json.Decimal(row.seconds);
  json.Key("error");
  row.ok ? json.Null() : json.String(row.error);
  json.Key("cause");
  row.ok ? json.Null() : json.String(row.cause);
  if (!row.ok) return;
  json.Key("evidence");
  json.BeginObject();
  for (size_t kind = 0; kind < kReasonKinds; ++kind) {
    json.Field(roles::ReasonName(static_cast<roles::ReasonKind>(kind)), row.evidence[kind]);
  }
  json.EndObject();
}

Record FailedRecord(Row row) {
  base::StringSink sink;
  base::JsonWriter json(sink);
  BeginRecord(row, json);
  json.EndObject();
  json.EndLine();
  return {std::move(sink.text), std::move(row)};
}

absl::StatusOr<Row> ReadRow(std::string_view line) {
  const json record = json::parse(line, KeepsForRow, false);
  if (record.is_discarded() || !record.is_object() || Text(record, "schema") != kRecordSchema) {
    return absl::InvalidArgumentError("a line is no record of hoarfrost batch");
  }
  Row row;
  row.file = Name(record, "file");
  row.ok = Text(record, "status") == "ok";
  row.error = Text(record, "error");
  row.cause = Text(record, "cause");
  const auto seconds = record.find("seconds");
  if (seconds != record.end() && seconds->is_number()) row.seconds = seconds->get<double>();
  row.bytes = Count(record, "bytes");
  const json& totals = Part(record, "totals");
  row.totals.parameters = Count(totals, "parameters");
  row.totals.trainable = Count(totals, "trainable");
  row.totals.non_trainable = Count(totals, "non_trainable");
  row.totals.frozen = Count(totals, "frozen");
  row.totals.statistics = Count(totals, "statistics");
  row.totals.quantization = Count(totals, "quantization");
  row.totals.constants = Count(totals, "constants");
  row.totals.unused = Count(totals, "unused");
  row.totals.bytes = Count(totals, "bytes");
  const json& evidence = Part(record, "evidence");
  for (size_t kind = 0; kind < kReasonKinds; ++kind) {
    row.evidence[kind] = Count(evidence, roles::ReasonName(static_cast<roles::ReasonKind>(kind)));
  }
  return row;
}

}  // namespace hoarfrost::batch
