// A summary as JSON: the format of docs/json.md and docs/inspect.schema.json.
#ifndef HOARFROST_REPORT_JSON_H_
#define HOARFROST_REPORT_JSON_H_

#include <cstdint>
#include <string_view>

#include "base/json_writer.h"
#include "base/sink.h"
#include "model/facts.h"
#include "summary/summary.h"

namespace hoarfrost::values {
struct ModelValues;  // values/read_values.h
struct TensorValues;
}  // namespace hoarfrost::values

namespace hoarfrost::report {

inline constexpr std::string_view kInspectSchema = "hoarfrost.inspect/1";

struct JsonOptions {
  bool all_layers = false;                      // also those that own no tensor and share none
  bool rows = true;                             // layers and tensors at all
  const values::ModelValues* values = nullptr;  // where they were read
};

// One compact object and a line feed.
void WriteJson(const summary::Summary& summary, const JsonOptions& options, base::Sink& sink);

// The same without the braces, the schema and the file's name, into an object that is open.
void WriteFields(const summary::Summary& summary, const JsonOptions& options,
                 base::JsonWriter& json);

// The parts other results share. Facts: `model`, `totals`, `framework`, `trained_attributes`.
void WriteFacts(const summary::Summary& summary, base::JsonWriter& json);
void WriteTensor(const summary::Summary& summary, model::TensorId t, base::JsonWriter& json,
                 const values::TensorValues* values = nullptr);
void WriteNotes(const std::vector<model::Note>& notes, base::JsonWriter& json);

}  // namespace hoarfrost::report

#endif  // HOARFROST_REPORT_JSON_H_
