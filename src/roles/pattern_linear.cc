// A linear layer or convolution with its bias added apart.
//
//   x ── MatMul ── W             stored, two dims or more
//          |
//   (Reshape, Transpose, Cast)*
//          |
//         Add ── bias            stored, as long as one dim of W
//
// Both exporters of PyTorch write nn.Linear so for inputs of three dims, Keras every Dense layer.
// A fixed matrix is multiplied the same way, but nothing is added to the product then.
//
// PyTorch's TorchScript exporter does not tell parameters from buffers. There the pair counts only
// where the bias is named after the very module that the MatMul was traced in ("/enc/fc/MatMul" and
// "enc.fc.bias"), as nn.Linear names it, and the matrix is either its "weight" or the unnamed
// transposed copy that the exporter's constant folding makes of it.
#include <algorithm>
#include <string_view>

#include "roles/names.h"
#include "roles/patterns.h"

namespace hoarfrost::roles {

using model::kNone;
using model::NodeId;
using model::Use;
using model::ValueId;

namespace {

// "/enc/fc/MatMul" -> "fc"; empty where the node was traced in no named module.
std::string_view TracedModuleLeaf(std::string_view node_name) {
  const size_t end = node_name.rfind('/');
  if (end == std::string_view::npos || end == 0) return {};
  const std::string_view scope = node_name.substr(0, end);
  return scope.substr(scope.rfind('/') + 1);
}

bool IsLinearOfModule(const GraphView& view, NodeId product, const model::Tensor& weight,
                      const model::Tensor& bias) {
  const std::string_view module = TracedModuleLeaf(view.proto(product).name());
  const std::string_view suffix = ".bias";
  if (module.empty() || bias.name.size() <= suffix.size() ||
      bias.name.substr(bias.name.size() - suffix.size()) != suffix) {
    return false;
  }
  const std::string_view path = bias.name.substr(0, bias.name.size() - suffix.size());
  const bool same = path == module || (path.size() > module.size() &&
                                       path.substr(path.size() - module.size()) == module &&
                                       path[path.size() - module.size() - 1] == '.');
  if (!same) return false;
  if (IsAnonymous(weight.name)) return true;
  return weight.name.size() == path.size() + 7 && weight.name.substr(0, path.size()) == path &&
         weight.name.substr(path.size()) == ".weight";
}

}  // namespace

void MarkLinear(const GraphView& view, NodeId product, model::Exporter exporter, Marks& marks) {
  const int32_t slot = StoredOperand(view, product);
  if (slot < 0) return;
  const ValueId matrix = view.input(product, slot);
  const model::Tensor* weight = view.tensor(matrix);
  if (weight == nullptr || weight->dims.size() < 2 || !view.IsStored(matrix)) return;
  const Use add = view.Ahead(view.output(product));
  if (add.node == kNone || view.kind(add.node) != OpKind::kAdd) return;
  const int32_t bias_slot = StoredOperand(view, add.node);
  if (bias_slot < 0) return;
  const ValueId b = view.input(add.node, bias_slot);
  const model::Tensor* bias = view.tensor(b);
  if (bias == nullptr || !view.IsStored(b)) return;
  const auto is_bias_length = [&](int64_t d) {
    return d > 0 && static_cast<uint64_t>(d) == bias->elements;
  };
  const bool fits =
      std::any_of(weight->dims.begin(), weight->dims.end(), is_bias_length) ||
      (weight->dims.size() > 2 && weight->elements % bias->elements == 0 && bias->dims.size() == 2);
  if (!fits) return;
  const bool is_matrix = view.kind(product) == OpKind::kMatMul;
  if (exporter == model::Exporter::kTorchScript &&
      (!is_matrix || !IsLinearOfModule(view, product, *weight, *bias))) {
    return;
  }
  if (is_matrix) marks.Set(product, slot, Role::kWeight, Why::kLinearWeight);
  marks.Set(add.node, bias_slot, Role::kWeight, Why::kLinearBias);
}

}  // namespace hoarfrost::roles
