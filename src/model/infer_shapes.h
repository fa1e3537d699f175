// ONNX shape inference on a copy of a skeleton. Internal to src/model: see shapes.h.
#ifndef HOARFROST_MODEL_INFER_SHAPES_H_
#define HOARFROST_MODEL_INFER_SHAPES_H_

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "model/facts.h"
#include "model/shapes.h"

namespace hoarfrost::model {

struct InferredTypes {
  onnx::NodeProto answer;  // holds the types
  // By value; several for one value where a graph has it as output and as value_info.
  std::vector<std::pair<ValueId, const onnx::TypeProto*>> types;
  absl::Status status;
};

// See ShapeTable::Infer(). `bindings` may be null; `out` must be new.
void InferTypes(const Facts& facts, const DimBindings* bindings, InferredTypes& out);

}  // namespace hoarfrost::model

#endif  // HOARFROST_MODEL_INFER_SHAPES_H_
