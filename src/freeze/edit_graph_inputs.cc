// Initializers out of the graph inputs.
//
//   before   graph (X, W) { W = initializer; Y = Gemm(X, W) }       IR version 3 or later
//   after    graph (X)    { W = initializer; Y = Gemm(X, W) }       IR version 4 or later
//
// An initializer that is a graph input too is a default that a caller may replace, so it is no
// constant, and trainers refuse the double definition. From IR version 4 on it need not be an
// input; a file of an earlier version is raised to 4. Where trainable initializers are to be inputs
// (edit_expose_trainable.cc), those that are stay.
#include <fmt/format.h>

#include "base/hash.h"
#include "base/text.h"
#include "freeze/edits.h"
#include "wire/field_scan.h"

namespace hoarfrost::freeze {

absl::Status TakeInitializersOutOfInputs(const EditContext& context, EditList& list) {
  const onnx::ModelProto& proto = context.model.facts.model();
  const onnx::GraphProto& graph = proto.graph();
  base::ViewSet initializers;
  for (const onnx::TensorProto& tensor : graph.initializer()) initializers.insert(tensor.name());
  for (const onnx::SparseTensorProto& tensor : graph.sparse_initializer()) {
    initializers.insert(tensor.values().name());
  }
  base::ViewSet exposed;
  if (context.plan.forms.expose_trainable) {
    for (const plan::Entry& entry : context.plan.trainable) {
      if (entry.scope.empty()) exposed.insert(entry.name);
    }
  }
  uint64_t taken = 0;
  for (int i = 0; i < graph.input_size(); ++i) {
    if (!initializers.contains(graph.input(i).name())) continue;
    if (exposed.contains(graph.input(i).name())) continue;
    const auto ordinal = static_cast<uint32_t>(i);
    list.Add({wire::EditKind::kErase, {{kModelGraph, wire::kMerged}, {kGraphInput, ordinal}}, ""},
             {kEditGraphInput, ordinal, ""});
    ++taken;
  }
  if (taken == 0) return absl::OkStatus();
  list.notes.push_back(
      {model::Severity::kInfo,
       fmt::format("{} initializer{} taken out of the graph inputs: callers can no longer feed {}",
                   base::WithCommas(taken), taken == 1 ? "" : "s", taken == 1 ? "it" : "them")});
  if (proto.ir_version() >= kIrFreeInitializers) return absl::OkStatus();
  std::string version;
  wire::AppendVarintField(kModelIrVersion, kIrFreeInitializers, version);
  if (proto.has_ir_version()) {
    list.Add({wire::EditKind::kReplace, {{kModelIrVersion, wire::kLast}}, version},
             {kEditIrVersion, 0, ""});
  } else {
    list.Add({wire::EditKind::kAppend, {}, version}, {});
  }
  list.notes.push_back({model::Severity::kInfo,
                        fmt::format("IR version raised from {} to {}, where initializers need not "
                                    "be graph inputs",
                                    proto.has_ir_version() ? std::to_string(proto.ir_version())
                                                           : std::string("none"),
                                    kIrFreeInitializers)});
  return absl::OkStatus();
}

}  // namespace hoarfrost::freeze
