// What one use of a tensor says about its role, and the order in which such words count.
#ifndef HOARFROST_ROLES_EVIDENCE_H_
#define HOARFROST_ROLES_EVIDENCE_H_

#include <cstdint>

#include "model/facts.h"
#include "roles/roles.h"

namespace hoarfrost::roles {

// Which rule spoke; reason_text.cc has a phrase for each.
enum class Why : uint8_t {
  kNone,
  kOperatorRow,       // the operator table
  kMatrixOperand,     // operand of a matrix product, nothing more known
  kVectorOperand,     // per-channel operand of an element-wise operator
  kScalarOperand,     // a single number in arithmetic
  kUnlearnedOperand,  // element-wise operand before anything learned
  kMaskOperand,       // [.., T, T] operand of an addition
  kGridOperand,       // other operand of several dims
  kBranchOperand,     // Where, Max, Min, Scatter
  kTableOperand,      // Gather with computed indices
  kMaskInput,         // attention mask of a fused operator
  kStateInput,        // initial state
  kDataInput,         // a stored value where data is expected
  kFixedInput,        // tables and windows of the definition
  kUnknownOperator,
  kIntegerOperand,  // an integer in arithmetic: no gradient flows into it
  // Decompositions.
  kLinearWeight,
  kLinearBias,
  kNormScale,
  kNormShift,
  kBatchNormMean,
  kBatchNormVariance,
  kBatchNormScale,
  kBatchNormShift,
  kBatchNormFoldedScale,
  kAffineScale,
  kAffineShift,
  kEpsilon,
  kFormula,
  kStandardisedWeight,
  kStandardisedNeutral,
  kDynamicScale,
  kInputScaling,
  kFrozenBatchNorm,
};

struct Evidence {
  static constexpr uint8_t kNothing = 255;

  uint8_t rank = kNothing;  // smaller counts more
  Role role = Role::kConstant;
  ReasonKind kind = ReasonKind::kAssumed;
  Why why = Why::kNone;
  bool quantized = false;  // seen through DequantizeLinear or an operator on integers
  model::Use use;
  model::ValueId next = model::kNone;  // the value one step nearer to `use`; kNone: read directly
};

inline bool IsStrong(ReasonKind kind) { return kind < ReasonKind::kName; }

// Strong before weak; within these weight, statistic, quantization, constant; then by kind.
inline uint8_t RankOf(Role role, ReasonKind kind) {
  const int tier = IsStrong(kind) ? 0 : 1;
  return static_cast<uint8_t>(tier * 64 + static_cast<int>(role) * 8 + static_cast<int>(kind));
}

inline Evidence MakeEvidence(Role role, ReasonKind kind, Why why, model::Use use) {
  Evidence e;
  e.rank = RankOf(role, kind);
  e.role = role;
  e.kind = kind;
  e.why = why;
  e.use = use;
  return e;
}

}  // namespace hoarfrost::roles

#endif  // HOARFROST_ROLES_EVIDENCE_H_
