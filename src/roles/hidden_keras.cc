// Keras 3 on its torch backend: BatchNormalization by hand, under PyTorch's exporters.
#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/text.h"
#include "model/exporter_metadata.h"
#include "roles/hidden.h"

namespace hoarfrost::roles {
namespace {

using model::kNone;
using model::NodeId;
using model::TensorId;
using model::ValueId;

// The only reader of a value, seen through Cast; kNone if there are several.
NodeId OnlyReader(const model::Facts& facts, ValueId v) {
  for (int hop = 0; hop < 4 && v != kNone; ++hop) {
    const auto uses = facts.uses(v);
    if (uses.size() != 1) return kNone;
    const NodeId n = uses[0].node;
    if (facts.nodes[static_cast<size_t>(n)].proto->op_type() != "Cast") return n;
    const auto outputs = facts.outputs(n);
    v = outputs.empty() ? kNone : outputs[0];
  }
  return kNone;
}

// The dynamo exporter's signature names Keras's variables, if not which tensor each became: where
// it names fewer gammas than moving variances, some layers were made with scale=False, and their
// scale is 1 / sqrt(variance) alone.
void TakeBackScales(Ledger& ledger, const std::vector<int64_t>& channels) {
  if (channels.empty()) return;
  base::ViewSet variances, gammas;
  const model::GraphSignature signature(ledger.facts.model());
  for (const model::SignatureEntry& entry : signature.entries()) {
    constexpr std::string_view kVariance = "/moving_variance", kGamma = "/gamma";
    std::string_view name = entry.target;
    const size_t at = name.find("_torch_params.");  // each is named twice, under two prefixes
    if (at == std::string_view::npos) continue;
    name.remove_prefix(at);
    if (name.size() > kVariance.size() &&
        name.substr(name.size() - kVariance.size()) == kVariance) {
      variances.insert(name.substr(0, name.size() - kVariance.size()));
    } else if (name.size() > kGamma.size() && name.substr(name.size() - kGamma.size()) == kGamma) {
      gammas.insert(name.substr(0, name.size() - kGamma.size()));
    }
  }
  if (variances.size() != channels.size()) return;
  size_t without = 0;
  for (const std::string_view layer : variances) without += !gammas.contains(layer);
  const bool alike =
      std::adjacent_find(channels.begin(), channels.end(), std::not_equal_to<>()) == channels.end();
  if (without == 0 || (without != channels.size() && !alike)) return;
  Adjustment adjustment;
  adjustment.kind = AdjustmentKind::kPadding;
  adjustment.type = "BatchNormalization";
  for (size_t i = 0; i < without; ++i) adjustment.trainable -= channels[i];
  adjustment.text = std::to_string(without) +
                    " of the scales have no gamma: the signature names fewer gammas than variances";
  if (adjustment.trainable != 0) ledger.Add(std::move(adjustment));
}

}  // namespace

// Rule S.
//   x -> Sub(mean [C]) -> Mul(gamma / sqrt(variance + eps) [C]) -> Add(beta [C])
// The mean is stored, the variance is hidden in the scale. Roles have told that Sub's operand is a
// mean; whether the scale counts as a weight or as a statistic is theirs to say too.
void FindKerasVariance(Ledger& ledger) {
  std::vector<int64_t> channels;  // of the scales that count as weights
  for (size_t n = 0; n < ledger.facts.nodes.size(); ++n) {
    const NodeId sub = static_cast<NodeId>(n);
    if (ledger.facts.nodes[n].proto->op_type() != "Sub") continue;
    const auto inputs = ledger.facts.inputs(sub);
    if (inputs.size() != 2) continue;
    const TensorId mean = ledger.tensor(inputs[1]);
    if (mean == kNone || !ledger.counts_as_statistic(mean)) continue;
    const auto of_sub = ledger.facts.outputs(sub);
    const NodeId mul = of_sub.empty() ? kNone : OnlyReader(ledger.facts, of_sub[0]);
    if (mul == kNone || ledger.facts.nodes[static_cast<size_t>(mul)].proto->op_type() != "Mul") {
      continue;
    }
    TensorId scale = kNone;
    for (const ValueId v : ledger.facts.inputs(mul)) {
      const TensorId t = ledger.tensor(v);
      if (t != kNone && ledger.elements(t) == ledger.elements(mean)) scale = t;
    }
    if (scale == kNone || ledger.counts_as_statistic(scale)) continue;
    const auto of_mul = ledger.facts.outputs(mul);
    const NodeId add = of_mul.empty() ? kNone : OnlyReader(ledger.facts, of_mul[0]);
    if (add == kNone || ledger.facts.nodes[static_cast<size_t>(add)].proto->op_type() != "Add") {
      continue;
    }
    Adjustment adjustment;
    adjustment.layer = std::string(ledger.layer_of_tensor(scale));
    adjustment.type = "BatchNormalization";
    adjustment.statistics = ledger.elements(mean);
    channels.push_back(ledger.counts_as_weight(scale) ? ledger.elements(scale) : 0);
    adjustment.text = "the variance was folded into " +
                      base::Quote(ledger.facts.tensors[static_cast<size_t>(scale)].name) +
                      ", the scale of the BatchNormalization";
    ledger.Add(std::move(adjustment));
  }
  TakeBackScales(ledger, channels);
}

// Exported in training mode without folding, every variable that is read keeps its path:
//   m._functional._torch_params.sequential/batch_normalization/gamma, .../beta
// and the moving statistics, which only an update would read, are in no tensor. Other layers with
// a gamma and a beta have no statistics; the layer's own name tells (Keras's default one).
void FindKerasVariables(Ledger& ledger) {
  struct Variables {
    int64_t channels = 0;
    bool moving = false;
  };
  base::ViewMap<size_t> by_layer;
  std::vector<Variables> found;
  std::vector<std::string_view> paths;
  for (size_t t = 0; t < ledger.facts.tensors.size(); ++t) {
    std::string_view name = ledger.facts.tensors[t].name;
    constexpr std::string_view kParameters = "_torch_params.";
    const size_t at = name.find(kParameters);
    if (at == std::string_view::npos) continue;
    name.remove_prefix(at + kParameters.size());
    const size_t slash = name.rfind('/');
    if (slash == std::string_view::npos) continue;
    const std::string_view path = name.substr(0, slash), leaf = name.substr(slash + 1);
    const std::string_view last = path.substr(path.rfind('/') + 1);
    if (last.find("batch_norm") == std::string_view::npos &&
        last.find("bn") == std::string_view::npos && last.find("BN") == std::string_view::npos) {
      continue;
    }
    const auto [it, added] = by_layer.try_emplace(path, found.size());
    if (added) {
      found.emplace_back();
      paths.push_back(path);
    }
    Variables& variables = found[it->second];
    if (leaf == "gamma" || leaf == "beta") {
      variables.channels = ledger.elements(static_cast<TensorId>(t));
    } else if (leaf == "moving_mean" || leaf == "moving_variance") {
      variables.moving = true;
    }
  }
  for (size_t i = 0; i < found.size(); ++i) {
    if (found[i].moving || found[i].channels == 0) continue;
    Adjustment adjustment;
    adjustment.layer = std::string(paths[i]);
    adjustment.type = "BatchNormalization";
    adjustment.statistics = 2 * found[i].channels;
    adjustment.text =
        "computes with the batch's own mean and variance: the moving ones are in no tensor";
    ledger.Add(std::move(adjustment));
  }
}

}  // namespace hoarfrost::roles
