#include "model/layer_order.h"

#include <algorithm>
#include <utility>

namespace hoarfrost::model {

std::vector<NodeId> GraphOrder(const Facts& facts) {
  std::vector<NodeId> order;
  order.reserve(facts.nodes.size());
  std::vector<char> entered(facts.scopes.size(), 0);
  std::vector<std::pair<NodeId, NodeId>> open;  // (next node, one past the last) of each scope

  const auto enter = [&](ScopeId scope) {
    const size_t s = static_cast<size_t>(scope);
    if (entered[s]) return;
    entered[s] = 1;
    const Scope& sc = facts.scopes[s];
    open.emplace_back(sc.first_node, sc.first_node + sc.node_count);
  };
  for (ScopeId root = 0; root < static_cast<ScopeId>(facts.scopes.size()); ++root) {
    enter(root);
    while (!open.empty()) {
      auto& [next, end] = open.back();
      if (next == end) {
        open.pop_back();
        continue;
      }
      const NodeId node = next++;
      order.push_back(node);
      // Pushed last to first, so that the first one is walked first.
      const size_t depth = open.size();
      for (const ScopeId body : facts.subgraphs(node)) enter(body);
      const ScopeId callee = facts.nodes[static_cast<size_t>(node)].calls;
      if (callee != kNone) enter(callee);
      std::reverse(open.begin() + static_cast<std::ptrdiff_t>(depth), open.end());
    }
  }
  return order;
}

}  // namespace hoarfrost::model
