// PyTorch's dynamo exporter: the graph signature lists every parameter and buffer of the module,
// so the framework's count can be put together again, target by target.
//
//   p_fc_weight: PARAMETER target='fc.weight'     stored under its name          -> its elements
//   p_conv_weight, p_bn_weight, b_bn_running_...  FuseBatchNorm rule             -> channels
//   p_lin_weight                                  folded_from ['lin.weight']     -> the copy's
//   elements p_wte_weight (lm_head.weight is stored, and   tied                           ->
//   nothing more
//                 read in the module 'wte')
//   p_mask_token                                  in no tensor                   -> dropped,
//   unknown
//
// Where each target has a size of its own, and nothing else counts as a parameter, the count is
// proved.
#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "model/exporter_metadata.h"
#include "model/layer_folded_bn.h"
#include "payload/dtype.h"
#include "roles/hidden.h"

namespace hoarfrost::roles {
namespace {

using model::GraphSignature;
using model::kNone;
using model::SignatureEntry;
using model::SignatureKind;
using model::TensorId;

enum class Fate : uint8_t {
  kUnknown,
  kStored,    // under its own name
  kHidden,    // in a BatchNormalization that was folded, with a known size
  kCopied,    // in a tensor of the same elements
  kReshaped,  // in a tensor that may have more or fewer
  kParts,     // cut into tensors, of which some may be missing or overlap
  kTied,      // another target is this parameter too
};

struct Folded {
  TensorId tensor = kNone;
  std::vector<size_t> parameters;  // entries of the signature among its sources
  std::vector<size_t> others;      // buffers and constants among them
  size_t made = 0;                 // zeros and the like that the traced program makes
  size_t sources = 0;              // all names, intermediate values too
};

std::string_view Leaf(std::string_view target) {
  const size_t dot = target.rfind('.');
  return dot == std::string_view::npos ? target : target.substr(dot + 1);
}

std::string_view Module(std::string_view target) {
  const size_t dot = target.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : target.substr(0, dot);
}

std::string Join(std::string_view module, std::string_view leaf) {
  return module.empty() ? std::string(leaf) : std::string(module) + "." + std::string(leaf);
}

bool StartsWith(std::string_view s, std::string_view prefix) {
  return s.substr(0, prefix.size()) == prefix;
}

// Names of fx nodes, but for their number: "slice_2", "select", "sum_1".
bool IsNamedAfter(std::string_view name, std::initializer_list<std::string_view> operations) {
  const size_t end = name.find_last_not_of("0123456789");
  if (end != std::string_view::npos && name[end] == '_') name = name.substr(0, end);
  return std::find(operations.begin(), operations.end(), name) != operations.end();
}

// Cuts one tensor into several.
bool IsPart(std::string_view name) {
  return IsNamedAfter(name, {"slice", "select", "getitem", "split", "split_with_sizes", "chunk",
                             "narrow", "unbind"});
}

// Gives fewer or more elements than it gets, from one tensor and nothing else.
bool IsReduced(std::string_view name) {
  return IsNamedAfter(
      name, {"sum", "mean", "max", "min", "amax", "amin", "prod", "std", "var", "norm",
             "linalg_vector_norm", "logsumexp", "einsum", "matmul", "mm", "trace", "diag"});
}

bool IsRunning(std::string_view target) {
  const std::string_view leaf = Leaf(target);
  return leaf == "running_mean" || leaf == "running_var";
}

class DynamoCount {
 public:
  explicit DynamoCount(Ledger& ledger)
      : ledger_(ledger), facts_(ledger.facts), signature_(ledger.facts.model()) {}

  void Run() {
    if (signature_.empty()) return;
    for (const SignatureEntry& entry : signature_.entries()) {
      // Keras on torch: its variables are constants of the trace, the signature says nothing.
      if (entry.target.find("_torch_params.") != std::string_view::npos) return;
    }
    fate_.assign(signature_.entries().size(), Fate::kUnknown);
    FindStored();
    FindBatchNorm();
    FindFolded();
    FindRepeated();
    FindStoredOnce();
    FindRemovedBias();
    FindDropped();
    Prove();
  }

 private:
  const SignatureEntry& entry(size_t i) const { return signature_.entries()[i]; }

