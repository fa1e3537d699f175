#include "model/layers.h"

#include <array>
#include <string_view>
#include <utility>

#include "model/layer_names.h"
#include "model/layer_order.h"

namespace hoarfrost::model {
namespace {

// Operators that hand a stored value on: where nothing names their module, they belong to the layer
// that uses what comes out.
constexpr std::array<std::string_view, 17> kHandingOperators = {
    "Cast",    "CastLike", "Concat",   "Constant",  "DequantizeLinear", "Expand",
    "Flatten", "Gather",   "Identity", "Neg",       "QuantizeLinear",   "Reshape",
    "Slice",   "Split",    "Squeeze",  "Transpose", "Unsqueeze"};

bool HandsOn(std::string_view op) {
  for (const std::string_view known : kHandingOperators) {
    if (op == known) return true;
  }
  return false;
}

// How far a value is followed through calls and bodies; nesting is limited far below this.
constexpr int kMostHops = 256;

class LayerAssigner {
 public:
  LayerAssigner(const Facts& facts, Exporter exporter)
      : facts_(facts), names_(facts, exporter), order_(GraphOrder(facts)) {
    layers_.exporter = exporter;
    layers_.node_layer.assign(facts.nodes.size(), kNone);
    layers_.tensor_layer.assign(facts.tensors.size(), kNone);
    layer_of_path_.assign(names_.path_count(), kNone);
    ReadOperators();
  }

  Layers Run() && {
    FindStoredValues();
    JoinToUsers();
    NumberUnnamed();
    Assign();
    NameTypes();
    MakeUnnamedUnique();
    return std::move(layers_);
  }

 private:
  const Node& node(NodeId n) const { return facts_.nodes[static_cast<size_t>(n)]; }
  const Value& value(ValueId v) const { return facts_.values[static_cast<size_t>(v)]; }

  // What matters of an operator, looked at once for all nodes of it.
  void ReadOperators() {
    base::ViewMap<int32_t> numbered;
    for (const NodeOperator& op : facts_.operators) {
      const bool constant = op.type == "Constant";
      hands_on_.push_back(!HandsOn(op.type) ? kActs : constant ? kIsConstant : kHandsOn);
      counter_.push_back(
          numbered.try_emplace(op.type, static_cast<int32_t>(numbered.size())).first->second);
    }
  }

  // The index of a node's operator in what ReadOperators() fills.
  size_t op(NodeId n) const { return static_cast<size_t>(node(n).op); }

  // Marks what is computed from stored tensors alone by operators that hand values on.
  void FindStoredValues() {
    stored_.assign(facts_.values.size(), 0);
    for (size_t v = 0; v < facts_.values.size(); ++v) stored_[v] = facts_.values[v].tensor != kNone;
    joins_.assign(facts_.nodes.size(), 0);
    for (const NodeId n : order_) {
      const auto inputs = facts_.inputs(n);
      const Handing handing = hands_on_[op(n)];
      if (handing == kActs || node(n).calls != kNone) continue;
      bool stored = !inputs.empty() || handing == kIsConstant;
      for (const ValueId v : inputs) {
        if (v != kNone && !stored_[static_cast<size_t>(v)]) stored = false;
      }
      // The indices of a Gather are no part of what it hands on: a table looked up by data is used.
      if (!stored) continue;
      for (const ValueId v : facts_.outputs(n)) {
        if (v != kNone) stored_[static_cast<size_t>(v)] = 1;
      }
      joins_[static_cast<size_t>(n)] = 1;
    }
  }

