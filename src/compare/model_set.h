// The tensors of an ONNX model.
#ifndef HOARFROST_COMPARE_MODEL_SET_H_
#define HOARFROST_COMPARE_MODEL_SET_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "compare/tensor_set.h"
#include "payload/data_files.h"
#include "summary/summary.h"
#include "wire/byte_source.h"

namespace hoarfrost::compare {

class ModelSet final : public TensorSet {
 public:
  // `model` was read from `source`; `directory` is where external data is relative to, "" if
  // nowhere.
  ModelSet(std::shared_ptr<const wire::ByteSource> source,
           std::shared_ptr<const summary::Summary> model, std::string directory);

  // Reads the model behind `source`.
  static absl::StatusOr<std::unique_ptr<ModelSet>> Read(
      std::shared_ptr<const wire::ByteSource> source, std::string directory);

  const std::string& name() const override { return source_->name(); }
  absl::StatusOr<std::unique_ptr<payload::ElementStream>> Open(size_t i) const override;
  absl::StatusOr<std::unique_ptr<payload::ElementStream>> OpenIndices(size_t i) const override;
  absl::Status CheckUnchanged() const override { return source_->CheckUnchanged(); }
  const summary::Summary* model() const override { return model_.get(); }

  const wire::ByteSource& source() const { return *source_; }
  const std::string& directory() const { return directory_; }

 private:
  payload::StreamSource From() const { return {*source_, *model_->skeleton, data_files_}; }

  const std::shared_ptr<const wire::ByteSource> source_;
  const std::shared_ptr<const summary::Summary> model_;
  const std::string directory_;
  mutable payload::DataFiles data_files_;  // thread-safe
};

}  // namespace hoarfrost::compare

#endif  // HOARFROST_COMPARE_MODEL_SET_H_
