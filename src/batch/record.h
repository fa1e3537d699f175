// The record of one model: a line of the report, and what tables need of it.
//
// A line is one JSON object, described by docs/batch.schema.json: the fields of `inspect --json`
// besides the status, the seconds it took and the error.
#ifndef HOARFROST_BATCH_RECORD_H_
#define HOARFROST_BATCH_RECORD_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/json_writer.h"
#include "summary/summary.h"

namespace hoarfrost::batch {

inline constexpr std::string_view kRecordSchema = "hoarfrost.batch/1";

// Reasons by kind, strongest first (roles::ReasonKind).
inline constexpr size_t kReasonKinds = 6;

struct Row {
  std::string file;
  bool ok = false;
  std::string error;  // a sentence, and a word for its kind; both empty where all is well
  std::string cause;
  double seconds = 0;
  uint64_t bytes = 0;  // of the model file; this and what follows is 0 where it failed
  summary::Totals totals;
  std::array<uint64_t, kReasonKinds> evidence = {};  // counted tensors by kind of reason
};

struct Record {
  std::string line;  // with its line feed
  Row row;
};

// "not_found", "permission", "changed", ...: the word in `cause` for a status.
std::string_view CauseOf(const absl::Status& status);

// What people read in place of such a word.
std::string_view CauseText(std::string_view cause);

// Row of a model that could be read.
Row MakeRow(const summary::Summary& summary);
Row MakeFailedRow(std::string file, const absl::Status& status, std::string_view cause);

// Opens the object and writes what every record has; the caller adds more and ends it.
void BeginRecord(const Row& row, base::JsonWriter& json);

// The record of a model that failed.
Record FailedRecord(Row row);

// Reads a line back. InvalidArgument where it is no record.
absl::StatusOr<Row> ReadRow(std::string_view line);

}  // namespace hoarfrost::batch

#endif  // HOARFROST_BATCH_RECORD_H_
