#include "roles/decide.h"

#include <string>
#include <utility>

#include "base/text.h"
#include "payload/dtype.h"
#include "roles/names.h"
#include "roles/packed.h"
#include "roles/reason_text.h"

namespace hoarfrost::roles {

using model::kNone;
using model::TensorId;
using model::ValueId;

namespace {

size_t At(int32_t id) { return static_cast<size_t>(id); }

bool IsSaid(const Evidence& e) { return e.rank != Evidence::kNothing; }
bool IsStrongly(const Evidence& e, Role role) {
  return IsSaid(e) && e.role == role && IsStrong(e.kind);
}

// What can hold weights: floating point, and the integers that quantization stores them in.
bool CanBeWeight(const model::Tensor& t, const Evidence& e) {
  if (payload::IsFloat(t.dtype)) return true;
  if (!payload::IsInteger(t.dtype)) return payload::IsComplex(t.dtype);
  return e.quantized || payload::DtypeBits(t.dtype).value_or(64) <= 8;
}

TensorRole Said(Role role, ReasonKind kind, std::string text) {
  TensorRole out;
  out.role = role;
  out.kind = kind;
  out.text = std::move(text);
  return out;
}

}  // namespace

Decider::Decider(const GraphView& view, const Traced& traced, const StatedSources& stated,
                 model::Exporter exporter)
    : view_(view), facts_(view.facts()), traced_(traced), stated_(stated), exporter_(exporter) {}

bool Decider::IsUsed(const model::Tensor& t) const {
  if (t.value == kNone) return false;
  const model::Value& v = facts_.values[At(t.value)];
  return v.is_output || v.read_elsewhere || !facts_.uses(t.value).empty() ||
         !facts_.flows(t.value).empty();
}

bool Decider::HasSibling(const model::Tensor& t, std::string_view leaf) const {
  std::string name(t.name.substr(0, t.name.size() - LeafOf(t.name).size()));
  name += leaf;
  const ValueId v = facts_.Resolve(t.scope, name);
  return v != kNone && facts_.values[At(v)].tensor != kNone;
}

TensorRole Decider::FromStatement(const Statement& s, const model::Tensor& t,
                                  const Evidence& e) const {
  Role role = Role::kConstant;
  switch (s.source) {
    case Source::kParameter:
    case Source::kFromParameter:
    case Source::kFusedBatchNorm:
      role = Role::kWeight;
      break;
    case Source::kUpdated:
      role = IsStrongly(e, Role::kStatistic) ? Role::kStatistic : Role::kWeight;
      break;
    case Source::kAnnotation:
      role = Role::kQuantization;
      break;
    case Source::kBuffer:
    case Source::kFromBuffer:
      if (payload::IsFloat(t.dtype) && (s.running || IsStrongly(e, Role::kStatistic))) {
        role = Role::kStatistic;
      } else if (IsStrongly(e, Role::kQuantization)) {
        role = Role::kQuantization;
      }
      break;
    case Source::kConstantTensor:
    case Source::kFromConstants:
    case Source::kUnlisted:
      if (IsStrongly(e, Role::kQuantization)) role = Role::kQuantization;
      break;
    case Source::kTrainingGraph:
    case Source::kNothing:
      break;
  }
  if (s.source == Source::kFromParameter) {
    // Of some parameters only the shape was used: what comes out is an index or a size, or the
    // zeros that a branch gives for an empty bag.
    if (IsStrongly(e, Role::kConstant) || !CanBeWeight(t, e)) {
      TensorRole out = Said(Role::kConstant, ReasonKind::kStated, StatementText(s));
      out.text += ", of its shape alone: ";
      out.text += UseText(view_, e.use);
      return out;
    }
    const bool unread = !IsSaid(e) || e.why == Why::kDataInput;
    if (unread && t.scope != 0)
      return Said(Role::kConstant, ReasonKind::kAssumed, StatementText(s));
  }
  return Said(role, ReasonKind::kStated, StatementText(s));
}

TensorRole Decider::FromEvidence(const model::Tensor& t, const Evidence& e) const {
  const auto path = PathOf(view_, traced_, t.value);
  TensorRole out = Said(e.role, e.kind, EvidenceText(view_, e, path));
  out.decided_by = e.use;
  out.path = path;
  return out;
}

TensorRole Decider::FromName(Role role, const model::Tensor& t, const Evidence& e,
                             std::string_view why) const {
  std::string text = "named ";
  text += base::Quote(t.name);
  text += ", ";
  text += why;
  if (!IsSaid(e)) return Said(role, ReasonKind::kName, std::move(text));
  TensorRole out = FromEvidence(t, e);
  out.role = role;
  out.kind = ReasonKind::kName;
  out.text = std::move(text) + ": " + UseText(view_, e.use);
  return out;
}

// Constant folding gives a fixed blur filter, expanded to all channels, a name like any weight's.
// It is depthwise and has no bias, which a convolution followed by BatchNormalization never is.
bool Decider::IsBareDepthwiseFilter(const model::Tensor& t, const Evidence& e) const {
  if (e.use.node == kNone) return false;
  const OpKind kind = view_.kind(e.use.node);
  if (kind != OpKind::kConv && kind != OpKind::kConvTranspose) return false;
  return view_.input(e.use.node, 2) == kNone && t.dims.size() > 2 && t.dims[1] == 1;
}

// PyTorch's dynamo exporter keeps the names of parameters that it need not change, and no scale or
// shift of a normalisation needs changing: "val_18" stands for the ones or zeros of a layer
// without.
bool Decider::IsUnnamedNormOperand(const model::Tensor& t, const Evidence& e) const {
  if (exporter_ != model::Exporter::kTorchDynamo || !IsAnonymous(t.name) || e.use.slot < 1 ||
      e.use.slot > 2 || e.next != kNone) {
    return false;
  }
  const OpKind kind = view_.kind(e.use.node);
  return kind == OpKind::kNormalization || kind == OpKind::kBatchNormalization;
}

// (x - mean) / std before anything learned: modules keep the numbers of their data as buffers.
bool Decider::IsInputNormalisation(const model::Tensor& t, const Evidence& e) const {
  if (!IsSaid(e) || e.why != Why::kUnlearnedOperand || e.use.slot != 1) return false;
  if (view_.VectorLength(t.value) == 0) return false;
  const model::NodeId n = e.use.node;
  const auto takes_vector = [&](model::NodeId other, OpKind kind) {
    return other != kNone && view_.kind(other) == kind &&
           view_.VectorLength(view_.input(other, 1)) != 0;
  };
  if (view_.kind(n) == OpKind::kDiv) {
    return takes_vector(view_.producer(view_.input(n, 0)), OpKind::kSub);
  }
  if (view_.kind(n) != OpKind::kSub) return false;
  const auto uses = facts_.uses(view_.output(n));
  return uses.size() == 1 && uses[0].slot == 0 && takes_vector(uses[0].node, OpKind::kDiv);
}

// PyTorch's TorchScript exporter keeps parameters and persistent buffers as initializers, under
// their state_dict names unless constant folding made new ones of them ("onnx::Conv_12"), and
// everything else as Constant nodes.
TensorRole Decider::DecideTorchScript(const model::Tensor& t, const Evidence& e) const {
  // "/a/Constant_1_output_0" was a Constant node wherever an optimizer moved it, and a Constant
  // node that writes "/a/Gather_output_0" holds what an optimizer folded, of parameters perhaps.
  const bool folded = !t.name.empty() && t.name[0] == '/' && !IsConstantOutput(t.name);
  const bool constant_node =
      (t.source == model::TensorSource::kConstantNode && !folded) || IsConstantOutput(t.name);
  if (!payload::IsFloat(t.dtype)) {
    const bool narrow = payload::DtypeBits(t.dtype).value_or(64) <= 8;
    if (narrow || IsAnonymous(t.name)) {
      if (constant_node && !narrow && IsStrongly(e, Role::kWeight)) {
        // The bias of a quantized module: computed anew at each export, from a float one.
        Evidence bias = e;
        bias.role = Role::kConstant;
        bias.kind = ReasonKind::kAssumed;
        return FromEvidence(t, bias);
      }
      return DecideByEvidence(t, e);
    }
    // "conv.bias_quantized_zero_point" is a quantizer's; a module's own is "fake_quant.zero_point".
    constexpr std::string_view kQuantizers = "_zero_point";
    const std::string_view leaf = LeafOf(t.name);
    const bool made = leaf.size() > kQuantizers.size() &&
                      leaf.substr(leaf.size() - kQuantizers.size()) == kQuantizers;
    if (constant_node || made || !IsStrongly(e, Role::kQuantization)) {
      return DecideByEvidence(t, e);
    }
    return Said(Role::kConstant, ReasonKind::kPattern,
                "an integer under its state_dict name, which a parameter cannot be");
  }
  if (constant_node) {
    const bool own = IsStrongly(e, Role::kConstant) || IsStrongly(e, Role::kQuantization);
    if (own) return FromEvidence(t, e);
    TensorRole out = Said(Role::kConstant, ReasonKind::kPattern,
                          "a Constant node, while PyTorch's TorchScript exporter keeps parameters "
                          "as initializers");
    if (IsSaid(e)) out.decided_by = e.use;
    return out;
  }
  if (IsAnonymous(t.name)) {
    if (IsSaid(e) && IsStrong(e.kind)) {
      if (e.role != Role::kWeight || !IsBareDepthwiseFilter(t, e)) return FromEvidence(t, e);
      Evidence weak = e;
      weak.kind = ReasonKind::kAssumed;
      return FromEvidence(t, weak);
    }
    if (t.elements == 1) {
      return IsSaid(e) ? FromEvidence(t, e) : Said(Role::kConstant, ReasonKind::kAssumed, "");
    }
    TensorRole out = IsSaid(e) ? FromEvidence(t, e) : TensorRole();
    out.role = Role::kWeight;
    out.kind = ReasonKind::kAssumed;
    out.text = "an initializer that constant folding made, of parameters as a rule";
    if (IsSaid(e)) out.text += ": " + UseText(view_, e.use);
    return out;
  }
  const NameHint hint = HintOf(t.name);
  if (IsSaid(e) && IsStrong(e.kind)) {
    if (e.role == Role::kWeight &&
        (e.why == Why::kBatchNormScale || e.why == Why::kBatchNormShift) &&
        HasSibling(t, "running_mean") && HasSibling(t, "running_var")) {
      Evidence frozen = e;
      frozen.role = Role::kConstant;
      frozen.why = Why::kFrozenBatchNorm;
      return FromEvidence(t, frozen);
    }
    if (IsParameterOfModule(t.name) && e.role != Role::kQuantization) return FromEvidence(t, e);
    if (e.role == Role::kConstant) return FromEvidence(t, e);
    // A buffer under a free name would lie here just the same.
    return FromName(hint == NameHint::kBuffer && e.role == Role::kWeight ? Role::kConstant : e.role,
                    t, e, "which the exporter takes from the state_dict");
  }
  if (hint == NameHint::kStatistic &&
      (HasSibling(t, "running_var") && HasSibling(t, "running_mean"))) {
    return FromName(Role::kStatistic, t, e, "like a running statistic");
  }
  if (hint == NameHint::kBuffer) return FromName(Role::kConstant, t, e, "like a buffer");
  if (hint != NameHint::kParameter && IsInputNormalisation(t, e)) {
    return FromName(Role::kConstant, t, e, "and the input is normalised by it");
  }
  return FromName(Role::kWeight, t, e, "which the exporter takes from the state_dict");
}

TensorRole Decider::DecideByEvidence(const model::Tensor& t, const Evidence& e) const {
  const bool can_be_weight = CanBeWeight(t, e);
  const NameHint hint = HintOf(t.name);
  if (IsSaid(e) && IsStrong(e.kind)) {
    if (e.role == Role::kWeight && hint == NameHint::kBuffer) {
      return FromName(Role::kConstant, t, e, "like a buffer");
    }
    if (e.role == Role::kWeight && hint == NameHint::kMade &&
        exporter_ == model::Exporter::kTorchDynamo) {
      return FromName(Role::kConstant, t, e, "after an operator that makes constants");
    }
    if (e.role == Role::kWeight && IsUnnamedNormOperand(t, e)) {
      Evidence plain = e;
      plain.role = Role::kConstant;
      plain.kind = ReasonKind::kAssumed;
      return FromEvidence(t, plain);
    }
    return FromEvidence(t, e);
  }
  if (!can_be_weight) {
    if (!IsSaid(e))
      return Said(Role::kConstant, ReasonKind::kAssumed, "no operator reads its values");
    Evidence integer = e;
    integer.role = Role::kConstant;
    integer.kind = ReasonKind::kOperator;
    integer.why = Why::kIntegerOperand;
    return FromEvidence(t, integer);
  }
  switch (hint) {
    case NameHint::kParameter:
      if (IsSaid(e) && (t.elements > 1 || e.why != Why::kScalarOperand))
        return FromName(Role::kWeight, t, e, "like a parameter");
      break;
    case NameHint::kStatistic:
      return FromName(Role::kStatistic, t, e, "like a running statistic");
    case NameHint::kBuffer:
      return FromName(Role::kConstant, t, e, "like a buffer");
    case NameHint::kMade:
      if (exporter_ == model::Exporter::kTorchDynamo) {
        return FromName(Role::kConstant, t, e, "after an operator that makes constants");
      }
      break;
    case NameHint::kNone:
      break;
  }
  if (IsSaid(e)) return FromEvidence(t, e);
  return Said(Role::kConstant, ReasonKind::kAssumed, "no operator reads its values");
}

TensorRole Decider::Decide(TensorId id) const {
  const model::Tensor& t = facts_.tensors[At(id)];
  const bool known = t.value != kNone && facts_.values[At(t.value)].tensor == id;
  const bool used = known && IsUsed(t);
  const Evidence e = known ? traced_.best[At(t.value)] : Evidence();
  const Statement statement = stated_.Of(view_, id);
  TensorRole out;
  if (statement.source != Source::kNothing &&
      (used || statement.source == Source::kParameter || statement.source == Source::kBuffer)) {
    out = FromStatement(statement, t, e);
    if (IsSaid(e)) {
      out.decided_by = e.use;
      out.path = PathOf(view_, traced_, t.value);
    }
  } else if (!used) {
    out = Said(Role::kUnused, ReasonKind::kOperator,
               known ? "nothing reads it" : "a later tensor of the same name takes its place");
  } else if (exporter_ == model::Exporter::kTorchScript) {
    out = DecideTorchScript(t, e);
  } else {
    out = DecideByEvidence(t, e);
  }
  out.used = used;
  if (out.role == Role::kWeight) out.logical_elements = PackedElements(view_, out.decided_by, t);
  return out;
}

}  // namespace hoarfrost::roles
