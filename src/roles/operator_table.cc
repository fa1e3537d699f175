#include "roles/operator_table.h"

#include <algorithm>
#include <utility>

namespace hoarfrost::roles {
namespace {

struct NamedKind {
  std::string_view name;
  OpKind kind;
};

constexpr NamedKind kKinds[] = {
    {"Add", OpKind::kAdd},
    {"Sub", OpKind::kSub},
    {"Mul", OpKind::kMul},
    {"Div", OpKind::kDiv},
    {"Neg", OpKind::kNeg},
    {"Sqrt", OpKind::kSqrt},
    {"Reciprocal", OpKind::kReciprocal},
    {"Pow", OpKind::kPow},
    {"Erf", OpKind::kErf},
    {"Tanh", OpKind::kTanh},
    {"MatMul", OpKind::kMatMul},
    {"Einsum", OpKind::kMatMul},
    {"Gemm", OpKind::kGemm},
    {"Conv", OpKind::kConv},
    {"ConvTranspose", OpKind::kConvTranspose},
    {"BatchNormalization", OpKind::kBatchNormalization},
    {"InstanceNormalization", OpKind::kNormalization},
    {"LayerNormalization", OpKind::kNormalization},
    {"GroupNormalization", OpKind::kNormalization},
    {"RMSNormalization", OpKind::kNormalization},
    {"SimplifiedLayerNormalization", OpKind::kNormalization},
    {"LpNormalization", OpKind::kNormalization},
    {"MeanVarianceNormalization", OpKind::kNormalization},
    {"ReduceMean", OpKind::kReduceMean},
    {"ReduceSum", OpKind::kReduceSum},
    {"ReduceSumSquare", OpKind::kReduceSum},
    {"ReduceL2", OpKind::kReduceL2},
    {"ReduceMax", OpKind::kReduceMax},
    {"Clip", OpKind::kClip},
    {"Max", OpKind::kMax},
    {"Cast", OpKind::kCast},
    {"Reshape", OpKind::kReshape},
    {"Transpose", OpKind::kTranspose},
    {"Softmax", OpKind::kSoftmax},
    {"Where", OpKind::kWhere},
    {"Concat", OpKind::kConcat},
    {"RandomNormalLike", OpKind::kRandom},
    {"RandomUniformLike", OpKind::kRandom},
    {"Bernoulli", OpKind::kRandom},
    {"Multinomial", OpKind::kRandom},
    {"DynamicQuantizeLinear", OpKind::kDynamicQuantizeLinear},
    {"MatMulInteger", OpKind::kIntegerProduct},
    {"ConvInteger", OpKind::kIntegerProduct},
    {"If", OpKind::kBody},
    {"Loop", OpKind::kBody},
    {"Scan", OpKind::kBody},
    {"SequenceMap", OpKind::kBody},
};

OpKind KindOf(std::string_view name, absl::Span<const OperatorRow> rows) {
  for (const NamedKind& k : kKinds) {
    if (k.name == name) return k.kind;
  }
  const Meaning first = rows.front().meaning;
  if (first == Meaning::kPass) return OpKind::kOtherPass;
  return OpKind::kOther;
}

bool Learns(Meaning m) {
  return m == Meaning::kWeight || m == Meaning::kPacked || m == Meaning::kStatistic ||
         m == Meaning::kMatrix || m == Meaning::kTable;
}

// The value of a storage operator does not depend on its shape-like inputs as far as roles go:
// a parameter expanded to a batch size that is known at run time is still that parameter.
uint32_t Carries(absl::Span<const OperatorRow> rows) {
  const Meaning first = rows.front().meaning;
  const bool storage =
      first == Meaning::kPass || first == Meaning::kQuantized || first == Meaning::kJoin;
  uint32_t carries = ~0u;
  for (const OperatorRow& row : rows) {
    if (row.meaning == Meaning::kShapeOnly || (storage && row.meaning == Meaning::kIndex)) {
      carries &= ~(1u << std::min<int>(row.input, 31));
    }
  }
  return carries;
}

}  // namespace

OperatorTable::OperatorTable() {
  const std::pair<std::string_view, absl::Span<const OperatorRow>> tables[] = {
      {"", OnnxRows()},
      {"ai.onnx.ml", OnnxMlRows()},
      {"ai.onnx.preview", PreviewRows()},
      {"ai.onnx.preview.training", PreviewTrainingRows()},
      {"com.microsoft", MicrosoftRows()},
      {"com.microsoft", MicrosoftQuantizedRows()},
      {"com.microsoft.nchwc", NchwcRows()},
  };
  for (const auto& [domain, rows] : tables) {
    for (size_t begin = 0; begin < rows.size();) {
      size_t end = begin + 1;
      while (end < rows.size() && rows[end].op == rows[begin].op) ++end;
      const auto own = rows.subspan(begin, end - begin);
      Operator op{domain, own.front().op, own, OpKind::kOther, false, Carries(own)};
      if (domain.empty()) op.kind = KindOf(op.name, own);
      op.learns = std::any_of(own.begin(), own.end(),
                              [](const OperatorRow& row) { return Learns(row.meaning); });
      operators_.push_back(op);
      begin = end;
    }
  }
  for (const Operator& op : operators_) {
    if (by_domain_.empty() || by_domain_.back().first != op.domain) {
      by_domain_.emplace_back(op.domain, base::ViewMap<const Operator*>());
    }
    by_domain_.back().second.emplace(op.name, &op);
  }
}

const OperatorTable& OperatorTable::Get() {
  static const OperatorTable* const table = new OperatorTable();
  return *table;
}

const Operator* OperatorTable::Find(std::string_view domain, std::string_view op) const {
  if (domain == "ai.onnx") domain = "";
  for (const auto& [name, operators] : by_domain_) {
    if (name != domain) continue;
    const auto found = operators.find(op);
    return found == operators.end() ? nullptr : found->second;
  }
  return nullptr;
}

const OperatorRow* FindRow(const Operator& op, int slot, int64_t version) {
  const OperatorRow* best = nullptr;
  const OperatorRow* oldest = nullptr;
  for (const OperatorRow& row : op.rows) {
    if (row.input != slot && !(row.rest && slot > row.input)) continue;
    if (version == 0 || row.since <= version) best = &row;
    if (oldest == nullptr) oldest = &row;
  }
  // A file may use an input before its opset; the meaning is the same.
  return best != nullptr ? best : oldest;
}

}  // namespace hoarfrost::roles