  std::optional<size_t> Index(std::string_view target) const {
    const SignatureEntry* found = signature_.Find(target);
    if (found == nullptr) return std::nullopt;
    return static_cast<size_t>(found - signature_.entries().data());
  }

  TensorId Stored(std::string_view target) const {
    return ledger_.tensor(facts_.Resolve(0, target));
  }

  void FindStored() {
    for (size_t i = 0; i < fate_.size(); ++i) {
      const TensorId t = Stored(entry(i).target);
      if (t == kNone) continue;
      fate_[i] = Fate::kStored;
      if (entry(i).kind == SignatureKind::kParameter &&
          payload::IsTrainableFloat(facts_.tensors[static_cast<size_t>(t)].dtype)) {
        expected_trainable_ += ledger_.elements(t);
      } else if (entry(i).kind == SignatureKind::kBuffer && IsRunning(entry(i).target)) {
        expected_statistics_ += ledger_.elements(t);
      }
    }
  }

  // before: x -> Conv(conv.weight) -> BatchNormalization(bn.weight, bn.bias, mean, var)
  // after:  x -> Conv(conv.weight', conv.weight_bias), rule_name FuseBatchNormIntoConv,
  //         in the scope of the BatchNormalization
  // The signature says which of the four the module had, and whether the convolution had a bias.
  void FindBatchNorm() {
    for (size_t n = 0; n < facts_.nodes.size(); ++n) {
      const onnx::NodeProto& node = *facts_.nodes[n].proto;
      if (!model::IsFoldedBatchNorm(node)) continue;
      const auto inputs = facts_.inputs(static_cast<model::NodeId>(n));
      const model::TracedModule module = model::FindTracedModule(node);
      const TensorId bias = inputs.size() > 2 ? ledger_.tensor(inputs[2]) : kNone;
      if (!module.known || bias == kNone) {
        complete_ = false;
        continue;
      }
      const int64_t channels = ledger_.elements(bias);
      Adjustment adjustment;
      adjustment.layer = std::string(module.path);
      adjustment.type = "BatchNormalization";
      for (const std::string_view leaf : {"weight", "bias", "running_mean", "running_var"}) {
        const auto i = Index(Join(module.path, leaf));
        if (!i || fate_[*i] != Fate::kUnknown) continue;
        fate_[*i] = Fate::kHidden;
        if (entry(*i).kind == SignatureKind::kParameter) {
          adjustment.trainable += channels;
          expected_trainable_ += channels;
        } else if (IsRunning(entry(*i).target)) {
          adjustment.statistics += channels;
          expected_statistics_ += channels;
        }
      }
      // A bias that no target names was made by the folding: it stands for the shift.
      const std::string_view bias_name = ledger_.name(inputs[2]);
      if (signature_.Find(bias_name) == nullptr) {
        if (ledger_.counts_as_weight(bias)) adjustment.trainable -= channels;
      }
      adjustment.text =
          "folded into " + node.op_type() + " " + base::Quote(node.name()) + " (rule " +
          std::string(model::FindMetadata(node.metadata_props(), model::kRuleNameKey)) + ")";
      if (adjustment.trainable != 0 || adjustment.statistics != 0) {
        ledger_.Add(std::move(adjustment));
      }
    }
  }

  std::vector<Folded> Folds() const {
    std::vector<Folded> folds;
    for (size_t t = 0; t < facts_.tensors.size(); ++t) {
      const model::Tensor& tensor = facts_.tensors[t];
      const model::Value& value = facts_.values[static_cast<size_t>(tensor.value)];
      if (value.info == nullptr) continue;
      const std::string_view list =
          model::FindMetadata(value.info->metadata_props(), model::kFoldedFromKey);
      if (list.empty()) continue;
      Folded fold;
      fold.tensor = static_cast<TensorId>(t);
      for (const std::string_view source : model::PythonStrings(list)) {
        ++fold.sources;
        const auto i = Index(source);
        if (!i) {
          fold.made += IsNamedAfter(source, {"zeros", "zeros_like", "new_zeros"});
          continue;
        }
        (entry(*i).kind == SignatureKind::kParameter ? fold.parameters : fold.others).push_back(*i);
      }
      if (!fold.parameters.empty() || !fold.others.empty()) folds.push_back(std::move(fold));
    }
    return folds;
  }

