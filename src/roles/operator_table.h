// What a stored tensor is for, by the operator and input that read it: the rules as data.
//
// One row per (domain, operator, input). The rows are written from the operators' definitions and
// checked against ONNX's schema registry in a test; at run time nothing touches that registry.
#ifndef HOARFROST_ROLES_OPERATOR_TABLE_H_
#define HOARFROST_ROLES_OPERATOR_TABLE_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "base/hash.h"

namespace hoarfrost::roles {

// What the definition of an operator makes of a stored tensor at one of its inputs.
enum class Meaning : uint8_t {
  kWeight,       // learned: convolution kernels, biases, scale and shift of normalisations
  kPacked,       // learned, several weights packed into one stored element
  kStatistic,    // running mean or variance
  kScale,        // quantization scale
  kZeroPoint,    // quantization zero point
  kIndex,        // shapes, axes, indices, limits, conditions: nothing a gradient could flow into
  kFixed,        // numbers that are computed once: rotary tables, windows, class weights
  kMatrix,       // an operand of a matrix product
  kElementwise,  // an operand of addition, multiplication and the like
  kBranch,       // one of several alternatives: Where, Max, Min, Scatter
  kTable,        // rows are picked from it: Gather
  kMask,         // attention mask or attention bias
  kState,        // initial state, past keys and values
  kData,         // ordinary data
  kPass,         // storage: the value comes out rearranged, but is the same tensor
  kQuantized,    // storage: the value comes out quantized or dequantized
  kJoin,         // storage: joined with others
  kMath,         // a function of the value comes out
  kShapeOnly,    // only its shape or type is read
  kFlow,         // goes into a body; what it is for shows there
  kUnknown,      // an operator that the table does not know
};

struct OperatorRow {
  std::string_view op;
  int16_t input = 0;
  Meaning meaning = Meaning::kUnknown;
  std::string_view name;  // of the input, in the definition
  int16_t since = 1;      // first opset that has this input, or this name of it
  bool rest = false;      // stands for all later inputs too
};

absl::Span<const OperatorRow> OnnxRows();
absl::Span<const OperatorRow> OnnxMlRows();
absl::Span<const OperatorRow> PreviewRows();
absl::Span<const OperatorRow> PreviewTrainingRows();
absl::Span<const OperatorRow> MicrosoftRows();
absl::Span<const OperatorRow> MicrosoftQuantizedRows();
absl::Span<const OperatorRow> NchwcRows();

// The operators that the decompositions are made of.
enum class OpKind : uint8_t {
  kOther,
  kAdd,
  kSub,
  kMul,
  kDiv,
  kNeg,
  kSqrt,
  kReciprocal,
  kPow,
  kErf,
  kTanh,
  kMatMul,
  kGemm,
  kConv,
  kConvTranspose,
  kBatchNormalization,
  kNormalization,  // Instance-, Layer-, Group-, RMS-, LpNormalization and the like
  kReduceMean,
  kReduceSum,
  kReduceL2,
  kReduceMax,
  kClip,
  kMax,
  kCast,
  kReshape,
  kTranspose,
  kOtherPass,  // another operator whose first input passes through
  kSoftmax,
  kWhere,
  kConcat,
  kConstant,
  kRandom,
  kDynamicQuantizeLinear,
  kIntegerProduct,  // MatMulInteger, ConvInteger
  kBody,            // If, Loop, Scan, SequenceMap
};

struct Operator {
  std::string_view domain;
  std::string_view name;
  absl::Span<const OperatorRow> rows;  // ordered by input, then opset
  OpKind kind = OpKind::kOther;
  bool learns = false;     // one of its inputs is a weight, a statistic, a table or a matrix
  uint32_t carries = ~0u;  // bit i: what is computed depends on the values of input i (31: rest)
};

class OperatorTable {
 public:
  static const OperatorTable& Get();

  // Null for an operator that the table does not know. "ai.onnx" is "".
  const Operator* Find(std::string_view domain, std::string_view op) const;
  absl::Span<const Operator> operators() const { return operators_; }

 private:
  OperatorTable();

  std::vector<Operator> operators_;
  std::vector<std::pair<std::string_view, base::ViewMap<const Operator*>>> by_domain_;
};

// The row of input `slot` in opset `version` (0: the newest); null where the operator has none.
const OperatorRow* FindRow(const Operator& op, int slot, int64_t version);

}  // namespace hoarfrost::roles

#endif  // HOARFROST_ROLES_OPERATOR_TABLE_H_
