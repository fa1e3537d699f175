// What the passes that look for hidden, doubled and dropped parameters share: the ledger of
// adjustments, and one function per kind of evidence. Only the files hidden_*.cc and framework.cc
// include this.
#ifndef HOARFROST_ROLES_HIDDEN_H_
#define HOARFROST_ROLES_HIDDEN_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/facts.h"
#include "model/layers.h"
#include "roles/roles.h"

namespace hoarfrost::roles {

// A tensor with more elements than this is a fault of the file and left out of the count, so that
// the sum over millions of tensors stays within 63 bits.
inline constexpr uint64_t kMostElements = uint64_t{1} << 40;

class Ledger {
 public:
  Ledger(const model::Facts& facts, const model::Layers& layers,
         const std::vector<TensorRole>& roles)
      : facts(facts), layers(layers), roles(roles) {}

  // The tensor behind a value; kNone if nothing is stored there.
  model::TensorId tensor(model::ValueId v) const {
    return v == model::kNone ? model::kNone : facts.values[static_cast<size_t>(v)].tensor;
  }
  std::string_view name(model::ValueId v) const {
    return v == model::kNone ? std::string_view() : facts.values[static_cast<size_t>(v)].name;
  }
  int64_t elements(model::TensorId t) const;
  // What the totals count it as.
  bool counts_as_weight(model::TensorId t) const;  // a weight that can take a gradient
  bool counts_as_statistic(model::TensorId t) const;

  // The path of a layer; "" for none.
  std::string_view layer_of_tensor(model::TensorId t) const;
  std::string_view layer_of_node(model::NodeId n) const;

  void Add(Adjustment adjustment) {
    proved = false;  // whoever proves does it at its end
    adjustments.push_back(std::move(adjustment));
  }

  const model::Facts& facts;
  const model::Layers& layers;
  const std::vector<TensorRole>& roles;
  std::vector<Adjustment> adjustments;
  std::vector<Adjustment> candidates;  // see Classification
  // Set by a pass that accounted for every parameter that the framework had, each with its size.
  bool proved = false;
};

// Elements of the table that a relative position bias [.., heads, N, N] was gathered from, for a
// square window; 0 where N fits none.
int64_t PositionTableElements(const model::Tensor& gathered);

// PyTorch dynamo: everything is found through the graph signature.
void FindDynamoHidden(Ledger& ledger);
// PyTorch TorchScript.
void FindTorchScriptBatchNorm(Ledger& ledger);
void FindTorchScriptFrozenBatchNorm(Ledger& ledger);
void FindTorchScriptTied(Ledger& ledger);
void FindStandardisedTwice(Ledger& ledger);
void FindGatheredPositions(Ledger& ledger);
void FindWeightsAsInputs(Ledger& ledger);
// TensorFlow and Keras.
void FindTensorflowBatchNorm(Ledger& ledger);
void FindTensorflowTied(Ledger& ledger);
void FindRecurrentPadding(Ledger& ledger);
void FindKerasVariance(Ledger& ledger);
void FindKerasVariables(Ledger& ledger);
// Any exporter.
void FindQuantized(Ledger& ledger);
void FindFittedAttributes(Ledger& ledger);
void FindRuntimeFusedBatchNorm(Ledger& ledger);

}  // namespace hoarfrost::roles

#endif  // HOARFROST_ROLES_HIDDEN_H_
