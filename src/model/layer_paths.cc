#include "model/layer_paths.h"

#include <algorithm>
#include <array>
#include <vector>

namespace hoarfrost::model {
namespace {

bool StartsWith(std::string_view s, std::string_view prefix) {
  return s.substr(0, prefix.size()) == prefix;
}

bool EndsWith(std::string_view s, std::string_view suffix) {
  return s.size() >= suffix.size() && s.substr(s.size() - suffix.size()) == suffix;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool AllDigits(std::string_view s) { return std::all_of(s.begin(), s.end(), IsDigit); }

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool EqualNoCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return Lower(x) == Lower(y); });
}

// "dense_1" -> "dense": exactly one "_digits", never the whole segment.
std::string_view DropNumber(std::string_view segment) {
  size_t end = segment.size();
  while (end > 0 && IsDigit(segment[end - 1])) --end;
  if (end == segment.size() || end < 2 || segment[end - 1] != '_') return segment;
  return segment.substr(0, end - 1);
}

// ":0" of a TensorFlow output and "__123" of tf2onnx's own numbering, as often as they come.
std::string_view DropOutputMarks(std::string_view name) {
  for (;;) {
    size_t end = name.size();
    while (end > 0 && IsDigit(name[end - 1])) --end;
    if (end == name.size()) return name;
    if (end > 0 && name[end - 1] == ':') {
      name = name.substr(0, end - 1);
    } else if (end > 1 && name[end - 1] == '_' && name[end - 2] == '_') {
      name = name.substr(0, end - 2);
    } else {
      return name;
    }
  }
}

std::vector<std::string_view> Split(std::string_view s, char separator) {
  std::vector<std::string_view> out;
  for (size_t begin = 0;;) {
    const size_t end = s.find(separator, begin);
    out.push_back(s.substr(begin, end == std::string_view::npos ? end : end - begin));
    if (end == std::string_view::npos) return out;
    begin = end + 1;
  }
}

// Operations of TensorFlow that Keras layers and tf2onnx leave as name segments below the layer's
// own scope (besides the last segment of a node's name, which is always one).
constexpr std::array<std::string_view, 58> kTensorflowOps = {"Add",
                                                             "AddV2",
                                                             "BiasAdd",
                                                             "Cast",
                                                             "Conv1D",
                                                             "Conv2D",
                                                             "Conv3D",
                                                             "Einsum",
                                                             "ExpandDims",
                                                             "FusedBatchNormV3",
                                                             "GatherV2",
                                                             "Gelu",
                                                             "LeakyRelu",
                                                             "MatMul",
                                                             "Mean",
                                                             "Mul",
                                                             "Neg",
                                                             "ReadVariableOp",
                                                             "Relu",
                                                             "Reshape",
                                                             "ResourceGather",
                                                             "Rsqrt",
                                                             "SelectV2",
                                                             "Sigmoid",
                                                             "Softmax",
                                                             "SpaceToBatchND",
                                                             "Sqrt",
                                                             "Squeeze",
                                                             "StopGradient",
                                                             "Sub",
                                                             "Sum",
                                                             "Tanh",
                                                             "Tensordot",
                                                             "Transpose",
                                                             "add",
                                                             "batchnorm",
                                                             "body",
                                                             "cond",
                                                             "conv2d_transpose",
                                                             "conv_transpose",
                                                             "convolution",
                                                             "depthwise",
                                                             "einsum",
                                                             "embedding_lookup",
                                                             "lookup",
                                                             "merged_input",
                                                             "moments",
                                                             "mul",
                                                             "read",
                                                             "resource",
                                                             "separable_conv2d",
                                                             "split",
                                                             "strided_slice",
                                                             "sub",
                                                             "transpose",
                                                             "truediv",
                                                             "while",
                                                             "zeros"};

