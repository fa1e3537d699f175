// TensorFlow and Keras through tf2onnx: BatchNormalization is computed by hand and folded, but the
// scopes of what is left still carry its name.
#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/hash.h"
#include "base/text.h"
#include "roles/hidden.h"

namespace hoarfrost::roles {
namespace {

using model::kNone;
using model::NodeId;
using model::TensorId;
using model::ValueId;

bool EndsWith(std::string_view s, std::string_view suffix) {
  return s.size() >= suffix.size() && s.substr(s.size() - suffix.size()) == suffix;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Without ":0" and "__12", as often as they come.
std::string_view WithoutMarks(std::string_view name) {
  for (;;) {
    size_t end = name.size();
    while (end > 0 && IsDigit(name[end - 1])) --end;
    if (end == name.size()) return name;
    if (end > 0 && name[end - 1] == ':') {
      name = name.substr(0, end - 1);
    } else if (end > 1 && name[end - 1] == '_' && name[end - 2] == '_') {
      name = name.substr(0, end - 2);
    } else {
      return name;
    }
  }
}

// "dense/bn_1/batchnorm/mul_1__174" -> {"dense/bn_1", "mul_1"}; an empty scope where there is none.
struct Part {
  std::string_view scope;
  std::string_view operation;
};

Part BatchNormPart(std::string_view name) {
  constexpr std::string_view kScope = "/batchnorm/";
  const size_t at = name.rfind(kScope);
  if (at == std::string_view::npos) return {};
  const std::string_view operation = WithoutMarks(name.substr(at + kScope.size()));
  if (operation.find('/') != std::string_view::npos) return {};
  return {name.substr(0, at), operation};
}

struct BatchNorm {
  int64_t channels = 0;
  bool scale = true;      // has a gamma
  bool shift = true;      // has a beta
  bool product = false;   // a stored "mul_1": mean times Rsqrt, where there is no gamma
  bool training = false;  // computed from the batch: gamma and beta are stored as they are
  std::vector<TensorId> tensors;
};

}  // namespace

// Rule N. What Keras computes for a BatchNormalization in the scope S, and what is left of it:
//
//   S/batchnorm/add -> Rsqrt -> mul (gamma) ---------> S/batchnorm/mul_1 (x)
//                                  mul_2 (mean) -> sub (beta) -> S/batchnorm/add_1
//
// In evaluation all but mul_1 and add_1 is folded into two constants of C elements, called after
// their last operation: the scale "mul" ("Rsqrt" where there is no gamma), the shift "sub" ("mul_2"
// or "Neg" where there is no beta; with no gamma either, products are counted from one less:
// "mul_1"). Or they went into the convolution before it. Both stand for
// gamma, beta, mean and variance. In training mode gamma and beta stay, mean and variance are in
// no tensor.
void FindTensorflowBatchNorm(Ledger& ledger) {
  base::ViewMap<size_t> by_scope;
  std::vector<BatchNorm> found;
  std::vector<std::string_view> scopes;
  const auto see = [&](std::string_view scope) -> BatchNorm& {
    const auto [it, added] = by_scope.try_emplace(scope, found.size());
    if (added) {
      found.emplace_back();
      scopes.push_back(scope);
    }
    return found[it->second];
  };
  const auto take = [&](BatchNorm& bn, TensorId t) {
    if (ledger.elements(t) < 2) return;
    bn.channels = std::max(bn.channels, ledger.elements(t));
    bn.tensors.push_back(t);
  };
  for (size_t n = 0; n < ledger.facts.nodes.size(); ++n) {
    const Part part = BatchNormPart(ledger.facts.nodes[n].proto->name());
    if (part.scope.empty()) continue;
    const std::string_view op = ledger.facts.nodes[n].proto->op_type();
    // Layout changes that tf2onnx names after the operation they stand before.
    if (op == "Transpose" || op == "Reshape" || op == "Squeeze" || op == "Unsqueeze") continue;
    BatchNorm& bn = see(part.scope);
    if (part.operation == "Rsqrt" || part.operation == "add") bn.training = true;
    for (const ValueId v : ledger.facts.inputs(static_cast<NodeId>(n))) {
      const TensorId t = ledger.tensor(v);
      if (t != kNone) take(bn, t);
    }
  }
  for (size_t t = 0; t < ledger.facts.tensors.size(); ++t) {
    const Part part = BatchNormPart(ledger.facts.tensors[t].name);
    if (part.scope.empty()) continue;
    BatchNorm& bn = see(part.scope);
    take(bn, static_cast<TensorId>(t));
    if (part.operation == "Rsqrt") bn.scale = false;
    if (part.operation == "mul_2" || part.operation == "Neg" || part.operation == "neg") {
      bn.shift = false;
    }
    if (part.operation == "mul_1") bn.product = true;
  }
  for (size_t i = 0; i < found.size(); ++i) {
    BatchNorm& bn = found[i];
    if (!bn.scale && bn.product) bn.shift = false;
    std::sort(bn.tensors.begin(), bn.tensors.end());
    bn.tensors.erase(std::unique(bn.tensors.begin(), bn.tensors.end()), bn.tensors.end());
    int64_t weights = 0, statistics = 0;
    for (const TensorId t : bn.tensors) {
      if (ledger.elements(t) != bn.channels) continue;
      if (ledger.counts_as_weight(t)) weights += ledger.elements(t);
      if (ledger.counts_as_statistic(t)) statistics += ledger.elements(t);
    }
    if (bn.channels == 0) continue;
    Adjustment adjustment;
    adjustment.type = "BatchNormalization";
    adjustment.layer = std::string(ledger.layer_of_tensor(bn.tensors[0]));
    adjustment.statistics = 2 * bn.channels - statistics;
    if (!bn.training) {
      adjustment.trainable = bn.channels * (int64_t{bn.scale} + int64_t{bn.shift}) - weights;
    }
    adjustment.text = bn.training
                          ? "computes with the batch's own mean and variance: the moving ones "
                            "are in no tensor (scope " +
                                base::Quote(scopes[i]) + ")"
                          : "folded into the constants of its Mul and Add, or into the layer "
                            "before it (scope " +
                                base::Quote(scopes[i]) + ")";
    if (adjustment.trainable != 0 || adjustment.statistics != 0) ledger.Add(std::move(adjustment));
  }
  // Keras 2: FusedBatchNorm after a convolution, folded by tf2onnx. The bias of C elements was the
  // shift; scale, mean and variance are hidden in it and in the weights.
  for (size_t t = 0; t < ledger.facts.tensors.size(); ++t) {
    const TensorId id = static_cast<TensorId>(t);
    if (!EndsWith(ledger.facts.tensors[t].name, "_bias_fused_bn")) continue;
    Adjustment adjustment;
    adjustment.type = "BatchNormalization";
    adjustment.layer = std::string(ledger.layer_of_tensor(id));
    adjustment.trainable = ledger.elements(id);
    adjustment.statistics = 2 * ledger.elements(id);
    adjustment.text =
        "folded into the convolution's weights and " + base::Quote(ledger.facts.tensors[t].name);
    ledger.Add(std::move(adjustment));
  }
}

// ReversibleEmbedding reads one table for both directions:
//   tok_1/GatherV2/ReadVariableOp [V, D] -> Gather; tok_3/transpose [D, V] -> MatMul
// Both lie in one layer, and one has the other's shape transposed.
void FindTensorflowTied(Ledger& ledger) {
  using Key = std::tuple<model::LayerId, int64_t, int64_t>;
  absl::flat_hash_map<Key, TensorId> tables;
  std::vector<TensorId> copies;
  for (size_t t = 0; t < ledger.facts.tensors.size(); ++t) {
    const TensorId id = static_cast<TensorId>(t);
    const model::Tensor& tensor = ledger.facts.tensors[t];
    const model::LayerId layer = ledger.layers.tensor_layer[t];
    if (layer == kNone || tensor.dims.size() != 2 || !ledger.counts_as_weight(id)) continue;
    if (EndsWith(WithoutMarks(tensor.name), "/transpose")) {
      copies.push_back(id);
    } else {
      tables.try_emplace(Key{layer, tensor.dims[0], tensor.dims[1]}, id);
    }
  }
  for (const TensorId copy : copies) {
    const model::Tensor& tensor = ledger.facts.tensors[static_cast<size_t>(copy)];
    const auto table = tables.find(
        Key{ledger.layers.tensor_layer[static_cast<size_t>(copy)], tensor.dims[1], tensor.dims[0]});
    if (table == tables.end()) continue;
    Adjustment adjustment;
    adjustment.kind = AdjustmentKind::kStoredTwice;
    adjustment.layer = std::string(ledger.layer_of_tensor(copy));
    adjustment.trainable = -ledger.elements(copy);
    adjustment.text = base::Quote(tensor.name) + " is " +
                      base::Quote(ledger.facts.tensors[static_cast<size_t>(table->second)].name) +
                      " transposed, in the same layer";
    adjustment.copy = copy;
    adjustment.original = table->second;
    ledger.Add(std::move(adjustment));
  }
}

// ONNX's LSTM has two biases, Wb and Rb; Keras has one, and tf2onnx stores zeros for the other:
//   B [directions, 8 * hidden] = [Wb, 0]
void FindRecurrentPadding(Ledger& ledger) {
  for (size_t n = 0; n < ledger.facts.nodes.size(); ++n) {
    const NodeId node = static_cast<NodeId>(n);
    if (ledger.facts.nodes[n].proto->op_type() != "LSTM") continue;
    const auto inputs = ledger.facts.inputs(node);
    const TensorId bias = inputs.size() > 3 ? ledger.tensor(inputs[3]) : kNone;
    if (bias == kNone || !ledger.counts_as_weight(bias)) continue;
    Adjustment adjustment;
    adjustment.kind = AdjustmentKind::kPadding;
    adjustment.layer = std::string(ledger.layer_of_node(node));
    adjustment.type = "LSTM";
    adjustment.trainable = -(ledger.elements(bias) / 2);
    adjustment.text = "the second half of " +
                      base::Quote(ledger.facts.tensors[static_cast<size_t>(bias)].name) +
                      " is ONNX's recurrent bias, which Keras does not have";
    ledger.Add(std::move(adjustment));
  }
}

}  // namespace hoarfrost::roles
