// What tools that rewrite a model leave of its parameters: ONNX Runtime's fusions and quantizers,
// and converters that keep trained values in attributes.
#include <array>
#include <string>
#include <string_view>

#include "base/text.h"
#include "payload/dtype.h"
#include "roles/hidden.h"
#include "roles/trained_attributes.h"

namespace hoarfrost::roles {
namespace {

using model::TensorId;

bool Contains(std::string_view s, std::string_view part) {
  return s.find(part) != std::string_view::npos;
}

bool EndsWith(std::string_view s, std::string_view suffix) {
  return s.size() >= suffix.size() && s.substr(s.size() - suffix.size()) == suffix;
}

int64_t AttributeLength(const Ledger& ledger, const onnx::NodeProto& node, std::string_view name) {
  const uint64_t n = ValuesInAttribute(ledger.facts, node, name);
  return n > kMostElements ? 0 : static_cast<int64_t>(n);
}

}  // namespace

// fc.weight [64, 100] float  ->  fc.weight_quantized [64, 100] int8, fc.weight_scale, ...
// fc.weight                  ->  fc_MatMul_0_Q4, 4 bits: logical_elements
// A name that says what it was made from: the framework's parameter was a float, and trainable. A
// weight that is an integer under a name of its own is taken as what it is.
void FindQuantized(Ledger& ledger) {
  Adjustment adjustment;
  int64_t tensors = 0;
  for (size_t t = 0; t < ledger.facts.tensors.size(); ++t) {
    const TensorId id = static_cast<TensorId>(t);
    const model::Tensor& tensor = ledger.facts.tensors[t];
    if (ledger.roles[t].role != Role::kWeight || payload::IsTrainableFloat(tensor.dtype)) continue;
    const std::string_view name = tensor.name;
    if (!EndsWith(name, "_quantized") && !Contains(name, "_Q4") && !Contains(name, "_Q8") &&
        !Contains(name, "_Q2")) {
      continue;
    }
    adjustment.trainable += ledger.elements(id);
    if (tensors++ == 0) adjustment.layer = std::string(ledger.layer_of_tensor(id));
  }
  if (tensors == 0) return;
  adjustment.type = "quantized";
  adjustment.text = std::to_string(tensors) +
                    " weights were quantized after the export: in the framework they were floats";
  ledger.Add(std::move(adjustment));
}

// ONNX Runtime's ConvBNFusion:
//   Conv(conv.weight) -> BatchNormalization(bn.weight, bn.bias, ...)
//   -> Conv("ConvBnFusion_W_conv.weight", "ConvBnFusion_BN_B_bn.bias")
// The convolution is taken to have had no bias of its own.
void FindRuntimeFusedBatchNorm(Ledger& ledger) {
  constexpr std::string_view kBias = "ConvBnFusion_BN_B_";
  for (size_t t = 0; t < ledger.facts.tensors.size(); ++t) {
    const TensorId id = static_cast<TensorId>(t);
    std::string_view name = ledger.facts.tensors[t].name;
    if (name.substr(0, kBias.size()) != kBias || ledger.roles[t].role != Role::kWeight) continue;
    name.remove_prefix(kBias.size());
    Adjustment adjustment;
    adjustment.layer = std::string(name.substr(0, name.rfind('.')));
    adjustment.type = "BatchNormalization";
    adjustment.trainable = ledger.elements(id);
    adjustment.statistics = 2 * ledger.elements(id);
    adjustment.text = "fused by ONNX Runtime into the convolution that reads " +
                      base::Quote(ledger.facts.tensors[t].name);
    ledger.Add(std::move(adjustment));
  }
}

// Linear models and scalers that scikit-learn's converters write hold what they learned in
// attributes of ai.onnx.ml operators, where no gradient reaches it and no tensor counts it.
void FindFittedAttributes(Ledger& ledger) {
  // Without a framework behind it, such a file has no count but its tensors'.
  const std::string_view producer = ledger.facts.model().producer_name();
  if (!Contains(producer, "skl2onnx") && !Contains(producer, "OnnxMLTools") &&
      !Contains(producer, "onnxmltools")) {
    return;
  }
  for (size_t n = 0; n < ledger.facts.nodes.size(); ++n) {
    const onnx::NodeProto& node = *ledger.facts.nodes[n].proto;
    if (node.domain() != "ai.onnx.ml") continue;
    Adjustment adjustment;
    if (node.op_type() == "LinearRegressor" || node.op_type() == "LinearClassifier") {
      adjustment.trainable = AttributeLength(ledger, node, "coefficients") +
                             AttributeLength(ledger, node, "intercepts");
    } else if (node.op_type() == "SVMClassifier" || node.op_type() == "SVMRegressor") {
      adjustment.trainable = AttributeLength(ledger, node, "rho");
    } else if (node.op_type() == "Scaler") {
      adjustment.statistics =
          AttributeLength(ledger, node, "offset") + AttributeLength(ledger, node, "scale");
    }
    if (adjustment.trainable == 0 && adjustment.statistics == 0) continue;
    adjustment.layer = std::string(ledger.layer_of_node(static_cast<model::NodeId>(n)));
    adjustment.type = node.op_type();
    adjustment.text = "fitted values in attributes of the node";
    ledger.Add(std::move(adjustment));
  }
}

}  // namespace hoarfrost::roles