bool IsTensorflowOp(std::string_view segment) {
  if (AllDigits(segment)) return true;
  if (EndsWith(segment, "_fused_bn")) return true;
  const std::string_view word = DropNumber(segment);
  return std::find(kTensorflowOps.begin(), kTensorflowOps.end(), word) != kTensorflowOps.end();
}

bool IsLayerName(std::string_view word) {
  return word == "add" || word == "separable_conv2d" || word == "conv2d_transpose";
}

// Scopes that saving and conversion put in front of the model's own.
bool IsTensorflowWrapper(std::string_view segment) {
  const std::string_view word = DropNumber(segment);
  return word == "ConstantFolding" || word == "StatefulPartitionedCall" ||
         word == "PartitionedCall" || word.empty();
}

constexpr std::array<std::string_view, 4> kRewritePrefixes = {
    "ConvBnFusion_W_", "ConvBnFusion_BN_B_", "ConvMulFusion_W_", "ConvAddFusion_B_"};

constexpr std::array<std::string_view, 9> kRewriteSuffixes = {
    "_quantized_scale", "_quantized_zero_point", "_quantized", "_zero_point",
    "_scale",           "_DequantizeLinear",     "_fp16",      "_Q4",
    "_transposed"};

constexpr std::array<std::string_view, 20> kLeafWords = {"_moving_mean",
                                                         "_moving_var",
                                                         "_moving_variance",
                                                         "_running_mean",
                                                         "_running_var",
                                                         "_weight",
                                                         "_weights",
                                                         "_bias",
                                                         "_biases",
                                                         "_gamma",
                                                         "_beta",
                                                         "_kernel",
                                                         "_scale",
                                                         "_mean",
                                                         "_variance",
                                                         "_w",
                                                         "_b",
                                                         "_W",
                                                         "_B",
                                                         "_alpha"};

}  // namespace

std::optional<std::string> TorchScriptModulePath(std::string_view node_name) {
  if (node_name.size() < 2 || node_name[0] != '/') return std::nullopt;
  std::vector<std::string_view> segments = Split(node_name.substr(1), '/');
  // ONNX Runtime adds its own after the operator: "/fc/MatMul/MatMulAddFusion", and a slash at
  // times.
  while (segments.size() > 1 && (segments.back().empty() || EndsWith(segments.back(), "Fusion"))) {
    segments.pop_back();
  }
  segments.pop_back();  // the operator
  std::string path;
  for (size_t i = 0; i < segments.size(); ++i) {
    const std::string_view segment = segments[i];
    // The next segment repeats this one where it is a child by index: "layer1/layer1.0".
    if (i + 1 < segments.size() && segments[i + 1].size() > segment.size() &&
        StartsWith(segments[i + 1], segment) && segments[i + 1][segment.size()] == '.') {
      continue;
    }
    if (!path.empty()) path += '.';
    path += segment;
  }
  return path;
}

std::optional<std::string_view> StateDictModulePath(std::string_view name) {
  for (const std::string_view prefix : kRewritePrefixes) {
    if (StartsWith(name, prefix)) name.remove_prefix(prefix.size());
  }
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view suffix : kRewriteSuffixes) {
      // "fc.input_scale" is a parameter of fc: only what follows a leaf is a rewrite's mark.
      if (EndsWith(name, suffix) && name.size() > suffix.size() &&
          name.substr(0, name.size() - suffix.size()).find('.') != std::string_view::npos) {
        name.remove_suffix(suffix.size());
        again = true;
        break;
      }
    }
  }
  constexpr std::string_view kKerasParameters = "_torch_params.";
  if (const size_t keras = name.find(kKerasParameters); keras != std::string_view::npos) {
    name.remove_prefix(keras + kKerasParameters.size());
    const size_t leaf = name.rfind('/');
    if (leaf == std::string_view::npos || leaf == 0) return std::nullopt;
    return name.substr(0, leaf);
  }
  if (name.empty() || name[0] == '/' || name.find("::") != std::string_view::npos) {
    return std::nullopt;
  }
  // Names that converters number: "p2o.pd_op.reshape.0.0", "helper.reshape.0".
  if (StartsWith(name, "p2o.") || StartsWith(name, "helper.")) return std::nullopt;
  size_t leaf = name.rfind('.');
  if (leaf == std::string_view::npos) {
    leaf = name.rfind('/');
    if (leaf != std::string_view::npos && name.find(':') != std::string_view::npos) {
      return std::nullopt;
    }
  }
  if (leaf == std::string_view::npos || leaf == 0 || leaf + 1 == name.size()) return std::nullopt;
  return name.substr(0, leaf);
}

