// What lint finds in a model for tests.
#ifndef HOARFROST_TESTS_LINT_FINDINGS_OF_H_
#define HOARFROST_TESTS_LINT_FINDINGS_OF_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "lint/lint.h"
#include "summary/summary_of.h"
#include "support/onnx_text.h"
#include "support/temp_folder.h"
#include "wire/byte_source.h"

namespace hoarfrost::lint {

inline std::vector<Finding> FindingsOf(const summary::Summary& model, const std::string& rule,
                                       const std::string& directory = "") {
  const std::string rules[] = {rule};
  std::vector<Finding> findings = Lint(model, directory, rules);
  for (const Finding& finding : findings) {
    EXPECT_EQ(finding.rule, rule);
    EXPECT_FALSE(finding.text.empty());
    EXPECT_FALSE(finding.remedy.empty());
    EXPECT_EQ(finding.remedy.find('\n'), std::string::npos);
  }
  return findings;
}

inline std::vector<Finding> FindingsOf(const onnx::ModelProto& model, const std::string& rule) {
  return FindingsOf(summary::SummaryOf(model), rule);
}

inline std::vector<Finding> FindingsOf(std::string_view text, const std::string& rule) {
  return FindingsOf(testing::ParseModel(text), rule);
}

inline std::vector<std::string> NamesIn(const summary::Summary& model, const Finding& finding) {
  std::vector<std::string> names;
  names.reserve(finding.tensors.size());
  for (const model::TensorId t : finding.tensors) names.emplace_back(model.tensor(t).name);
  return names;
}

}  // namespace hoarfrost::lint

#endif  // HOARFROST_TESTS_LINT_FINDINGS_OF_H_
