// Where the bytes of a tensor lie, without reading them.
//
// A tensor's values are in raw_data (inline), in a typed field (fields) or in another file
// (external). A StorageInspector says which, and whether what was found can hold the elements that
// the shape promises; the file system is asked (stat) but nothing is opened. The rules for sizes
// and fields are those of the comments in onnx-ml.proto.
#ifndef HOARFROST_PAYLOAD_STORAGE_H_
#define HOARFROST_PAYLOAD_STORAGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "onnx/onnx_pb.h"
#include "payload/external.h"
#include "wire/skeleton.h"

namespace hoarfrost::payload {

enum class StorageKind : uint8_t { kInline, kFields, kExternal };

struct Storage {
  StorageKind kind = StorageKind::kInline;
  std::vector<wire::Span> spans;   // in the model file; empty when external, or nothing is stored
  std::string location;            // external only: as written in the file
  uint64_t offset = 0;             // external only
  std::optional<uint64_t> length;  // external only: absent means what shape and type ask for
};

// A product of dims with overflow and sign checks; nullopt when it cannot be a count.
// A scalar (no dims) has one element. A zero among the dims makes it 0, whatever the others.
std::optional<uint64_t> ElementCount(absl::Span<const int64_t> dims);
inline std::optional<uint64_t> ElementCount(const google::protobuf::RepeatedField<int64_t>& dims) {
  return ElementCount(absl::MakeConstSpan(dims.data(), static_cast<size_t>(dims.size())));
}

enum class ProblemKind : uint8_t {
  kShape,        // dims that are no count
  kType,         // undefined or unknown dtype, or values in a field of another type
  kSize,         // more or fewer bytes than shape and type ask for
  kLocation,     // external_data keys, and where they point
  kMissingFile,  // the data file is not there
};

struct Problem {
  ProblemKind kind;
  std::string text;  // a clause to follow "tensor 'x': "; names of strangers in it are escaped
};

struct StorageReport {
  Storage storage;
  uint64_t elements = 0;  // product of the dims; 0 where that is no count
  // What the elements take as stored: packed by shape and type, whatever the field. Where the type
  // has no fixed size, the bytes found (for strings: of their fields, tags and lengths included).
  uint64_t bytes = 0;
  std::vector<Problem> problems;  // empty when all is well
};

// Describes tensors of one skeleton; remembers the data files it has looked at.
class StorageInspector {
 public:
  // `directory` is the folder that external locations are relative to ("" = no file: not looked
  // at); `model_file` the model's path where known, so that a data file that is the model itself,
  // or a model that is a symbolic link, is recognised. `skeleton` must outlive the inspector.
  StorageInspector(const wire::Skeleton& skeleton, std::string directory,
                   std::string model_file = "");

  StorageReport Describe(const onnx::TensorProto& tensor);

  // Dims and type are those of the dense tensor, bytes those of the stored values.
  StorageReport Describe(const onnx::SparseTensorProto& sparse);

  // The values of a Constant node's value_float(s), value_int(s) or value_string(s).
  // nullopt where the attribute is of another kind.
  struct AttributeValues {
    int32_t dtype = 0;
    std::vector<int64_t> dims;  // {} or {n}
    StorageReport report;
  };
  std::optional<AttributeValues> Describe(const onnx::AttributeProto& attribute);

 private:
  void DescribeExternal(const onnx::TensorProto& tensor, StorageReport& report);

  const wire::Skeleton& skeleton_;
  ExternalFiles files_;
};

// One tensor; where there are many, a StorageInspector asks the file system once per file.
StorageReport DescribeStorage(const onnx::TensorProto& tensor, const wire::Skeleton& skeleton,
                              const std::string& directory);

}  // namespace hoarfrost::payload

#endif  // HOARFROST_PAYLOAD_STORAGE_H_
