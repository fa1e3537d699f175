// The values of tensors.
#include "payload/read.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/rep.h"
#include "base/text.h"
#include "fmt/format.h"
#include "hoarfrost/model.h"
#include "values/read_values.h"

namespace hoarfrost {
namespace {

std::string Name(const Model::Rep& rep, const model::Tensor& tensor) {
  return fmt::format("{}: tensor {}", base::Escape(rep.info.file), base::Quote(tensor.name));
}

}  // namespace

absl::StatusOr<std::string> Model::ReadTensor(size_t i) const {
  const model::Tensor& tensor = rep_->summary.facts.tensors[i];
  if (absl::Status unchanged = rep_->source->CheckUnchanged(); !unchanged.ok()) return unchanged;
  if (tensor.dtype == onnx::TensorProto::STRING) {
    return absl::UnimplementedError(fmt::format(
        "{} is of strings, which are not elements of a fixed size", Name(*rep_, tensor)));
  }
  const wire::Skeleton& skeleton = *rep_->summary.skeleton;
  if (tensor.proto == nullptr) {
    return payload::ReadElements(*rep_->source, skeleton, *tensor.attribute);
  }
  return payload::ReadElements(*rep_->source, skeleton, *tensor.proto, rep_->directory);
}

absl::StatusOr<std::vector<std::string>> Model::ReadStrings(size_t i) const {
  const model::Tensor& tensor = rep_->summary.facts.tensors[i];
  if (absl::Status unchanged = rep_->source->CheckUnchanged(); !unchanged.ok()) return unchanged;
  if (tensor.dtype != onnx::TensorProto::STRING) {
    return absl::InvalidArgumentError(fmt::format("{} is not of strings", Name(*rep_, tensor)));
  }
  const wire::Skeleton& skeleton = *rep_->summary.skeleton;
  if (tensor.proto == nullptr) {
    return payload::ReadStrings(*rep_->source, skeleton, *tensor.attribute);
  }
  return payload::ReadStrings(*rep_->source, skeleton, *tensor.proto);
}

absl::StatusOr<std::vector<uint64_t>> Model::ReadPositions(size_t i) const {
  const model::Tensor& tensor = rep_->summary.facts.tensors[i];
  if (absl::Status unchanged = rep_->source->CheckUnchanged(); !unchanged.ok()) return unchanged;
  if (tensor.sparse == nullptr) {
    return absl::InvalidArgumentError(fmt::format("{} is not sparse", Name(*rep_, tensor)));
  }
  return payload::ReadPositions(*rep_->source, *rep_->summary.skeleton, *tensor.sparse,
                                rep_->directory);
}

absl::StatusOr<Values> Model::ReadValues(size_t i) const {
  const model::Tensor& tensor = rep_->summary.facts.tensors[i];
  if (absl::Status unchanged = rep_->source->CheckUnchanged(); !unchanged.ok()) return unchanged;
  values::TensorValues read = values::ReadTensorValues(
      *rep_->source, rep_->summary, rep_->directory, static_cast<model::TensorId>(i));
  if (!read.error.empty()) {
    return absl::DataLossError(fmt::format("{}: {}", Name(*rep_, tensor), read.error));
  }
  Values to;
  to.digest = std::move(read.digest);
  if (!read.statistics) return to;
  to.count = read.statistics->count;
  to.zeros = read.statistics->zeros;
  to.subnormals = read.statistics->subnormals;
  to.nan = read.statistics->nans;
  to.inf = read.statistics->infinities;
  to.min = read.statistics->min;
  to.max = read.statistics->max;
  to.mean = read.statistics->mean;
  to.std = read.statistics->deviation;
  return to;
}

}  // namespace hoarfrost
