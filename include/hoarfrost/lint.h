// What could go wrong with a model, as `hoarfrost lint` says it (docs/lint.md has the rules).
#ifndef HOARFROST_LINT_H_
#define HOARFROST_LINT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace hoarfrost {

// From harmless to harmful.
enum class LintSeverity : uint8_t { kInfo, kWarning, kError };

struct LintFinding {
  std::string rule;  // "batch-norm-folded": never changes its meaning
  LintSeverity severity = LintSeverity::kInfo;
  std::string text;             // one sentence, fit for a terminal
  std::string remedy;           // one line: what to do
  std::vector<size_t> tensors;  // what it is about, as indices of Model::tensor(); may be empty
};

}  // namespace hoarfrost

#endif  // HOARFROST_LINT_H_
