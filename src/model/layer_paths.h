// Module paths out of names: how each exporter spells them. Pure functions of strings.
#ifndef HOARFROST_MODEL_LAYER_PATHS_H_
#define HOARFROST_MODEL_LAYER_PATHS_H_

#include <optional>
#include <string>
#include <string_view>

namespace hoarfrost::model {

// PyTorch's TorchScript exporter names a node by the modules around it, each with its full path
// where it sits in a container: "/layer1/layer1.0/conv1/Conv" -> "layer1.0.conv1". "" for a node
// of the root module ("/Add"); nullopt for a name of another form.
std::optional<std::string> TorchScriptModulePath(std::string_view node_name);

// A state_dict name without its leaf: "layer1.0.bn1.running_mean" -> "layer1.0.bn1", "fc.weight"
// -> "fc". Also "dense/kernel" -> "dense", the names that ONNX Runtime's and onnxoptimizer's
// rewrites make of them ("fc.weight_quantized", "ConvBnFusion_W_conv1.weight"), and Keras
// parameters that torch traced ("m._functional._torch_params.sequential/dense/kernel" ->
// "sequential/dense"). nullopt for a name without a module: "cls_token", "onnx::MatMul_12",
// "const_3".
std::optional<std::string_view> StateDictModulePath(std::string_view tensor_name);

// "conv0_weight" -> "conv0", "stage1_bn_moving_mean" -> "stage1_bn": names joined by underscores,
// where the leaf is one of the words frameworks use.
std::optional<std::string_view> UnderscoreModulePath(std::string_view tensor_name);

// A TensorFlow name, of a node or of a variable read, without the operations at its end:
// "sequential/dense/MatMul/ReadVariableOp:0" -> "sequential/dense". Keras 3 makes every segment
// unique by "_k": with `keras3` exactly the last "_digits" of each is dropped. nullopt for a name
// without scopes, such as "const_fold_opt__12".
std::optional<std::string> TensorflowLayerPath(std::string_view name, bool keras3);

// True for a name that Keras 3 makes: a first scope with a number, and variables read through Cast
// or used by "convolution".
bool IsKeras3Scope(std::string_view name);

// Where nothing else names a layer, a node's own name may: "dense", "dense/MatMul" -> "dense".
// nullopt for empty and numbered names: "Conv_12", "node_Conv_3", "MatMul.0", "n7", "42".
std::optional<std::string_view> NodeNamePath(std::string_view node_name, std::string_view op_type);

}  // namespace hoarfrost::model

#endif  // HOARFROST_MODEL_LAYER_PATHS_H_
