// Ranks and element types of values, also where the file declares none.
//
// One pass over the nodes in file order, by the operators' definitions; no payload is read but the
// number of a shape's elements. It says nothing rather than guess. ONNX's own inference would tell
// more, in a process of its own with a limit of time: what is written must not depend on one.
#ifndef HOARFROST_FREEZE_VALUE_TYPES_H_
#define HOARFROST_FREEZE_VALUE_TYPES_H_

#include <cstdint>
#include <vector>

#include "model/facts.h"

namespace hoarfrost::freeze {

class ValueTypes {
 public:
  explicit ValueTypes(const model::Facts& facts);

  struct Type {
    int rank = -1;      // -1: unknown
    int32_t dtype = 0;  // onnx::TensorProto::DataType; 0: unknown
  };
  // Of kNone, nothing is known.
  Type of(model::ValueId value) const {
    return value == model::kNone ? Type() : types_[static_cast<size_t>(value)];
  }

 private:
  void Visit(model::NodeId node);
  Type Output(model::NodeId node) const;
  int RankOfReshape(model::NodeId node) const;
  int RankOfSqueeze(model::NodeId node, int sign) const;

  const model::Facts& facts_;
  std::vector<Type> types_;  // by ValueId
};

}  // namespace hoarfrost::freeze

#endif  // HOARFROST_FREEZE_VALUE_TYPES_H_
