#include "batch/page.h"

#include <fmt/format.h>

#include <cstdint>
#include <numeric>
#include <set>
#include <string_view>

#include "base/json_writer.h"
#include "report/html/columns.h"
#include "report/html/page.h"

namespace hoarfrost::batch {
namespace {

template <typename Of>
void WriteColumn(std::string_view key, const std::vector<Row>& rows, const Of& of,
                 base::JsonWriter& json) {
  json.Key(key);
  json.BeginArray();
  for (const Row& row : rows) json.Uint(of(row));
  json.EndArray();
}

// For src/report/html/page/batch.js; no contract.
void WriteData(const std::vector<Row>& rows, const std::vector<std::string>& inputs,
               const std::string& made_by, base::Sink& sink) {
  report::html::FrontCoded files;
  report::html::WordColumn causes, errors;
  std::set<std::string> met;
  for (const Row& row : rows) {
    files.Add(row.file);
    causes.Add(row.cause);
    errors.Add(row.error);
    if (!row.ok) met.insert(row.cause);
  }
  base::JsonWriter json(sink);
  json.BeginObject();
  json.TextField("schema", "hoarfrost.batch-page/1");
  json.TextField("made_by", made_by);
  json.Key("inputs");
  json.BeginArray();
  for (const std::string& input : inputs) json.String(input);
  json.EndArray();
  json.Key("causes");
  json.BeginObject();
  for (const std::string& cause : met) {
    // A report that is joined may have been written by anyone: other words explain themselves.
    if (CauseText(cause) != cause) json.TextField(cause, CauseText(cause));
  }
  json.EndObject();
  json.Key("models");
  json.BeginObject();
  files.Write("file", json);
  causes.Write("cause", json);
  errors.Write("error", json);
  json.Key("seconds");
  json.BeginArray();
  for (const Row& row : rows) json.Decimal(row.seconds);
  json.EndArray();
  const auto column = [&](std::string_view key, const auto& of) {
    WriteColumn(key, rows, of, json);
  };
  column("ok", [](const Row& row) { return uint64_t{row.ok}; });
  column("bytes", [](const Row& row) { return row.bytes; });
  column("parameters", [](const Row& row) { return row.totals.parameters; });
  column("parameter_bytes", [](const Row& row) { return row.totals.bytes; });
  column("trainable", [](const Row& row) { return row.totals.trainable; });
  column("non_trainable", [](const Row& row) { return row.totals.non_trainable; });
  column("frozen", [](const Row& row) { return row.totals.frozen; });
  column("statistics", [](const Row& row) { return row.totals.statistics; });
  column("quantization", [](const Row& row) { return row.totals.quantization; });
  column("constants", [](const Row& row) { return row.totals.constants; });
  column("unused", [](const Row& row) { return row.totals.unused; });
  column("tensors", [](const Row& row) {
    return std::accumulate(row.evidence.begin(), row.evidence.end(), uint64_t{0});
  });
  column("weak", [](const Row& row) {
    return row.evidence[static_cast<size_t>(roles::ReasonKind::kName)] +
           row.evidence[static_cast<size_t>(roles::ReasonKind::kAssumed)];
  });
  json.EndObject();
  json.EndObject();
  json.EndLine();
}

}  // namespace

void WritePage(const std::vector<Row>& rows, const std::vector<std::string>& inputs,
               const std::string& made_by, base::Sink& sink) {
  report::html::WriteBatchPage(
      fmt::format("{} model{}", rows.size(), rows.size() == 1 ? "" : "s"),
      [&](base::Sink& script) { WriteData(rows, inputs, made_by, script); }, sink);
}

}  // namespace hoarfrost::batch
