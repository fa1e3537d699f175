#include "summary/mac_formulas.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "base/checked.h"
#include "roles/operator_table.h"

namespace hoarfrost::summary {
namespace {

using Count = std::optional<uint64_t>;

uint64_t Product(const Shape& shape, size_t first = 0) {
  uint64_t product = 1;
  for (size_t i = 0; i < shape.size(); ++i) {
    // A zero makes it zero whatever the others, also after a product that was too large.
    if (shape[i] == 0) return 0;
    if (i >= first) product = base::SaturatingMul(product, shape[i]);
  }
  return product;
}

uint64_t Product(std::initializer_list<uint64_t> factors) { return Product(Shape(factors)); }

int64_t Attribute(const MacNode& node, std::string_view name, int64_t otherwise) {
  for (const onnx::AttributeProto& a : node.proto.attribute()) {
    if (a.name() == name && a.type() == onnx::AttributeProto::INT) return a.i();
  }
  return otherwise;
}

// Each element of the result is a sum over one group's channels and the kernel. The weights are
// (M, C / group, kernel...); of NhwcConv (M, kernel..., C / group).
Count Convolution(const MacNode& node, int, int w) {
  const auto weights = node.input(w);
  const auto result = node.output(0);
  if (!weights || !result || weights->size() < 3) return std::nullopt;
  return base::SaturatingMul(Product(*result), Product(*weights, 1));
}

// Each element of the input goes into one group's channels and the kernel: (C, M / group,
// kernel...). What the pads cut away is computed all the same.
Count TransposedConvolution(const MacNode& node, int x, int w) {
  const auto weights = node.input(w);
  const auto data = node.input(x);
  if (!weights || !data || weights->size() < 3) return std::nullopt;
  return base::SaturatingMul(Product(*data), Product(*weights, 1));
}

// The dimensions before the last two, broadcast as NumPy does.
Count BatchOf(const Shape& a, const Shape& b) {
  uint64_t product = 1;
  const size_t batch_a = a.size() - 2, batch_b = b.size() - 2;
  for (size_t i = 0; i < std::max(batch_a, batch_b); ++i) {
    const uint64_t x = i < batch_a ? a[batch_a - 1 - i] : 1;
    const uint64_t y = i < batch_b ? b[batch_b - 1 - i] : 1;
    if (x != y && x != 1 && y != 1) return std::nullopt;
    product = base::SaturatingMul(product, x == 1 ? y : x);
  }
  return product;
}

Count ProductOf(Shape a, Shape b, bool transpose_a, bool transpose_b) {
  if (a.empty() || b.empty()) return std::nullopt;
  // A vector is a row on the left and a column on the right.
  if (a.size() == 1) a.insert(a.begin(), 1);
  if (b.size() == 1) b.push_back(1);
  if (transpose_a) std::swap(a[a.size() - 1], a[a.size() - 2]);
  if (transpose_b) std::swap(b[b.size() - 1], b[b.size() - 2]);
  const uint64_t inner = a[a.size() - 1];
  const Count batch = BatchOf(a, b);
  if (inner != b[b.size() - 2] || !batch) return std::nullopt;
  return Product({*batch, a[a.size() - 2], inner, b[b.size() - 1]});
}

Count MatrixProduct(const MacNode& node, int a, int b) {
  const auto left = node.input(a);
  const auto right = node.input(b);
  if (!left || !right) return std::nullopt;
  return ProductOf(*left, *right, false, false);
}

Count FusedMatrixProduct(const MacNode& node, int a, int b) {
  const auto left = node.input(a);
  const auto right = node.input(b);
  const bool batch_moves =
      Attribute(node, "transBatchA", 0) != 0 || Attribute(node, "transBatchB", 0) != 0;
  if (!left || !right || batch_moves) return std::nullopt;
  return ProductOf(*left, *right, Attribute(node, "transA", 0) != 0 && left->size() > 1,
                   Attribute(node, "transB", 0) != 0 && right->size() > 1);
}

// C is added, not multiplied.
Count Gemm(const MacNode& node, int a, int b) {
  const auto left = node.input(a);
  const auto right = node.input(b);
  if (!left || !right || left->size() != 2 || right->size() != 2) return std::nullopt;
  return ProductOf(*left, *right, Attribute(node, "transA", 0) != 0,
                   Attribute(node, "transB", 0) != 0);
}

// The matrix is packed; its shape (K, N) stands in attributes.
Count PackedMatrixProduct(const MacNode& node, int a, int) {
  const auto left = node.input(a);
  const int64_t k = Attribute(node, "K", 0);
  const int64_t n = Attribute(node, "N", 0);
  if (!left || left->empty() || k <= 0 || n <= 0) return std::nullopt;
  if (left->back() != static_cast<uint64_t>(k)) return std::nullopt;
  return base::SaturatingMul(Product(*left), static_cast<uint64_t>(n));
}

// Of two operands: one product for every choice of all labels.
Count Einsum(const MacNode& node, int, int) {
  std::string equation;
  for (const onnx::AttributeProto& a : node.proto.attribute()) {
    if (a.name() == "equation") equation = a.s();
  }
  std::erase(equation, ' ');
  equation = equation.substr(0, equation.find("->"));
  if (equation.empty() || equation.find('.') != std::string::npos) return std::nullopt;
  const auto operands = std::count(equation.begin(), equation.end(), ',') + 1;
  if (operands == 1) return 0;  // a sum, a transposition
  if (operands > 2) return std::nullopt;
  std::map<char, uint64_t> size;
  const size_t comma = equation.find(',');
  for (const int i : {0, 1}) {
    const auto shape = node.input(i);
    const std::string labels = i == 0 ? equation.substr(0, comma) : equation.substr(comma + 1);
    if (!shape || shape->size() != labels.size()) return std::nullopt;
    for (size_t d = 0; d < labels.size(); ++d) {
      uint64_t& known = size.emplace(labels[d], 1).first->second;
      known = known == 1 ? (*shape)[d] : known;
    }
  }
  Shape all;
  for (const auto& [label, n] : size) all.push_back(n);
  return Product(all);
}

// Every step multiplies its input by W (directions, gates * hidden, inputs) and the state by R.
Count Recurrent(const MacNode& node, int w, int r) {
  const auto data = node.input(0);
  const auto input_weights = node.input(w);
  const auto state_weights = node.input(r);
  if (!data || !input_weights || !state_weights) return std::nullopt;
  if (data->size() != 3 || input_weights->size() != 3 || state_weights->size() != 3) {
    return std::nullopt;
  }
  return Product({(*data)[0], (*data)[1],
                  base::SaturatingAdd(Product(*input_weights), Product(*state_weights))});
}

// (batch, heads, length, size) of an operand of Attention, which may come as (batch, length,
// heads * size).
std::optional<Shape> InHeads(const std::optional<Shape>& shape, int64_t heads) {
  if (!shape || shape->size() == 4) return shape;
  if (shape->size() != 3 || heads <= 0) return std::nullopt;
  const auto n = static_cast<uint64_t>(heads);
  if ((*shape)[2] % n != 0) return std::nullopt;
  return Shape{(*shape)[0], n, (*shape)[1], (*shape)[2] / n};
}

// Queries by keys, and the result by values; a causal mask skips nothing.
Count Attention(const MacNode& node, int, int) {
  const auto query = InHeads(node.input(0), Attribute(node, "q_num_heads", 0));
  const auto key = InHeads(node.input(1), Attribute(node, "kv_num_heads", 0));
  const auto value = InHeads(node.input(2), Attribute(node, "kv_num_heads", 0));
  if (!query || !key || !value) return std::nullopt;
  uint64_t keys = (*key)[2];
  if (node.has_input(4)) {
    const auto past = node.input(4);
    if (!past || past->size() != 4) return std::nullopt;
    keys = base::SaturatingAdd(keys, (*past)[2]);
  }
  return Product(
      {(*query)[0], (*query)[1], (*query)[2], keys, base::SaturatingAdd((*query)[3], (*value)[3])});
}

// com.microsoft: query (batch, length, hidden), key and value likewise or in heads.
Count MultiHeadAttention(const MacNode& node, int, int) {
  const int64_t heads = Attribute(node, "num_heads", 0);
  const auto query = node.input(0);
  const auto key = InHeads(node.input(1), heads);
  const auto value = InHeads(node.input(2), heads);
  if (!query || !key || !value || query->size() != 3) return std::nullopt;
  uint64_t keys = (*key)[2];
  if (node.has_input(6)) {
    const auto past = node.input(6);
    if (!past || past->size() != 4) return std::nullopt;
    keys = base::SaturatingAdd(keys, (*past)[2]);
  }
  const uint64_t values = base::SaturatingMul((*value)[1], (*value)[3]);
  return Product({(*query)[0], (*query)[1], keys, base::SaturatingAdd((*query)[2], values)});
}

// com.microsoft: the projection to queries, keys and values is part of it. `past` is input b:
// (2, batch, heads, length, size).
Count ProjectedAttention(const MacNode& node, int, int past_input) {
  const auto data = node.input(0);
  const auto weights = node.input(1);
  if (!data || !weights || data->size() != 3 || weights->size() != 2) return std::nullopt;
  uint64_t sizes[3] = {(*weights)[1] / 3, (*weights)[1] / 3, (*weights)[1] / 3};
  for (const onnx::AttributeProto& a : node.proto.attribute()) {
    if (a.name() != "qkv_hidden_sizes" || a.ints_size() != 3) continue;
    for (int i = 0; i < 3; ++i) {
      if (a.ints(i) <= 0) return std::nullopt;
      sizes[i] = static_cast<uint64_t>(a.ints(i));
    }
  }
  uint64_t keys = (*data)[1];
  if (node.has_input(past_input)) {
    const auto past = node.input(past_input);
    if (!past || past->size() != 5) return std::nullopt;
    keys = base::SaturatingAdd(keys, (*past)[3]);
  }
  const uint64_t tokens = Product({(*data)[0], (*data)[1]});
  return base::SaturatingAdd(Product({tokens, (*data)[2], (*weights)[1]}),
                             Product({tokens, keys, base::SaturatingAdd(sizes[0], sizes[2])}));
}

constexpr std::string_view kMs = "com.microsoft";

constexpr MacFormula kFormulas[] = {
    {"", "Attention", Attention},
    {"", "Conv", Convolution},
    {"", "ConvInteger", Convolution},
    {"", "ConvTranspose", TransposedConvolution},
    {"", "DeformConv", Convolution},
    {"", "Einsum", Einsum},
    {"", "GRU", Recurrent, 1, 2},
    {"", "Gemm", Gemm},
    {"", "LSTM", Recurrent, 1, 2},
    {"", "MatMul", MatrixProduct},
    {"", "MatMulInteger", MatrixProduct},
    {"", "QLinearConv", Convolution, 0, 3},
    {"", "QLinearMatMul", MatrixProduct, 0, 3},
    {"", "RNN", Recurrent, 1, 2},
    {kMs, "Attention", ProjectedAttention, 0, 4},
    {kMs, "ConvTransposeWithDynamicPads", TransposedConvolution},
    {kMs, "DynamicQuantizeLSTM", Recurrent, 1, 2},
    {kMs, "DynamicQuantizeMatMul", MatrixProduct},
    {kMs, "FusedConv", Convolution},
    {kMs, "FusedGemm", Gemm},
    {kMs, "FusedMatMul", FusedMatrixProduct},
    {kMs, "FusedMatMulActivation", FusedMatrixProduct},
    {kMs, "GemmFastGelu", MatrixProduct},
    {kMs, "GemmFloat8", Gemm},
    {kMs, "MatMulBnb4", PackedMatrixProduct},
    {kMs, "MatMulInteger16", MatrixProduct},
    {kMs, "MatMulIntegerToFloat", MatrixProduct},
    {kMs, "MatMulNBits", PackedMatrixProduct},
    {kMs, "MultiHeadAttention", MultiHeadAttention},
    {kMs, "NhwcConv", Convolution},
    {kMs, "NhwcFusedConv", Convolution},
    {kMs, "QAttention", ProjectedAttention, 0, 8},
    {kMs, "QGemm", Gemm, 0, 3},
    {kMs, "QLinearConv", Convolution, 0, 3},
    {kMs, "TransposeMatMul", FusedMatrixProduct},
};

// Operators of ONNX that multiply matrices, but not by a formula of shapes that is kept here.
constexpr std::array<std::string_view, 12> kUnknown = {
    "AffineGrid",
    "CausalConvWithState",
    "DFT",
    "Det",
    "FlexAttention",
    "Gradient",
    "LinearAttention",
    "LinearClassifier",
    "LinearRegressor",
    "STFT",
    "SVMClassifier",
    "SVMRegressor",
};

// Of com.microsoft, those without a matrix product; the rest without a formula is unknown.
constexpr std::array<std::string_view, 39> kFreeOfMicrosoft = {
    "BiasAdd",
    "BiasDropout",
    "BiasGelu",
    "BiasSoftmax",
    "BiasSplitGelu",
    "BitmaskBiasDropout",
    "BitmaskDropout",
    "CropAndResize",
    "DequantizeLinear",
    "EmbedLayerNormalization",
    "ExpandDims",
    "FastGelu",
    "GatherBlockQuantized",
    "GatherND",
    "Gelu",
    "GemmaRotaryEmbedding",
    "GroupNorm",
    "IsAllFinite",
    "MaxpoolWithMask",
    "NhwcMaxPool",
    "Pad",
    "QEmbedLayerNormalization",
    "QLinearAdd",
    "QLinearAveragePool",
    "QLinearConcat",
    "QLinearGlobalAveragePool",
    "QLinearLeakyRelu",
    "QLinearMul",
    "QLinearReduceMean",
    "QLinearSigmoid",
    "QLinearSoftmax",
    "QLinearWhere",
    "QuantizeLinear",
    "QuickGelu",
    "RotaryEmbedding",
    "SkipGroupNorm",
    "SkipLayerNormalization",
    "SkipSimplifiedLayerNormalization",
    "Trilu",
};

// Operators without inputs, which the operator table leaves out.
constexpr std::array<std::string_view, 5> kWithoutInputs = {"Constant", "Optional", "RandomNormal",
                                                            "RandomUniform", "SequenceEmpty"};

template <typename List>
bool Has(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace

const MacFormula* FindMacFormula(std::string_view domain, std::string_view op) {
  for (const MacFormula& formula : kFormulas) {
    if (formula.op == op && formula.domain == domain) return &formula;
  }
  return nullptr;
}

bool IsFreeOfMacs(std::string_view domain, std::string_view op) {
  if (domain == kMs) return Has(kFreeOfMicrosoft, op);
  const bool of_onnx = domain.empty() || domain.starts_with("ai.onnx");
  if (!of_onnx || FindMacFormula(domain, op) != nullptr || Has(kUnknown, op)) return false;
  return Has(kWithoutInputs, op) || roles::OperatorTable::Get().Find(domain, op) != nullptr;
}

}  // namespace hoarfrost::summary
