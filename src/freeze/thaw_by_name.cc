// Thawing a file that another tool has written anew: nothing is where it was, names are.
//
//   before   graph (X) { W = initializer; ... }      metadata: plan, undo; IR version 4
//   after    graph (X, W) { W = initializer; ... }   IR version 3
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/text.h"
#include "freeze/build.h"
#include "freeze/edits.h"
#include "freeze/forms_by_name.h"
#include "freeze/freeze.h"
#include "freeze/marks.h"
#include "freeze/original.h"
#include "freeze/state.h"
#include "freeze/undo.h"
#include "freeze/users.h"
#include "wire/field_scan.h"

namespace hoarfrost::freeze {
namespace {

std::string_view AsStd(absl::string_view text) { return {text.data(), text.size()}; }

class ByName {
 public:
  ByName(const wire::ByteSource& file, const summary::Summary& model, Rewrite& rewrite)
      : file_(file),
        graph_(model.facts.model().graph()),
        model_(model),
        rewrite_(rewrite),
        forms_(file, model) {
    for (const onnx::TensorProto& tensor : graph_.initializer()) {
      initializers_.insert(tensor.name());
    }
    for (const onnx::SparseTensorProto& tensor : graph_.sparse_initializer()) {
      initializers_.insert(tensor.values().name());
    }
    for (const onnx::ValueInfoProto& input : graph_.input()) inputs_.insert(input.name());
    for (int n = 0; n < graph_.node_size(); ++n) {
      const onnx::NodeProto& node = graph_.node(n);
      if (node.op_type() != "BatchNormalization" || node.output_size() == 0) continue;
      Norm norm = {static_cast<uint32_t>(n), node.output_size(), false};
      for (const onnx::AttributeProto& attribute : node.attribute()) {
        norm.has_mode = norm.has_mode || attribute.name() == "training_mode";
      }
      norms_.emplace(node.output(0), norm);
    }
  }

  void TakeOut(const std::vector<Mark>& marks) {
    for (const Mark& mark : marks) {
      edits_.push_back({wire::EditKind::kErase, {{kModelMetadataProps, mark.ordinal}}, ""});
    }
  }

  // `undo` must last until Finish().
  void PutBack(const Undo& undo) {
    std::vector<const UndoItem*> inputs;
    const UndoItem* version = nullptr;
    for (const UndoItem& item : undo.original) {
      if (item.edit == kEditConstant && !item.of.empty()) initializers_.insert(item.of);
      if (item.edit.empty() || forms_.Take(item)) continue;
      if (item.edit == kEditGraphInput) {
        inputs.push_back(&item);
      } else if (item.edit == kEditIrVersion) {
        version = &item;
      } else if (item.edit == kEditTrainingMode || item.edit == kEditRunningOutput) {
        PutBatchNormBack(item);
      } else if (item.edit == kEditTrainingBinding) {
        Unplaced(fmt::format("the training_info binding of {}", base::Quote(item.of)));
      } else {
        Unplaced(fmt::format("what the edit {} took away", base::Quote(item.edit)));
      }
    }
    std::stable_sort(inputs.begin(), inputs.end(), [](const UndoItem* a, const UndoItem* b) {
      return a->position < b->position;
    });
    for (const UndoItem* item : inputs) PutInputBack(*item);
    if (version != nullptr) PutVersionBack(*version);
  }

  void CheckPlan(const plan::Plan& plan) {
    base::ViewSet names;
    for (const model::Tensor& tensor : model_.facts.tensors) names.insert(tensor.name);
    for (const plan::Entry& entry : plan.frozen) {
      if (names.contains(entry.name)) continue;
      Unplaced(fmt::format("frozen tensor {}: it is not there any more", base::Quote(entry.name)));
    }
  }

  void Unplaced(std::string what) { rewrite_.unplaced.push_back(std::move(what)); }

  absl::Status Finish() {
    absl::Status forms = forms_.Finish(edits_, rewrite_.unplaced);
    if (!forms.ok()) return forms;
    absl::StatusOr<std::vector<wire::Change>> changes = wire::FindChanges(file_, edits_);
    if (!changes.ok()) return changes.status();
    rewrite_.rope = wire::ApplyChanges(file_.size(), *changes);
    return absl::OkStatus();
  }

 private:
  struct Norm {
    uint32_t ordinal = 0;
    int outputs = 0;
    bool has_mode = false;
  };

  // The original's order of inputs, as far as the inputs between them are still there.
  void PutInputBack(const UndoItem& item) {
    const auto bytes = wire::FromMemory("undo data", item.bytes);
    wire::FieldAt field;
    onnx::ValueInfoProto input;
    const bool readable = wire::FieldScan(*bytes).Read(0, item.bytes.size(), field).ok() &&
                          field.number == kGraphInput && field.type == wire::WireType::kBytes &&
                          field.end == item.bytes.size() &&
                          input.ParseFromArray(item.bytes.data() + field.content,
                                               static_cast<int>(field.end - field.content));
    const std::string name = readable ? input.name() : "";
    if (!readable) return Miss("a graph input: its undo data cannot be read");
    if (!initializers_.contains(name)) {
      return Miss(
          fmt::format("graph input {}: no initializer has this name any more", base::Quote(name)));
    }
    if (inputs_.contains(name)) {
      return Miss(fmt::format("graph input {}: there is one already", base::Quote(name)));
    }
    const auto present = static_cast<uint64_t>(graph_.input_size());
    const uint64_t skip = item.position > placed_ ? item.position - placed_ : 0;
    const uint64_t before = std::min(present, skip);
    if (before < present) {
      edits_.push_back(
          {wire::EditKind::kInsertBefore,
           {{kModelGraph, wire::kMerged}, {kGraphInput, static_cast<uint32_t>(before)}},
           item.bytes});
    } else {
      edits_.push_back({wire::EditKind::kAppend, {{kModelGraph, wire::kMerged}}, item.bytes});
    }
    ++placed_;
  }

