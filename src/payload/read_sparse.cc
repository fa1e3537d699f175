// Where the values of a sparse tensor belong.
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/text.h"
#include "fmt/format.h"
#include "payload/dtype.h"
#include "payload/read.h"
#include "payload/storage.h"

namespace hoarfrost::payload {

absl::StatusOr<std::vector<uint64_t>> ReadPositions(const wire::ByteSource& source,
                                                    const wire::Skeleton& skeleton,
                                                    const onnx::SparseTensorProto& sparse,
                                                    const std::string& directory) {
  const auto damaged = [&](const std::string& text) {
    return absl::DataLossError(fmt::format("{}: tensor {}: {}", base::Quote(source.name()),
                                           base::Quote(sparse.values().name()), text));
  };
  const onnx::TensorProto& indices = sparse.indices();
  const auto& dims = indices.dims();
  const std::optional<uint64_t> elements = ElementCount(sparse.dims());
  const std::optional<uint64_t> stored = ElementCount(sparse.values().dims());
  if (!elements || !stored) return damaged("its dims are no count of elements");
  const bool linear = dims.size() == 1;
  const bool tuples = dims.size() == 2 && dims[1] == sparse.dims_size();
  if ((!linear && !tuples) || static_cast<uint64_t>(dims[0]) != *stored) {
    return damaged(
        fmt::format("its sparse indices have the shape [{}] for {} values in {} dimensions",
                    fmt::join(dims, ", "), *stored, sparse.dims_size()));
  }
  if (indices.data_type() != onnx::TensorProto::INT64) {
    return damaged(
        fmt::format("its sparse indices are {} and not int64", DtypeName(indices.data_type())));
  }
  const absl::StatusOr<std::string> bytes = ReadElements(source, skeleton, indices, directory);
  if (!bytes.ok()) return bytes.status();

  const size_t rank = linear ? 1 : static_cast<size_t>(sparse.dims_size());
  if (rank == 0) return std::vector<uint64_t>(*stored, 0);
  std::vector<int64_t> place(rank);
  std::vector<uint64_t> positions;
  positions.reserve(*stored);
  for (uint64_t i = 0; i < *stored; ++i) {
    std::memcpy(place.data(), bytes->data() + i * rank * sizeof(int64_t), rank * sizeof(int64_t));
    uint64_t position = 0;
    for (size_t axis = 0; axis < rank; ++axis) {
      const uint64_t size =
          linear ? *elements : static_cast<uint64_t>(sparse.dims(static_cast<int>(axis)));
      if (place[axis] < 0 || static_cast<uint64_t>(place[axis]) >= size) {
        return damaged(fmt::format("its sparse index ({}) is outside of the shape [{}]",
                                   fmt::join(place, ", "), fmt::join(sparse.dims(), ", ")));
      }
      position = linear ? static_cast<uint64_t>(place[axis])
                        : position * size + static_cast<uint64_t>(place[axis]);
    }
    positions.push_back(position);
  }
  return positions;
}

}  // namespace hoarfrost::payload
