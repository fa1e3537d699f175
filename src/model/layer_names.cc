#include "model/layer_names.h"

#include <optional>
#include <utility>

#include "model/layer_folded_bn.h"
#include "model/layer_paths.h"

namespace hoarfrost::model {
namespace {

std::string_view ShortClass(std::string_view class_name) {
  const size_t dot = class_name.rfind('.');
  return dot == std::string_view::npos ? class_name : class_name.substr(dot + 1);
}

// True where one path is the other or lies below it.
bool Related(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  return b.substr(0, a.size()) == a &&
         (b.size() == a.size() || b[a.size()] == '.' || b[a.size()] == '/');
}

// "blocks.a" for "a": a module that was called by another method than its parent's forward shows
// only the end of its path.
bool IsTailOf(std::string_view tail, std::string_view path) {
  return path.size() > tail.size() + 1 && path.substr(path.size() - tail.size()) == tail &&
         path[path.size() - tail.size() - 1] == '.';
}

bool IsBias(std::string_view name) {
  constexpr std::string_view kLeaf = ".bias";
  return name.size() > kLeaf.size() && name.substr(name.size() - kLeaf.size()) == kLeaf;
}

// "conv_1" for "conv": the second call of a shared module.
bool IsLaterCallOf(std::string_view call, std::string_view path) {
  if (call.size() < path.size() + 2 || call.substr(0, path.size()) != path ||
      call[path.size()] != '_') {
    return false;
  }
  return call.find_first_not_of("0123456789", path.size() + 1) == std::string_view::npos;
}

}  // namespace

LayerNames::LayerNames(const Facts& facts, Exporter exporter)
    : facts_(facts),
      exporter_(exporter),
      signature_(facts.model()),
      node_path_(facts.nodes.size(), kNone),
      tensor_path_(facts.tensors.size(), kNone),
      copied_from_(facts.tensors.size(), kNone) {
  NameTensors();
  NameNodes();
  if (exporter_ == Exporter::kTorchDynamo) {
    SplitFoldedBatchNorm();
    RenameTied();
  }
  JoinNodesToTensors();
  if (exporter_ == Exporter::kTorchDynamo || exporter_ == Exporter::kUnknown) {
    JoinProductsToBiases();
  }
  if (exporter_ == Exporter::kTorchScript) GuessFoldedBatchNorm();
  if (exporter_ == Exporter::kTensorflow || exporter_ == Exporter::kKeras3Tensorflow) {
    JoinRecurrentNodes();
  }
}

PathId LayerNames::Intern(std::string_view path) {
  const auto [it, added] = by_path_.try_emplace(path, static_cast<PathId>(paths_.size()));
  if (added) {
    paths_.push_back(path);
    classes_.emplace_back();
  }
  return it->second;
}

PathId LayerNames::InternCopy(std::string&& path) {
  const auto it = by_path_.find(path);
  if (it != by_path_.end()) return it->second;
  owned_.push_back(std::move(path));
  return Intern(owned_.back());
}

void LayerNames::NameTensors() {
  for (size_t t = 0; t < facts_.tensors.size(); ++t) {
    tensor_path_[t] = TensorOwnPath(facts_.tensors[t], static_cast<TensorId>(t));
  }
}

PathId LayerNames::TensorOwnPath(const Tensor& tensor, TensorId id) {
  const std::string_view name = tensor.name;
  if (exporter_ == Exporter::kTensorflow || exporter_ == Exporter::kKeras3Tensorflow) {
    std::optional<std::string> path =
        TensorflowLayerPath(name, exporter_ == Exporter::kKeras3Tensorflow);
    return path && !path->empty() ? InternCopy(std::move(*path)) : kNone;
  }
  if (exporter_ == Exporter::kTorchDynamo) {
    const Value& value = facts_.values[static_cast<size_t>(tensor.value)];
    const std::string_view folded_from =
        value.info == nullptr ? std::string_view()
                              : FindMetadata(value.info->metadata_props(), kFoldedFromKey);
    if (!folded_from.empty()) {
      for (const std::string_view source : PythonStrings(folded_from)) {
        if (signature_.Find(source) == nullptr) continue;
        const ValueId original = facts_.Resolve(tensor.scope, source);
        if (original != kNone) {
          const TensorId from = facts_.values[static_cast<size_t>(original)].tensor;
          if (from != id) copied_from_[static_cast<size_t>(id)] = from;
        }
        const auto path = StateDictModulePath(source);
        if (path) return Intern(*path);
      }
      return kNone;
    }
  }
  if (tensor.source == TensorSource::kConstantNode && exporter_ != Exporter::kPaddle) return kNone;
  if (const auto path = StateDictModulePath(name)) return Intern(*path);
  if (exporter_ == Exporter::kUnknown) {
    if (const auto path = UnderscoreModulePath(name)) return Intern(*path);
  }
  return kNone;
}

void LayerNames::NameNodes() {
  for (size_t n = 0; n < facts_.nodes.size(); ++n) node_path_[n] = NodeOwnPath(facts_.nodes[n]);
}

PathId LayerNames::NodeOwnPath(const Node& node) {
  const std::string_view name = node.proto->name();
  if (exporter_ == Exporter::kTorchDynamo) {
    const TracedModule module = FindTracedModule(*node.proto);
    if (!module.known || module.path.empty()) return kNone;
    const PathId path = Intern(module.path);
    classes_[static_cast<size_t>(path)] = ShortClass(module.class_name);
    return path;
  }
  // A call of an exported function: the name in front of it is that of a module inside.
  if (node.calls != kNone) return kNone;
  const size_t slash = name.rfind('/');
  const bool tensorflow =
      exporter_ == Exporter::kTensorflow || exporter_ == Exporter::kKeras3Tensorflow;
  if (slash == std::string_view::npos) {
    if (exporter_ == Exporter::kUnknown) {
      if (const auto path = NodeNamePath(name, node.proto->op_type())) return Intern(*path);
    }
    return kNone;
  }
  // Nodes of one module share all but the operator at the end.
  const auto [it, added] = by_prefix_.try_emplace(name.substr(0, slash), kNone);
  if (!added) return it->second;
  std::optional<std::string> path;
  if (tensorflow) {
    path = TensorflowLayerPath(name, exporter_ == Exporter::kKeras3Tensorflow);
  } else if (name[0] == '/') {
    path = TorchScriptModulePath(name);
  } else if (exporter_ == Exporter::kUnknown) {
    const auto view = NodeNamePath(name, node.proto->op_type());
    if (view) path = std::string(*view);
  }
  const PathId id = path && !path->empty() ? InternCopy(std::move(*path)) : kNone;
  by_prefix_[name.substr(0, slash)] = id;
  return id;
}

// before:  node_conv (scope of the BatchNorm)     after:  node_conv -> "conv"
//          conv.weight, conv.weight_bias                  conv.weight -> "conv"
//                                                         conv.weight_bias -> "bn"
// A node that a FuseBatchNorm... rule made stands in the BatchNorm's scope, but it is the
// convolution (or Gemm) whose weight it reads. A bias that is in no signature was made by folding:
// it is the BatchNorm's shift.
void LayerNames::SplitFoldedBatchNorm() {
  for (size_t n = 0; n < facts_.nodes.size(); ++n) {
    const Node& node = facts_.nodes[n];
    if (!IsFoldedBatchNorm(*node.proto)) continue;
    const auto inputs = facts_.inputs(static_cast<NodeId>(n));
    if (inputs.size() < 2 || inputs[1] == kNone) continue;
    const std::string_view weight = facts_.values[static_cast<size_t>(inputs[1])].name;
    const auto own = StateDictModulePath(weight);
    if (!own) continue;
    const PathId batch_norm = node_path_[n];
    node_path_[n] = Intern(*own);
    if (inputs.size() < 3 || inputs[2] == kNone || batch_norm == kNone) continue;
    const Value& bias = facts_.values[static_cast<size_t>(inputs[2])];
    if (bias.tensor == kNone || signature_.Find(bias.name) != nullptr) continue;
    tensor_path_[static_cast<size_t>(bias.tensor)] = batch_norm;
  }
}

// Tied parameters are stored under one of their names, and not always under the first: an
// embedding's table as "lm_head.weight". Where the first module that uses it has a parameter of
// that leaf in the signature, and the file stores none of that name, the tensor is that module's.
void LayerNames::RenameTied() {
  if (signature_.empty()) return;
  std::string other;
  for (size_t t = 0; t < facts_.tensors.size(); ++t) {
    if (tensor_path_[t] == kNone || copied_from_[t] != kNone) continue;
    const Tensor& tensor = facts_.tensors[t];
    const auto uses = facts_.uses(tensor.value);
    if (uses.empty() || signature_.Find(tensor.name) == nullptr) continue;
    const PathId user = node_path_[static_cast<size_t>(uses[0].node)];
    if (user == kNone || user == tensor_path_[t]) continue;
    if (Related(path(user), path(tensor_path_[t]))) continue;
    other.assign(path(user));
    other += tensor.name.substr(path(tensor_path_[t]).size());
    if (signature_.Find(other) == nullptr) continue;
    if (facts_.Resolve(tensor.scope, other) != kNone) continue;
    tensor_path_[t] = user;
  }
}

// A node without a module joins the layer of the first tensor it reads that has one; so does a
// TorchScript node whose path is a cut or numbered form of its tensor's.
void LayerNames::JoinNodesToTensors() {
  std::vector<PathId> instead(paths_.size(), kNone);
  std::vector<char> conflict(paths_.size(), 0);
  for (size_t n = 0; n < facts_.nodes.size(); ++n) {
    if (facts_.nodes[n].calls != kNone || !facts_.subgraphs(static_cast<NodeId>(n)).empty()) {
      continue;
    }
    const PathId own = node_path_[n];
    if (own != kNone && exporter_ != Exporter::kTorchScript && exporter_ != Exporter::kUnknown) {
      continue;
    }
    for (const ValueId v : facts_.inputs(static_cast<NodeId>(n))) {
      if (v == kNone) continue;
      const TensorId t = facts_.values[static_cast<size_t>(v)].tensor;
      if (t == kNone || tensor_path_[static_cast<size_t>(t)] == kNone) continue;
      const PathId named = tensor_path_[static_cast<size_t>(t)];
      if (own == kNone) {
        node_path_[n] = named;
      } else if (own != named &&
                 (IsTailOf(path(own), path(named)) || IsLaterCallOf(path(own), path(named)))) {
        PathId& to = instead[static_cast<size_t>(own)];
        if (to != kNone && to != named) conflict[static_cast<size_t>(own)] = 1;
        to = named;
      }
      break;
    }
  }
  for (PathId& p : node_path_) {
    if (p == kNone || static_cast<size_t>(p) >= instead.size()) continue;
    if (instead[static_cast<size_t>(p)] != kNone && !conflict[static_cast<size_t>(p)]) {
      p = instead[static_cast<size_t>(p)];
    }
  }
}

// MatMul (x, "val_39") -> Add ("fc.bias"): a linear layer whose weight lost its name, and whose
// node lost its metadata to an optimizer; quantized, MatMulInteger -> Cast -> Mul -> Add.
void LayerNames::JoinProductsToBiases() {
  constexpr int kMostBetween = 4;
  for (size_t n = 0; n < facts_.nodes.size(); ++n) {
    if (node_path_[n] != kNone) continue;
    const NodeId node = static_cast<NodeId>(n);
    const std::string_view op = facts_.op(node).type;
    if (op != "MatMul" && op != "MatMulInteger") continue;
    const auto inputs = facts_.inputs(node);
    if (inputs.size() < 2 || inputs[1] == kNone) continue;
    if (facts_.values[static_cast<size_t>(inputs[1])].tensor == kNone) continue;
    NodeId at = node;
    for (int hop = 0; hop < kMostBetween; ++hop) {
      const auto outputs = facts_.outputs(at);
      if (outputs.empty() || outputs[0] == kNone) break;
      const auto uses = facts_.uses(outputs[0]);
      if (uses.size() != 1) break;
      at = uses[0].node;
      const std::string_view next = facts_.op(at).type;
      if (next == "Cast" || next == "Mul") continue;
      if (next != "Add") break;
      for (const ValueId v : facts_.inputs(at)) {
        if (v == kNone || v == outputs[0]) continue;
        const TensorId t = facts_.values[static_cast<size_t>(v)].tensor;
        if (t == kNone || !IsBias(facts_.tensors[static_cast<size_t>(t)].name)) continue;
        node_path_[n] = tensor_path_[static_cast<size_t>(t)];
      }
      break;
    }
  }
}

// tf2onnx makes one LSTM or GRU node, "LSTM__709", out of the loop that a layer builds. The state
// that the layer starts from still lies in its scope, and so does the layout it gives its input:
//   sequential/lstm/zeros -> Unsqueeze__489 -> LSTM__497[5]
//   sequential/lstm/transpose -> LSTM__497[0]
// What else comes in is the layer before.
void LayerNames::JoinRecurrentNodes() {
  constexpr size_t kInitialState = 5;
  constexpr int kMostHelpers = 8;
  for (size_t n = 0; n < facts_.nodes.size(); ++n) {
    if (node_path_[n] != kNone) continue;
    const std::string_view op = facts_.op(static_cast<NodeId>(n)).type;
    if (op != "LSTM" && op != "GRU" && op != "RNN") continue;
    const auto inputs = facts_.inputs(static_cast<NodeId>(n));
    const auto producer = [this](ValueId v) {
      return v == kNone ? kNone : facts_.values[static_cast<size_t>(v)].producer;
    };
    NodeId from = inputs.size() > kInitialState ? producer(inputs[kInitialState]) : kNone;
    for (int hop = 0; hop < kMostHelpers && from != kNone; ++hop) {
      node_path_[n] = node_path_[static_cast<size_t>(from)];
      if (node_path_[n] != kNone) break;
      const auto before = facts_.inputs(from);
      from = before.empty() ? kNone : producer(before[0]);
    }
    if (node_path_[n] != kNone || inputs.empty()) continue;
    const NodeId layout = producer(inputs[0]);
    if (layout == kNone || facts_.op(layout).type != "Transpose") continue;
    node_path_[n] = node_path_[static_cast<size_t>(layout)];
  }
}

// The bias that folding made is the BatchNorm's shift, unless the convolution had one itself.
void LayerNames::GuessFoldedBatchNorm() {
  std::vector<std::pair<PathId, TensorId>> folded;
  for (size_t n = 0; n < facts_.nodes.size(); ++n) {
    if (node_path_[n] == kNone) continue;
    const std::optional<TensorId> bias = FoldedBias(facts_, static_cast<NodeId>(n));
    if (bias) folded.emplace_back(node_path_[n], *bias);
  }
  if (folded.empty()) return;
  const std::optional<size_t> biased = ConvolutionsWithBias(facts_);
  if (biased && *biased == folded.size()) return;
  for (const auto& [conv, bias] : folded) {
    if (tensor_path_[static_cast<size_t>(bias)] != kNone) continue;
    std::optional<std::string> guess = BatchNormBeside(path(conv));
    if (!guess || by_path_.contains(*guess)) continue;
    const PathId batch_norm = InternCopy(std::move(*guess));
    classes_[static_cast<size_t>(batch_norm)] = "BatchNormalization";
    tensor_path_[static_cast<size_t>(bias)] = batch_norm;
  }
}

}  // namespace hoarfrost::model
