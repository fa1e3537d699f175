// BatchNormalization in the form that every trainer takes, and that a frozen one must have.
//
//   before   Y = BatchNormalization <training_mode = 0> (X, ...)               any
//   after    Y = BatchNormalization (X, ...)
//
//   before   Y, mean, var = BatchNormalization <training_mode = 1> (X, ...)    a frozen one
//   after    Y = BatchNormalization (X, ...)
//
// 0 is the default of training_mode (since opset 14), and onnx2pytorch refuses a node that states
// it. A frozen BatchNormalization must not normalize by the batch, nor update its mean and
// variance: there the attribute goes whatever it says, and the running outputs with it; before
// opset 14 those outputs are what tells training from inference. Versions 1 and 6 (is_test) are
// left as they are.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "freeze/edits.h"
#include "freeze/node_path.h"

namespace hoarfrost::freeze {
namespace {

using model::NodeId;

constexpr int64_t kOpsetInference = 7;      // one output says inference, more say training
constexpr int64_t kOpsetTrainingMode = 14;  // the attribute says it

size_t Index(int32_t id) { return static_cast<size_t>(id); }

class Editor {
 public:
  explicit Editor(const EditContext& context, EditList& list) : context_(context), list_(list) {}

  void Visit(NodeId id) {
    const model::Facts& facts = context_.model.facts;
    const model::Node& node = facts.nodes[Index(id)];
    const onnx::NodeProto& proto = *node.proto;
    if (!IsInferenceNode(facts, id, "BatchNormalization")) return;
    if (std::binary_search(list_.written_out.begin(), list_.written_out.end(), id)) return;
    const int64_t opset = facts.opset(node.scope, "");
    if (opset < kOpsetInference) return;

    std::vector<int> modes;
    bool trains = false;
    bool literal = true;
    for (int a = 0; a < proto.attribute_size() && opset >= kOpsetTrainingMode; ++a) {
      const onnx::AttributeProto& attribute = proto.attribute(a);
      if (attribute.name() != "training_mode") continue;
      modes.push_back(a);
      trains = trains || attribute.i() != 0;
      // The value of a function's own attribute is known only where it is called.
      literal = literal && attribute.ref_attr_name().empty();
    }
    const bool frozen = context_.is_frozen_norm(id);
    const bool more_outputs = proto.output_size() > 1;
    if (opset < kOpsetTrainingMode) trains = more_outputs;
    if (!frozen) {
      if (!modes.empty() && literal && !trains) {
        TakeModes(id, modes);
        defaults_.Add(NameOf(proto));
      }
      return;
    }
    if (more_outputs && MoreOutputsAreUsed(facts, id)) {
      kept_.Add(NameOf(proto));
      return;
    }
    TakeModes(id, modes);
    if (more_outputs) TakeRunningOutputs(id);
    if (trains || !literal) {
      changed_.Add(NameOf(proto));
    } else if (!modes.empty()) {
      defaults_.Add(NameOf(proto));
    }
  }

  void SayNotes() {
    if (!defaults_.empty()) {
      list_.notes.push_back(
          {model::Severity::kInfo,
           fmt::format("training_mode=0, the default, taken away from {} BatchNormalization{}",
                       base::WithCommas(defaults_.count()), defaults_.count() == 1 ? "" : "s")});
    }
    if (!changed_.empty()) list_.notes.push_back(LeftTrainingMode(changed_));
    if (!kept_.empty()) {
      list_.notes.push_back(
          {model::Severity::kWarning,
           fmt::format("{}, frozen, left in training mode: the running mean and variance are used "
                       "elsewhere in the model",
                       kept_.Say())});
    }
  }

 private:
  void Take(NodeId id, uint32_t field, int ordinal, std::string_view label) {
    const model::Node& node = context_.model.facts.nodes[Index(id)];
    wire::FieldPath path = NodePath(context_.model.facts, id);
    path.push_back({field, static_cast<uint32_t>(ordinal)});
    // Nodes of the main graph can be found again by what they put out.
    const bool findable = node.scope == 0 && node.proto->output_size() > 0;
    list_.Add({wire::EditKind::kErase, std::move(path), ""},
              {label, static_cast<uint64_t>(ordinal), findable ? node.proto->output(0) : ""});
  }

  void TakeModes(NodeId id, const std::vector<int>& modes) {
    for (const int a : modes) Take(id, kNodeAttribute, a, kEditTrainingMode);
  }

  void TakeRunningOutputs(NodeId id) {
    const int count = context_.model.facts.nodes[Index(id)].proto->output_size();
    for (int o = 1; o < count; ++o) Take(id, kNodeOutput, o, kEditRunningOutput);
  }

  const EditContext& context_;
  EditList& list_;
  NodeNames defaults_{"BatchNormalization"};
  NodeNames changed_{"BatchNormalization"};
  NodeNames kept_{"BatchNormalization"};
};

}  // namespace

absl::Status PutBatchNormsInInferenceMode(const EditContext& context, EditList& list) {
  Editor editor(context, list);
  const size_t count = context.model.facts.nodes.size();
  for (size_t n = 0; n < count; ++n) editor.Visit(static_cast<NodeId>(n));
  editor.SayNotes();
  return absl::OkStatus();
}

}  // namespace hoarfrost::freeze