  // The node that first uses `v`, seen through bodies and calls; kNone if none does.
  NodeId FirstUser(ValueId v) const {
    for (int hop = 0; hop < kMostHops && v != kNone; ++hop) {
      const auto uses = facts_.uses(v);
      const auto flows = facts_.flows(v);
      if (uses.empty()) {
        if (flows.empty()) return kNone;
        v = flows[0].to;
        continue;
      }
      const NodeId user = uses[0].node;
      ValueId inside = kNone;
      for (const Flow& flow : flows) {
        if (flow.via != user) continue;
        inside = flow.to;
        break;
      }
      if (inside == kNone || (facts_.uses(inside).empty() && facts_.flows(inside).empty())) {
        return user;
      }
      v = inside;
    }
    return kNone;
  }

  // Nodes that only hand stored values on, and that nothing names, go to the layer of their user,
  // seen through chains of such nodes. Nodes may come in any order and form a cycle.
  void JoinToUsers() {
    const size_t count = facts_.nodes.size();
    acts_for_.resize(count);
    for (size_t n = 0; n < count; ++n) {
      acts_for_[n] = static_cast<NodeId>(n);
      if (!joins_[n] || names_.node_path(static_cast<NodeId>(n)) != kNone) continue;
      for (const ValueId v : facts_.outputs(static_cast<NodeId>(n))) {
        if (v == kNone) continue;
        const NodeId user = FirstUser(v);
        if (user == kNone) continue;
        acts_for_[n] = user;
        break;
      }
    }
    std::vector<char> state(count, 0);  // 1 on the walk, 2 settled
    std::vector<NodeId> walk;
    for (size_t n = 0; n < count; ++n) {
      NodeId at = static_cast<NodeId>(n);
      walk.clear();
      while (state[static_cast<size_t>(at)] == 0) {
        state[static_cast<size_t>(at)] = 1;
        walk.push_back(at);
        at = acts_for_[static_cast<size_t>(at)];
      }
      const NodeId end =
          state[static_cast<size_t>(at)] == 2 ? acts_for_[static_cast<size_t>(at)] : at;
      for (const NodeId w : walk) {
        acts_for_[static_cast<size_t>(w)] = end;
        state[static_cast<size_t>(w)] = 2;
      }
    }
  }

  // "Op_k": k counts the nodes of one operator in graph order.
  void NumberUnnamed() {
    number_.assign(facts_.nodes.size(), 0);
    std::vector<int32_t> next(counter_.size(), 0);
    for (const NodeId n : order_) {
      number_[static_cast<size_t>(n)] = next[static_cast<size_t>(counter_[op(n)])]++;
    }
  }

  LayerId LayerOfPath(PathId path) {
    LayerId& layer = layer_of_path_[static_cast<size_t>(path)];
    if (layer == kNone) {
      layer = static_cast<LayerId>(layers_.layers.size());
      layers_.layers.push_back({std::string(names_.path(path)), "", true});
      path_of_layer_.push_back(path);
    }
    return layer;
  }

  LayerId LayerOfNode(NodeId n) {
    LayerId& layer = layers_.node_layer[static_cast<size_t>(n)];
    if (layer != kNone) return layer;
    if (const PathId path = names_.node_path(n); path != kNone) return layer = LayerOfPath(path);
    const NodeId user = acts_for_[static_cast<size_t>(n)];
    if (user != n) {
      const LayerId of_user = LayerOfNode(user);  // acts for itself: no further step
      return layers_.node_layer[static_cast<size_t>(n)] = of_user;
    }
    if (hands_on_[op(n)] == kIsConstant) return kNone;
    layer = static_cast<LayerId>(layers_.layers.size());
    layers_.layers.push_back(
        {std::string(facts_.op(n).type) + "_" + std::to_string(number_[static_cast<size_t>(n)]),
         std::string(facts_.op(n).type), false});
    path_of_layer_.push_back(kNone);
    return layer;
  }

