// Types and shapes of values: what the file declares, and on request what ONNX infers from it.
//
//   model::ShapeTable shapes(facts);
//   if (wanted) status = shapes.Infer();      // loads ONNX's operator schemas: 15 ms at first
//   touch model::ValueType type = shapes.Of(value);
#ifndef HOARFROST_MODEL_SHAPES_H_
#define HOARFROST_MODEL_SHAPES_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "model/facts.h"

namespace hoarfrost::model {

// A number, a symbol, or (neither) unknown.
struct Dim {
  std::optional<int64_t> value;  // never negative
  std::string_view symbol;       // a stranger's bytes; lives as long as the table and the facts
  friend bool operator==(const Dim&, const Dim&) = default;
};

enum class TypeKind : uint8_t {
  kUnknown,
  kTensor,
  kSparseTensor,
  kSequence,
  kMap,
  kOptional,
  kOpaque,
};

struct ValueType {
  TypeKind kind = TypeKind::kUnknown;
  int32_t dtype = 0;       // of a sequence, map or optional: of the tensors inside; 0 if unknown
  bool has_shape = false;  // false: not even the rank is known
  std::vector<Dim> dims;
};

// Symbols of dimensions and the numbers that a person gives them.
using DimBindings = std::map<std::string, int64_t, std::less<>>;

// The symbols in the shapes that the file declares, each once, those of the model's inputs first.
// Names that inference made up count too: exporters write them as well.
std::vector<std::string_view> DimSymbols(const Facts& facts);

class ShapeTable {
 public:
  // `facts` and `bindings` must outlive the table. A symbol that is bound counts as its number,
  // also for inference.
  explicit ShapeTable(const Facts& facts, const DimBindings* bindings = nullptr);
  ~ShapeTable();
  ShapeTable(const ShapeTable&) = delete;
  ShapeTable& operator=(const ShapeTable&) = delete;

  // A stored tensor's own dims; else what was inferred, else what the file declares. Names that
  // ONNX's inference makes up for dimensions it does not know ("unk__7") count as unknown.
  ValueType Of(ValueId value) const;

  // Runs ONNX shape inference on a copy of the skeleton (never on payloads; constants that lie
  // there in full, such as shapes and axes, are used), in a process of its own with bounded memory
  // and time. Nothing is thrown; where inference breaks off the status says why, and what was found
  // until then is kept, unless it crashed or met a limit. Function bodies are left out,
  // and the status says so, where calls nest in a cycle, too deep, or expand beyond all measure.
  absl::Status Infer();

 private:
  struct Inferred;

  const Facts& facts_;
  const DimBindings* bindings_;
  std::unique_ptr<Inferred> inferred_;
  absl::flat_hash_map<ValueId, const onnx::TypeProto*> types_;  // into inferred_
};

}  // namespace hoarfrost::model

#endif  // HOARFROST_MODEL_SHAPES_H_
