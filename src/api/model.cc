#include "hoarfrost/model.h"

#include <utility>

#include "api/convert.h"
#include "api/rep.h"
#include "base/text.h"
#include "fmt/format.h"

namespace hoarfrost {
namespace {

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

Model::Model(std::shared_ptr<const Rep> rep) : rep_(std::move(rep)) {}
Model::Model(const Model&) = default;
Model& Model::operator=(const Model&) = default;
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;
Model::~Model() = default;

absl::StatusOr<Model> Model::Load(const std::string& path, const LoadOptions& options) {
  auto file = wire::OpenFile(path);
  if (!file.ok()) return file.status();
  auto rep = Rep::Make(*std::move(file), DirectoryOf(path), options);
  if (!rep.ok()) return rep.status();
  return Model(*std::move(rep));
}

absl::StatusOr<Model> Model::FromBytes(std::string bytes, std::string name, std::string directory,
                                       const LoadOptions& options) {
  auto rep = Rep::Make(std::make_shared<OwnedBytes>(std::move(name), std::move(bytes)),
                       std::move(directory), options);
  if (!rep.ok()) return rep.status();
  return Model(*std::move(rep));
}

const ModelInfo& Model::info() const { return rep_->info; }
const Totals& Model::totals() const { return rep_->totals; }
const std::optional<FrameworkCount>& Model::framework() const { return rep_->framework; }
const std::vector<Note>& Model::notes() const { return rep_->notes; }

size_t Model::tensor_count() const { return rep_->summary.facts.tensors.size(); }

Tensor Model::tensor(size_t i) const {
  return MakeTensor(rep_->summary, static_cast<model::TensorId>(i));
}

size_t Model::layer_count() const { return rep_->summary.rows.size(); }

Layer Model::layer(size_t i) const { return MakeLayer(rep_->summary, rep_->summary.rows[i]); }

absl::StatusOr<size_t> Model::FindTensor(const std::string& name,
                                         const std::optional<std::string>& scope) const {
  const model::Facts& facts = rep_->summary.facts;
  std::vector<model::TensorId> found;
  std::string elsewhere;
  for (const model::TensorId t : facts.TensorsNamed(name)) {
    const model::Tensor& tensor = facts.tensors[static_cast<size_t>(t)];
    if (!scope || facts.scopes[static_cast<size_t>(tensor.scope)].path == *scope) {
      found.push_back(t);
    } else {
      const std::string& path = facts.scopes[static_cast<size_t>(tensor.scope)].path;
      elsewhere += fmt::format("{}{}", elsewhere.empty() ? "" : ", ", base::Quote(path));
    }
  }
  // Of several initializers of one name in one scope, the last is the one that counts.
  const auto scope_of = [&](model::TensorId t) {
    return facts.tensors[static_cast<size_t>(t)].scope;
  };
  if (!found.empty() && scope_of(found.front()) == scope_of(found.back())) {
    return static_cast<size_t>(found.back());
  }
  if (!found.empty()) {
    std::string scopes;
    for (const model::TensorId t : found) {
      if (!scopes.empty()) scopes += ", ";
      scopes += base::Quote(facts.scopes[static_cast<size_t>(scope_of(t))].path);
    }
    return absl::InvalidArgumentError(
        fmt::format("{}: tensor {} is in several scopes ({}); name one",
                    base::Escape(rep_->info.file), base::Quote(name), scopes));
  }
  if (!elsewhere.empty()) {
    return absl::NotFoundError(fmt::format(
        "{}: no tensor of scope {} is called {}; there is one in {}", base::Escape(rep_->info.file),
        base::Quote(*scope), base::Quote(name), elsewhere));
  }
  std::vector<std::string_view> names;
  names.reserve(facts.tensors.size());
  for (const model::Tensor& tensor : facts.tensors) names.push_back(tensor.name);
  std::string near;
  for (const std::string& candidate : base::NearNames(name, names)) {
    near += fmt::format("{}{}", near.empty() ? "; did you mean " : ", ", base::Quote(candidate));
  }
  return absl::NotFoundError(fmt::format("{}: no tensor is called {}{}",
                                         base::Escape(rep_->info.file), base::Quote(name), near));
}

}  // namespace hoarfrost