  void FindFolded() {
    const std::vector<Folded> folds = Folds();
    // Copies with all elements first: one source and nothing else, as Transpose and Cast leave.
    for (const Folded& fold : folds) {
      if (fold.sources != 1 || fold.parameters.size() != 1) continue;
      if (!ledger_.counts_as_weight(fold.tensor)) continue;
      const size_t i = fold.parameters[0];
      if (IsReduced(facts_.tensors[static_cast<size_t>(fold.tensor)].name)) complete_ = false;
      if (fate_[i] == Fate::kUnknown) {
        fate_[i] = Fate::kCopied;
        expected_trainable_ += ledger_.elements(fold.tensor);
      } else {
        AddTwice(fold.tensor, entry(i).target);
      }
    }
    for (const Folded& fold : folds) {
      if (fold.sources == 1 && fold.parameters.size() == 1) continue;
      if (fold.parameters.empty()) {
        AddStatistics(fold);
      } else if (ledger_.counts_as_weight(fold.tensor)) {
        AddComputed(fold);
      }
    }
  }

  void AddTwice(TensorId t, std::string_view target) {
    Adjustment adjustment;
    adjustment.kind = AdjustmentKind::kStoredTwice;
    adjustment.layer = std::string(ledger_.layer_of_tensor(t));
    adjustment.trainable = -ledger_.elements(t);
    adjustment.text = base::Quote(facts_.tensors[static_cast<size_t>(t)].name) +
                      " was folded from " + base::Quote(target) + ", which is stored too";
    ledger_.Add(std::move(adjustment));
  }

  // A frozen BatchNormalization leaves a scale and a shift, both made of its buffers.
  void AddStatistics(const Folded& fold) {
    for (const size_t i : fold.others) {
      if (!IsRunning(entry(i).target) || fate_[i] != Fate::kUnknown) continue;
      if (ledger_.counts_as_statistic(fold.tensor)) {
        fate_[i] = Fate::kReshaped;
        continue;
      }
      fate_[i] = Fate::kHidden;
      Adjustment adjustment;
      adjustment.layer = std::string(Module(entry(i).target));
      adjustment.type = "BatchNormalization";
      adjustment.statistics = ledger_.elements(fold.tensor);
      adjustment.text = base::Quote(entry(i).target) + " was folded into " +
                        base::Quote(facts_.tensors[static_cast<size_t>(fold.tensor)].name);
      ledger_.Add(std::move(adjustment));
    }
  }

  // A tensor computed from parameters. Those that lie in the file already are counted there; of
  // the others it holds a part, a concatenation or a product.
  void AddComputed(const Folded& fold) {
    complete_ = false;
    std::vector<size_t> open;
    for (const size_t i : fold.parameters) {
      if (fate_[i] == Fate::kUnknown) open.push_back(i);
    }
    const model::Tensor& tensor = facts_.tensors[static_cast<size_t>(fold.tensor)];
    if (open.empty()) {
      // Another part of what a tensor before holds a part of: no copy.
      const size_t first = fold.parameters[0];
      if (fate_[first] == Fate::kParts && fold.parameters.size() == 1 && IsPart(tensor.name))
        return;
      AddTwice(fold.tensor, entry(first).target);
      return;
    }
    const bool part = open.size() == 1 && IsPart(tensor.name);
    for (const size_t i : open) fate_[i] = part ? Fate::kParts : Fate::kReshaped;

    Adjustment adjustment;
    adjustment.layer = std::string(ledger_.layer_of_tensor(fold.tensor));
    const std::string quoted = base::Quote(tensor.name);
    if (const auto more = NormMagnitude(open, tensor)) {
      adjustment.trainable = *more;
      adjustment.text = "the magnitude of the weight normalisation was folded into " + quoted;
    } else if (const auto table = PositionTable(open, tensor)) {
      adjustment.kind = AdjustmentKind::kStoredTwice;
      adjustment.trainable = *table - ledger_.elements(fold.tensor);
      adjustment.text = quoted + " holds the entries of " + base::Quote(entry(open[0]).target) +
                        " gathered for a square window";
    } else if (const uint64_t fixed = fold.others.size() + fold.made,
               parts = fold.parameters.size() + fixed;
               StartsWith(tensor.name, "cat") && fixed > 0 && tensor.dims.size() == 1 &&
               tensor.elements % parts == 0) {
      adjustment.kind = AdjustmentKind::kPadding;
      adjustment.trainable = -static_cast<int64_t>(tensor.elements / parts * fixed);
      adjustment.text =
          quoted + " joins parameters with a constant part, " +
          (fold.others.empty() ? std::string("zeros") : base::Quote(entry(fold.others[0]).target));
    } else if (const int64_t samples = Samples(open, tensor); samples > 1) {
      adjustment.kind = AdjustmentKind::kStoredTwice;
      adjustment.trainable =
          -(ledger_.elements(fold.tensor) - ledger_.elements(fold.tensor) / samples);
      adjustment.text = quoted + " repeats " + base::Quote(entry(open[0]).target) +
                        " for every sample of the batch";
    }
    if (adjustment.trainable != 0) ledger_.Add(std::move(adjustment));
  }

