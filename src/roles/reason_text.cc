#include "roles/reason_text.h"

#include "base/text.h"
#include "roles/trace.h"

namespace hoarfrost::roles {
namespace {

// What the rule says, put before the use; empty where the use says it all.
std::string_view Phrase(Why why) {
  switch (why) {
    case Why::kNone:
    case Why::kOperatorRow:
      return "";
    case Why::kMatrixOperand:
      return "stored operand of a matrix product: ";
    case Why::kVectorOperand:
      return "stored per-channel operand after learned layers: ";
    case Why::kScalarOperand:
      return "a single number in arithmetic: ";
    case Why::kUnlearnedOperand:
      return "scales or shifts data before any learned layer: ";
    case Why::kMaskOperand:
      return "square like a mask: ";
    case Why::kGridOperand:
      return "stored operand of several dims: ";
    case Why::kBranchOperand:
      return "one of several alternatives: ";
    case Why::kTableOperand:
      return "table that computed indices pick from: ";
    case Why::kMaskInput:
      return "mask or bias of attention: ";
    case Why::kStateInput:
      return "initial state: ";
    case Why::kDataInput:
      return "stored value where data is expected: ";
    case Why::kFixedInput:
      return "";
    case Why::kUnknownOperator:
      return "operand of an operator that is not known: ";
    case Why::kIntegerOperand:
      return "an integer, which takes no gradient: ";
    case Why::kLinearWeight:
      return "matrix of a linear layer whose bias is added after it: ";
    case Why::kLinearBias:
      return "bias added to the product of a learned layer: ";
    case Why::kNormScale:
      return "scale after a normalisation: ";
    case Why::kNormShift:
      return "shift after a normalisation: ";
    case Why::kBatchNormMean:
      return "mean of a BatchNormalization written as arithmetic: ";
    case Why::kBatchNormVariance:
      return "variance of a BatchNormalization written as arithmetic: ";
    case Why::kBatchNormScale:
      return "scale of a BatchNormalization written as arithmetic: ";
    case Why::kBatchNormShift:
      return "shift of a BatchNormalization written as arithmetic: ";
    case Why::kBatchNormFoldedScale:
      return "scale of a BatchNormalization, with its variance folded in: ";
    case Why::kAffineScale:
      return "scale per channel, with a shift after it: ";
    case Why::kAffineShift:
      return "shift per channel, after a scale: ";
    case Why::kEpsilon:
      return "epsilon under a square root: ";
    case Why::kFormula:
      return "number in the formula of GELU: ";
    case Why::kStandardisedWeight:
      return "BatchNormalization standardises it as a weight: ";
    case Why::kStandardisedNeutral:
      return "not used, since BatchNormalization standardises a weight here: ";
    case Why::kDynamicScale:
      return "scale of a weight, multiplied with the scale of dynamic quantization: ";
    case Why::kInputScaling:
      return "scales the input: ";
    case Why::kFrozenBatchNorm:
      return "buffer of a frozen BatchNormalization: ";
  }
  return "";
}

// base::Quote() without its cost for the names that nearly all are: one sentence is written per
// tensor, and models have a hundred thousand.
void AppendQuoted(std::string_view name, std::string& out) {
  bool plain = name.size() <= 100;
  for (const char c : name) plain &= c >= ' ' && c <= '~' && c != '\\' && c != '\'';
  if (!plain) {
    out += base::Quote(name);
    return;
  }
  out += '\'';
  out += name;
  out += '\'';
}

void AppendUse(const GraphView& view, model::Use use, std::string& text) {
  if (use.node == model::kNone) {
    text += "not read by a node";
    return;
  }
  const onnx::NodeProto& proto = view.proto(use.node);
  text += "input ";
  text += std::to_string(use.slot);
  const OperatorRow* row = view.row(use.node, use.slot);
  if (row != nullptr && (!row->rest || use.slot == row->input)) {
    text += " (";
    text += row->name;
    text += ')';
  }
  text += " of ";
  text += view.op(use.node) != nullptr ? proto.op_type() : base::Escape(proto.op_type());
  if (proto.name().empty()) {
    text += '[';
    text += std::to_string(view.facts().nodes[static_cast<size_t>(use.node)].index);
    text += ']';
  } else {
    text += " node ";
    AppendQuoted(proto.name(), text);
  }
}

}  // namespace

std::string UseText(const GraphView& view, model::Use use) {
  std::string text;
  text.reserve(96);
  AppendUse(view, use, text);
  return text;
}

std::string EvidenceText(const GraphView& view, const Evidence& e,
                         const std::vector<model::NodeId>& path) {
  std::string text;
  text.reserve(160);
  text += Phrase(e.why);
  AppendUse(view, e.use, text);
  if (path.empty()) {
    if (e.next != model::kNone) text += ", in a body or function";
    return text;
  }
  constexpr size_t kShown = 4;
  text += ", seen through ";
  for (size_t i = 0; i < path.size() && i < kShown; ++i) {
    if (i > 0) text += ", ";
    text += base::Escape(view.proto(path[i]).op_type());
  }
  if (path.size() > kShown) {
    text += " and ";
    if (path.size() == kLongestPath) text += "at least ";
    text += std::to_string(path.size() - kShown);
    text += " more";
  }
  return text;
}

std::string StatementText(const Statement& s) {
  switch (s.source) {
    case Source::kNothing:
      return "";
    case Source::kParameter:
      return "the export signature lists " + base::Quote(s.name) + " as a parameter";
    case Source::kBuffer:
      return "the export signature lists " + base::Quote(s.name) + " as a buffer";
    case Source::kConstantTensor:
      return "the export signature lists " + base::Quote(s.name) + " as a constant";
    case Source::kFromParameter:
      return "the exporter folded it from the parameter " + base::Quote(s.name);
    case Source::kFromBuffer:
      return "the exporter folded it from the buffer " + base::Quote(s.name);
    case Source::kFromConstants:
      return "the exporter folded it from constants";
    case Source::kFusedBatchNorm:
      return "the exporter fused a BatchNormalization into it";
    case Source::kUnlisted:
      return "the export signature lists every parameter, and this is none";
    case Source::kAnnotation:
      return "the file's quantization_annotation names it";
    case Source::kUpdated:
      return "training_info updates it";
    case Source::kTrainingGraph:
      return "belongs to a training graph of training_info";
  }
  return "";
}

}  // namespace hoarfrost::roles
