#include "model/layer_folded_bn.h"

#include <algorithm>
#include <charconv>

#include "model/exporter_metadata.h"

namespace hoarfrost::model {
namespace {

bool AllDigits(std::string_view s) {
  return !s.empty() && s.find_first_not_of("0123456789") == std::string_view::npos;
}

// "onnx::Conv_147", or in older releases the number alone.
bool IsNumbered(std::string_view name) { return name.substr(0, 6) == "onnx::" || AllDigits(name); }

}  // namespace

bool IsFoldedBatchNorm(const onnx::NodeProto& node) {
  return FindMetadata(node.metadata_props(), kRuleNameKey).find("FuseBatchNorm") !=
         std::string_view::npos;
}

std::optional<TensorId> FoldedBias(const Facts& facts, NodeId node) {
  // The arrays of facts first: most nodes have fewer operands, and need no look at the model.
  const auto inputs = facts.inputs(node);
  if (inputs.size() < 3) return std::nullopt;
  const std::string_view op = facts.op(node).type;
  if (op != "Conv" && op != "ConvTranspose") return std::nullopt;
  TensorId bias = kNone;
  for (const ValueId v : {inputs[1], inputs[2]}) {
    if (v == kNone) return std::nullopt;
    const Value& value = facts.values[static_cast<size_t>(v)];
    if (!IsNumbered(value.name) || value.tensor == kNone) return std::nullopt;
    bias = value.tensor;
    if (facts.tensors[static_cast<size_t>(bias)].source != TensorSource::kInitializer) {
      return std::nullopt;
    }
  }
  return bias;
}

std::optional<size_t> ConvolutionsWithBias(const Facts& facts) {
  size_t folded = 0, batch_norms = 0, outputs = 0;
  for (size_t n = 0; n < facts.nodes.size(); ++n) {
    const NodeId node = static_cast<NodeId>(n);
    if (facts.nodes[n].scope != 0) return std::nullopt;
    if (FoldedBias(facts, node)) ++folded;
    if (facts.op(node).type == "BatchNormalization") ++batch_norms;
    for (const ValueId v : facts.outputs(node)) outputs += v != kNone;
  }
  if (folded == 0) return std::nullopt;
  size_t kept = 0, numbered = 0, transposed = 0;
  int64_t first = -1;
  for (const Tensor& tensor : facts.tensors) {
    if (tensor.source != TensorSource::kInitializer) continue;
    constexpr std::string_view kPrefix = "onnx::";
    if (tensor.name.substr(0, kPrefix.size()) != kPrefix) {
      ++kept;
      continue;
    }
    ++numbered;
    transposed += tensor.name.substr(0, 12) == "onnx::MatMul";
    const size_t at = tensor.name.rfind('_');
    int64_t number = -1;
    if (at != std::string_view::npos) {
      const char* end = tensor.name.data() + tensor.name.size();
      std::from_chars(tensor.name.data() + at + 1, end, number);
    }
    if (number < 0) return std::nullopt;
    if (first < 0 || number < first) first = number;
  }
  // Something else was folded too, and its values cannot be counted.
  if (numbered != 2 * folded + transposed) return std::nullopt;
  size_t inputs = 0;
  for (const ValueId v : facts.scope_inputs(0)) {
    if (v != kNone && facts.values[static_cast<size_t>(v)].tensor == kNone) ++inputs;
  }
  // One number more: the first folded value follows the output of the last node.
  const int64_t entries = first - 1 - static_cast<int64_t>(outputs + folded + transposed + inputs);
  const int64_t known = static_cast<int64_t>(kept + transposed + 6 * folded + batch_norms);
  const int64_t biases = entries - known;
  if (biases < 0 || biases > static_cast<int64_t>(folded)) return std::nullopt;
  return static_cast<size_t>(biases);
}

std::optional<std::string> BatchNormBeside(std::string_view conv) {
  const size_t dot = conv.rfind('.');
  const size_t begin = dot == std::string_view::npos ? 0 : dot + 1;
  const std::string_view last = conv.substr(begin);
  if (AllDigits(last) && last.size() < 9) {
    int index = 0;
    std::from_chars(last.data(), last.data() + last.size(), index);
    return std::string(conv.substr(0, begin)) + std::to_string(index + 1);
  }
  constexpr std::string_view kConv = "conv";
  if (last.substr(0, kConv.size()) == kConv &&
      (last.size() == kConv.size() || AllDigits(last.substr(kConv.size())))) {
    return std::string(conv.substr(0, begin)) + "bn" + std::string(last.substr(kConv.size()));
  }
  return std::nullopt;
}

}  // namespace hoarfrost::model