  // How often a tensor repeats a parameter for the batch: torch's expand() of a class token
  // [1, 1, D] to [N, 1, D]; MultiheadAttention's repeat() of bias_k [1, 1, D] to [1, N, D].
  int64_t Samples(const std::vector<size_t>& open, const model::Tensor& tensor) const {
    if (open.size() != 1 || tensor.dims.size() < 2 || tensor.elements == 0) return 1;
    if (StartsWith(tensor.name, "expand")) return std::max<int64_t>(tensor.dims[0], 1);
    const std::string_view leaf = Leaf(entry(open[0]).target);
    if (!IsNamedAfter(tensor.name, {"repeat"}) || (leaf != "bias_k" && leaf != "bias_v")) return 1;
    return std::max<int64_t>(tensor.dims[1], 1);
  }

  // weight = g * v / |v|: torch.nn.utils.parametrizations.weight_norm calls them original0 and
  // original1, torch.nn.utils.weight_norm weight_g and weight_v. One g for each of dim 0 is the
  // default.
  std::optional<int64_t> NormMagnitude(const std::vector<size_t>& open,
                                       const model::Tensor& tensor) const {
    if (open.size() != 2 || tensor.dims.empty()) return std::nullopt;
    const std::string_view a = Leaf(entry(open[0]).target), b = Leaf(entry(open[1]).target);
    const bool pair = (a == "original0" && b == "original1") ||
                      (a.size() > 2 && b.size() > 2 && a.substr(a.size() - 2) == "_g" &&
                       b.substr(b.size() - 2) == "_v");
    if (!pair || tensor.dims[0] < 0) return std::nullopt;
    return tensor.dims[0];
  }

  // Swin, BEiT: [1, heads, N, N] gathered from "relative_position_bias_table".
  std::optional<int64_t> PositionTable(const std::vector<size_t>& open,
                                       const model::Tensor& tensor) const {
    if (open.size() != 1 || Leaf(entry(open[0]).target).find("relative_position_bias_table") ==
                                std::string_view::npos) {
      return std::nullopt;
    }
    const int64_t elements = PositionTableElements(tensor);
    if (elements == 0) return std::nullopt;
    return elements;
  }

