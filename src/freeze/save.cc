#include "freeze/save.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <utility>

#include "base/text.h"

namespace hoarfrost::freeze {
namespace {

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool IsSame(const std::string& a, const std::string& b) {
  struct stat first = {};
  struct stat second = {};
  return stat(a.c_str(), &first) == 0 && stat(b.c_str(), &second) == 0 &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

// umask(2) could only be asked by changing it, which other threads would notice.
mode_t Umask() {
  constexpr mode_t kUsual = 022;
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    mode_t mask = kUsual;
    if (word == "Umask:" && status >> std::oct >> mask) return mask;
  }
  return kUsual;
}

}  // namespace

absl::StatusOr<SavePlan> PlanSave(const onnx::ModelProto& model, const std::string& path,
                                  const std::string& target, const SaveOptions& options) {
  SavePlan plan;
  plan.target = target;
  plan.from_folder = FolderOf(path);
  plan.to_folder = FolderOf(target);
  plan.data_files = DataFilesOf(model, plan.from_folder, path);
  const bool same_folder = IsSame(plan.from_folder, plan.to_folder);
  plan.copies = !plan.data_files.empty() && !same_folder && options.external != External::kKeep;
  plan.leaves_behind = !plan.data_files.empty() && !same_folder && !plan.copies;
  for (const DataFile& file : plan.data_files) {
    if (IsSame(target, plan.to_folder + "/" + file.location) ||
        IsSame(target, plan.from_folder + "/" + file.location)) {
      return absl::InvalidArgumentError(
          fmt::format("{}: is a data file of the model", base::Escape(target)));
    }
    if (target == plan.to_folder + "/" + file.location) {
      return absl::InvalidArgumentError(
          fmt::format("{}: the model's data file has this name", base::Escape(target)));
    }
  }
  return plan;
}

absl::Status Save(const wire::Rope& rope, const wire::ByteSource& source, const SavePlan& plan,
                  const SaveOptions& options) {
  return Save([&](wire::AtomicFile& file) { return file.AppendRope(rope, source); }, nullptr,
              source, plan, options);
}

absl::Status Save(const std::function<absl::Status(wire::AtomicFile&)>& write,
                  const DataContents* contents, const wire::ByteSource& source,
                  const SavePlan& plan, const SaveOptions& options) {
  wire::AtomicFileOptions file_options;
  file_options.ops = options.ops;
  struct stat info = {};
  if (source.descriptor() >= 0) {
    if (fstat(source.descriptor(), &info) != 0) {
      return wire::SystemError(errno, base::Escape(source.name()));
    }
    file_options.mode = info.st_mode & 0777;
    struct stat there = {};
    const bool in_place = stat(plan.target.c_str(), &there) == 0 && there.st_dev == info.st_dev &&
                          there.st_ino == info.st_ino;
    if (in_place) file_options.owner = {info.st_uid, info.st_gid};
  } else {
    file_options.mode = 0666 & ~Umask();  // from memory: what any new file gets
  }
  if (absl::Status same = source.CheckUnchanged(); !same.ok()) return same;
  absl::StatusOr<CopiedData> data =
      CopiedData::Copy(plan.copies ? plan.data_files : std::vector<DataFile>(), plan.from_folder,
                       plan.to_folder, options.ops, contents);
  if (!data.ok()) return data.status();
  absl::StatusOr<wire::AtomicFile> file = wire::AtomicFile::Create(plan.target, file_options);
  if (!file.ok()) return file.status();
  if (absl::Status written = write(*file); !written.ok()) return written;
  if (absl::Status same = source.CheckUnchanged(); !same.ok()) return same;
  absl::Status done = file->Commit();
  if (file->published()) data->Keep();
  return done;
}

}  // namespace hoarfrost::freeze
