#include "freeze/value_types.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "model/shapes.h"

namespace hoarfrost::freeze {
namespace {

using model::kNone;
using model::NodeId;
using model::ValueId;

size_t Index(int32_t id) { return static_cast<size_t>(id); }

// Sorted: operators whose outputs have the rank and element type of their first input.
constexpr std::array<std::string_view, 57> kLikeFirst = {"Abs",
                                                         "AveragePool",
                                                         "BatchNormalization",
                                                         "Ceil",
                                                         "Celu",
                                                         "Clip",
                                                         "Concat",
                                                         "CumSum",
                                                         "DepthToSpace",
                                                         "Dropout",
                                                         "Elu",
                                                         "Erf",
                                                         "Exp",
                                                         "Floor",
                                                         "Gelu",
                                                         "GlobalAveragePool",
                                                         "GlobalLpPool",
                                                         "GlobalMaxPool",
                                                         "GroupNormalization",
                                                         "HardSigmoid",
                                                         "HardSwish",
                                                         "Identity",
                                                         "InstanceNormalization",
                                                         "LRN",
                                                         "LayerNormalization",
                                                         "LeakyRelu",
                                                         "Log",
                                                         "LogSoftmax",
                                                         "LpNormalization",
                                                         "LpPool",
                                                         "MaxPool",
                                                         "MeanVarianceNormalization",
                                                         "Mish",
                                                         "Neg",
                                                         "PRelu",
                                                         "Pad",
                                                         "Reciprocal",
                                                         "Relu",
                                                         "Resize",
                                                         "ReverseSequence",
                                                         "Round",
                                                         "Selu",
                                                         "Shrink",
                                                         "Sigmoid",
                                                         "Sign",
                                                         "Sin",
                                                         "Slice",
                                                         "Softmax",
                                                         "Softplus",
                                                         "Softsign",
                                                         "SpaceToDepth",
                                                         "Split",
                                                         "Sqrt",
                                                         "Swish",
                                                         "Tanh",
                                                         "ThresholdedRelu",
                                                         "Transpose"};

// Sorted: element-wise ones, whose inputs are broadcast against each other.
constexpr std::array<std::string_view, 9> kBroadcasting = {"Add", "Div", "Max", "Mean", "Min",
                                                           "Mul", "Pow", "Sub", "Sum"};

static_assert(std::is_sorted(kLikeFirst.begin(), kLikeFirst.end()));
static_assert(std::is_sorted(kBroadcasting.begin(), kBroadcasting.end()));

template <size_t N>
bool Contains(const std::array<std::string_view, N>& sorted, std::string_view op) {
  return std::binary_search(sorted.begin(), sorted.end(), op);
}

const onnx::AttributeProto* Find(const onnx::NodeProto& node, std::string_view name) {
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    if (attribute.name() == name) return &attribute;
  }
  return nullptr;
}

}  // namespace

ValueTypes::ValueTypes(const model::Facts& facts) : facts_(facts), types_(facts.values.size()) {
  const model::ShapeTable declared(facts);
  for (size_t v = 0; v < types_.size(); ++v) {
    const model::ValueType type = declared.Of(static_cast<ValueId>(v));
    if (type.kind != model::TypeKind::kTensor) continue;
    types_[v].dtype = type.dtype;
    if (type.has_shape) types_[v].rank = static_cast<int>(type.dims.size());
  }
  for (size_t n = 0; n < facts.nodes.size(); ++n) Visit(static_cast<NodeId>(n));
}

void ValueTypes::Visit(NodeId id) {
  const model::Node& node = facts_.nodes[Index(id)];
  const onnx::NodeProto& proto = *node.proto;
  if (node.calls != kNone || (!proto.domain().empty() && proto.domain() != "ai.onnx")) return;
  const auto outputs = facts_.outputs(id);
  if (outputs.empty() || outputs[0] == kNone) return;
  const Type found = Output(id);
  const bool all = proto.op_type() == "Split";
  for (size_t o = 0; o < (all ? outputs.size() : 1); ++o) {
    if (outputs[o] == kNone) continue;
    Type& type = types_[Index(outputs[o])];
    if (type.rank < 0) type.rank = found.rank;
    if (type.dtype == 0) type.dtype = found.dtype;
  }
}

