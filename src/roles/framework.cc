#include "roles/framework.h"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "payload/dtype.h"
#include "roles/hidden.h"

namespace hoarfrost::roles {

int64_t Ledger::elements(model::TensorId t) const {
  const uint64_t n = roles[static_cast<size_t>(t)].logical_elements.value_or(
      facts.tensors[static_cast<size_t>(t)].elements);
  return n > kMostElements ? 0 : static_cast<int64_t>(n);
}

bool Ledger::counts_as_weight(model::TensorId t) const {
  return t != model::kNone && roles[static_cast<size_t>(t)].role == Role::kWeight &&
         payload::IsTrainableFloat(facts.tensors[static_cast<size_t>(t)].dtype);
}

bool Ledger::counts_as_statistic(model::TensorId t) const {
  return t != model::kNone && roles[static_cast<size_t>(t)].role == Role::kStatistic;
}

std::string_view Ledger::layer_of_tensor(model::TensorId t) const {
  const model::LayerId layer =
      t == model::kNone ? model::kNone : layers.tensor_layer[static_cast<size_t>(t)];
  return layer == model::kNone ? std::string_view()
                               : layers.layers[static_cast<size_t>(layer)].path;
}

std::string_view Ledger::layer_of_node(model::NodeId n) const {
  const model::LayerId layer =
      n == model::kNone ? model::kNone : layers.node_layer[static_cast<size_t>(n)];
  return layer == model::kNone ? std::string_view()
                               : layers.layers[static_cast<size_t>(layer)].path;
}

namespace {

// A sum that stays within int64: what does not fit is left out.
void Accumulate(int64_t& sum, int64_t more) {
  if (more > 0 ? sum > std::numeric_limits<int64_t>::max() - more
               : sum < std::numeric_limits<int64_t>::min() - more) {
    return;
  }
  sum += more;
}

void RunPasses(Ledger& ledger) {
  switch (ledger.layers.exporter) {
    case model::Exporter::kTorchDynamo:
      FindDynamoHidden(ledger);
      FindKerasVariance(ledger);
      break;
    case model::Exporter::kTorchScript:
      FindTorchScriptBatchNorm(ledger);
      FindTorchScriptFrozenBatchNorm(ledger);
      FindTorchScriptTied(ledger);
      FindStandardisedTwice(ledger);
      FindGatheredPositions(ledger);
      FindWeightsAsInputs(ledger);
      FindKerasVariance(ledger);
      FindKerasVariables(ledger);
      break;
    case model::Exporter::kTensorflow:
    case model::Exporter::kKeras3Tensorflow:
      FindTensorflowBatchNorm(ledger);
      FindTensorflowTied(ledger);
      FindRecurrentPadding(ledger);
      break;
    default:
      break;
  }
  FindRuntimeFusedBatchNorm(ledger);
  FindQuantized(ledger);
  FindFittedAttributes(ledger);
}

}  // namespace

std::optional<FrameworkCount> CountInFramework(const model::Facts& facts,
                                               const model::Layers& layers,
                                               const std::vector<TensorRole>& roles,
                                               std::vector<Adjustment>& candidates) {
  Ledger ledger(facts, layers, roles);
  RunPasses(ledger);
  candidates = std::move(ledger.candidates);
  if (ledger.adjustments.empty()) return std::nullopt;

  int64_t trainable = 0, statistics = 0;
  for (size_t t = 0; t < roles.size(); ++t) {
    const model::TensorId id = static_cast<model::TensorId>(t);
    if (ledger.counts_as_weight(id)) Accumulate(trainable, ledger.elements(id));
    if (ledger.counts_as_statistic(id)) Accumulate(statistics, ledger.elements(id));
  }
  bool dropped = false;
  const int64_t in_file = trainable, statistics_in_file = statistics;
  for (const Adjustment& adjustment : ledger.adjustments) {
    Accumulate(trainable, adjustment.trainable);
    Accumulate(statistics, adjustment.statistics);
    dropped |= adjustment.kind == AdjustmentKind::kDropped;
  }
  if (trainable < 0 || statistics < 0) return std::nullopt;  // evidence that contradicts the file
  if (trainable == in_file && statistics == statistics_in_file && !dropped) return std::nullopt;

  FrameworkCount count;
  count.trainable = static_cast<uint64_t>(trainable);
  count.statistics = static_cast<uint64_t>(statistics);
  count.certainty = ledger.proved ? Certainty::kProved : Certainty::kEstimated;
  count.adjustments = std::move(ledger.adjustments);
  return count;
}

std::string_view HowToKeepBatchNorm(model::Exporter exporter) {
  switch (exporter) {
    case model::Exporter::kTorchDynamo:
      return "export with torch.onnx.export(..., dynamo=True, optimize=False): the optimizer is "
             "what "
             "folds BatchNormalization away";
    case model::Exporter::kTorchScript:
      return "export with torch.onnx.export(..., dynamo=False, training=TrainingMode.PRESERVE (or "
             "TRAINING), do_constant_folding=False)";
    case model::Exporter::kTensorflow:
    case model::Exporter::kKeras3Tensorflow:
      return "Keras computes BatchNormalization by hand on TensorFlow and tf2onnx folds the rest: "
             "export from the torch backend with torch.onnx.export(model, ..., dynamo=False, "
             "do_constant_folding=False), or from the jax backend";
    default:
      return "keep the model as it was before the tool that fused it";
  }
}

std::vector<model::Note> HowToKeepStatistics(const model::Layers& layers,
                                             const FrameworkCount& count) {
  const bool hidden = std::any_of(
      count.adjustments.begin(), count.adjustments.end(), [](const Adjustment& adjustment) {
        return adjustment.kind == AdjustmentKind::kHidden && adjustment.statistics > 0;
      });
  if (!hidden) return {};
  return {{model::Severity::kInfo,
           "statistics of BatchNormalization were folded into other "
           "tensors by the exporter; to keep them, " +
               std::string(HowToKeepBatchNorm(layers.exporter))}};
}

}  // namespace hoarfrost::roles
