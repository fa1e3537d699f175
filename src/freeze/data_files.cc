#include "freeze/data_files.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "base/hash.h"
#include "base/text.h"
#include "payload/external.h"

namespace hoarfrost::freeze {
namespace {

// Calls `visit` on every TensorProto of a model, however deep it lies.
template <typename Visit>
void ForEachTensor(const onnx::ModelProto& model, Visit visit) {
  std::vector<const onnx::GraphProto*> graphs;
  std::vector<const onnx::NodeProto*> nodes;
  const auto add_sparse = [&](const onnx::SparseTensorProto& sparse) {
    visit(sparse.values());
    visit(sparse.indices());
  };
  const auto add_attribute = [&](const onnx::AttributeProto& attribute) {
    if (attribute.has_t()) visit(attribute.t());
    for (const onnx::TensorProto& tensor : attribute.tensors()) visit(tensor);
    if (attribute.has_sparse_tensor()) add_sparse(attribute.sparse_tensor());
    for (const onnx::SparseTensorProto& sparse : attribute.sparse_tensors()) add_sparse(sparse);
    if (attribute.has_g()) graphs.push_back(&attribute.g());
    for (const onnx::GraphProto& graph : attribute.graphs()) graphs.push_back(&graph);
  };
  graphs.push_back(&model.graph());
  for (const onnx::TrainingInfoProto& training : model.training_info()) {
    graphs.push_back(&training.initialization());
    graphs.push_back(&training.algorithm());
  }
  for (const onnx::FunctionProto& function : model.functions()) {
    for (const onnx::AttributeProto& attribute : function.attribute_proto()) {
      add_attribute(attribute);
    }
    for (const onnx::NodeProto& node : function.node()) nodes.push_back(&node);
  }
  while (!graphs.empty() || !nodes.empty()) {
    if (!nodes.empty()) {
      const onnx::NodeProto* node = nodes.back();
      nodes.pop_back();
      for (const onnx::AttributeProto& attribute : node->attribute()) add_attribute(attribute);
      continue;
    }
    const onnx::GraphProto* graph = graphs.back();
    graphs.pop_back();
    for (const onnx::TensorProto& tensor : graph->initializer()) visit(tensor);
    for (const onnx::SparseTensorProto& sparse : graph->sparse_initializer()) add_sparse(sparse);
    for (const onnx::NodeProto& node : graph->node()) {
      if (node.attribute_size() > 0) nodes.push_back(&node);
    }
  }
}

bool SameFile(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// Whether `path` holds the bytes of `source`, as a copy made earlier does.
bool HoldsTheSame(const wire::ByteSource& source, const std::string& path) {
  const absl::StatusOr<std::unique_ptr<wire::ByteSource>> other = wire::OpenFile(path);
  if (!other.ok() || (*other)->size() != source.size()) return false;
  constexpr size_t kChunk = size_t{1} << 20;
  std::string ours(kChunk, '\0');
  std::string theirs(kChunk, '\0');
  for (uint64_t at = 0; at < source.size(); at += kChunk) {
    const absl::StatusOr<size_t> here = source.ReadAt(at, ours.data(), kChunk);
    const absl::StatusOr<size_t> there = (*other)->ReadAt(at, theirs.data(), kChunk);
    if (!here.ok() || !there.ok() || *here != *there) return false;
    if (ours.compare(0, *here, theirs, 0, *there) != 0) return false;
  }
  return true;
}

}  // namespace

std::vector<DataFile> DataFilesOf(const onnx::ModelProto& model, const std::string& folder,
                                  const std::string& model_file) {
  std::vector<DataFile> files;
  base::ViewSet seen;
  payload::ExternalFiles look(folder, model_file);
  ForEachTensor(model, [&](const onnx::TensorProto& tensor) {
    if (tensor.data_location() != onnx::TensorProto::EXTERNAL) return;
    const payload::ExternalKeys keys = payload::ReadExternalKeys(tensor);
    if (keys.location.empty() || !seen.insert(keys.location).second) return;
    const payload::ExternalFile& found = look.Look(keys.location);
    files.push_back(
        {std::string(keys.location), found.present && found.regular, found.size, found.problem});
  });
  return files;
}

absl::StatusOr<CopiedData> CopiedData::Copy(const std::vector<DataFile>& files,
                                            const std::string& from, const std::string& to,
                                            wire::FileOps* ops, const DataContents* contents) {
  CopiedData copied;
  for (const DataFile& file : files) {
    if (absl::Status status = copied.CopyOne(file, from, to, ops, contents); !status.ok())
      return status;
  }
  return copied;
}

CopiedData::~CopiedData() {
  for (size_t i = made_.size(); i-- > 0;) {
    if (unlink(made_[i].c_str()) != 0) (void)rmdir(made_[i].c_str());
  }
}

// Folders on the way are made where they are not there; none may be a link, which could lead out
// of the target folder.
absl::Status CopiedData::MakeFolders(const std::string& location, const std::string& to) {
  for (size_t slash = location.find('/'); slash != std::string::npos;
       slash = location.find('/', slash + 1)) {
    const std::string folder = to + "/" + location.substr(0, slash);
    if (mkdir(folder.c_str(), 0777) == 0) {
      made_.push_back(folder);
      continue;
    }
    struct stat info = {};
    if (errno != EEXIST) return wire::SystemError(errno, base::Escape(folder));
    if (lstat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
      return absl::FailedPreconditionError(
          fmt::format("{}: is no folder, so data file {} cannot be copied there",
                      base::Escape(folder), base::Quote(location)));
    }
  }
  return absl::OkStatus();
}

absl::Status CopiedData::CopyOne(const DataFile& file, const std::string& from,
                                 const std::string& to, wire::FileOps* ops,
                                 const DataContents* contents) {
  const bool changes = contents != nullptr && contents->Changes(file.location);
  if (!file.problem.empty()) {
    return absl::FailedPreconditionError(fmt::format(
        "data file cannot be copied: {}; --external keep leaves it where it is", file.problem));
  }
  if (!file.present) return absl::OkStatus();
  const std::string source_path = from + "/" + file.location;
  const std::string target = to + "/" + file.location;
  absl::StatusOr<std::unique_ptr<wire::ByteSource>> source = wire::OpenFile(source_path);
  if (!source.ok()) return source.status();
  struct stat info = {};
  if (fstat((*source)->descriptor(), &info) != 0) {
    return wire::SystemError(errno, base::Escape(source_path));
  }
  struct stat there = {};
  if (lstat(target.c_str(), &there) == 0) {
    if (S_ISREG(there.st_mode) && !changes &&
        (SameFile(info, there) || HoldsTheSame(**source, target))) {
      return absl::OkStatus();
    }
    return absl::AlreadyExistsError(
        fmt::format("{}: is there already, and data files are never replaced; remove it, or "
                    "--external keep leaves the data where it is",
                    base::Escape(target)));
  }
  if (absl::Status made = MakeFolders(file.location, to); !made.ok()) return made;
  absl::StatusOr<wire::AtomicFile> copy =
      wire::AtomicFile::Create(target, {.mode = info.st_mode & 0777, .replace = false, .ops = ops});
  if (!copy.ok()) return copy.status();
  absl::Status copied = changes ? contents->Write(file.location, **source, *copy)
                                : copy->AppendRange(**source, {0, (*source)->size()});
  if (!copied.ok()) return copied;
  if (absl::Status same = (*source)->CheckUnchanged(); !same.ok()) return same;
  absl::Status done = copy->Commit();
  if (copy->published()) made_.push_back(target);
  return done;
}

}  // namespace hoarfrost::freeze
