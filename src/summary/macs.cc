#include "summary/macs.h"

#include <algorithm>
#include <string>

#include "base/checked.h"
#include "base/hash.h"
#include "model/shapes.h"
#include "summary/mac_formulas.h"

namespace hoarfrost::summary {
namespace {

using model::kNone;
using model::NodeId;
using model::ValueId;

size_t Index(int32_t id) { return static_cast<size_t>(id); }

std::optional<Shape> InNumbers(const std::optional<std::vector<Dim>>& dims) {
  if (!dims) return std::nullopt;
  Shape shape;
  shape.reserve(dims->size());
  for (const Dim& dim : *dims) {
    if (!dim.symbol.empty() || dim.value < 0) return std::nullopt;
    shape.push_back(static_cast<uint64_t>(dim.value));
  }
  return shape;
}

// Operators whose result has the shape of their first input.
bool KeepsShape(std::string_view type) {
  return type == "Identity" || type == "Cast" || type == "DequantizeLinear" ||
         type == "QuantizeLinear";
}

// Also of a value that nobody declared, where it comes straight from one of a known shape.
std::optional<Shape> ShapeOf(const Summary& summary, ValueId value) {
  constexpr int kMostSteps = 8;
  for (int step = 0; step < kMostSteps && value != kNone; ++step) {
    if (auto shape = InNumbers(summary.shape_of(value))) return shape;
    const NodeId producer = summary.facts.values[Index(value)].producer;
    if (producer == kNone || !KeepsShape(summary.facts.op(producer).type)) return std::nullopt;
    const auto inputs = summary.facts.inputs(producer);
    value = inputs.empty() ? kNone : inputs[0];
  }
  return std::nullopt;
}

ValueId At(absl::Span<const ValueId> values, int i) {
  return i >= 0 && Index(i) < values.size() ? values[Index(i)] : kNone;
}

std::optional<uint64_t> MacsOf(const Summary& summary, NodeId n) {
  const model::Facts& facts = summary.facts;
  const model::Node& node = facts.nodes[Index(n)];
  const model::Scope& root = facts.scopes[Index(facts.scopes[Index(node.scope)].root)];
  if (root.kind == model::ScopeKind::kTraining) return 0;
  if (node.calls != kNone) return 0;  // what it computes are the nodes of its body
  const model::NodeOperator& op = facts.op(n);
  const MacFormula* formula = FindMacFormula(op.domain, op.type);
  if (formula == nullptr) {
    if (IsFreeOfMacs(op.domain, op.type)) return 0;
    return std::nullopt;
  }
  if (root.kind == model::ScopeKind::kFunction) return std::nullopt;
  const auto shape = [&](absl::Span<const ValueId> values, int i) -> std::optional<Shape> {
    const ValueId value = At(values, i);
    return value == kNone ? std::nullopt : ShapeOf(summary, value);
  };
  const MacNode seen{*node.proto, [&](int i) { return shape(facts.inputs(n), i); },
                     [&](int i) { return shape(facts.outputs(n), i); },
                     [&](int i) { return At(facts.inputs(n), i) != kNone; }};
  return formula->count(seen, formula->a, formula->b);
}

}  // namespace

std::vector<std::optional<uint64_t>> CountMacs(const Summary& summary) {
  std::vector<std::optional<uint64_t>> macs;
  macs.reserve(summary.facts.nodes.size());
  for (size_t n = 0; n < summary.facts.nodes.size(); ++n) {
    macs.push_back(MacsOf(summary, static_cast<NodeId>(n)));
  }
  return macs;
}

MacTotals TotalMacs(const Summary& summary) {
  MacTotals totals;
  base::ViewMap<uint64_t> unknown;
  for (size_t n = 0; n < summary.node_macs.size(); ++n) {
    const auto id = static_cast<NodeId>(n);
    const std::optional<uint64_t>& macs = summary.node_macs[n];
    if (!macs.has_value()) {
      ++totals.unknown_nodes;
      ++unknown[summary.facts.op(id).type];
      continue;
    }
    totals.known = base::SaturatingAdd(totals.known, *macs);
    if (summary.facts.nodes[n].scope != 0) {
      totals.known_in_bodies = base::SaturatingAdd(totals.known_in_bodies, *macs);
    }
  }
  totals.unknown_types.assign(unknown.begin(), unknown.end());
  std::sort(totals.unknown_types.begin(), totals.unknown_types.end(),
            [](const auto& a, const auto& b) {
              return a.second != b.second ? a.second > b.second : a.first < b.first;
            });
  return totals;
}

std::vector<std::string_view> UnboundSymbols(const Summary& summary) {
  std::vector<std::string_view> symbols = model::DimSymbols(summary.facts);
  std::erase_if(symbols,
                [&](std::string_view s) { return summary.dims.count(std::string(s)) > 0; });
  return symbols;
}

}  // namespace hoarfrost::summary
