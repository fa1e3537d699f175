// Where the bytes of a tensor lie, without reading them.
//
// A tensor's values are in raw_data (inline), in a typed field (fields) or in another file
// (external). Describe() says which, and CheckSize() whether the bytes found can hold the elements
// that the shape promises; the file system is asked (stat) but nothing is opened.
#ifndef HOARFROST_PAYLOAD_STORAGE_H_
#define HOARFROST_PAYLOAD_STORAGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "onnx/onnx_pb.h"
#include "wire/skeleton.h"

namespace hoarfrost::payload {

enum class StorageKind : uint8_t { kInline, kFields, kExternal };

struct Storage {
  StorageKind kind = StorageKind::kInline;
  std::vector<wire::Span> spans;  // in the model file; empty when external, or nothing is stored
  std::string location;           // external only: as written in the file
  uint64_t offset = 0;            // external only
  std::optional<uint64_t> length;  // external only: absent means "to the end of the file"
};

// A product of dims with overflow and sign checks; nullopt when it cannot be a count.
// A scalar (no dims) has one element.
std::optional<uint64_t> ElementCount(const google::protobuf::RepeatedField<int64_t>& dims);

struct StorageReport {
  Storage storage;
  std::vector<std::string> problems;  // sentences without the tensor's name; empty when all is well
};

// `directory` is the folder that external locations are relative to ("" = no file: not looked at).
StorageReport DescribeStorage(const onnx::TensorProto& tensor, const wire::Skeleton& skeleton,
                              const std::string& directory);

}  // namespace hoarfrost::payload

#endif  // HOARFROST_PAYLOAD_STORAGE_H_
