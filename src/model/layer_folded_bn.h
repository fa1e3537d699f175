// Layers of BatchNormalization that an exporter folded into the convolution before it.
#ifndef HOARFROST_MODEL_LAYER_FOLDED_BN_H_
#define HOARFROST_MODEL_LAYER_FOLDED_BN_H_

#include <optional>
#include <string>
#include <string_view>

#include "model/facts.h"

namespace hoarfrost::model {

// True for a node that the dynamo exporter's rules FuseBatchNormIntoConv, ...IntoConvTranspose or
// ...IntoGemm made.
bool IsFoldedBatchNorm(const onnx::NodeProto& node);

// The bias that TorchScript's folding made: a convolution whose weight and bias are both
// initializers under numbers ("onnx::Conv_147"). A convolution that nothing was folded into keeps
// the state_dict names of its parameters. nullopt otherwise.
std::optional<TensorId> FoldedBias(const Facts& facts, NodeId node);

// Where a BatchNorm folded into the module `conv` stood: the next of numbered children
// ("features.0" -> "features.1"), or "bn" with the convolution's number ("layer1.0.conv2" ->
// "layer1.0.bn2"). The file does not say it; the numbers do leave a gap there.
std::optional<std::string> BatchNormBeside(std::string_view conv);

}  // namespace hoarfrost::model

#endif  // HOARFROST_MODEL_LAYER_FOLDED_BN_H_
