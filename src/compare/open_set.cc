#include "compare/open_set.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "base/text.h"
#include "compare/checkpoint_set.h"
#include "compare/safetensors_set.h"

namespace hoarfrost::compare {
namespace {

// torch.save writes a zip archive with a pickle in it, or in its older form a bare pickle.
bool LooksLikeTorchSave(const wire::ByteSource& source) {
  char head[4];
  const absl::StatusOr<size_t> got = source.ReadAt(0, head, sizeof head);
  if (!got.ok() || *got != sizeof head) return false;
  const std::string_view bytes(head, sizeof head);
  return bytes == std::string_view("PK\3\4", 4) || bytes == std::string_view("\x80\2\x8a\n", 4);
}

}  // namespace

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

absl::StatusOr<std::unique_ptr<ModelSet>> OpenModel(const std::string& path) {
  auto source = wire::OpenFile(path);
  if (!source.ok()) return source.status();
  return ModelSet::Read(*std::move(source), FolderOf(path));
}

absl::StatusOr<std::unique_ptr<TensorSet>> OpenSet(const std::string& path) {
  auto opened = wire::OpenFile(path);
  if (!opened.ok()) return opened.status();
  const std::shared_ptr<const wire::ByteSource> source = *std::move(opened);
  if (LooksLikeCheckpoint(*source)) return ReadCheckpoint(source, FolderOf(path));
  if (LooksLikeSafetensors(*source)) return ReadSafetensors(source);
  auto model = ModelSet::Read(source, FolderOf(path));
  if (model.ok()) return *std::move(model);
  if (!LooksLikeTorchSave(*source)) return model.status();
  return absl::UnimplementedError(fmt::format(
      "{}; if torch.save wrote it, load it in Python and save its tensors with the package "
      "safetensors",
      std::string_view(model.status().message().data(), model.status().message().size())));
}

}  // namespace hoarfrost::compare
