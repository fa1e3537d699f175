// Trainable initializers as graph inputs.
//
//   before   graph (X)    { W = initializer; Y = Gemm(X, W) }
//   after    graph (X, W) { W = initializer; Y = Gemm(X, W) }
//
// Tools that take gradients of graph inputs find there what to train; the initializer is the value
// where none is fed. Those that are inputs already stay (edit_graph_inputs.cc).
#include <fmt/format.h>

#include "base/hash.h"
#include "base/text.h"
#include "freeze/edits.h"
#include "wire/field_scan.h"

namespace hoarfrost::freeze {

absl::Status ExposeTrainable(const EditContext& context, EditList& list) {
  if (!context.plan.forms.expose_trainable) return absl::OkStatus();
  const onnx::GraphProto& graph = context.model.facts.model().graph();
  base::ViewSet inputs;
  for (const onnx::ValueInfoProto& input : graph.input()) inputs.insert(input.name());
  base::ViewMap<const onnx::TensorProto*> initializers;
  for (const onnx::TensorProto& tensor : graph.initializer()) {
    initializers.insert_or_assign(tensor.name(),
                                  &tensor);  // of several of one name the last counts
  }
  uint64_t exposed = 0;
  for (const plan::Entry& entry : context.plan.trainable) {
    const auto found = initializers.find(entry.name);
    if (!entry.scope.empty() || found == initializers.end() || entry.name.empty()) continue;
    ++exposed;
    if (inputs.contains(entry.name)) continue;
    onnx::ValueInfoProto input;
    input.set_name(entry.name);
    onnx::TypeProto::Tensor& type = *input.mutable_type()->mutable_tensor_type();
    type.set_elem_type(found->second->data_type());
    type.mutable_shape();
    for (const int64_t dim : found->second->dims()) {
      type.mutable_shape()->add_dim()->set_dim_value(dim);
    }
    std::string field;
    wire::AppendBytesField(kGraphInput, input.SerializeAsString(), field);
    list.Add({wire::EditKind::kAppend, {{kModelGraph, wire::kMerged}}, std::move(field)},
             {kEditExposed, 0, entry.name});
  }
  if (exposed == 0) return absl::OkStatus();
  list.notes.push_back(
      {model::Severity::kInfo,
       fmt::format("{} trainable initializer{} graph input{}: ONNX Runtime training refuses such a "
                   "model, and runtimes optimize it less",
                   base::WithCommas(exposed), exposed == 1 ? " is a" : "s are",
                   exposed == 1 ? "" : "s")});
  return absl::OkStatus();
}

}  // namespace hoarfrost::freeze
