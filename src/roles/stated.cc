#include "roles/stated.h"

#include <algorithm>

#include "payload/dtype.h"
#include "roles/names.h"

namespace hoarfrost::roles {

using model::kNone;
using model::SignatureEntry;
using model::SignatureKind;
using model::Use;

namespace {

constexpr std::string_view kInputKindKey = "pkg.torch.export.graph_signature.InputSpec.kind";

// How many readers of a tensor are looked at for the rule that made it.
constexpr size_t kReaders = 16;

bool IsFusedBatchNorm(const onnx::NodeProto& node) {
  return model::FindMetadata(node.metadata_props(), model::kRuleNameKey).find("FuseBatchNorm") !=
         std::string_view::npos;
}

Source SourceOf(SignatureKind kind) {
  switch (kind) {
    case SignatureKind::kParameter:
      return Source::kParameter;
    case SignatureKind::kBuffer:
      return Source::kBuffer;
    case SignatureKind::kConstant:
      return Source::kConstantTensor;
  }
  return Source::kNothing;
}

}  // namespace

StatedSources::StatedSources(const model::Facts& facts) : facts_(facts), signature_(facts.model()) {
  const onnx::ModelProto& model = facts.model();
  for (const model::Tensor& t : facts.tensors) {
    const SignatureEntry* e = signature_.empty() ? nullptr : signature_.Find(t.name);
    if (e != nullptr && e->kind == SignatureKind::kParameter) {
      trusted_ = true;
      break;
    }
  }
  if (!signature_.empty()) {
    for (const onnx::ValueInfoProto& info : model.graph().value_info()) {
      kinds_are_noted_ |= !model::FindMetadata(info.metadata_props(), kInputKindKey).empty();
      const auto folded = model::FindMetadata(info.metadata_props(), model::kFoldedFromKey);
      if (folded.empty()) continue;
      if (trusted_) continue;
      for (const std::string_view from : model::PythonStrings(folded)) {
        const SignatureEntry* e = signature_.Find(from);
        trusted_ |= e != nullptr && e->kind == SignatureKind::kParameter;
      }
    }
  }
  for (const onnx::TensorAnnotation& a : model.graph().quantization_annotation()) {
    for (const auto& entry : a.quant_parameter_tensor_names()) annotated_.insert(entry.value());
  }
  for (const onnx::TrainingInfoProto& info : model.training_info()) {
    for (const auto& binding : info.update_binding()) updated_.insert(binding.key());
  }
}

bool StatedSources::IsReadByTracedNode(const model::Tensor& t) const {
  if (t.value == kNone) return true;
  const auto uses = facts_.uses(t.value);
  if (uses.empty()) return true;
  size_t seen = 0;
  for (const Use& use : uses) {
    if (++seen > kReaders) break;
    for (const auto& entry : facts_.nodes[static_cast<size_t>(use.node)].proto->metadata_props()) {
      if (std::string_view(entry.key()).substr(0, 4) == "pkg.") return true;
    }
  }
  return false;
}

Statement StatedSources::Of(const GraphView& view, model::TensorId id) const {
  const model::Tensor& t = facts_.tensors[static_cast<size_t>(id)];
  const model::Scope& scope = facts_.scopes[static_cast<size_t>(t.scope)];
  if (facts_.scopes[static_cast<size_t>(scope.root)].kind == model::ScopeKind::kTraining) {
    return {Source::kTrainingGraph, t.name, false};
  }
  if (t.scope == 0) {
    if (annotated_.contains(t.name)) return {Source::kAnnotation, t.name, false};
    if (updated_.contains(t.name)) return {Source::kUpdated, t.name, false};
  }
  if (signature_.empty()) return {};
  const auto found = [&](Source source, std::string_view name) {
    return Statement{source, name, HintOf(name) == NameHint::kStatistic};
  };
  const model::Value* value =
      t.value == kNone ? nullptr : &facts_.values[static_cast<size_t>(t.value)];
  const onnx::ValueInfoProto* info = value == nullptr ? nullptr : value->info;

  if (info != nullptr) {
    const std::string_view kind = model::FindMetadata(info->metadata_props(), kInputKindKey);
    if (kind == "PARAMETER") return found(Source::kParameter, t.name);
    if (kind == "BUFFER") return found(Source::kBuffer, t.name);
    if (kind == "CONSTANT_TENSOR" && trusted_) return found(Source::kConstantTensor, t.name);
  }
  if (const SignatureEntry* e = signature_.Find(t.name)) {
    if (e->kind != SignatureKind::kConstant || trusted_) return found(SourceOf(e->kind), t.name);
  }
  if (info != nullptr) {
    const std::string_view folded =
        model::FindMetadata(info->metadata_props(), model::kFoldedFromKey);
    if (!folded.empty()) {
      const SignatureEntry* buffer = nullptr;
      for (const std::string_view from : model::PythonStrings(folded)) {
        const SignatureEntry* e = signature_.Find(from);
        if (e == nullptr) continue;
        if (e->kind == SignatureKind::kParameter) return found(Source::kFromParameter, from);
        const bool running = HintOf(from) == NameHint::kStatistic;
        if (e->kind == SignatureKind::kBuffer && (buffer == nullptr || running)) buffer = e;
      }
      if (buffer != nullptr) return found(Source::kFromBuffer, buffer->target);
      if (trusted_) return found(Source::kFromConstants, {});
      return {};
    }
  }
  if (!trusted_) return {};
  size_t seen = 0;
  for (const Use& use : facts_.uses(t.value)) {
    if (++seen > kReaders) break;
    if (use.slot >= 1 && IsFusedBatchNorm(view.proto(use.node))) {
      return found(Source::kFusedBatchNorm, t.name);
    }
  }
  // An exporter that notes kinds notes every fold too, so what carries no note comes from no
  // parameter. Files that another tool rewrote have lost notes: there a low-precision tensor may be
  // anything, and so may what only nodes without a note read.
  if (kinds_are_noted_ && payload::DtypeBits(t.dtype).value_or(0) > 8 && IsReadByTracedNode(t)) {
    return found(Source::kUnlisted, {});
  }
  return {};
}

void TakeRoleOfPlan(Planned planned, const model::Tensor& t, TensorRole& role) {
  const auto take = [&](Role as, std::string_view text) {
    if (role.role == as) return;
    role.role = as;
    role.kind = ReasonKind::kStated;
    role.text = text;
  };
  // A statistic is never frozen, whatever a stranger's plan lists it as.
  const bool surely_statistic = role.role == Role::kStatistic && role.kind < ReasonKind::kPattern;
  if (planned == Planned::kWeight && !surely_statistic) {
    take(Role::kWeight, "the model's plan (hoarfrost.plan) lists it as a weight");
  }
  if (planned == Planned::kStatistic) {
    take(Role::kStatistic, "the model's plan (hoarfrost.plan) lists it as a statistic");
  }
  // Every parameter is in the plan, so what is not, and only looks like one, is a number that an
  // operator's arithmetic takes: its epsilon.
  const bool parameter = role.role == Role::kWeight || role.role == Role::kStatistic;
  if (planned == Planned::kNotListed && parameter && role.kind >= ReasonKind::kPattern &&
      t.source == model::TensorSource::kConstantNode) {
    take(Role::kConstant, "the model's plan (hoarfrost.plan) lists no such parameter");
  }
}

}  // namespace hoarfrost::roles
