#include "compare/model_set.h"

#include <utility>

namespace hoarfrost::compare {

absl::StatusOr<std::unique_ptr<payload::ElementStream>> TensorSet::OpenIndices(size_t) const {
  return absl::UnimplementedError("it is not sparse");
}

ModelSet::ModelSet(std::shared_ptr<const wire::ByteSource> source,
                   std::shared_ptr<const summary::Summary> model, std::string directory)
    : source_(std::move(source)),
      model_(std::move(model)),
      directory_(std::move(directory)),
      data_files_(directory_, source_->descriptor() >= 0 ? source_->name() : std::string()) {
  const model::Facts& facts = model_->facts;
  items_.reserve(facts.tensors.size());
  for (const model::Tensor& tensor : facts.tensors) {
    Item item;
    item.name = tensor.name;
    item.scope = facts.scopes[static_cast<size_t>(tensor.scope)].path;
    item.dtype = tensor.dtype;
    item.dims = tensor.dims;
    item.elements = tensor.elements;
    item.stored = tensor.stored_elements;
    items_.push_back(std::move(item));
  }
}

absl::StatusOr<std::unique_ptr<ModelSet>> ModelSet::Read(
    std::shared_ptr<const wire::ByteSource> source, std::string directory) {
  absl::StatusOr<summary::Summary> model = summary::Summarize(*source, directory, {});
  if (!model.ok()) return model.status();
  return std::make_unique<ModelSet>(std::move(source),
                                    std::make_shared<const summary::Summary>(*std::move(model)),
                                    std::move(directory));
}

absl::StatusOr<std::unique_ptr<payload::ElementStream>> ModelSet::Open(size_t i) const {
  const model::Tensor& tensor = model_->facts.tensors[i];
  if (tensor.proto != nullptr) return payload::OpenElements(From(), *tensor.proto);
  return payload::OpenElements(From(), *tensor.attribute);
}

absl::StatusOr<std::unique_ptr<payload::ElementStream>> ModelSet::OpenIndices(size_t i) const {
  const model::Tensor& tensor = model_->facts.tensors[i];
  if (tensor.sparse == nullptr) return TensorSet::OpenIndices(i);
  return payload::OpenElements(From(), tensor.sparse->indices());
}

}  // namespace hoarfrost::compare
