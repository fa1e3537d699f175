// Tensor: one stored value of a model, what it is for, and why. A plain value, copied freely.
#ifndef HOARFROST_TENSOR_H_
#define HOARFROST_TENSOR_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hoarfrost {

// What a tensor is for.
enum class Role : uint8_t {
  kWeight,        // learned by gradient
  kStatistic,     // estimated from data, never by gradient: running mean and variance
  kQuantization,  // scale or zero point
  kConstant,      // all else: shapes, axes, masks, tables
  kUnused,        // nothing reads it, and nothing says what it is
};

// How strong the evidence for a role is, strongest first.
enum class Evidence : uint8_t {
  kStated,    // the model says so: exporter's signature, TrainingInfoProto
  kOperator,  // the operator's definition leaves no other reading
  kTraced,    // that, seen through Transpose, Cast, Reshape, DequantizeLinear, a call, ...
  kPattern,   // a known decomposition of a layer
  kName,      // the framework's naming
  kAssumed,   // nothing better
};

// Where the tensor stands in the model file.
enum class Source : uint8_t { kInitializer, kSparseInitializer, kConstantNode };

// Where its bytes lie.
enum class StorageKind : uint8_t {
  kInline,    // raw_data
  kFields,    // typed fields such as float_data
  kExternal,  // another file
};

// A range of a file, in bytes.
struct ByteRange {
  uint64_t offset = 0;
  uint64_t length = 0;
};

struct Storage {
  StorageKind kind = StorageKind::kInline;
  std::vector<ByteRange> spans;    // in the model file; empty for external data
  std::string location;            // external: the data file as the model names it
  uint64_t offset = 0;             // external
  std::optional<uint64_t> length;  // external; absent: to the end of the data file
};

struct Tensor {
  std::string name;   // bytes as in the file; may be empty and need not be valid UTF-8
  std::string scope;  // "" for the main graph, else e.g. "If_3.then_branch", "function:dom::Name"
  Source source = Source::kInitializer;
  std::string dtype;                         // "float32", "bfloat16", "int4", ...
  std::vector<int64_t> shape;                // empty for a scalar
  uint64_t elements = 0;                     // product of shape
  std::optional<uint64_t> stored_elements;   // sparse: how many values lie there
  std::optional<uint64_t> logical_elements;  // packed by an operator: how many weights it holds
  uint64_t bytes = 0;                        // as stored
  Role role = Role::kUnused;
  Evidence evidence = Evidence::kAssumed;
  std::string reason;      // one sentence
  bool trainable = false;  // a weight that can take a gradient and is not frozen
  bool frozen = false;     // a weight that a person decided must not change
  bool used = false;       // something reads it
  std::string layer;       // path of the layer that owns it; "" if none
  Storage storage;
};

}  // namespace hoarfrost

#endif  // HOARFROST_TENSOR_H_
