// The formula of each operator's multiply-accumulates. Internal to src/summary: see macs.h.
#ifndef HOARFROST_SUMMARY_MAC_FORMULAS_H_
#define HOARFROST_SUMMARY_MAC_FORMULAS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "onnx/onnx_pb.h"

namespace hoarfrost::summary {

using Shape = std::vector<uint64_t>;

// One node as a formula sees it.
struct MacNode {
  const onnx::NodeProto& proto;
  // The shape of input or output i in numbers; nullopt where it is not all known, or left out.
  std::function<std::optional<Shape>(int)> input;
  std::function<std::optional<Shape>(int)> output;
  // Whether input i is given at all.
  std::function<bool(int)> has_input;
};

struct MacFormula {
  std::string_view domain;  // "" is ai.onnx
  std::string_view op;
  std::optional<uint64_t> (*count)(const MacNode& node, int a, int b);
  int a = 0;  // the inputs that are multiplied
  int b = 1;
};

// Null for an operator without a formula.
const MacFormula* FindMacFormula(std::string_view domain, std::string_view op);

// Whether an operator has no multiply-accumulates of its own.
bool IsFreeOfMacs(std::string_view domain, std::string_view op);

}  // namespace hoarfrost::summary

#endif  // HOARFROST_SUMMARY_MAC_FORMULAS_H_
