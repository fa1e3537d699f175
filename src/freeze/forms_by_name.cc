#include "freeze/forms_by_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "freeze/edits.h"
#include "wire/field_scan.h"

namespace hoarfrost::freeze {
namespace {

// The number of the one field that the bytes are; 0 where they are something else.
uint64_t FieldNumberOf(const std::string& bytes) {
  const auto source = wire::FromMemory("undo data", bytes);
  wire::FieldAt field;
  if (!wire::FieldScan(*source).Read(0, bytes.size(), field).ok()) return 0;
  const bool whole = field.end == bytes.size() && field.type == wire::WireType::kBytes;
  return whole ? field.number : 0;
}

std::string ContentOf(const std::string& bytes) {
  const auto source = wire::FromMemory("undo data", bytes);
  wire::FieldAt field;
  if (!wire::FieldScan(*source).Read(0, bytes.size(), field).ok()) return "";
  return bytes.substr(field.content, field.end - field.content);
}

wire::FieldPath InGraph(uint32_t field, uint32_t ordinal) {
  return {{kModelGraph, wire::kMerged}, {field, ordinal}};
}

}  // namespace

FormsByName::FormsByName(const wire::ByteSource& file, const summary::Summary& model)
    : file_(file), model_(model), graph_(model.facts.model().graph()) {
  for (int n = 0; n < graph_.node_size(); ++n) {
    for (const std::string& output : graph_.node(n).output()) {
      if (!output.empty()) node_of_.emplace(output, static_cast<uint32_t>(n));
    }
  }
}

bool FormsByName::Take(const UndoItem& item) {
  if (item.edit == kEditExposed) {
    exposed_.push_back(item.of);
  } else if (item.edit == kEditDropout || item.edit == kEditArithmetic) {
    if (item.of.empty()) {
      ++nameless_;
    } else {
      nodes_[item.of].push_back(&item);
    }
  } else if (item.edit == kEditConstant) {
    if (item.of.empty()) {
      ++nameless_;
    } else {
      constants_.push_back(&item);
    }
  } else {
    return false;
  }
  return true;
}

absl::Status FormsByName::Finish(std::vector<wire::Edit>& edits,
                                 std::vector<std::string>& unplaced) {
  for (const std::string& name : exposed_) HideInput(name);
  for (const auto& [output, items] : nodes_) RestoreNode(output, items);
  if (absl::Status restored = RestoreInitializers(); !restored.ok()) return restored;
  if (nameless_ > 0) Miss("nodes and constants of subgraphs and functions in the form they have");
  std::move(edits_.begin(), edits_.end(), std::back_inserter(edits));
  std::move(unplaced_.begin(), unplaced_.end(), std::back_inserter(unplaced));
  return absl::OkStatus();
}

void FormsByName::HideInput(const std::string& name) {
  for (int i = 0; i < graph_.input_size(); ++i) {
    if (graph_.input(i).name() != name) continue;
    edits_.push_back({wire::EditKind::kErase, InGraph(kGraphInput, static_cast<uint32_t>(i)), ""});
  }
}

// Gives the node its operator, inputs, further outputs and attributes again.
void FormsByName::RestoreNode(const std::string& output, const Items& items) {
  const bool norm = items[0]->edit == kEditArithmetic;
  const std::string what = fmt::format(
      "the {} that puts out {}", norm ? "BatchNormalization" : "Dropout", base::Quote(output));
  const auto found = node_of_.find(output);
  if (found == node_of_.end()) return Miss(what + ": nothing puts it out any more");
  const uint32_t ordinal = found->second;
  const onnx::NodeProto& node = graph_.node(static_cast<int>(ordinal));
  const bool as_left = norm ? node.op_type() == "Add" || node.op_type() == "Cast"
                            : node.op_type() == "Identity" && node.input_size() == 1;
  if (!as_left || node.output_size() != 1) return Miss(what + ": the node has been changed");

  std::vector<std::string> inputs;
  std::string fields;
  std::string op;
  for (const UndoItem* item : items) {
    switch (FieldNumberOf(item->bytes)) {
      case kNodeOperator:
        op = item->bytes;
        continue;
      case kNodeInput:
        inputs.push_back(ContentOf(item->bytes));
        break;
      case kNodeOutput:
      case kNodeAttribute:
        break;
      default:
        return Miss(what + ": its undo data cannot be read");
    }
    fields += item->bytes;
  }
  if (op.empty()) return Miss(what + ": its undo data cannot be read");

  const wire::FieldPath path = InGraph(kGraphNode, ordinal);
  const auto take = [&](uint32_t field, int count) {
    for (int i = 0; i < count; ++i) {
      wire::FieldPath inner = path;
      inner.push_back({field, static_cast<uint32_t>(i)});
      edits_.push_back({wire::EditKind::kErase, std::move(inner), ""});
    }
  };
  if (norm) {  // a Dropout kept its first input
    take(kNodeInput, node.input_size());
    EraseHelpers(ordinal, inputs);
  }
  take(kNodeAttribute, node.attribute_size());
  wire::FieldPath operator_path = path;
  operator_path.push_back({kNodeOperator, wire::kLast});
  edits_.push_back({wire::EditKind::kReplace, std::move(operator_path), op});
  edits_.push_back({wire::EditKind::kAppend, path, fields});
}

// The arithmetic before node `last`: what only it used, and that is none of the values that are
// kept.
void FormsByName::EraseHelpers(uint32_t last, const std::vector<std::string>& kept) {
  const model::Facts& facts = model_.facts;
  std::vector<uint32_t> gone = {last};
  std::vector<bool> is_gone(static_cast<size_t>(graph_.node_size()));
  is_gone[last] = true;
  for (size_t i = 0; i < gone.size(); ++i) {
    for (const std::string& input : graph_.node(static_cast<int>(gone[i])).input()) {
      const auto maker = node_of_.find(input);
      if (maker == node_of_.end() || is_gone[maker->second]) continue;
      if (std::find(kept.begin(), kept.end(), input) != kept.end()) continue;
      const model::ValueId value = facts.Resolve(0, input);
      if (value == model::kNone || facts.values[static_cast<size_t>(value)].is_output) continue;
      const auto uses = facts.uses(value);
      const bool only = std::all_of(uses.begin(), uses.end(), [&](const model::Use& use) {
        const model::Node& user = facts.nodes[static_cast<size_t>(use.node)];
        return user.scope == 0 && is_gone[static_cast<size_t>(user.index)];
      });
      if (!only || !facts.flows(value).empty()) continue;
      is_gone[maker->second] = true;
      gone.push_back(maker->second);
      edits_.push_back({wire::EditKind::kErase, InGraph(kGraphNode, maker->second), ""});
    }
  }
}

absl::Status FormsByName::RestoreInitializers() {
  struct Found {
    uint32_t node = 0;
    bool sparse = false;
  };
  std::vector<Found> found;
  std::vector<wire::Edit> probes;  // only where the values are is asked
  std::stable_sort(constants_.begin(), constants_.end(),
                   [](const UndoItem* a, const UndoItem* b) { return a->position < b->position; });
  for (const UndoItem* item : constants_) {
    const std::string what = fmt::format("initializer {}", base::Quote(item->of));
    const auto maker = node_of_.find(item->of);
    if (maker == node_of_.end()) {
      Miss(what + ": no node puts it out any more");
      continue;
    }
    const onnx::NodeProto& node = graph_.node(static_cast<int>(maker->second));
    const bool constant = node.op_type() == "Constant" && node.attribute_size() == 1;
    const bool dense =
        constant && node.attribute(0).has_t() && node.attribute(0).t().name() == item->of;
    const bool sparse = constant && node.attribute(0).has_sparse_tensor() &&
                        node.attribute(0).sparse_tensor().values().name() == item->of;
    if (!dense && !sparse) {
      Miss(what + ": the Constant node has been changed");
      continue;
    }
    wire::FieldPath path = InGraph(kGraphNode, maker->second);
    path.push_back({kNodeAttribute, 0});
    path.push_back({sparse ? kAttributeSparseTensor : kAttributeTensor, 0});
    probes.push_back({wire::EditKind::kErase, std::move(path), ""});
    found.push_back({maker->second, sparse});
  }
  if (found.empty()) return absl::OkStatus();
  const absl::StatusOr<std::vector<wire::Change>> changes = wire::FindChanges(file_, probes);
  if (!changes.ok()) return changes.status();
  std::vector<wire::Span> spans(found.size());
  for (const wire::Change& change : *changes) {
    if (change.edit < spans.size()) spans[change.edit] = change.old;
  }
  wire::FieldScan scan(file_);
  wire::Edit append = {wire::EditKind::kAppend, {{kModelGraph, wire::kMerged}}, ""};
  for (size_t i = 0; i < found.size(); ++i) {
    wire::FieldAt field;
    absl::Status read = scan.Read(spans[i].offset, spans[i].offset + spans[i].length, field);
    if (!read.ok()) return read;
    wire::AppendBytesHead(found[i].sparse ? kGraphSparseInitializer : kGraphInitializer,
                          field.value().length, append.bytes);
    append.insets.push_back({append.bytes.size(), field.value()});
    edits_.push_back({wire::EditKind::kErase, InGraph(kGraphNode, found[i].node), ""});
  }
  edits_.push_back(std::move(append));
  return absl::OkStatus();
}

}  // namespace hoarfrost::freeze
