#include "summary/layer_rows.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <string_view>

#include "absl/types/span.h"
#include "base/checked.h"
#include "base/hash.h"

namespace hoarfrost::summary {
namespace {

using model::kNone;
using model::LayerId;
using model::NodeId;
using model::TensorId;
using model::ValueId;

size_t Index(int32_t id) { return static_cast<size_t>(id); }

// Sums, shapes and sharing by group; groups[layer] < group_count. The group of what belongs to no
// layer is the last one, group_count - 1.
class Grouping {
 public:
  Grouping(const Summary& summary, absl::Span<const int32_t> groups, size_t group_count)
      : summary_(summary), groups_(groups), rows_(group_count), owner_(group_count, kNone) {}

  void AddTensors() {
    const size_t count = summary_.facts.tensors.size();
    for (size_t i = 0; i < count; ++i) {
      const TensorId t = static_cast<TensorId>(i);
      LayerRow& row = rows_[Index(GroupOfTensor(t))];
      row.owns_tensors = true;
      if (!summary_.is_counted(t) || !summary_.is_parameter(t)) continue;
      const uint64_t n = summary_.elements(t);
      uint64_t& part = summary_.is_trainable(t) ? row.trainable : row.non_trainable;
      part = base::SaturatingAdd(part, n);
      row.parameters = base::SaturatingAdd(row.parameters, n);
      FindSharers(t);
    }
  }

  // The last value that leaves a group: by graph order, but one of the main graph before one of a
  // subgraph or function, and data before the shapes and indices that modules also pass around.
  void AddShapes() {
    std::vector<ValueId> last(rows_.size(), kNone);
    std::vector<int> rank(rows_.size(), -1);
    const size_t count = summary_.facts.nodes.size();
    for (size_t i = 0; i < count; ++i) {
      const NodeId n = static_cast<NodeId>(i);
      const int32_t g = GroupOfNode(n);
      for (const ValueId v : summary_.facts.outputs(n)) {
        if (v == kNone || summary_.facts.values[Index(v)].tensor != kNone) continue;
        const int r = Rank(v, g);
        if (r < rank[Index(g)]) continue;
        rank[Index(g)] = r;
        last[Index(g)] = v;
      }
    }
    for (size_t g = 0; g + 1 < rows_.size(); ++g) {
      if (last[g] == kNone) continue;
      if (auto shape = summary_.shape_of(last[g]); shape.has_value()) {
        rows_[g].shape_known = true;
        rows_[g].output_shape = *std::move(shape);
      }
    }
  }

  void AddMacs() {
    for (size_t n = 0; n < summary_.node_macs.size(); ++n) {
      LayerRow& row = rows_[Index(GroupOfNode(static_cast<NodeId>(n)))];
      const std::optional<uint64_t>& macs = summary_.node_macs[n];
      row.macs_known = row.macs_known && macs.has_value();
      row.macs = base::SaturatingAdd(row.macs, macs.value_or(0));
    }
  }

  // The rows, and for each the group that owns tensors it uses too (kNone: it shares nothing).
  std::vector<LayerRow>& rows() { return rows_; }
  const std::vector<int32_t>& owners() const { return owner_; }

 private:
  int32_t GroupOfLayer(LayerId layer) const {
    return layer == kNone ? static_cast<int32_t>(rows_.size()) - 1 : groups_[Index(layer)];
  }
  int32_t GroupOfNode(NodeId n) const { return GroupOfLayer(summary_.layers.node_layer[Index(n)]); }
  int32_t GroupOfTensor(TensorId t) const {
    return GroupOfLayer(summary_.layers.tensor_layer[Index(t)]);
  }

  void FindSharers(TensorId t) {
    const int32_t own = GroupOfTensor(t);
    if (own == GroupOfLayer(kNone)) return;
    const model::Facts& facts = summary_.facts;
    if (seen_.empty()) seen_.resize(facts.values.size(), kNone);
    pending_.assign(1, summary_.tensor(t).value);
    while (!pending_.empty()) {
      const ValueId v = pending_.back();
      pending_.pop_back();
      if (v == kNone || seen_[Index(v)] == t) continue;
      seen_[Index(v)] = t;
      // What calls what is a stranger's choice; who shares with whom is not worth endless time.
      if (++steps_ > kMostSteps) return;
      for (const model::Use& use : facts.uses(v)) {
        const int32_t g = GroupOfNode(use.node);
        if (g != own && g != GroupOfLayer(kNone) && owner_[Index(g)] == kNone) {
          owner_[Index(g)] = own;
        }
      }
      for (const model::Flow& flow : facts.flows(v)) {
        if (flow.kind == model::FlowKind::kIntoBody || flow.kind == model::FlowKind::kIntoCall) {
          pending_.push_back(flow.to);
        }
      }
    }
  }