  LayerId LayerOfTensor(TensorId t) {
    LayerId& layer = layers_.tensor_layer[static_cast<size_t>(t)];
    if (layer != kNone) return layer;
    TensorId source = t;
    if (const TensorId from = names_.copied_from(t); from != kNone) source = from;
    if (const PathId path = names_.tensor_path(source); path != kNone) {
      return layer = LayerOfPath(path);
    }
    const Tensor& tensor = facts_.tensors[static_cast<size_t>(source)];
    if (tensor.node != kNone && names_.node_path(tensor.node) != kNone) {
      return layer = LayerOfNode(tensor.node);
    }
    const NodeId user = FirstUser(tensor.value);
    if (user == kNone) return kNone;
    const LayerId of_user = LayerOfNode(user);
    return layers_.tensor_layer[static_cast<size_t>(t)] = of_user;
  }

  // In graph order, so that layers come in the order of their first node.
  void Assign() {
    for (const NodeId n : order_) {
      LayerOfNode(n);
      for (const ValueId v : facts_.inputs(n)) {
        if (v != kNone && value(v).tensor != kNone) LayerOfTensor(value(v).tensor);
      }
    }
    for (size_t t = 0; t < facts_.tensors.size(); ++t) LayerOfTensor(static_cast<TensorId>(t));
  }

  // The class where the file tells it, else the operator that first reads a tensor of the layer,
  // else that of its first node.
  void NameTypes() {
    std::vector<int> rank(layers_.layers.size(), 0);
    std::vector<NodeId> by(layers_.layers.size(), kNone);
    const auto offer = [&](LayerId layer, NodeId n, int strength) {
      if (layer == kNone || rank[static_cast<size_t>(layer)] >= strength) return;
      rank[static_cast<size_t>(layer)] = strength;
      by[static_cast<size_t>(layer)] = n;
    };
    for (const NodeId n : order_) {
      const LayerId own = layers_.node_layer[static_cast<size_t>(n)];
      bool reads = false;
      const bool hands_on = joins_[static_cast<size_t>(n)] != 0;
      for (const ValueId v : facts_.inputs(n)) {
        if (v == kNone || !stored_[static_cast<size_t>(v)]) continue;
        reads = true;
        const TensorId t = value(v).tensor;
        if (t != kNone) {
          offer(layers_.tensor_layer[static_cast<size_t>(t)], n, hands_on ? 1 : 3);
        }
      }
      offer(own, n, hands_on ? 1 : (reads ? 4 : 2));
    }
    for (size_t i = 0; i < layers_.layers.size(); ++i) {
      const PathId path = path_of_layer_[i];
      if (path == kNone) continue;  // has its node's operator already
      if (by[i] != kNone) layers_.layers[i].type = facts_.op(by[i]).type;
      const std::string_view known = names_.class_name(path);
      if (!known.empty()) layers_.layers[i].type = std::string(known);
    }
  }

  // A module may be called "Conv_3" too: its name stays, the made-up one gives way.
  void MakeUnnamedUnique() {
    base::ViewSet named;
    for (const Layer& layer : layers_.layers) {
      if (layer.named) named.insert(layer.path);
    }
    if (named.empty()) return;
    for (Layer& layer : layers_.layers) {
      while (!layer.named && named.contains(layer.path)) layer.path += '\'';
    }
  }

  const Facts& facts_;
  LayerNames names_;
  std::vector<NodeId> order_;
  enum Handing : uint8_t { kActs, kHandsOn, kIsConstant };
  std::vector<Handing> hands_on_;  // by operator
  std::vector<int32_t> counter_;   // by operator: those of one type share one
  std::vector<char> stored_;       // by ValueId
  std::vector<char> joins_;        // by NodeId: only hands stored values on
  std::vector<NodeId> acts_for_;   // by NodeId: whose layer it takes; itself if its own
  std::vector<int32_t> number_;    // by NodeId
  std::vector<LayerId> layer_of_path_;
  std::vector<PathId> path_of_layer_;
  Layers layers_;
};

}  // namespace

Layers AssignLayers(const Facts& facts) {
  return LayerAssigner(facts, DetectExporter(facts)).Run();
}

}  // namespace hoarfrost::model
