// The framework count of a model for tests.
#ifndef HOARFROST_TESTS_ROLES_FRAMEWORK_OF_H_
#define HOARFROST_TESTS_ROLES_FRAMEWORK_OF_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/facts.h"
#include "model/layers.h"
#include "payload/dtype.h"
#include "roles/roles.h"
#include "support/exported_model.h"
#include "wire/byte_source.h"
#include "wire/skeleton.h"

namespace hoarfrost::roles {

class FrameworkOf {
 public:
  explicit FrameworkOf(const testing::ExportedModel& exported)
      : bytes_(exported.model.SerializeAsString()), source_(wire::FromMemory("<test>", bytes_)) {
    auto skeleton = wire::ReadSkeleton(*source_);
    if (!skeleton.ok()) {
      ADD_FAILURE() << skeleton.status().ToString();
      return;
    }
    skeleton_ = std::make_unique<wire::Skeleton>(std::move(*skeleton));
    const model::Facts facts = model::BuildFacts(*skeleton_, "");
    Classification classified = Classify(facts, model::AssignLayers(facts));
    for (size_t t = 0; t < facts.tensors.size(); ++t) {
      const uint64_t n = facts.tensors[t].elements;
      if (classified.tensors[t].role == Role::kStatistic) statistics_in_file += n;
      if (classified.tensors[t].role == Role::kWeight &&
          payload::IsTrainableFloat(facts.tensors[t].dtype)) {
        trainable_in_file += n;
      }
    }
    count = std::move(classified.framework);
    notes = std::move(classified.notes);
  }

  uint64_t trainable() const { return count ? count->trainable : trainable_in_file; }
  uint64_t statistics() const { return count ? count->statistics : statistics_in_file; }
  bool proved() const { return count && count->certainty == Certainty::kProved; }
  // The first adjustment of a kind; an empty one fails the test.
  Adjustment first(AdjustmentKind kind) const {
    if (count) {
      for (const Adjustment& adjustment : count->adjustments) {
        if (adjustment.kind == kind) return adjustment;
      }
    }
    ADD_FAILURE() << "no adjustment of that kind";
    return {};
  }

  std::optional<FrameworkCount> count;
  std::vector<model::Note> notes;
  uint64_t trainable_in_file = 0;
  uint64_t statistics_in_file = 0;

 private:
  std::string bytes_;
  std::unique_ptr<wire::ByteSource> source_;
  std::unique_ptr<wire::Skeleton> skeleton_;
};

}  // namespace hoarfrost::roles

#endif  // HOARFROST_TESTS_ROLES_FRAMEWORK_OF_H_