  int Rank(ValueId v, int32_t group) const {
    const model::Value& value = summary_.facts.values[Index(v)];
    bool leaves = value.is_output;
    for (const model::Use& use : summary_.facts.uses(v)) {
      if (leaves) break;
      leaves = GroupOfNode(use.node) != group;
    }
    const int32_t type = value.info == nullptr ? onnx::TensorProto::UNDEFINED
                                               : value.info->type().tensor_type().elem_type();
    const bool is_index = type == onnx::TensorProto::INT64 || type == onnx::TensorProto::BOOL;
    return (leaves ? 4 : 0) + (value.scope == 0 ? 2 : 0) + (is_index ? 0 : 1);
  }

  static constexpr uint64_t kMostSteps = 50'000'000;

  const Summary& summary_;
  absl::Span<const int32_t> groups_;
  std::vector<LayerRow> rows_;
  std::vector<int32_t> owner_;
  std::vector<TensorId> seen_;    // by ValueId: the tensor whose walk met it last
  std::vector<ValueId> pending_;  // the walk's stack
  uint64_t steps_ = 0;
};

// Of what belongs to no layer.
bool IsWorthARow(const LayerRow& row) {
  return row.parameters > 0 || row.macs > 0 || !row.macs_known;
}

std::string_view Prefix(std::string_view path, size_t depth) {
  const char separator = path.find('/') == std::string_view::npos ? '.' : '/';
  size_t end = 0;
  for (size_t i = 0; i < depth; ++i) {
    end = path.find(separator, i == 0 ? 0 : end + 1);
    if (end == std::string_view::npos) return path;
  }
  return path.substr(0, end);
}

}  // namespace

std::vector<LayerRow> RowsOfLayers(const Summary& summary) {
  const size_t count = summary.layers.layers.size();
  std::vector<int32_t> same(count);
  std::iota(same.begin(), same.end(), 0);
  Grouping grouping(summary, same, count + 1);
  grouping.AddTensors();
  grouping.AddShapes();
  grouping.AddMacs();
  std::vector<LayerRow>& rows = grouping.rows();
  for (size_t i = 0; i < count; ++i) {
    rows[i].layer = static_cast<LayerId>(i);
    const int32_t owner = grouping.owners()[i];
    if (owner != kNone) rows[i].shared_with = summary.layers.layers[Index(owner)].path;
  }
  if (!IsWorthARow(rows.back())) rows.pop_back();
  return std::move(rows);
}

std::vector<FoldedRow> FoldedRows(const Summary& summary, size_t depth) {
  const std::vector<model::Layer>& layers = summary.layers.layers;
  std::vector<FoldedRow> folded;
  std::vector<int32_t> groups(layers.size());
  base::ViewMap<int32_t> by_path;
  for (size_t i = 0; i < layers.size(); ++i) {
    const std::string_view path = Prefix(layers[i].path, std::max<size_t>(depth, 1));
    const auto [group, added] = by_path.emplace(path, static_cast<int32_t>(folded.size()));
    groups[i] = group->second;
    if (added) {
      folded.push_back({std::string(path), "", 0, {}});
      folded.back().sums.layer = static_cast<LayerId>(i);
    }
    FoldedRow& row = folded[Index(group->second)];
    ++row.layers;
    if (layers[i].path == path) {
      row.type = layers[i].type;
      row.sums.layer = static_cast<LayerId>(i);
    }
  }
  Grouping grouping(summary, groups, folded.size() + 1);
  grouping.AddTensors();
  grouping.AddShapes();
  grouping.AddMacs();
  for (size_t g = 0; g < folded.size(); ++g) {
    const LayerId layer = folded[g].sums.layer;
    folded[g].sums = std::move(grouping.rows()[g]);
    folded[g].sums.layer = layer;
    const int32_t owner = grouping.owners()[g];
    if (owner != kNone) folded[g].sums.shared_with = folded[Index(owner)].path;
  }
  if (LayerRow& none = grouping.rows().back(); IsWorthARow(none)) {
    folded.push_back({"", "", 0, std::move(none)});
  }
  return folded;
}

}  // namespace hoarfrost::summary
