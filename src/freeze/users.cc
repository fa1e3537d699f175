#include "freeze/users.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "freeze/names.h"

namespace hoarfrost::freeze {
namespace {

using model::kNone;
using model::LayerId;
using model::NodeId;
using model::TensorId;
using model::ValueId;

size_t Index(int32_t id) { return static_cast<size_t>(id); }

constexpr std::array<std::string_view, 11> kHandsOn = {
    "Identity",  "Transpose",        "Cast",           "CastLike", "Reshape", "Squeeze",
    "Unsqueeze", "DequantizeLinear", "QuantizeLinear", "Flatten",  "Expand"};

// A tensor that takes more steps than this through such nodes is not followed to the end: a bound
// for hostile graphs, far above what exporters write.
constexpr size_t kMostSteps = 10'000;

bool IsDefaultDomain(const onnx::NodeProto& node) {
  return node.domain().empty() || node.domain() == "ai.onnx";
}

void AddOnce(NodeList& nodes, NodeId node) {
  if (std::find(nodes.begin(), nodes.end(), node) == nodes.end()) nodes.push_back(node);
}

}  // namespace

bool HandsOn(const model::Facts& facts, NodeId node, int32_t slot) {
  const onnx::NodeProto& proto = *facts.nodes[Index(node)].proto;
  if (slot != 0 || !IsDefaultDomain(proto)) return false;
  const std::string_view op = proto.op_type();
  return std::find(kHandsOn.begin(), kHandsOn.end(), op) != kHandsOn.end();
}

Users::Users(const summary::Summary& model) : model_(model), seen_(model.facts.values.size(), 0) {}

bool Users::Enter(ValueId value) {
  if (value == kNone || seen_[Index(value)] == round_) return false;
  seen_[Index(value)] = round_;
  todo_.push_back(value);
  return true;
}

NodeList Users::NodesOf(TensorId t) {
  const model::Facts& facts = model_.facts;
  NodeList nodes;
  ++round_;
  todo_.clear();
  Enter(facts.tensors[Index(t)].value);
  for (size_t i = 0; i < todo_.size() && i < kMostSteps; ++i) {
    for (const model::Use& use : facts.uses(todo_[i])) {
      const model::Node& node = facts.nodes[Index(use.node)];
      const std::string_view op = node.proto->op_type();
      if (HandsOn(facts, use.node, use.slot)) {
        for (const ValueId out : facts.outputs(use.node)) Enter(out);
      } else if (node.calls == kNone && facts.subgraphs(use.node).empty() && op != "Shape" &&
                 op != "Size") {
        AddOnce(nodes, use.node);
      }
    }
    for (const model::Flow& flow : facts.flows(todo_[i])) Enter(flow.to);
  }
  return nodes;
}

LayerList Users::LayersOf(TensorId t) {
  LayerList layers;
  const LayerId owner = model_.layers.tensor_layer[Index(t)];
  for (const NodeId node : NodesOf(t)) {
    const LayerId layer = model_.layers.node_layer[Index(node)];
    if (layer != kNone && std::find(layers.begin(), layers.end(), layer) == layers.end()) {
      layers.push_back(layer);
    }
  }
  if (owner == kNone) {
    std::sort(layers.begin(), layers.end());
    return layers;
  }
  // One user is the owner, whatever the node is called: a convolution that a BatchNormalization was
  // folded into carries the name of either. So is a module around or within the owner.
  if (layers.size() == 1) layers.clear();
  const auto& all = model_.layers.layers;
  const std::string& path = all[Index(owner)].path;
  layers.erase(std::remove_if(layers.begin(), layers.end(),
                              [&](LayerId layer) {
                                const std::string& other = all[Index(layer)].path;
                                return IsWithin(path, other) || IsWithin(other, path);
                              }),
               layers.end());
  layers.push_back(owner);
  std::sort(layers.begin(), layers.end());
  return layers;
}

absl::InlinedVector<TensorId, 2> Users::TensorsAt(NodeId node, int32_t slot) {
  const model::Facts& facts = model_.facts;
  absl::InlinedVector<TensorId, 2> tensors;
  const auto inputs = facts.inputs(node);
  if (Index(slot) >= inputs.size()) return tensors;
  ++round_;
  todo_.clear();
  Enter(inputs[Index(slot)]);
  for (size_t i = 0; i < todo_.size() && i < kMostSteps; ++i) {
    const model::Value& value = facts.values[Index(todo_[i])];
    if (value.tensor != kNone) {
      tensors.push_back(value.tensor);
      continue;
    }
    if (value.producer != kNone && HandsOn(facts, value.producer, 0)) {
      const auto from = facts.inputs(value.producer);
      if (!from.empty()) Enter(from[0]);
    }
    for (const model::Flow& flow : facts.flows_into(todo_[i])) Enter(flow.to);
  }
  return tensors;
}

}  // namespace hoarfrost::freeze
