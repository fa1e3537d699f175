#include "api/convert.h"

#include <string>
#include <utility>
#include <vector>

#include "payload/dtype.h"

namespace hoarfrost {
namespace {

Role MakeRole(roles::Role role) {
  switch (role) {
    case roles::Role::kWeight:
      return Role::kWeight;
    case roles::Role::kStatistic:
      return Role::kStatistic;
    case roles::Role::kQuantization:
      return Role::kQuantization;
    case roles::Role::kConstant:
      return Role::kConstant;
    case roles::Role::kUnused:
      return Role::kUnused;
  }
  return Role::kUnused;
}

Evidence MakeEvidence(roles::ReasonKind kind) {
  switch (kind) {
    case roles::ReasonKind::kStated:
      return Evidence::kStated;
    case roles::ReasonKind::kOperator:
      return Evidence::kOperator;
    case roles::ReasonKind::kTraced:
      return Evidence::kTraced;
    case roles::ReasonKind::kPattern:
      return Evidence::kPattern;
    case roles::ReasonKind::kName:
      return Evidence::kName;
    case roles::ReasonKind::kAssumed:
      return Evidence::kAssumed;
  }
  return Evidence::kAssumed;
}

Source MakeSource(model::TensorSource source) {
  switch (source) {
    case model::TensorSource::kInitializer:
      return Source::kInitializer;
    case model::TensorSource::kSparseInitializer:
      return Source::kSparseInitializer;
    case model::TensorSource::kConstantNode:
      return Source::kConstantNode;
  }
  return Source::kInitializer;
}

Storage MakeStorage(const payload::Storage& from) {
  Storage to;
  switch (from.kind) {
    case payload::StorageKind::kInline:
      to.kind = StorageKind::kInline;
      break;
    case payload::StorageKind::kFields:
      to.kind = StorageKind::kFields;
      break;
    case payload::StorageKind::kExternal:
      to.kind = StorageKind::kExternal;
      break;
  }
  for (const wire::Span& span : from.spans) to.spans.push_back({span.offset, span.length});
  to.location = from.location;
  to.offset = from.offset;
  to.length = from.length;
  return to;
}

const char* AdjustmentName(roles::AdjustmentKind kind) {
  switch (kind) {
    case roles::AdjustmentKind::kHidden:
      return "hidden";
    case roles::AdjustmentKind::kStoredTwice:
      return "stored_twice";
    case roles::AdjustmentKind::kPadding:
      return "padding";
    case roles::AdjustmentKind::kDropped:
      return "dropped";
  }
  return "";
}

std::vector<PlanEntry> MakeEntries(const std::vector<plan::Entry>& from) {
  std::vector<PlanEntry> to;
  to.reserve(from.size());
  for (const plan::Entry& e : from) to.push_back({e.name, e.scope, e.dtype, e.shape});
  return to;
}

}  // namespace

Tensor MakeTensor(const summary::Summary& summary, model::TensorId t) {
  const model::Tensor& from = summary.tensor(t);
  const roles::TensorRole& role = summary.role(t);
  Tensor to;
  to.name = from.name;
  to.scope = summary.facts.scopes[static_cast<size_t>(from.scope)].path;
  to.source = MakeSource(from.source);
  to.dtype = payload::DtypeName(from.dtype);
  to.shape = from.dims;
  to.elements = from.elements;
  to.stored_elements = from.stored_elements;
  to.logical_elements = role.logical_elements;
  to.bytes = from.bytes;
  to.role = MakeRole(role.role);
  to.evidence = MakeEvidence(role.kind);
  to.reason = role.text;
  to.trainable = summary.is_trainable(t);
  to.frozen = summary.is_frozen(t);
  to.used = role.used;
  const model::LayerId layer = summary.layers.tensor_layer[static_cast<size_t>(t)];
  if (layer != model::kNone) to.layer = summary.layers.layers[static_cast<size_t>(layer)].path;
  to.storage = MakeStorage(from.storage);
  return to;
}

Layer MakeLayer(const summary::Summary& summary, const summary::LayerRow& row) {
  Layer to;
  if (row.layer != model::kNone) {
    const model::Layer& layer = summary.layers.layers[static_cast<size_t>(row.layer)];
    to.path = layer.path;
    to.type = layer.type;
  }
  to.shape_known = row.shape_known;
  for (const summary::Dim& dim : row.output_shape)
    to.output_shape.push_back({dim.value, dim.symbol});
  to.parameters = row.parameters;
  to.trainable = row.trainable;
  to.non_trainable = row.non_trainable;
  to.shared_with = row.shared_with;
  return to;
}

Totals MakeTotals(const summary::Totals& from) {
  Totals to;
  to.parameters = from.parameters;
  to.trainable = from.trainable;
  to.non_trainable = from.non_trainable;
  to.frozen = from.frozen;
  to.statistics = from.statistics;
  to.quantization = from.quantization;
  to.constants = from.constants;
  to.unused = from.unused;
  to.bytes = from.bytes;
  to.trainable_bytes = from.trainable_bytes;
  to.non_trainable_bytes = from.non_trainable_bytes;
  return to;
}

std::optional<FrameworkCount> MakeFramework(const summary::Summary& summary) {
  const std::optional<summary::FrameworkTotals> totals = summary.framework();
  if (!totals || !summary.roles.framework) return std::nullopt;
  FrameworkCount to;
  to.parameters = totals->parameters;
  to.trainable = totals->trainable;
  to.statistics = totals->statistics;
  to.proved = summary.roles.framework->certainty == roles::Certainty::kProved;
  for (const roles::Adjustment& a : summary.roles.framework->adjustments) {
    to.adjustments.push_back(
        {AdjustmentName(a.kind), a.layer, a.type, a.trainable, a.statistics, a.text});
  }
  return to;
}

ModelInfo MakeInfo(const summary::Summary& summary) {
  const onnx::ModelProto& model = summary.facts.model();
  ModelInfo info;
  info.file = summary.file;
  info.bytes = summary.file_bytes;
  info.ir_version = model.ir_version();
  for (const auto& opset : model.opset_import()) {
    info.opsets.push_back({opset.domain(), opset.version()});
  }
  info.producer = model.producer_name();
  if (!model.producer_version().empty()) info.producer += " " + model.producer_version();
  info.graph = model.graph().name();
  return info;
}

Plan MakePlan(const plan::Plan& from) {
  Plan to;
  to.trainable = MakeEntries(from.trainable);
  to.frozen = MakeEntries(from.frozen);
  to.statistics = MakeEntries(from.statistics);
  to.frozen_statistics = MakeEntries(from.frozen_statistics);
  to.other = MakeEntries(from.other);
  to.json = plan::ToJson(from);
  return to;
}

}  // namespace hoarfrost
