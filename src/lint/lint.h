// What could be wrong with a model, or go wrong when it is trained, as findings with a remedy each.
//
//   for (const lint::Finding& finding : lint::Lint(summary, "models")) Print(finding);
//
// Weights are not read. A rule gives a finding for each condition, not for each tensor: those it is
// about are listed with it.
#ifndef HOARFROST_LINT_LINT_H_
#define HOARFROST_LINT_LINT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "summary/summary.h"

namespace hoarfrost::lint {

// From harmless to harmful. An error: the file contradicts itself, or a trainer changes what it
// must not. A warning: something is lost, or a trainer refuses the file or passes over a part of
// it.
enum class Severity : uint8_t { kInfo, kWarning, kError };

const char* SeverityName(Severity severity);  // "info", "warning", "error"
std::optional<Severity> ParseSeverity(std::string_view word);

struct RuleInfo {
  const char* id;     // "batch-norm-folded": never changes its meaning
  Severity severity;  // of most of its findings
  const char* finds;  // one line, in the plural
};

// In the order in which findings come.
std::vector<RuleInfo> Rules();

struct Finding {
  const char* rule = "";
  Severity severity = Severity::kInfo;
  std::string text;                      // one sentence without a full stop, fit for a terminal
  std::string remedy;                    // one line: what to do
  std::vector<model::TensorId> tensors;  // that it is about; may be empty
};

// `directory`: where external data is looked for; it is not opened. `rules`: ids of those to apply,
// empty for all.
std::vector<Finding> Lint(const summary::Summary& model, const std::string& directory,
                          absl::Span<const std::string> rules = {});

}  // namespace hoarfrost::lint

#endif  // HOARFROST_LINT_LINT_H_
