#include "hoarfrost/batch.h"

#include <utility>

#include "batch/find.h"
#include "batch/record.h"
#include "batch/task.h"

namespace hoarfrost {
namespace {

BatchRecord WithoutLineFeed(batch::Record record) {
  record.line.pop_back();
  return {std::move(record.row.file), record.row.ok, std::move(record.line)};
}

}  // namespace

absl::StatusOr<std::vector<FoundModel>> FindModels(const std::vector<std::string>& roots,
                                                   const FindOptions& options) {
  auto found = batch::Find(roots, {options.globs, options.excludes, options.hidden});
  if (!found.ok()) return found.status();
  std::vector<FoundModel> models;
  models.reserve(found->size());
  for (batch::Found& one : *found) {
    FoundModel& model = models.emplace_back();
    if (!one.problem.ok()) model.problem = WithoutLineFeed(batch::RunTask(one, {}, "")).json;
    model.file = std::move(one.file);
  }
  return models;
}

BatchRecord InspectRecord(const FoundModel& model, bool full) {
  if (!model.problem.empty()) return {model.file, false, model.problem};
  batch::TaskOptions options;
  options.full = full;
  return WithoutLineFeed(batch::RunTask({model.file, 0, 0, {}}, options, ""));
}

}  // namespace hoarfrost
