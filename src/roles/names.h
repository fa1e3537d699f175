// What a tensor's name suggests: the weakest evidence there is.
#ifndef HOARFROST_ROLES_NAMES_H_
#define HOARFROST_ROLES_NAMES_H_

#include <cstdint>
#include <string_view>

namespace hoarfrost::roles {

enum class NameHint : uint8_t {
  kNone,
  kParameter,  // "weight", "kernel", "gamma", ".../ReadVariableOp:0"
  kStatistic,  // "running_mean", "moving_variance"
  kBuffer,     // "attn_mask", "inv_freq", "anchors"
  kMade,       // "zeros_like_3": named after an operator that makes constants
};

NameHint HintOf(std::string_view name);

// A name that the exporter made up: "onnx::MatMul_12", "/fc/Constant_output_0", "val_3", "123".
bool IsAnonymous(std::string_view name);

// The last part of a state_dict name or TensorFlow scope: "layer1.0.weight" -> "weight".
std::string_view LeafOf(std::string_view name);

// "/a/b/Constant_3_output_0": what PyTorch's TorchScript exporter calls the output of a Constant
// node.
bool IsConstantOutput(std::string_view name);

// A leaf that torch.nn and TensorFlow give to parameters of layers ("weight", "bias_hh_l0"), in a
// module: "fc.weight", but not "weight" alone.
bool IsParameterOfModule(std::string_view name);

}  // namespace hoarfrost::roles

#endif  // HOARFROST_ROLES_NAMES_H_
