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

// How many of the convolutions that FoldedBias() names had a bias of their own; nullopt where the
// file does not tell.
//
// The exporter numbers values as it makes them: first the inputs, then every entry of the
// state_dict, then one for each output of a node; what folding makes comes after. So the first
// number that folding gave tells how many entries the state_dict had. What is not a kept name, a
// transposed weight, or a convolution's weight with the five entries of its BatchNorm, is a bias.
// Told only where that leaves a possible number (files of torch 2.14; passes that drop nodes make
// it too large).
std::optional<size_t> ConvolutionsWithBias(const Facts& facts);

// Where a BatchNorm folded into the module `conv` stood: the next of numbered children
// ("features.0" -> "features.1"), or "bn" with the convolution's number ("layer1.0.conv2" ->
// "layer1.0.bn2"). The file does not say it; the numbers do leave a gap there.
std::optional<std::string> BatchNormBeside(std::string_view conv);

}  // namespace hoarfrost::model

#endif  // HOARFROST_MODEL_LAYER_FOLDED_BN_H_
