#include "freeze/edits.h"

#include <fmt/format.h>

#include "base/text.h"

namespace hoarfrost::freeze {
namespace {

using model::kNone;

size_t Index(int32_t id) { return static_cast<size_t>(id); }

}  // namespace

std::string NameOf(const onnx::NodeProto& node) {
  return node.name().empty() && node.output_size() > 0 ? node.output(0) : node.name();
}

void NodeNames::Add(std::string_view name) {
  if (count_++ < 3) text_ += fmt::format("{}{}", count_ > 1 ? ", " : "", base::Quote(name));
}

std::string NodeNames::Say() const {
  return fmt::format("{} {}{} ({}{})", base::WithCommas(count_), op_, count_ == 1 ? "" : "s", text_,
                     count_ > 3 ? ", ..." : "");
}

model::Note LeftTrainingMode(const NodeNames& names) {
  return {model::Severity::kWarning,
          fmt::format("{}, frozen, normalized by the batch (training mode); now by their own mean "
                      "and variance, which changes the model's results",
                      names.Say())};
}

bool IsInferenceNode(const model::Facts& facts, model::NodeId id, std::string_view op) {
  const model::Node& node = facts.nodes[Index(id)];
  const onnx::NodeProto& proto = *node.proto;
  if (proto.op_type() != op || node.calls != kNone) return false;
  if (!proto.domain().empty() && proto.domain() != "ai.onnx") return false;
  const model::ScopeId root = facts.scopes[Index(node.scope)].root;
  return facts.scopes[Index(root)].kind != model::ScopeKind::kTraining;
}

bool MoreOutputsAreUsed(const model::Facts& facts, model::NodeId id) {
  const auto outputs = facts.outputs(id);
  for (size_t o = 1; o < outputs.size(); ++o) {
    if (outputs[o] == kNone) continue;
    const model::Value& value = facts.values[Index(outputs[o])];
    if (value.is_output || value.read_elsewhere) return true;
    if (value.producer != id) continue;
    if (!facts.uses(outputs[o]).empty() || !facts.flows(outputs[o]).empty()) return true;
  }
  return false;
}

}  // namespace hoarfrost::freeze
