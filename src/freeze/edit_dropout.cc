// A Dropout that feeds only frozen layers hands its input on.
//
//   before   Y, mask = Dropout <ratio> (X, ratio, training_mode)
//   after    Y = Identity(X)
//
// In frozen layers nothing learns from noise, and trainers drop whatever the file says. A Dropout
// feeds the layers that its output reaches before any other parameter is met; where one of them is
// trained, or the output leaves the model first, or the mask is used, it stays. Before opset 7 an
// attribute tells inference from training, and it stays too.
#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "freeze/edits.h"
#include "freeze/node_path.h"
#include "wire/field_scan.h"

namespace hoarfrost::freeze {
namespace {

using model::kNone;
using model::NodeId;
using model::ValueId;

constexpr int64_t kOpsetInference = 7;      // from here on Dropout alone is that of inference
constexpr int64_t kOpsetTrainingMode = 12;  // the third input tells
// A Dropout whose output reaches more values than this before any parameter stays: a bound for
// hostile graphs, far above what exporters write.
constexpr size_t kMostSteps = 10'000;

size_t Index(int32_t id) { return static_cast<size_t>(id); }

class Finder {
 public:
  explicit Finder(const EditContext& context)
      : context_(context),
        facts_(context.model.facts),
        seen_(facts_.values.size(), 0),
        kinds_(facts_.nodes.size(), Kind::kUnknown) {}

  bool FeedsOnlyFrozen(NodeId dropout) {
    ++round_;
    todo_.clear();
    bool any = false;
    Enter(facts_.outputs(dropout)[0]);
    for (size_t i = 0; i < todo_.size(); ++i) {
      if (i == kMostSteps) return false;
      const ValueId v = todo_[i];
      const model::Value& value = facts_.values[Index(v)];
      const model::ScopeKind scope = facts_.scopes[Index(value.scope)].kind;
      const bool leaves =
          value.is_output && (scope == model::ScopeKind::kMain || facts_.flows(v).empty());
      if (leaves || value.read_elsewhere) return false;
      for (const model::Use& use : facts_.uses(v)) {
        switch (KindOf(use.node)) {
          case Kind::kFrozen:
            any = true;
            break;
          case Kind::kTrained:
            return false;
          case Kind::kUnknown:
          case Kind::kPlain:
            for (const ValueId out : facts_.outputs(use.node)) Enter(out);
            break;
          case Kind::kOpens:
            break;  // flows lead into bodies and out of them
        }
      }
      for (const model::Flow& flow : facts_.flows(v)) Enter(flow.to);
    }
    return any;
  }

 private:
  enum class Kind : uint8_t { kUnknown, kPlain, kFrozen, kTrained, kOpens };

  void Enter(ValueId value) {
    if (value == kNone || seen_[Index(value)] == round_) return;
    seen_[Index(value)] = round_;
    todo_.push_back(value);
  }

  Kind KindOf(NodeId node) {
    Kind& kind = kinds_[Index(node)];
    if (kind != Kind::kUnknown) return kind;
    kind = Kind::kPlain;
    if (facts_.nodes[Index(node)].calls != kNone || !facts_.subgraphs(node).empty()) {
      return kind = Kind::kOpens;
    }
    const size_t slots = facts_.inputs(node).size();
    for (size_t slot = 0; slot < slots; ++slot) {
      for (const model::TensorId t : context_.users.TensorsAt(node, static_cast<int32_t>(slot))) {
        if (!context_.model.is_counted(t) || !context_.model.is_parameter(t)) continue;
        const bool held = context_.outcome.frozen[Index(t)] || context_.outcome.still[Index(t)];
        if (!held) return kind = Kind::kTrained;
        kind = Kind::kFrozen;
      }
    }
    return kind;
  }

  const EditContext& context_;
  const model::Facts& facts_;
  std::vector<uint32_t> seen_;  // by ValueId: the round in which it was met
  uint32_t round_ = 0;
  std::vector<ValueId> todo_;
  std::vector<Kind> kinds_;  // by NodeId
};

// Whether it is sure to hand its input on as it is in inference.
bool IsOff(const model::Facts& facts, NodeId id) {
  const model::Node& node = facts.nodes[Index(id)];
  const auto inputs = facts.inputs(id);
  if (facts.opset(node.scope, "") < kOpsetTrainingMode) return true;
  if (inputs.size() < 3 || inputs[2] == kNone) return true;
  const model::Value& value = facts.values[Index(inputs[2])];
  if (value.tensor == kNone || value.is_input) return false;
  const onnx::TensorProto* stored = facts.tensors[Index(value.tensor)].proto;
  if (stored == nullptr) return false;
  if (stored->int32_data_size() == 1) return stored->int32_data(0) == 0;
  return stored->raw_data().size() == 1 && stored->raw_data()[0] == 0;
}

void BecomeIdentity(const model::Facts& facts, NodeId id, EditList& list) {
  const model::Node& node = facts.nodes[Index(id)];
  const onnx::NodeProto& proto = *node.proto;
  const std::string of = node.scope == 0 ? proto.output(0) : "";
  const auto edit = [&](wire::EditKind kind, uint32_t field, uint32_t ordinal, std::string bytes) {
    wire::FieldPath path = NodePath(facts, id);
    path.push_back({field, ordinal});
    list.Add({kind, std::move(path), std::move(bytes)},
             {kEditDropout, ordinal == wire::kLast ? 0 : ordinal, of});
  };
  const auto take = [&](uint32_t field, int first, int count) {
    for (int i = first; i < count; ++i) {
      edit(wire::EditKind::kErase, field, static_cast<uint32_t>(i), "");
    }
  };
  take(kNodeInput, 1, proto.input_size());
  take(kNodeOutput, 1, proto.output_size());
  take(kNodeAttribute, 0, proto.attribute_size());
  std::string op;
  wire::AppendBytesField(kNodeOperator, "Identity", op);
  edit(wire::EditKind::kReplace, kNodeOperator, wire::kLast, std::move(op));
}

}  // namespace

absl::Status MakeDropoutsIdentities(const EditContext& context, EditList& list) {
  if (!context.plan.forms.dropout_identity) return absl::OkStatus();
  const model::Facts& facts = context.model.facts;
  Finder finder(context);
  NodeNames made("Dropout");
  NodeNames on("Dropout");
  for (size_t n = 0; n < facts.nodes.size(); ++n) {
    const auto id = static_cast<NodeId>(n);
    if (!IsInferenceNode(facts, id, "Dropout")) continue;
    const onnx::NodeProto& proto = *facts.nodes[n].proto;
    if (facts.opset(facts.nodes[n].scope, "") < kOpsetInference) continue;
    if (facts.inputs(id).empty() || facts.inputs(id)[0] == kNone) continue;
    if (facts.outputs(id).empty() || facts.outputs(id)[0] == kNone) continue;
    if (MoreOutputsAreUsed(facts, id) || !finder.FeedsOnlyFrozen(id)) continue;
    made.Add(NameOf(proto));
    if (!IsOff(facts, id)) on.Add(NameOf(proto));
    BecomeIdentity(facts, id, list);
  }
  if (!made.empty()) {
    list.notes.push_back(
        {model::Severity::kInfo,
         fmt::format("{}, feeding only frozen layers, made Identity", made.Say())});
  }
  if (!on.empty()) {
    list.notes.push_back(
        {model::Severity::kWarning,
         fmt::format("{} in training mode, or free to be, dropped at random; now Identity, which "
                     "changes the model's results",
                     on.Say())});
  }
  return absl::OkStatus();
}

}  // namespace hoarfrost::freeze
