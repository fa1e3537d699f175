#include "freeze/upstream.h"

#include <fmt/format.h>

#include <string_view>

#include "base/text.h"
#include "freeze/names.h"

namespace hoarfrost::freeze {
namespace {

using model::kNone;
using model::NodeId;
using model::ValueId;

size_t Index(int32_t id) { return static_cast<size_t>(id); }

class Walk {
 public:
  explicit Walk(const summary::Summary& model) : facts_(model.facts) {
    found_.nodes.resize(facts_.nodes.size());
    found_.tensors.resize(facts_.tensors.size());
    seen_.resize(facts_.values.size());
  }

  void AddNode(NodeId node) {
    if (node == kNone || found_.nodes[Index(node)]) return;
    found_.nodes[Index(node)] = true;
    for (const ValueId value : facts_.inputs(node)) AddValue(value);
    // What its bodies compute reaches it through their outputs.
    for (const ValueId out : facts_.outputs(node)) AddSources(out);
    // A node inside a body runs when the node around it does.
    AddNodeLater(facts_.scopes[Index(facts_.nodes[Index(node)].scope)].owner);
  }

  void AddValue(ValueId value) {
    if (value == kNone || seen_[Index(value)]) return;
    seen_[Index(value)] = true;
    todo_.push_back(value);
  }

  Upstream Run() {
    while (!todo_.empty() || !nodes_.empty()) {
      if (!nodes_.empty()) {
        const NodeId node = nodes_.back();
        nodes_.pop_back();
        AddNode(node);
        continue;
      }
      const ValueId v = todo_.back();
      todo_.pop_back();
      const model::Value& value = facts_.values[Index(v)];
      if (value.tensor != kNone) found_.tensors[Index(value.tensor)] = true;
      AddNodeLater(value.producer);
      AddSources(v);
    }
    return std::move(found_);
  }

 private:
  void AddNodeLater(NodeId node) {
    if (node != kNone && !found_.nodes[Index(node)]) nodes_.push_back(node);
  }
  void AddSources(ValueId value) {
    if (value == kNone) return;
    for (const model::Flow& flow : facts_.flows_into(value)) AddValue(flow.to);
  }

  const model::Facts& facts_;
  Upstream found_;
  std::vector<bool> seen_;
  std::vector<ValueId> todo_;
  std::vector<NodeId> nodes_;
};

}  // namespace

absl::StatusOr<Upstream> FindUpstream(const summary::Summary& model, const std::string& name) {
  const model::Facts& facts = model.facts;
  Walk walk(model);
  bool found = false;
  if (!name.empty()) {
    for (size_t n = 0; n < facts.nodes.size(); ++n) {
      const bool by_name = facts.nodes[n].proto->name() == name;
      const model::LayerId layer = model.layers.node_layer[n];
      const bool by_layer =
          layer != kNone && IsWithin(model.layers.layers[Index(layer)].path, name);
      if (!by_name && !by_layer) continue;
      walk.AddNode(static_cast<NodeId>(n));
      found = true;
    }
    for (size_t v = 0; v < facts.values.size(); ++v) {
      const model::Value& value = facts.values[v];
      if (value.name != name || value.dangling) continue;
      walk.AddValue(static_cast<ValueId>(v));
      if (value.tensor != kNone) {
        for (const model::Use& use : facts.uses(static_cast<ValueId>(v))) walk.AddNode(use.node);
      }
      found = true;
    }
  }
  if (found) return walk.Run();
  std::vector<std::string_view> candidates;
  candidates.reserve(model.layers.layers.size() + facts.nodes.size() + facts.values.size());
  for (const model::Layer& layer : model.layers.layers) candidates.push_back(layer.path);
  for (const model::Node& node : facts.nodes) candidates.push_back(node.proto->name());
  for (const model::Value& value : facts.values) candidates.push_back(value.name);
  return absl::NotFoundError(fmt::format("upto {}: no node, tensor or layer has this name{}",
                                         base::Quote(name), DidYouMean(name, candidates)));
}

}  // namespace hoarfrost::freeze
