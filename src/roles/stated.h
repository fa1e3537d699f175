// What a file states about its tensors, in so many words.
//
// PyTorch's dynamo exporter lists every parameter and buffer in the graph signature, repeats the
// kind beside each value that it kept, says from which names each folded value was made, and names
// the rule on nodes that it rewrote. TrainingInfoProto names the tensors that training updates;
// quantization_annotation names scales and zero points. A frozen model's plan lists its weights and
// statistics.
#ifndef HOARFROST_ROLES_STATED_H_
#define HOARFROST_ROLES_STATED_H_

#include <cstdint>
#include <string_view>

#include "model/exporter_metadata.h"
#include "roles/graph_view.h"
#include "roles/roles.h"

namespace hoarfrost::roles {

enum class Source : uint8_t {
  kNothing,         // nothing is stated
  kParameter,       // a parameter, untouched
  kBuffer,          // a buffer, untouched
  kConstantTensor,  // a constant of the traced program
  kFromParameter,   // folded, and a parameter is among its sources
  kFromBuffer,      // folded from buffers (and constants)
  kFromConstants,   // folded from constants alone
  kFusedBatchNorm,  // made by a rewrite that fused BatchNormalization
  kUnlisted,        // the file lists all of its parameters, and this is none
  kAnnotation,      // named by quantization_annotation
  kUpdated,         // named by a training_info update binding
  kTrainingGraph,   // an initializer of a training graph
};

struct Statement {
  Source source = Source::kNothing;
  std::string_view name;  // the parameter or buffer that it is or comes from
  bool running = false;   // that one is a running mean or variance
};

class StatedSources {
 public:
  explicit StatedSources(const model::Facts& facts);

  // The graph signature tells parameters from the rest: some stored tensor is a parameter by it.
  // (Keras's torch backend lists its variables as parameters that nothing reads, and passes copies
  // of them as constants: such a signature says nothing about the tensors in the file.)
  bool has_signature() const { return trusted_; }

  Statement Of(const GraphView& view, model::TensorId t) const;

 private:
  // The exporter notes its own on every node; nodes that another tool put in carry nothing.
  bool IsReadByTracedNode(const model::Tensor& t) const;

  const model::Facts& facts_;
  model::GraphSignature signature_;
  bool trusted_ = false;
  bool kinds_are_noted_ = false;
  base::ViewSet annotated_;
  base::ViewSet updated_;
};

// Freezing takes away or rewrites what else told a tensor's role: update bindings of what it
// freezes, operators that it writes out. Where the evidence that is left says something else than
// the plan, the plan counts; where both agree, the evidence stays the reason.
void TakeRoleOfPlan(Planned planned, const model::Tensor& t, TensorRole& role);

}  // namespace hoarfrost::roles

#endif  // HOARFROST_ROLES_STATED_H_