std::optional<std::string_view> UnderscoreModulePath(std::string_view name) {
  for (const std::string_view leaf : kLeafWords) {
    if (EndsWith(name, leaf) && name.size() > leaf.size()) {
      return name.substr(0, name.size() - leaf.size());
    }
  }
  return std::nullopt;
}

std::optional<std::string> TensorflowLayerPath(std::string_view name, bool keras3) {
  std::vector<std::string_view> segments = Split(DropOutputMarks(name), '/');
  size_t first = 0;
  while (first < segments.size() && IsTensorflowWrapper(segments[first])) ++first;
  if (first + 1 >= segments.size()) return std::nullopt;
  size_t last = segments.size() - 1;  // one past the layer: the last segment is an operation
  while (last > first + 1 && IsTensorflowOp(segments[last - 1])) {
    // Some operations are called like a Keras layer of their own: they are one where a variable
    // is read below them or where the layer above has that name.
    const std::string_view word = DropNumber(segments[last - 1]);
    if (IsLayerName(word)) {
      const std::string_view below = DropNumber(segments[last]);
      const bool operation = below == "ReadVariableOp" || below == "depthwise" ||
                             (last > first + 2 && DropNumber(segments[last - 2]) == word);
      if (!operation) break;
    }
    --last;
  }
  std::string path;
  for (size_t i = first; i < last; ++i) {
    if (i > first) path += '/';
    path += keras3 ? DropNumber(segments[i]) : segments[i];
  }
  return path;
}

bool IsKeras3Scope(std::string_view name) {
  const size_t slash = name.find('/');
  if (slash == std::string_view::npos) return false;
  if (DropNumber(name.substr(0, slash)).size() == slash) return false;
  return name.find("/Cast/ReadVariableOp") != std::string_view::npos ||
         name.find("/convolution/ReadVariableOp") != std::string_view::npos ||
         name.find("/convolution/merged_input") != std::string_view::npos;
}

std::optional<std::string_view> NodeNamePath(std::string_view name, std::string_view op_type) {
  if (const size_t slash = name.rfind('/'); slash != std::string_view::npos) {
    const std::string_view leaf = name.substr(slash + 1);
    const bool operation = DropNumber(leaf) == op_type || IsTensorflowOp(leaf);
    if (operation) name = name.substr(0, slash);
    if (!name.empty() && name[0] == '/') name.remove_prefix(1);
    if (name.empty()) return std::nullopt;
    return name;
  }
  if (name.empty() || name.find("::") != std::string_view::npos) return std::nullopt;
  // What is left after an operator's name (and a converter's "node_") and a number is no name.
  std::string_view word = name;
  while (!word.empty() && (IsDigit(word.back()) || word.back() == '_' || word.back() == '.')) {
    word.remove_suffix(1);
  }
  if (StartsWith(word, "node_")) word.remove_prefix(5);
  if (StartsWith(word, "p2o.")) word.remove_prefix(4);
  if (word.empty() || EqualNoCase(word, op_type)) return std::nullopt;
  if (word.size() == 1 && word.size() < name.size()) return std::nullopt;  // "n7", "t1"
  if (EqualNoCase(word, "node") || EqualNoCase(word, "op")) return std::nullopt;
  return name;
}

}  // namespace hoarfrost::model
