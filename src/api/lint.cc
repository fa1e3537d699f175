// What lint finds, for programs.
#include "lint/lint.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/rep.h"
#include "base/text.h"
#include "fmt/format.h"
#include "hoarfrost/model.h"

namespace hoarfrost {
namespace {

LintSeverity Convert(lint::Severity severity) {
  switch (severity) {
    case lint::Severity::kInfo:
      return LintSeverity::kInfo;
    case lint::Severity::kWarning:
      return LintSeverity::kWarning;
    case lint::Severity::kError:
      return LintSeverity::kError;
  }
  return LintSeverity::kInfo;
}

absl::Status CheckRules(const std::vector<std::string>& rules) {
  std::vector<std::string_view> known;
  for (const lint::RuleInfo& rule : lint::Rules()) known.emplace_back(rule.id);
  for (const std::string& id : rules) {
    if (std::find(known.begin(), known.end(), id) != known.end()) continue;
    const std::vector<std::string> near = base::NearNames(id, known, 1);
    return absl::InvalidArgumentError(
        fmt::format("unknown rule {}{}", base::Quote(id),
                    near.empty() ? "" : fmt::format("; did you mean '{}'?", near[0])));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<LintFinding>> Model::Lint(const std::vector<std::string>& rules) const {
  if (absl::Status known = CheckRules(rules); !known.ok()) return known;
  std::vector<LintFinding> findings;
  for (lint::Finding& found : lint::Lint(rep_->summary, rep_->directory, rules)) {
    LintFinding& finding = findings.emplace_back();
    finding.rule = found.rule;
    finding.severity = Convert(found.severity);
    finding.text = std::move(found.text);
    finding.remedy = std::move(found.remedy);
    finding.tensors.assign(found.tensors.begin(), found.tensors.end());
  }
  return findings;
}

}  // namespace hoarfrost