ValueTypes::Type ValueTypes::Output(NodeId id) const {
  const onnx::NodeProto& proto = *facts_.nodes[Index(id)].proto;
  const std::string_view op = proto.op_type();
  const auto inputs = facts_.inputs(id);
  const auto input = [&](size_t slot) { return slot < inputs.size() ? of(inputs[slot]) : Type(); };
  const Type first = input(0);
  const Type second = input(1);
  if (Contains(kLikeFirst, op)) return first;
  if (Contains(kBroadcasting, op)) {
    Type type;
    bool known = !inputs.empty();
    for (size_t slot = 0; slot < inputs.size(); ++slot) {
      const Type operand = input(slot);
      known = known && operand.rank >= 0;
      type.rank = std::max(type.rank, operand.rank);
      if (type.dtype == 0) type.dtype = operand.dtype;
    }
    if (!known) type.rank = -1;
    return type;
  }
  if (op == "Conv" || op == "ConvTranspose") {
    return {second.rank >= 0 ? second.rank : first.rank,
            first.dtype != 0 ? first.dtype : second.dtype};
  }
  if (op == "Gemm") return {2, first.dtype != 0 ? first.dtype : second.dtype};
  if (op == "Flatten") return {2, first.dtype};
  if (op == "MatMul") {
    Type type = {-1, first.dtype != 0 ? first.dtype : second.dtype};
    if (first.rank >= 2 && second.rank >= 2) type.rank = std::max(first.rank, second.rank);
    return type;
  }
  if (op == "Cast") {
    const onnx::AttributeProto* to = Find(proto, "to");
    return {first.rank, to != nullptr ? static_cast<int32_t>(to->i()) : 0};
  }
  if (op == "CastLike" || op == "DequantizeLinear") return {first.rank, second.dtype};
  if (op == "Gather") {
    const bool known = first.rank >= 0 && second.rank >= 0;
    return {known ? first.rank + second.rank - 1 : -1, first.dtype};
  }
  if (op == "Reshape") return {RankOfReshape(id), first.dtype};
  if (op == "Unsqueeze") return {RankOfSqueeze(id, 1), first.dtype};
  if (op == "Squeeze") return {RankOfSqueeze(id, -1), first.dtype};
  return {};
}

// As many as the shape has elements.
int ValueTypes::RankOfReshape(NodeId id) const {
  const auto inputs = facts_.inputs(id);
  if (inputs.size() < 2 || inputs[1] == kNone) return -1;
  const model::TensorId t = facts_.values[Index(inputs[1])].tensor;
  if (t == kNone || facts_.tensors[Index(t)].dims.size() != 1) return -1;
  const uint64_t elements = facts_.tensors[Index(t)].elements;
  return elements <= 1024 ? static_cast<int>(elements) : -1;
}

// `axes` is an attribute before opset 13, and an input since.
int ValueTypes::RankOfSqueeze(NodeId id, int sign) const {
  const auto inputs = facts_.inputs(id);
  const int rank = inputs.empty() ? -1 : of(inputs[0]).rank;
  if (rank < 0) return -1;
  uint64_t axes = 0;
  if (const onnx::AttributeProto* stated = Find(*facts_.nodes[Index(id)].proto, "axes")) {
    axes = static_cast<uint64_t>(stated->ints_size());
  } else if (inputs.size() > 1 && inputs[1] != kNone) {
    const model::TensorId t = facts_.values[Index(inputs[1])].tensor;
    if (t != kNone) axes = facts_.tensors[Index(t)].elements;
  }
  if (axes == 0 || axes > 1024) return -1;
  return std::max(rank + sign * static_cast<int>(axes), -1);
}

}  // namespace hoarfrost::freeze
