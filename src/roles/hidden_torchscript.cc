// PyTorch's TorchScript exporter: what it folds leaves no word, only numbered names.
//
// A parameter that nothing was done to keeps its state_dict name; a computed one is called
// "onnx::Op_N". So the shape of what is left tells what was folded, and everything here is an
// estimate.
#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/text.h"
#include "model/layer_folded_bn.h"
#include "roles/hidden.h"

namespace hoarfrost::roles {
namespace {

using model::kNone;
using model::NodeId;
using model::TensorId;
using model::ValueId;

bool IsNumbered(std::string_view name) { return name.substr(0, 6) == "onnx::"; }

bool IsOp(const model::Facts& facts, NodeId n, std::string_view op) {
  return n != kNone && facts.nodes[static_cast<size_t>(n)].proto->op_type() == op;
}

// The stored operand of a node with two inputs, when its name is numbered; kNone otherwise.
TensorId NumberedOperand(const Ledger& ledger, NodeId n) {
  for (const ValueId v : ledger.facts.inputs(n)) {
    const TensorId t = ledger.tensor(v);
    if (t != kNone && IsNumbered(ledger.name(v))) return t;
  }
  return kNone;
}

// [1, C, 1, ...] or [C, 1, 1]: the operand of a per-channel scale of an image.
bool IsPerChannel(const model::Tensor& tensor) {
  size_t large = 0;
  for (const int64_t d : tensor.dims) large += d > 1;
  return tensor.dims.size() >= 3 && large <= 1 && tensor.elements > 1;
}

// With modules exported as functions the pair is passed along calls, one after the other:
//   ResNet(input, onnx::Conv_101, onnx::Conv_102, onnx::Conv_104, onnx::Conv_105, ...)
void FindInCalls(Ledger& ledger) {
  if (ledger.facts.model().functions_size() == 0) return;
  const model::Tensor* before = nullptr;
  for (size_t t = 0; t < ledger.facts.tensors.size(); ++t) {
    const model::Tensor& tensor = ledger.facts.tensors[t];
    const model::Tensor* weight = std::exchange(before, &tensor);
    const TensorId bias = static_cast<TensorId>(t);
    constexpr std::string_view kConv = "onnx::Conv_";
    if (weight == nullptr || tensor.name.substr(0, kConv.size()) != kConv ||
        weight->name.substr(0, kConv.size()) != kConv || tensor.dims.size() != 1 ||
        weight->dims.size() < 3 || weight->dims[0] != tensor.dims[0] ||
        !ledger.counts_as_weight(bias)) {
      continue;
    }
    Adjustment adjustment;
    adjustment.layer = std::string(ledger.layer_of_tensor(bias));
    adjustment.type = "BatchNormalization";
    adjustment.trainable = ledger.elements(bias);
    adjustment.statistics = 2 * ledger.elements(bias);
    adjustment.text = "folded into the convolution that reads " + base::Quote(tensor.name) +
                      "; taken as affine, after a convolution without a bias";
    ledger.Add(std::move(adjustment));
  }
}

// A product of something and one stored number.
bool IsScaledByNumber(const Ledger& ledger, ValueId v) {
  const NodeId mul = v == kNone ? kNone : ledger.facts.values[static_cast<size_t>(v)].producer;
  if (!IsOp(ledger.facts, mul, "Mul")) return false;
  for (const ValueId operand : ledger.facts.inputs(mul)) {
    const TensorId t = ledger.tensor(operand);
    if (t != kNone && ledger.facts.tensors[static_cast<size_t>(t)].elements == 1) return true;
  }
  return false;
}

// Rows that a Gather picks from the table go into such a product.
bool IsScaledTable(const Ledger& ledger, const model::Tensor& table) {
  for (const model::Use& use : ledger.facts.uses(table.value)) {
    if (!IsOp(ledger.facts, use.node, "Gather") || use.slot != 0) continue;
    const auto rows = ledger.facts.outputs(use.node);
    if (rows.empty() || rows[0] == kNone) continue;
    for (const model::Use& next : ledger.facts.uses(rows[0])) {
      if (!IsOp(ledger.facts, next.node, "Mul")) continue;
      const auto product = ledger.facts.outputs(next.node);
      if (!product.empty() && IsScaledByNumber(ledger, product[0])) return true;
    }
  }
  return false;
}

}  // namespace

// before: x -> Conv(conv.weight[, conv.bias]) -> BatchNormalization(bn.weight, bn.bias, mean, var)
// after:  x -> Conv(onnx::Conv_147, onnx::Conv_148)
// Taken as an affine BatchNormalization. Whether the convolution had a bias shows in the numbers
// where they can be counted (see ConvolutionsWithBias); otherwise it is taken to have had none, as
// is usual before a BatchNormalization.
void FindTorchScriptBatchNorm(Ledger& ledger) {
  struct Fold {
    NodeId node;
    int64_t channels;
    TensorId bias;
  };
  std::vector<Fold> folds;
  std::vector<char> seen(ledger.facts.tensors.size(), 0);
  for (size_t n = 0; n < ledger.facts.nodes.size(); ++n) {
    const NodeId node = static_cast<NodeId>(n);
    const std::optional<TensorId> bias = model::FoldedBias(ledger.facts, node);
    if (!bias || seen[static_cast<size_t>(*bias)]) continue;
    seen[static_cast<size_t>(*bias)] = 1;
    folds.push_back({node, ledger.elements(*bias), *bias});
  }
  if (folds.empty()) {
    FindInCalls(ledger);
    return;
  }
  const std::optional<size_t> biased = model::ConvolutionsWithBias(ledger.facts);
  const bool alike = std::all_of(folds.begin(), folds.end(), [&](const Fold& fold) {
    return fold.channels == folds[0].channels;
  });
  // All of them, none, or so many of equal size: the sum is the same whichever they are.
  size_t left = biased && (*biased == folds.size() || alike) ? *biased : 0;
  for (const Fold& fold : folds) {
    const std::string op = ledger.facts.nodes[static_cast<size_t>(fold.node)].proto->op_type();
    Adjustment adjustment;
    adjustment.layer = std::string(ledger.layer_of_tensor(fold.bias));
    adjustment.type = "BatchNormalization";
    adjustment.statistics = 2 * fold.channels;
    adjustment.trainable = 2 * fold.channels;
    const bool with_bias = left > 0;
    if (with_bias) {
      --left;
    } else {
      adjustment.trainable -= fold.channels;  // the stored bias stands for the shift
    }
    adjustment.text =
        "folded into " + op + " " +
        base::Quote(ledger.facts.nodes[static_cast<size_t>(fold.node)].proto->name()) +
        ": its weight and bias have numbers for names; taken as affine, after a "
        "convolution " +
        (with_bias ? "with a bias" : "without a bias");
    ledger.Add(std::move(adjustment));
  }
}

// before: x -> Conv -> FrozenBatchNorm(weight, bias, running_mean, running_var: all buffers)
// after:  x -> Conv -> Mul(onnx::Mul_415 [1, C, 1, 1]) -> Add(onnx::Add_417 [1, C, 1, 1]),
//         Mul and Add in one module
// A scale or shift that is a parameter would have kept its name.
void FindTorchScriptFrozenBatchNorm(Ledger& ledger) {
  for (size_t n = 0; n < ledger.facts.nodes.size(); ++n) {
    const NodeId mul = static_cast<NodeId>(n);
    if (!IsOp(ledger.facts, mul, "Mul")) continue;
    const TensorId scale = NumberedOperand(ledger, mul);
    if (scale == kNone) continue;
    const model::Tensor& tensor = ledger.facts.tensors[static_cast<size_t>(scale)];
    if (!IsPerChannel(tensor) || tensor.dims.size() != 4) continue;
    bool after_convolution = false;
    for (const ValueId v : ledger.facts.inputs(mul)) {
      if (v == kNone) continue;
      after_convolution |=
          IsOp(ledger.facts, ledger.facts.values[static_cast<size_t>(v)].producer, "Conv");
    }
    const auto outputs = ledger.facts.outputs(mul);
    if (!after_convolution || outputs.empty() || outputs[0] == kNone) continue;
    for (const model::Use& use : ledger.facts.uses(outputs[0])) {
      if (!IsOp(ledger.facts, use.node, "Add")) continue;
      const TensorId shift = NumberedOperand(ledger, use.node);
      if (shift == kNone || ledger.elements(shift) != ledger.elements(scale)) continue;
      if (ledger.layer_of_node(use.node) != ledger.layer_of_node(mul)) continue;
      Adjustment adjustment;
      adjustment.layer = std::string(ledger.layer_of_node(mul));
      adjustment.type = "BatchNormalization";
      adjustment.statistics = 2 * ledger.elements(scale);
      for (const TensorId t : {scale, shift}) {  // made of buffers: no weights of the framework
        if (ledger.counts_as_weight(t)) adjustment.trainable -= ledger.elements(t);
      }
      adjustment.text = "a frozen BatchNormalization was folded into " + base::Quote(tensor.name) +
                        " and " +
                        base::Quote(ledger.facts.tensors[static_cast<size_t>(shift)].name);
      ledger.Add(std::move(adjustment));
      break;
    }
  }
}

// before: Gather(embed.weight [V, D]) ... -> Transpose(embed.weight) -> MatMul
// after:  Gather(embed.weight [V, D]) ... -> MatMul(onnx::MatMul_393 [D, V])
// Constant folding transposes every Linear's weight, so a head tied to the embedding and a head of
// its own look alike. Language models tie them by default, but for those with RMSNorm instead of
// LayerNorm (Llama and its kin), where the sizes say nothing and only the values can tell. One
// matrix for both needs a scale at one of its ends, sqrt(D) after the embedding (Gemma) or
// 1 / sqrt(D) before the head (T5): where one is, they are tied.
void FindTorchScriptTied(Ledger& ledger) {
  base::ViewMap<TensorId> tables;
  std::vector<std::pair<TensorId, NodeId>> heads;
  bool layer_norm = false, reciprocal_root = false;
  for (size_t n = 0; n < ledger.facts.nodes.size(); ++n) {
    const NodeId node = static_cast<NodeId>(n);
    const std::string_view op = ledger.facts.nodes[n].proto->op_type();
    const auto inputs = ledger.facts.inputs(node);
    if (op == "LayerNormalization" || op == "Sub") layer_norm = true;
    if (op == "Sqrt" || op == "RMSNormalization" || op == "SimplifiedLayerNormalization") {
      reciprocal_root = true;
    }
    if (op == "Gather" && !inputs.empty()) {
      const TensorId t = ledger.tensor(inputs[0]);
      if (t != kNone && ledger.counts_as_weight(t) && !IsNumbered(ledger.name(inputs[0])) &&
          ledger.facts.tensors[static_cast<size_t>(t)].dims.size() == 2) {
        tables.emplace(ledger.name(inputs[0]), t);
      }
    }
    if (op == "MatMul" && inputs.size() == 2) {
      const TensorId t = ledger.tensor(inputs[1]);
      if (t != kNone && ledger.counts_as_weight(t) && IsNumbered(ledger.name(inputs[1])) &&
          ledger.facts.tensors[static_cast<size_t>(t)].dims.size() == 2) {
        heads.emplace_back(t, node);
      }
    }
  }
  if (heads.empty()) return;
  // The head is the last of them; the embedding is the only table of its size.
  const auto& [head, node] = heads.back();
  const auto& dims = ledger.facts.tensors[static_cast<size_t>(head)].dims;
  TensorId table = kNone;
  for (const auto& [name, t] : tables) {
    const auto& of_table = ledger.facts.tensors[static_cast<size_t>(t)].dims;
    if (of_table[0] != dims[1] || of_table[1] != dims[0]) continue;
    if (table != kNone) return;
    table = t;
  }
  // A classifier of few classes meets a table of few rows by chance.
  constexpr int64_t kFewClasses = 16;
  if (table == kNone) return;
  const bool kin_tie = layer_norm || !reciprocal_root ||
                       IsScaledTable(ledger, ledger.facts.tensors[static_cast<size_t>(table)]) ||
                       IsScaledByNumber(ledger, ledger.facts.inputs(node)[0]);
  const bool likely = dims[1] >= kFewClasses && dims[1] > dims[0] && kin_tie;
  Adjustment adjustment;
  adjustment.kind = AdjustmentKind::kStoredTwice;
  adjustment.layer = std::string(ledger.layer_of_node(node));
  adjustment.trainable = -ledger.elements(head);
  adjustment.text = base::Quote(ledger.facts.tensors[static_cast<size_t>(head)].name) +
                    " has the transposed shape of " +
                    base::Quote(ledger.facts.tensors[static_cast<size_t>(table)].name) +
                    ": taken as tied to it";
  adjustment.copy = head;
  adjustment.original = table;
  if (likely) {
    ledger.Add(std::move(adjustment));
  } else {
    ledger.candidates.push_back(std::move(adjustment));
  }
}

// A standardised convolution reads its weight twice, and folding stores it in two orders:
//   onnx::ReduceMean_427 [1, K, O] -> mean, variance -+
//   onnx::BatchNormalization_425 [1, O, K] -----------+-> BatchNormalization -> Reshape -> Conv
void FindStandardisedTwice(Ledger& ledger) {
  for (size_t n = 0; n < ledger.facts.nodes.size(); ++n) {
    const NodeId node = static_cast<NodeId>(n);
    if (!IsOp(ledger.facts, node, "BatchNormalization")) continue;
    const auto inputs = ledger.facts.inputs(node);
    if (inputs.size() < 5) continue;
    const TensorId weight = ledger.tensor(inputs[0]);
    if (weight == kNone || !ledger.counts_as_weight(weight) || inputs[3] == kNone) continue;
    const NodeId mean = ledger.facts.values[static_cast<size_t>(inputs[3])].producer;
    if (!IsOp(ledger.facts, mean, "ReduceMean")) continue;
    const auto of_mean = ledger.facts.inputs(mean);
    const TensorId copy = of_mean.empty() ? kNone : ledger.tensor(of_mean[0]);
    if (copy == kNone || copy == weight || !ledger.counts_as_weight(copy) ||
        ledger.elements(copy) != ledger.elements(weight)) {
      continue;
    }
    Adjustment adjustment;
    adjustment.kind = AdjustmentKind::kStoredTwice;
    adjustment.layer = std::string(ledger.layer_of_node(node));
    adjustment.trainable = -ledger.elements(copy);
    adjustment.text = base::Quote(ledger.facts.tensors[static_cast<size_t>(copy)].name) + " is " +
                      base::Quote(ledger.facts.tensors[static_cast<size_t>(weight)].name) +
                      " in another order, for its mean and variance";
    adjustment.copy = copy;
    adjustment.original = weight;
    ledger.Add(std::move(adjustment));
  }
}

int64_t PositionTableElements(const model::Tensor& gathered) {
  const size_t rank = gathered.dims.size();
  if (rank < 3) return 0;
  const int64_t heads = gathered.dims[rank - 3], positions = gathered.dims[rank - 1];
  constexpr int64_t kMost = 1 << 20;
  if (positions != gathered.dims[rank - 2] || positions < 4 || positions > kMost || heads < 1 ||
      heads > kMost) {
    return 0;
  }
  // A window of w * w positions has (2w - 1)^2 offsets; a class token adds three more.
  for (int64_t window = 2; window * window <= positions; ++window) {
    const int64_t rows = (2 * window - 1) * (2 * window - 1);
    if (window * window == positions) return heads * rows;
    if (window * window == positions - 1) return heads * (rows + 3);
  }
  return 0;
}

// before: Gather(relative_position_bias_table [(2w-1)^2, heads]) -> ... -> [1, heads, N, N] -> Add
// after:  onnx::Add_2886 [1, heads, N, N] -> Add
// Where roles took it for a weight; N = w * w is a square window.
void FindGatheredPositions(Ledger& ledger) {
  std::vector<char> seen(ledger.facts.tensors.size(), 0);
  for (size_t n = 0; n < ledger.facts.nodes.size(); ++n) {
    const NodeId node = static_cast<NodeId>(n);
    if (!IsOp(ledger.facts, node, "Add")) continue;
    const TensorId t = NumberedOperand(ledger, node);
    if (t == kNone || seen[static_cast<size_t>(t)] || !ledger.counts_as_weight(t)) continue;
    seen[static_cast<size_t>(t)] = 1;
    const model::Tensor& tensor = ledger.facts.tensors[static_cast<size_t>(t)];
    const int64_t table = tensor.dims.size() == 4 ? PositionTableElements(tensor) : 0;
    if (table == 0) continue;
    Adjustment adjustment;
    adjustment.kind = AdjustmentKind::kStoredTwice;
    adjustment.layer = std::string(ledger.layer_of_node(node));
    adjustment.trainable = table - ledger.elements(t);
    adjustment.text = base::Quote(tensor.name) +
                      " looks like the entries of a relative position table, gathered for a "
                      "square window";
    ledger.Add(std::move(adjustment));
  }
}

// torch.onnx.export(export_params=False): the weights are inputs of the graph, under their names.
//   fc.weight [10, 128], fc.bias [10]; onnx::Conv_101 and onnx::Conv_102 where a BatchNormalization
//   was folded
void FindWeightsAsInputs(Ledger& ledger) {
  if (!ledger.facts.tensors.empty()) {
    for (const model::Tensor& tensor : ledger.facts.tensors) {
      if (tensor.source == model::TensorSource::kInitializer) return;
    }
  }
  std::vector<char> counted(ledger.facts.values.size(), 0);
  for (size_t n = 0; n < ledger.facts.nodes.size(); ++n) {
    const NodeId node = static_cast<NodeId>(n);
    const std::string_view op = ledger.facts.nodes[n].proto->op_type();
    const auto inputs = ledger.facts.inputs(node);
    Adjustment adjustment;
    adjustment.kind = AdjustmentKind::kDropped;
    adjustment.layer = std::string(ledger.layer_of_node(node));
    adjustment.type = std::string(op);
    int64_t last = 0;
    bool numbered = false;
    for (size_t slot = 1; slot < inputs.size(); ++slot) {
      if (inputs[slot] == kNone || counted[static_cast<size_t>(inputs[slot])]) continue;
      const model::Value& value = ledger.facts.values[static_cast<size_t>(inputs[slot])];
      if (!value.is_input || value.info == nullptr || value.scope != 0) continue;
      const size_t dot = value.name.rfind('.');
      const bool named =
          dot != std::string_view::npos &&
          value.name.substr(dot + 1).find_first_not_of("0123456789") != std::string_view::npos;
      if (!named && !IsNumbered(value.name)) continue;
      int64_t elements = 1;
      for (const auto& dim : value.info->type().tensor_type().shape().dim()) {
        const int64_t size = dim.dim_value();
        if (size <= 0 || elements > static_cast<int64_t>(kMostElements) / size) {
          elements = 0;
          break;
        }
        elements *= size;
      }
      if (elements == 0) continue;
      counted[static_cast<size_t>(inputs[slot])] = 1;
      const bool statistic = op == "BatchNormalization" && slot >= 3;
      (statistic ? adjustment.statistics : adjustment.trainable) += elements;
      numbered = IsNumbered(value.name);
      last = slot == 2 ? elements : 0;
    }
    if (numbered && op == "Conv" && last > 0) {  // as FindTorchScriptBatchNorm counts
      adjustment.trainable += last;
      adjustment.statistics += 2 * last;
    }
    if (adjustment.trainable == 0 && adjustment.statistics == 0) continue;
    adjustment.text = "exported without its weights: they are inputs of the graph";
    ledger.Add(std::move(adjustment));
  }
}

}  // namespace hoarfrost::roles