  // An attribute or output of the node that puts `item.of` out. Outputs come in their order.
  void PutBatchNormBack(const UndoItem& item) {
    const bool mode = item.edit == kEditTrainingMode;
    std::string what =
        fmt::format("{} of a BatchNormalization", mode ? "training_mode" : "a running output");
    if (item.of.empty()) return Unplaced(what + " in a subgraph or function");
    what += fmt::format(" ({})", base::Quote(item.of));
    const auto found = norms_.find(item.of);
    if (found == norms_.end()) return Unplaced(what + ": it is not there any more");
    Norm& norm = found->second;
    if (mode ? norm.has_mode : static_cast<uint64_t>(norm.outputs) != item.position) {
      return Unplaced(what + ": the node has been changed");
    }
    if (!IsOneField(item.bytes, mode ? kNodeAttribute : kNodeOutput)) {
      return Unplaced(what + ": its undo data cannot be read");
    }
    if (!mode) ++norm.outputs;
    edits_.push_back({wire::EditKind::kAppend,
                      {{kModelGraph, wire::kMerged}, {kGraphNode, norm.ordinal}},
                      item.bytes});
  }

  static bool IsOneField(const std::string& text, uint32_t number) {
    const auto bytes = wire::FromMemory("undo data", text);
    wire::FieldAt field;
    return wire::FieldScan(*bytes).Read(0, text.size(), field).ok() && field.number == number &&
           field.type == wire::WireType::kBytes && field.end == text.size();
  }

  void PutVersionBack(const UndoItem& item) {
    const auto bytes = wire::FromMemory("undo data", item.bytes);
    wire::FieldScan scan(*bytes);
    wire::FieldAt field;
    uint64_t version = 0;
    if (!scan.Read(0, item.bytes.size(), field).ok() || field.number != kModelIrVersion ||
        field.end != item.bytes.size() || !scan.ReadVarint(field, version).ok()) {
      return Unplaced("the IR version: its undo data cannot be read");
    }
    const int64_t now = model_.facts.model().ir_version();
    if (now != kIrFreeInitializers || missed_) {
      return Unplaced(fmt::format(
          "IR version {}: {}", version,
          now != kIrFreeInitializers
              ? fmt::format("the file has version {} now", now)
              : std::string("in it every initializer is a graph input, and not all came back")));
    }
    edits_.push_back({wire::EditKind::kReplace, {{kModelIrVersion, wire::kLast}}, item.bytes});
  }

  void Miss(std::string what) {
    missed_ = true;
    Unplaced(std::move(what));
  }

  const wire::ByteSource& file_;
  const onnx::GraphProto& graph_;
  const summary::Summary& model_;
  Rewrite& rewrite_;
  base::ViewSet initializers_;
  base::ViewSet inputs_;
  base::ViewMap<Norm> norms_;  // by first output
  FormsByName forms_;
  std::vector<wire::Edit> edits_;
  uint64_t placed_ = 0;
  bool missed_ = false;
};

}  // namespace

absl::StatusOr<Rewrite> ThawByName(const wire::ByteSource& file, const std::string& directory) {
  const absl::StatusOr<Marks> marks = FindMarks(file);
  if (!marks.ok()) return marks.status();
  if (!marks->any() || RestoreOriginal(file, *marks).ok()) return Thaw(file, directory, {});

  absl::StatusOr<summary::Summary> model = summary::Summarize(file, directory, {});
  if (!model.ok()) return model.status();
  Users users(*model);
  Rewrite rewrite;
  State before(*model);
  before.weights = model->frozen.frozen;
  const State after(*model);
  rewrite.before = CountsOf(before, *model);
  rewrite.after = CountsOf(after, *model);
  ByName by_name(file, *model, rewrite);
  by_name.TakeOut(marks->plans);
  by_name.TakeOut(marks->undos);
  if (const absl::StatusOr<plan::Plan> plan = ReadPlan(file, *marks); plan.ok()) {
    by_name.CheckPlan(*plan);
  } else {
    by_name.Unplaced(std::string(AsStd(plan.status().message())));
  }
  absl::StatusOr<Undo> undo = absl::NotFoundError("what freezing took away: the undo data is gone");
  if (!marks->undos.empty()) {
    std::string text;
    absl::Status read = marks->undos.back().value.length > (uint64_t{1} << 29)
                            ? absl::InvalidArgumentError("undo data: more than any model takes")
                            : wire::FieldScan(file).ReadBytes(marks->undos.back().value, text);
    undo = read.ok() ? FromJson(text) : read;
  }
  if (undo.ok()) {
    by_name.PutBack(*undo);
  } else {
    by_name.Unplaced(std::string(AsStd(undo.status().message())));
  }
  if (absl::Status finished = by_name.Finish(); !finished.ok()) return finished;
  rewrite.plan = MakePlan(after, *model, users, rewrite.notes);
  rewrite.notes.push_back({model::Severity::kWarning,
                           "restored by name: the file was rewritten since it was frozen, so its "
                           "bytes are not those it had before"});
  return rewrite;
}

}  // namespace hoarfrost::freeze