  // InstanceNorm with tracked statistics becomes BatchNormalization over (1, N * C, ...):
  //   x [N, C, ...] -> Reshape -> BatchNormalization(scale [N * C], ...)
  void FindRepeated() {
    for (size_t n = 0; n < facts_.nodes.size(); ++n) {
      if (facts_.nodes[n].proto->op_type() != "BatchNormalization") continue;
      const auto inputs = facts_.inputs(static_cast<model::NodeId>(n));
      if (inputs.size() < 5 || inputs[0] == kNone) continue;
      const model::NodeId reshape = facts_.values[static_cast<size_t>(inputs[0])].producer;
      if (reshape == kNone ||
          facts_.nodes[static_cast<size_t>(reshape)].proto->op_type() != "Reshape") {
        continue;
      }
      const auto data = facts_.inputs(reshape);
      if (data.empty() || data[0] == kNone) continue;
      const onnx::ValueInfoProto* info = facts_.values[static_cast<size_t>(data[0])].info;
      if (info == nullptr || info->type().tensor_type().shape().dim_size() < 3) continue;
      const int64_t samples = info->type().tensor_type().shape().dim(0).dim_value();
      const int64_t channels = info->type().tensor_type().shape().dim(1).dim_value();
      Adjustment adjustment;
      adjustment.kind = AdjustmentKind::kStoredTwice;
      adjustment.layer = std::string(ledger_.layer_of_node(static_cast<model::NodeId>(n)));
      adjustment.type = "InstanceNorm";
      adjustment.text = "repeated for each of " + std::to_string(samples) + " samples";
      for (size_t slot = 1; slot < 5; ++slot) {
        const TensorId t = ledger_.tensor(inputs[slot]);
        if (t == kNone || samples < 2 || channels < 1) continue;
        const int64_t all = ledger_.elements(t);
        if (all % samples != 0 || all / samples != channels) continue;
        if (ledger_.counts_as_weight(t)) adjustment.trainable -= all - channels;
        if (ledger_.counts_as_statistic(t)) adjustment.statistics -= all - channels;
      }
      if (adjustment.trainable != 0 || adjustment.statistics != 0) {
        ledger_.Add(std::move(adjustment));
      }
    }
  }

  // A target that no tensor holds may be another one: in the module 'wte', a node reads
  // 'lm_head.weight', and the program says so too (%p_lm_head_weight): tied. If the program says
  // %p_wte_weight, two parameters of equal values were stored as one.
  void FindStoredOnce() {
    base::ViewMap<size_t> open;  // module -> entry
    for (size_t i = 0; i < fate_.size(); ++i) {
      if (fate_[i] == Fate::kUnknown && entry(i).kind == SignatureKind::kParameter) {
        open.emplace(Module(entry(i).target), i);
      }
    }
    if (open.empty()) return;
    std::string placeholder;
    for (size_t n = 0; n < facts_.nodes.size(); ++n) {
      const onnx::NodeProto& node = *facts_.nodes[n].proto;
      const model::TracedModule module = model::FindTracedModule(node);
      if (!module.known) continue;
      if (!open.contains(module.path)) continue;
      const std::string_view program =
          model::FindMetadata(node.metadata_props(), model::kFxNodeKey);
      for (const model::ValueId v : facts_.inputs(static_cast<model::NodeId>(n))) {
        const TensorId t = ledger_.tensor(v);
        if (t == kNone || !ledger_.counts_as_weight(t)) continue;
        const std::string_view read = facts_.tensors[static_cast<size_t>(t)].name;
        const SignatureEntry* other = signature_.Find(read);
        if (other == nullptr || Module(read) == module.path) continue;
        const auto i = Index(Join(module.path, Leaf(read)));
        if (!i || fate_[*i] != Fate::kUnknown) continue;
        const auto mentions = [&](std::string_view target_node) {
          placeholder.assign("%").append(target_node);
          const size_t at = program.find(placeholder);
          if (target_node.empty() || at == std::string_view::npos) return false;
          const size_t end = at + placeholder.size();
          return end == program.size() || program[end] == ',' || program[end] == ')';
        };
        if (mentions(entry(*i).node)) {
          fate_[*i] = Fate::kCopied;
          Adjustment adjustment;
          adjustment.layer = std::string(module.path);
          adjustment.trainable = ledger_.elements(t);
          adjustment.text = base::Quote(entry(*i).target) + " has the values of " +
                            base::Quote(read) + " and is stored as that";
          expected_trainable_ += adjustment.trainable;
          ledger_.Add(std::move(adjustment));
        } else if (mentions(other->node)) {
          fate_[*i] = Fate::kTied;
        }
      }
    }
  }

