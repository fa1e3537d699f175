// Multiply-accumulates: what the matrix products of a model cost in one run, node by node.
//
// Counted are convolutions, matrix products, attention and recurrent layers, by the shapes of
// their operands. Element-wise arithmetic, normalization, pooling and interpolation have none of
// their own. What cannot be told is unknown, and never 0: an operator that nobody here knows, one
// whose work depends on more than shapes, a shape that is not known in numbers.
//
// The body of a Loop, Scan or If counts once, however often it runs; a function's body, whose
// shapes depend on the call, is unknown where it computes.
#ifndef HOARFROST_SUMMARY_MACS_H_
#define HOARFROST_SUMMARY_MACS_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "summary/summary.h"

namespace hoarfrost::summary {

// Of every node, by NodeId; nullopt: unknown. 0 for nodes of training_info.
std::vector<std::optional<uint64_t>> CountMacs(const Summary& summary);

struct MacTotals {
  uint64_t known = 0;
  uint64_t known_in_bodies = 0;  // the part of `known` in subgraphs, counted once
  uint64_t unknown_nodes = 0;
  std::vector<std::pair<std::string_view, uint64_t>> unknown_types;  // most first
};

// Of a summary that was asked for them.
MacTotals TotalMacs(const Summary& summary);

// Symbols of dimensions that have no number yet, those of the model's inputs first.
std::vector<std::string_view> UnboundSymbols(const Summary& summary);

}  // namespace hoarfrost::summary

#endif  // HOARFROST_SUMMARY_MACS_H_
