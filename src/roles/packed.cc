#include "roles/packed.h"

#include <string_view>

#include "base/checked.h"
#include "payload/dtype.h"

namespace hoarfrost::roles {
namespace {

std::optional<uint64_t> Attribute(const onnx::NodeProto& node, std::string_view name) {
  for (const onnx::AttributeProto& a : node.attribute()) {
    if (a.name() == name && a.i() > 0) return static_cast<uint64_t>(a.i());
  }
  return std::nullopt;
}

std::optional<uint64_t> Product(std::optional<uint64_t> a, std::optional<uint64_t> b) {
  if (!a || !b) return std::nullopt;
  return base::CheckedMul(*a, *b);
}

// Elements of `bits` each in a tensor whose stored elements are wider.
std::optional<uint64_t> ByWidth(const model::Tensor& t, std::optional<uint64_t> bits) {
  const int stored = payload::DtypeBits(t.dtype).value_or(0);
  if (!bits || *bits == 0 || stored <= static_cast<int>(*bits)) return std::nullopt;
  return Product(t.elements, static_cast<uint64_t>(stored) / *bits);
}

}  // namespace

std::optional<uint64_t> PackedElements(const GraphView& view, model::Use use,
                                       const model::Tensor& t) {
  if (use.node == model::kNone) return std::nullopt;
  const onnx::NodeProto& node = view.proto(use.node);
  if (node.domain() != "com.microsoft") return std::nullopt;
  const std::string_view op = node.op_type();
  if (op == "GatherBlockQuantized" && use.slot == 0) {
    return ByWidth(t, Attribute(node, "bits").value_or(4));
  }
  if (view.meaning(use.node, use.slot) != Meaning::kPacked) return std::nullopt;
  if (op == "MatMulNBits" || op == "MatMulBnb4") {
    // Rows of N outputs over K inputs, the last block of a row padded.
    return Product(Attribute(node, "K"), Attribute(node, "N"));
  }
  if (op == "QMoE") return ByWidth(t, Attribute(node, "expert_weight_bits").value_or(4));
  return ByWidth(t, Attribute(node, "bits").value_or(4));
}

}  // namespace hoarfrost::roles
