#include "batch/task.h"

#include <fmt/format.h>

#include <chrono>
#include <exception>
#include <memory>
#include <utility>

#include "base/text.h"
#include "batch/freeze_one.h"
#include "report/json.h"
#include "summary/summary.h"
#include "wire/byte_source.h"

namespace hoarfrost::batch {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Record Failure(const Found& found, const absl::Status& status, std::string_view cause,
               Clock::time_point start) {
  Row row = MakeFailedRow(found.file, status, cause);
  row.seconds = SecondsSince(start);
  return FailedRecord(std::move(row));
}

Record Inspect(const Found& found, const TaskOptions& options, std::string_view target,
               Clock::time_point start) {
  absl::StatusOr<std::unique_ptr<wire::ByteSource>> source = wire::OpenFile(found.file);
  if (!source.ok()) return Failure(found, source.status(), CauseOf(source.status()), start);
  const absl::StatusOr<summary::Summary> summary =
      summary::Summarize(**source, DirectoryOf(found.file), {});
  if (!summary.ok()) return Failure(found, summary.status(), CauseOf(summary.status()), start);
  std::optional<Frozen> frozen;
  if (options.freeze.has_value()) {
    absl::StatusOr<Frozen> result = FreezeOne(**source, *options.freeze, target);
    if (!result.ok()) {
      std::string_view cause = CauseOf(result.status());
      if (absl::IsInvalidArgument(result.status())) cause = "selection";
      if (absl::IsFailedPrecondition(result.status()) && (*source)->CheckUnchanged().ok()) {
        cause = "refused";
      }
      return Failure(found, result.status(), cause, start);
    }
    frozen = *std::move(result);
  }
  if (absl::Status same = (*source)->CheckUnchanged(); !same.ok()) {
    return Failure(found, same, CauseOf(same), start);
  }

  Record record;
  record.row = MakeRow(*summary);
  record.row.seconds = SecondsSince(start);
  base::StringSink sink;
  base::JsonWriter json(sink);
  BeginRecord(record.row, json);
  if (frozen.has_value()) WriteFrozen(*frozen, json);
  report::WriteFields(*summary, {.rows = options.full}, json);
  json.EndObject();
  json.EndLine();
  record.line = std::move(sink.text);
  return record;
}

}  // namespace

Record RunTask(const Found& found, const TaskOptions& options, std::string_view target) {
  const Clock::time_point start = Clock::now();
  if (!found.problem.ok()) return Failure(found, found.problem, CauseOf(found.problem), start);
  try {
    return Inspect(found, options, target, start);
  } catch (const std::exception& error) {  // no memory, most likely: the others may do with less
    const absl::Status status =
        absl::ResourceExhaustedError(fmt::format("{}: {}", base::Escape(found.file), error.what()));
    return Failure(found, status, CauseOf(status), start);
  }
}

}  // namespace hoarfrost::batch
