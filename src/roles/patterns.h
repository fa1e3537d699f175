// Decompositions: layers that exporters write as arithmetic. Each file opens with a drawing.
//
// All of them leave marks on operands; a mark replaces what the operator table says of them.
#ifndef HOARFROST_ROLES_PATTERNS_H_
#define HOARFROST_ROLES_PATTERNS_H_

#include "model/layers.h"
#include "roles/graph_view.h"
#include "roles/marks.h"

namespace hoarfrost::roles {

Marks FindPatterns(const GraphView& view, model::Exporter exporter);

// One file each. They are called with every node of the kind that the drawing starts from.
void MarkNormAffine(const GraphView& view, model::NodeId mul, Marks& marks);
void MarkNormShiftFromScale(const GraphView& view, model::NodeId sub, Marks& marks);
void MarkBatchNorm(const GraphView& view, model::NodeId sqrt, Marks& marks);
void MarkBatchNormFolded(const GraphView& view, model::NodeId sub, Marks& marks);
void MarkAffine(const GraphView& view, model::NodeId mul, Marks& marks);
void MarkTensorflowBatchNorm(const GraphView& view, model::NodeId node, Marks& marks);
void MarkLinear(const GraphView& view, model::NodeId product, model::Exporter exporter,
                Marks& marks);
void MarkWeightStandardisation(const GraphView& view, model::NodeId batch_norm, Marks& marks);
void MarkEpsilon(const GraphView& view, model::NodeId sqrt, Marks& marks);
void MarkGelu(const GraphView& view, model::NodeId erf, Marks& marks);
void MarkDynamicScale(const GraphView& view, model::NodeId quantize, Marks& marks);

// The slot of the operand of a two-operand node that does not depend on the graph's inputs while
// the other does; -1 if there is none.
int32_t StoredOperand(const GraphView& view, model::NodeId n);

// Whether `v` is 1 / sqrt(something + epsilon), or sqrt(something + epsilon).
bool IsInverseDeviation(const GraphView& view, model::ValueId v);
bool IsDeviation(const GraphView& view, model::ValueId v);

}  // namespace hoarfrost::roles

#endif  // HOARFROST_ROLES_PATTERNS_H_
