// Findings of lint, as text for people and as JSON (docs/lint.md, docs/lint.schema.json).
#ifndef HOARFROST_REPORT_LINT_H_
#define HOARFROST_REPORT_LINT_H_

#include <string_view>
#include <vector>

#include "base/sink.h"
#include "lint/lint.h"
#include "report/style.h"

namespace hoarfrost::report {

inline constexpr std::string_view kLintSchema = "hoarfrost.lint/1";

// A line "FILE: SEVERITY: TEXT [RULE]" for each finding and one for its remedy, then a line with
// how many there are.
void WriteText(const summary::Summary& model, const std::vector<lint::Finding>& findings,
               const Style& style, base::Sink& sink);

// One compact object and a line feed.
void WriteJson(const summary::Summary& model, const std::vector<lint::Finding>& findings,
               base::Sink& sink);

// The rules, a line each.
void WriteRules(const std::vector<lint::RuleInfo>& rules, base::Sink& sink);

}  // namespace hoarfrost::report

#endif  // HOARFROST_REPORT_LINT_H_
