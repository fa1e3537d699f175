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
  const std::string_view op = facts.nodes[static_cast<size_t>(node)].proto->op_type();
  if (op != "Conv" && op != "ConvTranspose") return std::nullopt;
  const auto inputs = facts.inputs(node);
  if (inputs.size() < 3) return std::nullopt;
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
