// Comparing and merging, over the sets of src/compare/.
#include "hoarfrost/compare.h"

#include <utility>

#include "api/rep.h"
#include "compare/diff.h"
#include "compare/memory_set.h"
#include "compare/merge.h"
#include "compare/open_set.h"
#include "compare/verify.h"

namespace hoarfrost {
absl::StatusOr<TensorSet> TensorSet::Open(const std::string& path) {
  auto set = compare::OpenSet(path);
  if (!set.ok()) return set.status();
  return TensorSet(*std::move(set));
}

TensorSet TensorSet::OfModel(const Model& model) {
  return TensorSet(std::make_shared<compare::ModelSet>(
      model.rep_->source, std::shared_ptr<const summary::Summary>(model.rep_, &model.rep_->summary),
      model.rep_->directory));
}

absl::StatusOr<TensorSet> TensorSet::FromMemory(std::string name,
                                                std::vector<MemoryTensor> tensors) {
  auto set = compare::MakeMemorySet(std::move(name), std::move(tensors));
  if (!set.ok()) return set.status();
  return TensorSet(*std::move(set));
}

const std::string& TensorSet::name() const { return set_->name(); }
size_t TensorSet::size() const { return set_->items().size(); }

absl::StatusOr<VerifyResult> Verify(const Model& frozen, const TensorSet& tuned,
                                    const VerifyOptions& options) {
  const auto set = TensorSet::OfModel(frozen).internal();
  return compare::Verify(static_cast<const compare::ModelSet&>(*set), *tuned.internal(), options);
}

absl::StatusOr<DiffResult> Diff(const TensorSet& a, const TensorSet& b) {
  return compare::Diff(*a.internal(), *b.internal());
}

absl::StatusOr<MergeResult> Merge(const Model& base, const TensorSet& tuned,
                                  const std::string& output, const MergeOptions& options) {
  const auto set = TensorSet::OfModel(base).internal();
  return compare::Merge(static_cast<const compare::ModelSet&>(*set), *tuned.internal(), output,
                        options);
}

}  // namespace hoarfrost
