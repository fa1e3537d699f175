// Freezing, thawing and saving: the parts of hoarfrost::Model that make another file.
#include <sys/stat.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "api/convert.h"
#include "api/rep.h"
#include "base/text.h"
#include "fmt/format.h"
#include "freeze/freeze.h"
#include "freeze/trainer_names.h"
#include "hoarfrost/model.h"
#include "wire/atomic_file.h"
#include "wire/rope.h"

namespace hoarfrost {
namespace {

// The permissions of the file behind a source; those of any new file where there is none.
mode_t ModeOf(const wire::ByteSource& source) {
  struct stat info;
  if (source.descriptor() >= 0 && fstat(source.descriptor(), &info) == 0) {
    return info.st_mode & 07777;
  }
  return 0644;
}

bool HasExternalData(const summary::Summary& summary) {
  for (const model::Tensor& t : summary.facts.tensors) {
    if (t.storage.kind == payload::StorageKind::kExternal) return true;
  }
  return false;
}

bool SameFolder(const std::string& a, const std::string& b) {
  std::error_code error;
  return std::filesystem::equivalent(a.empty() ? "." : a, b.empty() ? "." : b, error) && !error;
}

absl::StatusOr<std::shared_ptr<const Model::Rep>> Rewritten(const Model::Rep& from,
                                                            freeze::Rewrite rewrite) {
  wire::Rope rope = from.rope ? wire::Flatten(rewrite.rope, *from.rope) : std::move(rewrite.rope);
  return Model::Rep::Spliced(from, std::move(rope));
}

}  // namespace

absl::StatusOr<Plan> Model::plan() const {
  const absl::StatusOr<plan::Plan> plan = freeze::PlanOf(*rep_->source, rep_->directory);
  if (!plan.ok()) return plan.status();
  return MakePlan(*plan);
}

absl::StatusOr<TrainerNames> Model::NamesFor(Trainer trainer) const {
  const absl::StatusOr<plan::Plan> plan = freeze::PlanOf(*rep_->source, rep_->directory);
  if (!plan.ok()) return plan.status();
  return freeze::NamesFor(trainer, *plan, rep_->summary);
}

absl::StatusOr<Model> Model::Freeze(const Selection& selection,
                                    const FreezeOptions& options) const {
  freeze::FreezeRequest request;
  request.selection = selection;
  request.shared = options.shared;
  request.forms = options.forms;
  auto rewrite = freeze::Freeze(*rep_->source, rep_->directory, request);
  if (!rewrite.ok()) return rewrite.status();
  auto rep = Rewritten(*rep_, *std::move(rewrite));
  if (!rep.ok()) return rep.status();
  return Model(*std::move(rep));
}

absl::StatusOr<Model> Model::Thaw() const {
  auto rewrite = freeze::Thaw(*rep_->source, rep_->directory, {});
  if (!rewrite.ok()) return rewrite.status();
  auto rep = Rewritten(*rep_, *std::move(rewrite));
  if (!rep.ok()) return rep.status();
  return Model(*std::move(rep));
}

absl::StatusOr<Model> Model::Thaw(const Selection& selection) const {
  freeze::ThawRequest request;
  request.selection = selection;
  auto rewrite = freeze::Thaw(*rep_->source, rep_->directory, request);
  if (!rewrite.ok()) return rewrite.status();
  auto rep = Rewritten(*rep_, *std::move(rewrite));
  if (!rep.ok()) return rep.status();
  return Model(*std::move(rep));
}

absl::Status Model::Save(const std::string& path) const {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  if (HasExternalData(rep_->summary) && !SameFolder(folder, rep_->directory)) {
    return absl::FailedPreconditionError(
        fmt::format("{}: the model has external data in {}; save it there, or copy the data first",
                    base::Escape(path), base::Quote(rep_->directory)));
  }
  const wire::ByteSource& base = *rep_->base;
  if (const absl::Status unchanged = base.CheckUnchanged(); !unchanged.ok()) return unchanged;
  wire::AtomicFileOptions options;
  options.mode = ModeOf(base);
  auto file = wire::AtomicFile::Create(path, options);
  if (!file.ok()) return file.status();
  const wire::Rope rope = rep_->rope ? *rep_->rope : wire::WholeOf(base);
  if (const absl::Status written = file->AppendRope(rope, base); !written.ok()) return written;
  if (const absl::Status unchanged = base.CheckUnchanged(); !unchanged.ok()) return unchanged;
  return file->Commit();
}

absl::StatusOr<std::string> Model::Serialize() const {
  const wire::ByteSource& source = *rep_->source;
  std::string bytes(source.size(), '\0');
  const absl::StatusOr<size_t> got = source.ReadAt(0, bytes.data(), bytes.size());
  if (!got.ok()) return got.status();
  if (const absl::Status unchanged = source.CheckUnchanged(); !unchanged.ok()) return unchanged;
  if (*got != bytes.size()) {
    return absl::DataLossError(
        fmt::format("{}: the file became shorter while it was read", base::Escape(source.name())));
  }
  return bytes;
}

}  // namespace hoarfrost
