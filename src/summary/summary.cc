#include "summary/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include "base/checked.h"
#include "base/text.h"
#include "model/shapes.h"
#include "payload/dtype.h"
#include "summary/layer_rows.h"
#include "summary/macs.h"

namespace hoarfrost::summary {
namespace {

using model::TensorId;
using roles::Role;

size_t Index(int32_t id) { return static_cast<size_t>(id); }

Totals AddUp(const Summary& summary) {
  Totals totals;
  const auto add = [](uint64_t& sum, uint64_t n) { sum = base::SaturatingAdd(sum, n); };
  for (size_t i = 0; i < summary.facts.tensors.size(); ++i) {
    const TensorId t = static_cast<TensorId>(i);
    if (!summary.is_counted(t)) continue;
    const uint64_t n = summary.elements(t);
    switch (summary.role(t).role) {
      case Role::kWeight:
      case Role::kStatistic: {
        const uint64_t bytes = summary.tensor(t).bytes;
        const bool trainable = summary.is_trainable(t);
        add(totals.parameters, n);
        add(totals.bytes, bytes);
        add(trainable ? totals.trainable : totals.non_trainable, n);
        add(trainable ? totals.trainable_bytes : totals.non_trainable_bytes, bytes);
        if (summary.role(t).role == Role::kStatistic) add(totals.statistics, n);
        if (summary.is_frozen(t)) add(totals.frozen, n);
        break;
      }
      case Role::kQuantization:
        add(totals.quantization, n);
        break;
      case Role::kConstant:
        add(totals.constants, n);
        break;
      case Role::kUnused:
        add(totals.unused, n);
        break;
    }
  }
  return totals;
}

bool IsCut(const Totals& totals) {
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  return std::max({totals.parameters, totals.quantization, totals.constants, totals.unused,
                   totals.bytes}) == kMost;
}

std::optional<std::vector<Dim>> Copy(const model::ValueType& type) {
  if (!type.has_shape) return std::nullopt;
  std::vector<Dim> dims;
  dims.reserve(type.dims.size());
  for (const model::Dim& dim : type.dims) {
    dims.push_back({std::string(dim.symbol), dim.value.value_or(-1)});
  }
  return dims;
}

void InferShapes(Summary& summary) {
  model::ShapeTable table(summary.facts, &summary.dims);
  const absl::Status status = table.Infer();
  if (!status.ok()) {
    const auto cause = status.message();
    summary.notes.push_back(
        {model::Severity::kInfo,
         fmt::format("shape inference: {}", std::string_view(cause.data(), cause.size()))});
  }
  for (size_t i = 0; i < summary.facts.values.size(); ++i) {
    if (summary.facts.values[i].producer == model::kNone) continue;
    const auto v = static_cast<model::ValueId>(i);
    if (auto shape = Copy(table.Of(v)); shape.has_value()) {
      summary.inferred_shapes.emplace(v, *std::move(shape));
    }
  }
}

absl::Status CheckDims(const Summary& summary) {
  if (summary.dims.empty()) return absl::OkStatus();
  const std::vector<std::string_view> symbols = model::DimSymbols(summary.facts);
  for (const auto& [symbol, value] : summary.dims) {
    if (std::find(symbols.begin(), symbols.end(), symbol) != symbols.end()) continue;
    constexpr size_t kMost = 8;
    std::string known;
    for (size_t i = 0; i < std::min(symbols.size(), kMost); ++i) {
      known += fmt::format("{}{}", i == 0 ? "its symbols are " : ", ", base::Quote(symbols[i]));
    }
    if (symbols.empty()) known = "it has no symbols";
    if (symbols.size() > kMost) known += fmt::format(" and {} more", symbols.size() - kMost);
    return absl::InvalidArgumentError(fmt::format("{}: no dimension of the model is called {}; {}",
                                                  base::Escape(summary.file), base::Quote(symbol),
                                                  known));
  }
  return absl::OkStatus();
}

void Append(std::vector<model::Note>& notes, const std::vector<model::Note>& more) {
  notes.insert(notes.end(), more.begin(), more.end());
}

}  // namespace

bool Summary::is_parameter(TensorId t) const {
  return role(t).role == Role::kWeight || role(t).role == Role::kStatistic;
}

bool Summary::is_frozen(TensorId t) const {
  return role(t).role == Role::kWeight && frozen.is_frozen(t);
}

bool Summary::is_trainable(TensorId t) const {
  return role(t).role == Role::kWeight && payload::IsTrainableFloat(tensor(t).dtype) &&
         !frozen.is_frozen(t);
}

bool Summary::is_counted(TensorId t) const {
  const model::Tensor& stored = tensor(t);
  const model::ScopeId root = facts.scopes[Index(stored.scope)].root;
  if (facts.scopes[Index(root)].kind == model::ScopeKind::kTraining) return false;
  return stored.value == model::kNone || facts.values[Index(stored.value)].tensor == t;
}

std::optional<std::vector<Dim>> Summary::shape_of(model::ValueId v) const {
  const auto inferred = inferred_shapes.find(v);
  if (inferred != inferred_shapes.end()) return inferred->second;
  return Copy(model::ShapeTable(facts, &dims).Of(v));
}

uint64_t Summary::elements(TensorId t) const {
  return role(t).logical_elements.value_or(tensor(t).elements);
}

uint64_t Summary::weak_reasons() const {
  uint64_t weak = 0;
  for (size_t i = 0; i < facts.tensors.size(); ++i) {
    const TensorId t = static_cast<TensorId>(i);
    weak += is_counted(t) && role(t).kind >= roles::ReasonKind::kName ? 1 : 0;
  }
  return weak;
}

uint64_t Summary::trained_attribute_values() const {
  uint64_t values = 0;
  for (const roles::TrainedAttributes& of_node : roles.trained_attributes) {
    values = base::SaturatingAdd(values, of_node.values);
  }
  return values;
}

std::optional<FrameworkTotals> Summary::framework() const {
  if (!roles.framework.has_value()) return std::nullopt;
  FrameworkTotals out;
  out.statistics = roles.framework->statistics;
  out.parameters = base::SaturatingAdd(roles.framework->trainable, out.statistics);
  // Frozen weights of the file are frozen ones of the framework; hidden ones nobody can freeze.
  out.trainable = roles.framework->trainable - std::min(roles.framework->trainable, totals.frozen);
  out.non_trainable = out.parameters - out.trainable;
  return out;
}

absl::StatusOr<Summary> Summarize(const wire::ByteSource& source, const std::string& directory,
                                  const Options& options) {
  absl::StatusOr<wire::Skeleton> skeleton = wire::ReadSkeleton(source);
  if (!skeleton.ok()) return skeleton.status();
  Summary summary;
  summary.file = source.name();
  summary.file_bytes = source.size();
  summary.skeleton = std::make_unique<wire::Skeleton>(*std::move(skeleton));
  const bool is_file = source.descriptor() >= 0;
  summary.facts =
      model::BuildFacts(*summary.skeleton, directory, is_file ? source.name() : std::string());
  summary.layers = model::AssignLayers(summary.facts);
  summary.frozen = plan::ReadFrozenState(summary.facts);
  summary.roles = roles::Classify(summary.facts, summary.layers, summary.frozen.planned);
  summary.totals = AddUp(summary);
  Append(summary.notes, summary.facts.notes);
  Append(summary.notes, summary.frozen.notes);
  Append(summary.notes, summary.roles.notes);
  if (IsCut(summary.totals)) {
    summary.notes.push_back(
        {model::Severity::kWarning, "the totals are more than 2^64 - 1 and are shown as that"});
  }
  summary.dims = options.dims;
  if (absl::Status known = CheckDims(summary); !known.ok()) return known;
  if (options.infer_shapes) InferShapes(summary);
  if (options.macs) {
    summary.has_macs = true;
    summary.node_macs = CountMacs(summary);
    const bool wanting = std::find(summary.node_macs.begin(), summary.node_macs.end(),
                                   std::nullopt) != summary.node_macs.end();
    if (wanting && !options.infer_shapes) {
      InferShapes(summary);
      summary.node_macs = CountMacs(summary);
    }
  }
  summary.rows = RowsOfLayers(summary);
  return summary;
}

}  // namespace hoarfrost::summary
