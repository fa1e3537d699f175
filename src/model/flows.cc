// Where values pass into and out of subgraphs and function bodies, by the operators' definitions.
#include <algorithm>

#include "model/facts_builder.h"

namespace hoarfrost::model {
namespace {

int64_t IntAttribute(const onnx::NodeProto& node, std::string_view name, int64_t otherwise) {
  for (const onnx::AttributeProto& a : node.attribute()) {
    if (a.name() == name) return a.i();
  }
  return otherwise;
}

// Edges grouped by value: counting sort by `key`, stable.
template <typename Edge, typename Key, typename Make>
void Group(const std::vector<Edge>& edges, size_t values, Key key, Make make,
           std::vector<Flow>& flows, std::vector<int32_t>& begin) {
  begin.assign(values + 1, 0);
  for (const Edge& e : edges) ++begin[static_cast<size_t>(key(e)) + 1];
  for (size_t v = 0; v < values; ++v) begin[v + 1] += begin[v];
  std::vector<int32_t> next(begin.begin(), begin.end() - 1);
  flows.resize(edges.size());
  for (const Edge& e : edges) {
    flows[static_cast<size_t>(next[static_cast<size_t>(key(e))]++)] = make(e);
  }
}

}  // namespace

void FactsBuilder::Join(ValueId from, ValueId to, NodeId via, FlowKind kind) {
  if (from == kNone || to == kNone) return;
  edges_.push_back({from, {to, via, kind}});
}

void FactsBuilder::JoinFlows() {
  for (NodeId n = 0; n < static_cast<NodeId>(facts_.nodes.size()); ++n) {
    const Node& node = facts_.nodes[static_cast<size_t>(n)];
    if (node.calls != kNone) {
      JoinCall(n);
      continue;
    }
    if (facts_.subgraphs(n).empty() || !NormalDomain(node.proto->domain()).empty()) continue;
    const std::string& op = node.proto->op_type();
    if (op == "If") {
      JoinIf(n);
    } else if (op == "Loop") {
      JoinLoop(n);
    } else if (op == "Scan") {
      JoinScan(n);
    } else if (op == "SequenceMap") {
      JoinSequenceMap(n);
    }
    // Of any other operator nobody here knows what its subgraphs' inputs and outputs stand for.
  }
  const size_t values = facts_.values.size();
  Group(
      edges_, values, [](const Edge& e) { return e.from; }, [](const Edge& e) { return e.flow; },
      facts_.flows_, facts_.flows_begin_);
  Group(
      edges_, values, [](const Edge& e) { return e.flow.to; },
      [](const Edge& e) { return Flow{e.from, e.flow.via, e.flow.kind}; }, facts_.flows_into_,
      facts_.flows_into_begin_);
}

void FactsBuilder::JoinCall(NodeId n) {
  const ScopeId body = facts_.nodes[static_cast<size_t>(n)].calls;
  const auto in = facts_.inputs(n);
  const auto body_in = facts_.scope_inputs(body);
  for (size_t i = 0; i < std::min(in.size(), body_in.size()); ++i) {
    Join(in[i], body_in[i], n, FlowKind::kIntoCall);
  }
  const auto out = facts_.outputs(n);
  const auto body_out = facts_.scope_outputs(body);
  for (size_t i = 0; i < std::min(out.size(), body_out.size()); ++i) {
    Join(body_out[i], out[i], n, FlowKind::kOutOfCall);
  }
}

// If(cond): both branches take no inputs; each gives all outputs.
void FactsBuilder::JoinIf(NodeId n) {
  const auto out = facts_.outputs(n);
  for (const ScopeId branch : facts_.subgraphs(n)) {
    const auto branch_out = facts_.scope_outputs(branch);
    for (size_t i = 0; i < std::min(out.size(), branch_out.size()); ++i) {
      Join(branch_out[i], out[i], n, FlowKind::kOutOfBody);
    }
  }
}

// Loop(M, cond, v...) -> (v..., scans...); body(iteration, cond, v...) -> (cond, v..., scans...).
void FactsBuilder::JoinLoop(NodeId n) {
  const ScopeId body = facts_.subgraphs(n)[0];
  const auto in = facts_.inputs(n);
  const auto out = facts_.outputs(n);
  const auto body_in = facts_.scope_inputs(body);
  const auto body_out = facts_.scope_outputs(body);
  // Input 0 is how often to loop; body input 0, the iteration's number, comes from nowhere.
  for (size_t i = 1; i < std::min(in.size(), body_in.size()); ++i) {
    Join(in[i], body_in[i], n, FlowKind::kIntoBody);
  }
  for (size_t i = 0; i < body_out.size() && i + 1 < body_in.size(); ++i) {
    Join(body_out[i], body_in[i + 1], n, FlowKind::kCarried);
  }
  for (size_t i = 0; i < out.size() && i + 1 < body_out.size(); ++i) {
    Join(body_out[i + 1], out[i], n, FlowKind::kOutOfBody);
  }
}

// Scan(state..., scanned...) -> (state..., scans...), the body likewise; opset 8 has
// sequence_lens before all other inputs.
void FactsBuilder::JoinScan(NodeId n) {
  const Node& node = facts_.nodes[static_cast<size_t>(n)];
  const ScopeId body = facts_.subgraphs(n)[0];
  const auto in = facts_.inputs(n);
  const auto out = facts_.outputs(n);
  const auto body_in = facts_.scope_inputs(body);
  const auto body_out = facts_.scope_outputs(body);
  const int64_t version = facts_.opset(node.scope, "");
  const size_t skip = version == 8 || (version < 8 && in.size() == body_in.size() + 1) ? 1 : 0;
  const int64_t scanned = IntAttribute(*node.proto, "num_scan_inputs", 0);
  const int64_t states = static_cast<int64_t>(body_in.size()) - std::max<int64_t>(scanned, 0);
  for (size_t i = 0; i + skip < in.size() && i < body_in.size(); ++i) {
    Join(in[i + skip], body_in[i], n, FlowKind::kIntoBody);
  }
  for (size_t i = 0; static_cast<int64_t>(i) < states && i < body_out.size(); ++i) {
    Join(body_out[i], body_in[i], n, FlowKind::kCarried);
  }
  for (size_t i = 0; i < std::min(out.size(), body_out.size()); ++i) {
    Join(body_out[i], out[i], n, FlowKind::kOutOfBody);
  }
}

// SequenceMap(sequence, more...) -> sequences; the body takes one element of each.
void FactsBuilder::JoinSequenceMap(NodeId n) {
  const ScopeId body = facts_.subgraphs(n)[0];
  const auto in = facts_.inputs(n);
  const auto out = facts_.outputs(n);
  const auto body_in = facts_.scope_inputs(body);
  const auto body_out = facts_.scope_outputs(body);
  for (size_t i = 0; i < std::min(in.size(), body_in.size()); ++i) {
    Join(in[i], body_in[i], n, FlowKind::kIntoBody);
  }
  for (size_t i = 0; i < std::min(out.size(), body_out.size()); ++i) {
    Join(body_out[i], out[i], n, FlowKind::kOutOfBody);
  }
}

}  // namespace hoarfrost::model
