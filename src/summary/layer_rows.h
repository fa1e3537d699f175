// Layer rows: layers, or groups of layers, with the sums of the tensors they own.
#ifndef HOARFROST_SUMMARY_LAYER_ROWS_H_
#define HOARFROST_SUMMARY_LAYER_ROWS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "summary/summary.h"

namespace hoarfrost::summary {

// One row per layer in graph order, and a last one with layer kNone where parameters belong to
// none.
std::vector<LayerRow> RowsOfLayers(const Summary& summary);

// A layer, or the layers under one path.
struct FoldedRow {
  std::string path;
  std::string type;     // of the layer with that very path, else ""
  uint64_t layers = 1;  // how many were folded
  LayerRow sums;        // `layer`: that layer, else the first folded one
};

// The tree of layer paths cut at `depth` segments (at least 1), in order of the first layer of
// each. Segments are parted by '/' where a path has one, else by '.'.
std::vector<FoldedRow> FoldedRows(const Summary& summary, size_t depth);

}  // namespace hoarfrost::summary

#endif  // HOARFROST_SUMMARY_LAYER_ROWS_H_
