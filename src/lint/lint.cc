#include "lint/lint.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "lint/rules.h"

namespace hoarfrost::lint {
namespace {

struct Rule {
  RuleInfo info;
  void (*find)(const Subject& subject, Findings& findings);
};

constexpr Rule kRules[] = {
    {{"file-fault", Severity::kWarning, "Faults of the file, as inspect notes them"}, FindFaults},
    {{"external-overlap", Severity::kError, "Tensors that share a part of their external data"},
     FindOverlaps},
    {{"external-orphan", Severity::kWarning, "Bytes of data files that belong to no tensor"},
     FindOrphanBytes},
    {{"same-bytes", Severity::kWarning, "Tensors whose external data is the same"}, FindSameBytes},
    {{"stored-twice", Severity::kWarning, "Weights that the framework tied, stored more than once"},
     FindStoredTwice},
    {{"unused-initializer", Severity::kWarning, "Initializers that nothing reads"}, FindUnused},
    {{"initializer-as-input", Severity::kWarning, "Initializers that are graph inputs too"},
     FindInitializersAsInputs},
    {{"constant-weight", Severity::kWarning, "Weights in Constant nodes, out of a trainer's reach"},
     FindConstantWeights},
    {{"batch-norm-folded", Severity::kWarning,
      "BatchNormalizations that the exporter folded into other tensors"},
     FindFoldedBatchNorm},
    {{"batch-statistics", Severity::kError,
      "Frozen BatchNormalizations that normalize by the batch"},
     FindBatchStatistics},
    {{"half-frozen", Severity::kWarning, "BatchNormalizations of which a part is frozen"},
     FindHalfFrozen},
    {{"frozen-statistics", Severity::kInfo, "Statistics that a trainer may move though frozen"},
     FindFrozenStatistics},
    {{"nothing-trainable", Severity::kWarning, "Models in which nothing is left to train"},
     FindNothingTrainable},
    {{"opset-limit", Severity::kWarning, "Operator sets that a trainer does not take"},
     FindOpsetsBeyondTrainers},
    {{"ir-limit", Severity::kWarning, "IR versions that a trainer does not take"},
     FindIrBeyondTrainers},
    {{"assumed-role", Severity::kInfo, "Tensors judged by their name or by assumption only"},
     FindAssumedRoles},
};

constexpr const char* kSeverities[] = {"info", "warning", "error"};

}  // namespace

const char* SeverityName(Severity severity) { return kSeverities[static_cast<size_t>(severity)]; }

std::optional<Severity> ParseSeverity(std::string_view word) {
  for (const Severity severity : {Severity::kInfo, Severity::kWarning, Severity::kError}) {
    if (word == SeverityName(severity)) return severity;
  }
  return std::nullopt;
}

std::vector<RuleInfo> Rules() {
  std::vector<RuleInfo> rules;
  for (const Rule& rule : kRules) rules.push_back(rule.info);
  return rules;
}

std::vector<Finding> Lint(const summary::Summary& model, const std::string& directory,
                          absl::Span<const std::string> rules) {
  std::vector<Finding> all;
  Findings findings(all);
  const Subject subject{model, directory};
  for (const Rule& rule : kRules) {
    if (!rules.empty() && std::find(rules.begin(), rules.end(), rule.info.id) == rules.end()) {
      continue;
    }
    findings.Begin(rule.info);
    rule.find(subject, findings);
  }
  return all;
}

std::string Plural(uint64_t n, std::string_view word) {
  return fmt::format("{} {}{}", base::WithCommas(n), word, n == 1 ? "" : "s");
}

std::string Names(const std::vector<std::string>& names) {
  constexpr size_t kShown = 3;
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kShown); ++i) {
    text += fmt::format("{}{}", i == 0 ? "" : ", ", base::Quote(names[i]));
  }
  if (names.size() > kShown) text += fmt::format(" and {} more", names.size() - kShown);
  return text;
}

std::string Names(const summary::Summary& model, const std::vector<model::TensorId>& tensors) {
  std::vector<std::string> names;
  names.reserve(tensors.size());
  for (const model::TensorId t : tensors) names.emplace_back(model.tensor(t).name);
  return Names(names);
}

bool IsOfTraining(const summary::Summary& model, model::TensorId t) {
  const model::Scope& scope = model.facts.scopes[static_cast<size_t>(model.tensor(t).scope)];
  return model.facts.scopes[static_cast<size_t>(scope.root)].kind == model::ScopeKind::kTraining;
}

}  // namespace hoarfrost::lint
