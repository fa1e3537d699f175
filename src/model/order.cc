// Order of nodes and cycles: of the graph, and of functions that call each other.
#include <fmt/format.h>

#include "base/text.h"
#include "model/facts_builder.h"

namespace hoarfrost::model {
namespace {

struct Arc {
  int32_t from;
  int32_t to;
};

// The nodes of one cycle of a graph of `count` nodes, in order; empty when it has none. Linear.
std::vector<int32_t> FindCycle(int32_t count, const std::vector<Arc>& arcs) {
  const auto n = static_cast<size_t>(count);
  std::vector<int32_t> begin(n + 1, 0);
  std::vector<int32_t> waiting(n, 0);
  for (const Arc& arc : arcs) {
    ++begin[static_cast<size_t>(arc.from) + 1];
    ++waiting[static_cast<size_t>(arc.to)];
  }
  for (size_t i = 0; i < n; ++i) begin[i + 1] += begin[i];
  std::vector<int32_t> next(begin.begin(), begin.end() - 1);
  std::vector<int32_t> targets(arcs.size());
  for (const Arc& arc : arcs) {
    targets[static_cast<size_t>(next[static_cast<size_t>(arc.from)]++)] = arc.to;
  }
  std::vector<int32_t> ready;
  for (int32_t i = 0; i < count; ++i) {
    if (waiting[static_cast<size_t>(i)] == 0) ready.push_back(i);
  }
  size_t done = 0;
  while (done < ready.size()) {
    const auto i = static_cast<size_t>(ready[done++]);
    for (int32_t t = begin[i]; t < begin[i + 1]; ++t) {
      const int32_t to = targets[static_cast<size_t>(t)];
      if (--waiting[static_cast<size_t>(to)] == 0) ready.push_back(to);
    }
  }
  if (done == n) return {};
  // Whoever still waits, waits for another who does: following that leads into a cycle.
  std::vector<int32_t> waits_for(n, -1);
  int32_t at = -1;
  for (const Arc& arc : arcs) {
    if (waiting[static_cast<size_t>(arc.from)] > 0 && waiting[static_cast<size_t>(arc.to)] > 0) {
      waits_for[static_cast<size_t>(arc.to)] = arc.from;
      at = arc.to;
    }
  }
  std::vector<bool> met(n, false);
  while (!met[static_cast<size_t>(at)]) {
    met[static_cast<size_t>(at)] = true;
    at = waits_for[static_cast<size_t>(at)];
  }
  std::vector<int32_t> cycle;
  for (int32_t i = at;;) {
    cycle.insert(cycle.begin(), i);
    i = waits_for[static_cast<size_t>(i)];
    if (i == at) return cycle;
  }
}

}  // namespace

NodeId FactsBuilder::AncestorIn(ScopeId scope, NodeId node) const {
  while (node != kNone) {
    const ScopeId s = facts_.nodes[static_cast<size_t>(node)].scope;
    if (s == scope) return node;
    node = facts_.scopes[static_cast<size_t>(s)].owner;
  }
  return kNone;
}

void FactsBuilder::CheckRead(NodeId reader, ValueId value) {
  const Value& v = facts_.values[static_cast<size_t>(value)];
  if (v.producer == kNone) return;
  const NodeId at = v.scope == facts_.nodes[static_cast<size_t>(reader)].scope
                        ? reader
                        : AncestorIn(v.scope, reader);
  if (at == kNone || v.producer < at) return;
  if (unsorted_scopes_.insert(v.scope).second) unsorted_.push_back({v.scope, at, value});
}

void FactsBuilder::CheckOrder() {
  for (const Unsorted& u : unsorted_) {
    const Scope& scope = facts_.scopes[static_cast<size_t>(u.scope)];
    std::vector<Arc> arcs;
    for (NodeId n = scope.first_node; n < scope.first_node + scope.node_count; ++n) {
      for (const ValueId v : facts_.outputs(n)) {
        if (v == kNone || facts_.values[static_cast<size_t>(v)].producer != n) continue;
        for (const Use& use : facts_.uses(v)) {
          const NodeId reader = AncestorIn(u.scope, use.node);
          if (reader != kNone) arcs.push_back({n - scope.first_node, reader - scope.first_node});
        }
      }
    }
    const std::vector<int32_t> cycle = FindCycle(scope.node_count, arcs);
    if (cycle.empty()) {
      const Value& value = facts_.values[static_cast<size_t>(u.value)];
      notes_.Add(NoteKind::kOrder, Severity::kInfo,
                 fmt::format("nodes are not in topological order{}: {} reads {} before {} gives it",
                             ScopeText(u.scope), NodeText(u.reader), base::Quote(value.name),
                             NodeText(value.producer)));
      continue;
    }
    std::string who;
    for (size_t i = 0; i < cycle.size() && i < 4; ++i) {
      who += (i == 0 ? "" : " -> ") + NodeText(scope.first_node + cycle[i]);
    }
    notes_.Add(NoteKind::kCycle, Severity::kWarning,
               fmt::format("the graph has a cycle of {} node{}{}: {} -> {}", cycle.size(),
                           cycle.size() == 1 ? "" : "s", ScopeText(u.scope), who,
                           cycle.size() > 4 ? "..." : NodeText(scope.first_node + cycle[0])));
  }
}

void FactsBuilder::CheckCalls() {
  if (functions_.empty()) return;
  std::vector<Arc> arcs;
  for (const Node& node : facts_.nodes) {
    if (node.calls == kNone) continue;
    const ScopeId caller = facts_.scopes[static_cast<size_t>(node.scope)].root;
    if (facts_.scopes[static_cast<size_t>(caller)].kind != ScopeKind::kFunction) continue;
    arcs.push_back({facts_.scopes[static_cast<size_t>(caller)].imports - 1,
                    facts_.scopes[static_cast<size_t>(node.calls)].imports - 1});
  }
  const std::vector<int32_t> cycle = FindCycle(static_cast<int32_t>(function_scopes_.size()), arcs);
  if (cycle.empty()) return;
  std::string who;
  for (size_t i = 0; i < cycle.size() && i < 4; ++i) {
    who += base::Quote(facts_.model().functions(cycle[i]).name()) + " -> ";
  }
  who += cycle.size() > 4 ? "..." : base::Quote(facts_.model().functions(cycle[0]).name());
  notes_.Add(NoteKind::kCycle, Severity::kWarning,
             fmt::format("functions call each other in a cycle: {}", who));
}

}  // namespace hoarfrost::model