  // A bias of zeros is removed by a rule of its own (RemoveOptionalBiasFromConv, ...FromGemm, ...);
  // it had one element for each of dim 0 of the weight, which keeps its name.
  void FindRemovedBias() {
    if (std::find(fate_.begin(), fate_.end(), Fate::kUnknown) == fate_.end()) return;
    for (size_t n = 0; n < facts_.nodes.size(); ++n) {
      const onnx::NodeProto& node = *facts_.nodes[n].proto;
      const std::string_view rule = model::FindMetadata(node.metadata_props(), model::kRuleNameKey);
      if (rule.find("RemoveOptionalBias") == std::string_view::npos) continue;
      const auto inputs = facts_.inputs(static_cast<model::NodeId>(n));
      const TensorId weight = inputs.size() > 1 ? ledger_.tensor(inputs[1]) : kNone;
      if (weight == kNone || Leaf(ledger_.name(inputs[1])) != "weight") continue;
      const auto i = Index(Join(Module(ledger_.name(inputs[1])), "bias"));
      const model::Tensor& tensor = facts_.tensors[static_cast<size_t>(weight)];
      if (!i || fate_[*i] != Fate::kUnknown || entry(*i).kind != SignatureKind::kParameter ||
          tensor.dims.empty() || tensor.dims[0] <= 0 || node.op_type() == "ConvTranspose" ||
          static_cast<uint64_t>(tensor.dims[0]) > tensor.elements) {
        continue;
      }
      fate_[*i] = Fate::kHidden;
      Adjustment adjustment;
      adjustment.kind = AdjustmentKind::kDropped;
      adjustment.layer = std::string(Module(entry(*i).target));
      adjustment.trainable = tensor.dims[0];
      adjustment.text = base::Quote(entry(*i).target) + " was all zeros and removed (rule " +
                        std::string(rule) + ")";
      expected_trainable_ += adjustment.trainable;
      ledger_.Add(std::move(adjustment));
    }
  }

  void FindDropped() {
    std::vector<std::string_view> names;
    for (size_t i = 0; i < fate_.size(); ++i) {
      if (fate_[i] == Fate::kUnknown && entry(i).kind == SignatureKind::kParameter) {
        names.push_back(entry(i).target);
      }
    }
    if (names.empty()) return;
    constexpr size_t kMostNames = 5;
    complete_ = false;
    Adjustment adjustment;
    adjustment.kind = AdjustmentKind::kDropped;
    adjustment.layer = std::string(Module(names[0]));
    adjustment.text = std::to_string(names.size()) +
                      (names.size() == 1 ? " parameter that the signature names is"
                                         : " parameters that the signature names are") +
                      " in no tensor (unused or tied; no size is told): ";
    for (size_t i = 0; i < std::min(names.size(), kMostNames); ++i) {
      adjustment.text += (i == 0 ? "" : ", ") + base::Escape(names[i]);
    }
    if (names.size() > kMostNames) adjustment.text += ", ...";
    ledger_.Add(std::move(adjustment));
  }

  // Proved: every target has a fate with a known size, and what the file's totals and the
  // adjustments come to is the sum of those sizes, so that no tensor counts that no target
  // explains.
  void Prove() {
    if (!complete_) return;
    for (size_t i = 0; i < fate_.size(); ++i) {
      const bool counted = entry(i).kind == SignatureKind::kParameter ||
                           (entry(i).kind == SignatureKind::kBuffer && IsRunning(entry(i).target));
      if (counted &&
          (fate_[i] == Fate::kUnknown || fate_[i] == Fate::kReshaped || fate_[i] == Fate::kParts)) {
        return;
      }
    }
    int64_t trainable = 0, statistics = 0;
    for (size_t t = 0; t < facts_.tensors.size(); ++t) {
      const TensorId id = static_cast<TensorId>(t);
      if (ledger_.counts_as_weight(id)) trainable += ledger_.elements(id);
      if (ledger_.counts_as_statistic(id)) statistics += ledger_.elements(id);
    }
    for (const Adjustment& adjustment : ledger_.adjustments) {
      trainable += adjustment.trainable;
      statistics += adjustment.statistics;
    }
    ledger_.proved = trainable == expected_trainable_ && statistics == expected_statistics_;
  }

  Ledger& ledger_;
  const model::Facts& facts_;
  const GraphSignature signature_;
  std::vector<Fate> fate_;
  int64_t expected_trainable_ = 0;
  int64_t expected_statistics_ = 0;
  bool complete_ = true;
};

}  // namespace

void FindDynamoHidden(Ledger& ledger) { DynamoCount(ledger).Run(); }

}  // namespace hoarfrost::roles
