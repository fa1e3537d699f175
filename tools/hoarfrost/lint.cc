// hoarfrost lint: what could be wrong with models, or go wrong when they are trained.
#include "lint/lint.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/text.h"
#include "model_input.h"
#include "options.h"
#include "report/lint.h"
#include "rewrite.h"
#include "subcommand.h"

namespace hoarfrost::tool {
namespace {

struct LintOptions {
  std::vector<std::string> models;
  std::vector<std::string> only;
  std::vector<std::string> ignore;
  std::string fail_on;
  bool json = false;
  bool list = false;
  StyleOptions style;
};

std::optional<std::string> Misnamed(const std::vector<std::string>& given) {
  std::vector<std::string_view> known;
  for (const lint::RuleInfo& rule : lint::Rules()) known.emplace_back(rule.id);
  for (const std::string& id : given) {
    if (std::find(known.begin(), known.end(), id) != known.end()) continue;
    const std::vector<std::string> near = base::NearNames(id, known, 1);
    return fmt::format(
        "unknown rule {}{}", base::Quote(id),
        near.empty() ? "; --rules lists them" : fmt::format("; did you mean '{}'?", near[0]));
  }
  return std::nullopt;
}

// The rules to apply: those of --only, or all, without those of --ignore.
std::vector<std::string> Chosen(const LintOptions& options) {
  std::vector<std::string> chosen = options.only;
  if (chosen.empty()) {
    for (const lint::RuleInfo& rule : lint::Rules()) chosen.emplace_back(rule.id);
  }
  std::erase_if(chosen, [&](const std::string& id) {
    return std::find(options.ignore.begin(), options.ignore.end(), id) != options.ignore.end();
  });
  return chosen;
}

// Nullopt after saying on the console what is wrong.
std::optional<lint::Severity> Threshold(const std::string& word, Console& console) {
  const std::optional<lint::Severity> severity = lint::ParseSeverity(word);
  if (!severity.has_value()) {
    console.Error("lint", fmt::format("--fail-on {}: {}", base::Quote(word),
                                      Instead(word, {"info", "warning", "error"})));
  }
  return severity;
}

}  // namespace

int Lint(Arguments args, Console& console) {
  LintOptions options;
  CLI::App app("Say what could be wrong with models, or go wrong in training, and the remedy",
               "lint");
  app.add_option("models", options.models, "ONNX files")->type_name("MODEL...");
  app.add_option("--fail-on", options.fail_on,
                 "Exit with 1 where a finding is of this severity or above")
      ->type_name("info|warning|error");
  app.add_option("--only", options.only, "Apply this rule only; may repeat")
      ->type_name("RULE")
      ->allow_extra_args(false);
  app.add_option("--ignore", options.ignore, "Leave this rule out; may repeat")
      ->type_name("RULE")
      ->allow_extra_args(false);
  app.add_flag("--rules", options.list, "List the rules");
  app.add_flag("--json", options.json, "One compact JSON object a line (see docs/lint.md)");
  options.style.AddTo(app);
  app.footer(
      "MODEL may be - for standard input.\n"
      "Exit status: 0 done; 1 done, and there is what --fail-on asks for; 2 a model could not be "
      "read.");
  if (const std::optional<int> status = ParseOptions(app, args, console)) return *status;
  if (options.list) {
    report::WriteRules(lint::Rules(), console.out());
    return kDone;
  }
  if (options.models.empty()) {
    console.Error("lint", "no model given (see hoarfrost lint --help)");
    return kFailed;
  }
  for (const std::vector<std::string>* ids : {&options.only, &options.ignore}) {
    if (const std::optional<std::string> cause = Misnamed(*ids)) {
      console.Error("lint", *cause);
      return kFailed;
    }
  }
  std::optional<lint::Severity> threshold;
  if (app.count("--fail-on") > 0) {
    threshold = Threshold(options.fail_on, console);
    if (!threshold.has_value()) return kFailed;
  }
  if (!options.style.Apply("lint", console)) return kFailed;
  const std::vector<std::string> rules = Chosen(options);
  if (rules.empty()) {
    console.Error("lint", "no rule is left to apply");
    return kFailed;
  }
  bool found = false;
  bool failed = false;
  for (const std::string& path : ExpandNames(options.models)) {
    absl::StatusOr<summary::Summary> model = SummarizeModel(path, {});
    if (!model.ok()) {
      console.Error(path, model.status());
      failed = true;
      continue;
    }
    const std::vector<lint::Finding> findings =
        lint::Lint(*model, path == "-" ? "" : DirectoryOf(path), rules);
    for (const lint::Finding& finding : findings) {
      found = found || (threshold.has_value() && finding.severity >= *threshold);
    }
    if (options.json) {
      report::WriteJson(*model, findings, console.out());
    } else {
      report::WriteText(*model, findings, console.style(), console.out());
    }
    if (console.closed()) break;
  }
  return failed ? kFailed : found ? kAnswerIsNo : kDone;
}

}  // namespace hoarfrost::tool
