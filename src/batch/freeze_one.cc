#include "batch/freeze_one.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <mutex>
#include <optional>
#include <utility>

#include "base/hash.h"
#include "base/text.h"
#include "report/json.h"
#include "wire/atomic_file.h"
#include "wire/file_ops.h"
#include "wire/skeleton.h"

namespace hoarfrost::batch {
namespace {

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

absl::Status LinkInTheWay(const std::string& path) {
  return absl::FailedPreconditionError(fmt::format(
      "{}: is a link or no folder, and nothing is written past it", base::Escape(path)));
}

// The folder of `target` below `output`, each part made where it is not there.
absl::Status MakeFolders(const std::string& output, std::string_view target) {
  for (size_t slash = target.find('/'); slash != std::string_view::npos;
       slash = target.find('/', slash + 1)) {
    const std::string folder = fmt::format("{}/{}", output, target.substr(0, slash));
    if (mkdir(folder.c_str(), 0777) == 0) continue;
    if (errno != EEXIST) {
      return wire::SystemError(errno, fmt::format("{}: cannot make it", base::Escape(folder)));
    }
    struct stat info = {};
    if (lstat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) return LinkInTheWay(folder);
  }
  return absl::OkStatus();
}

// Models of one folder may share a data file; who copies it first must be done before the next
// looks whether it is there.
std::mutex& MutexOf(const std::string& folder) {
  static std::array<std::mutex, 64> mutexes;
  return mutexes[base::ViewHash()(folder) % mutexes.size()];
}

absl::Status WritePlan(const plan::Plan& plan, const std::string& path) {
  absl::StatusOr<wire::AtomicFile> file = wire::AtomicFile::Create(path, {.mode = 0644});
  if (!file.ok()) return file.status();
  const absl::Status written = file->Append(plan::ToJson(plan) + "\n");
  return written.ok() ? file->Commit() : written;
}

}  // namespace

absl::StatusOr<Frozen> FreezeOne(const wire::ByteSource& source, const FreezeOrder& order,
                                 std::string_view target) {
  const std::string& path = source.name();
  absl::StatusOr<freeze::Rewrite> rewrite = freeze::Freeze(source, FolderOf(path), order.request);
  if (!rewrite.ok()) return rewrite.status();
  Frozen frozen;
  frozen.output = fmt::format("{}/{}", order.output, target);
  if (absl::Status made = MakeFolders(order.output, target); !made.ok()) return made;
  struct stat info = {};
  if (lstat(frozen.output.c_str(), &info) == 0 && S_ISLNK(info.st_mode)) {
    return LinkInTheWay(frozen.output);
  }
  const absl::StatusOr<wire::Skeleton> skeleton = wire::ReadSkeleton(source);
  if (!skeleton.ok()) return skeleton.status();
  const freeze::SaveOptions options{.external = order.external};
  absl::StatusOr<freeze::SavePlan> save =
      freeze::PlanSave(skeleton->model(), path, frozen.output, options);
  if (!save.ok()) return save.status();
  std::unique_lock<std::mutex> lock;
  if (save->copies) lock = std::unique_lock(MutexOf(save->to_folder));
  absl::Status saved = freeze::Save(rewrite->rope, source, *save, options);
  if (!saved.ok()) return saved;
  frozen.bytes = rewrite->rope.size();
  if (order.write_plan) {
    frozen.plan_file = frozen.output + ".plan.json";
    if (absl::Status written = WritePlan(rewrite->plan, frozen.plan_file); !written.ok()) {
      return written;
    }
  }
  frozen.rewrite = *std::move(rewrite);
  frozen.save = *std::move(save);
  return frozen;
}

void WriteFrozen(const Frozen& frozen, base::JsonWriter& json) {
  const freeze::Rewrite& rewrite = frozen.rewrite;
  json.Key("freeze");
  json.BeginObject();
  json.NameField("output", frozen.output);
  if (!frozen.plan_file.empty()) json.NameField("plan", frozen.plan_file);
  json.Field("bytes", frozen.bytes);
  json.Field("frozen_tensors", rewrite.frozen_tensors);
  json.Key("totals");
  json.BeginObject();
  json.Field("parameters", rewrite.after.parameters);
  json.Field("trainable", rewrite.after.trainable);
  json.Field("non_trainable", rewrite.after.non_trainable());
  json.Field("frozen", rewrite.after.frozen);
  json.Field("statistics", rewrite.after.statistics);
  json.EndObject();
  json.Key("skipped");
  json.BeginObject();
  json.Field("statistics", rewrite.skipped_statistics);
  json.Field("constants", rewrite.skipped_constants);
  json.EndObject();
  json.Key("data_files");
  json.BeginArray();
  for (const freeze::DataFile& file : frozen.save.data_files) {
    json.BeginObject();
    json.NameField("location", file.location);
    json.Field("bytes", file.bytes);
    json.Field("copied", frozen.save.copies && file.present);
    json.EndObject();
  }
  json.EndArray();
  json.Key("notes");
  report::WriteNotes(rewrite.notes, json);
  json.EndObject();
}

}  // namespace hoarfrost::batch
