// What the rules share. Only the files of this room include it.
#ifndef HOARFROST_LINT_RULES_H_
#define HOARFROST_LINT_RULES_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lint/lint.h"

namespace hoarfrost::lint {

struct Subject {
  const summary::Summary& model;
  const std::string& directory;
};

// Where a rule puts what it finds.
class Findings {
 public:
  explicit Findings(std::vector<Finding>& all) : all_(all) {}

  void Begin(const RuleInfo& rule) { rule_ = &rule; }
  void Add(std::string text, std::string remedy, const std::vector<model::TensorId>& tensors = {}) {
    AddAs(rule_->severity, std::move(text), std::move(remedy), tensors);
  }
  void AddAs(Severity severity, std::string text, std::string remedy,
             const std::vector<model::TensorId>& tensors = {}) {
    all_.push_back({rule_->id, severity, std::move(text), std::move(remedy), tensors});
  }

 private:
  std::vector<Finding>& all_;
  const RuleInfo* rule_ = nullptr;
};

// "3 initializers"; "1 tensor".
std::string Plural(uint64_t n, std::string_view word);

// "'a', 'b', 'c' and 9 more".
std::string Names(const summary::Summary& model, const std::vector<model::TensorId>& tensors);
std::string Names(const std::vector<std::string>& names);

// Whether the tensor lies in the algorithm or initialization of training_info.
bool IsOfTraining(const summary::Summary& model, model::TensorId t);

// One rule or a few of one matter per file.
void FindFoldedBatchNorm(const Subject& subject, Findings& findings);
void FindBatchStatistics(const Subject& subject, Findings& findings);
void FindHalfFrozen(const Subject& subject, Findings& findings);
void FindFrozenStatistics(const Subject& subject, Findings& findings);
void FindNothingTrainable(const Subject& subject, Findings& findings);
void FindUnused(const Subject& subject, Findings& findings);
void FindInitializersAsInputs(const Subject& subject, Findings& findings);
void FindConstantWeights(const Subject& subject, Findings& findings);
void FindStoredTwice(const Subject& subject, Findings& findings);
void FindSameBytes(const Subject& subject, Findings& findings);
void FindOverlaps(const Subject& subject, Findings& findings);
void FindOrphanBytes(const Subject& subject, Findings& findings);
void FindOpsetsBeyondTrainers(const Subject& subject, Findings& findings);
void FindIrBeyondTrainers(const Subject& subject, Findings& findings);
void FindAssumedRoles(const Subject& subject, Findings& findings);
void FindFaults(const Subject& subject, Findings& findings);

}  // namespace hoarfrost::lint

#endif  // HOARFROST_LINT_RULES_H_
