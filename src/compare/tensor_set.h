// A TensorSet: named tensors with their bytes as streams, wherever they come from.
//
// What is compared is never a file format but two of these: an ONNX model, a safetensors file, an
// ONNX Runtime checkpoint, arrays that Python hands in. Elements come in the canonical form of
// payload/stream.h, so that raw_data and float_data, inline and external data are the same.
#ifndef HOARFROST_COMPARE_TENSOR_SET_H_
#define HOARFROST_COMPARE_TENSOR_SET_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "payload/stream.h"
#include "summary/summary.h"

namespace hoarfrost::compare {

struct Item {
  std::string_view name;
  std::string_view scope;  // as model::Scope::path; "" for sets without scopes
  int32_t dtype = 0;       // onnx::TensorProto::DataType
  std::vector<int64_t> dims;
  uint64_t elements = 0;           // product of dims
  std::optional<uint64_t> stored;  // sparse: values that lie there; the stream has these
};

class TensorSet {
 public:
  virtual ~TensorSet() = default;

  // What messages call it: a path as the caller gave it, or a word such as "<memory>".
  virtual const std::string& name() const = 0;

  const std::vector<Item>& items() const { return items_; }

  // The elements of item i, and the positions of a sparse one. Thread-safe. Messages are clauses
  // that name neither the set nor the item. The set must outlive the stream.
  virtual absl::StatusOr<std::unique_ptr<payload::ElementStream>> Open(size_t i) const = 0;
  virtual absl::StatusOr<std::unique_ptr<payload::ElementStream>> OpenIndices(size_t i) const;

  // FailedPrecondition where the file was changed since it was opened.
  virtual absl::Status CheckUnchanged() const { return absl::OkStatus(); }

  // The model that this is the set of; items go by TensorId then.
  virtual const summary::Summary* model() const { return nullptr; }

  // Holds what a trainer was told of, which may be less than a model has.
  virtual bool partial() const { return false; }

 protected:
  std::vector<Item> items_;
};

}  // namespace hoarfrost::compare

#endif  // HOARFROST_COMPARE_TENSOR_SET_H_
