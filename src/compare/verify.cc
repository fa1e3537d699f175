#include "compare/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/text.h"
#include "compare/compare_items.h"
#include "compare/match.h"
#include "freeze/freeze.h"

namespace hoarfrost::compare {
namespace {

std::string_view AsStd(absl::string_view text) { return {text.data(), text.size()}; }

absl::StatusOr<plan::Plan> PlanFor(const ModelSet& frozen, const VerifyOptions& options) {
  if (options.plan_json.empty()) return freeze::PlanOf(*frozen.model());
  const absl::StatusOr<plan::Plan> given = plan::FromJson(options.plan_json);
  if (!given.ok()) return given.status();
  absl::StatusOr<plan::Plan> plan = freeze::PlanOf(*frozen.model(), *given);
  if (plan.ok()) return plan;
  return absl::Status(plan.status().code(), fmt::format("{}: {}", base::Escape(frozen.name()),
                                                        AsStd(plan.status().message())));
}

std::string ShapeText(const ComparedTensor& tensor) {
  return fmt::format("{} [{}]", tensor.dtype, fmt::join(tensor.shape, ", "));
}

class Verifying {
 public:
  Verifying(const ModelSet& frozen, const TensorSet& tuned, bool partial, VerifyResult& result)
      : frozen_(frozen),
        tuned_(tuned),
        partial_(partial),
        matching_(Match(frozen, tuned)),
        result_(result) {}

  void Check(size_t i, PlanList list) {
    ++CountOf(list).tensors;
    const size_t j = matching_.b_of[i];
    if (j == kNoItem) {
      missing_.emplace_back(i, list);
      return;
    }
    // Of what may move, only whether it did is asked.
    const absl::StatusOr<Likeness> likeness =
        comparer_.Compare(frozen_, i, tuned_, j, /*in_full=*/MustNotMove(list));
    if (!likeness.ok()) {
      Add(i, list, j, FindingKind::kUnreadable, false,
          std::string(AsStd(likeness.status().message())));
      unknown_ = true;
      return;
    }
    Judge(i, list, j, *likeness);
  }

  // What no name leads to may be there under another one.
  void CheckMissing() {
    if (missing_.empty()) return;
    absl::flat_hash_map<size_t, size_t> renamed;
    for (const auto& [i, j] : FindRenamed(frozen_, tuned_, matching_, comparer_)) renamed[i] = j;
    for (const auto& [i, list] : missing_) {
      const auto found = renamed.find(i);
      if (found != renamed.end()) {
        ++CountOf(list).identical;
        Add(i, list, found->second, FindingKind::kRenamed, false,
            fmt::format("is called {} there; its bytes are the same",
                        base::Quote(tuned_.items()[found->second].name)));
      } else if (partial_) {
        Add(i, list, kNoItem, FindingKind::kNotStored, false,
            MustNotMove(list) ? "is not stored there, so nothing is proved of it"
                              : "is not stored there");
      } else {
        Add(i, list, kNoItem, FindingKind::kMissing, true, "is not there");
      }
    }
  }

  void Finish() {
    std::stable_sort(findings_.begin(), findings_.end(),
                     [](const auto& x, const auto& y) { return x.first < y.first; });
    for (auto& [i, finding] : findings_) result_.findings.push_back(std::move(finding));
    result_.answer = failed_ ? Answer::kNo : unknown_ ? Answer::kUnknown : Answer::kYes;
  }

 private:
  VerifyCount& CountOf(PlanList list) {
    switch (list) {
      case PlanList::kTrainable:
        return result_.trainable;
      case PlanList::kFrozen:
        return result_.frozen;
      case PlanList::kStatistics:
        return result_.statistics;
      case PlanList::kFrozenStatistics:
        return result_.frozen_statistics;
    }
    return result_.frozen;
  }

  void Judge(size_t i, PlanList list, size_t j, const Likeness& likeness) {
    const bool held = MustNotMove(list);
    VerifyCount& count = CountOf(list);
    const ComparedTensor there = Describe(tuned_, j);
    if (!likeness.comparable) {
      Add(i, list, j, FindingKind::kRetyped, true, fmt::format("is {} there", ShapeText(there)));
      return;
    }
    ++(likeness.same_values() && likeness.same_dtype ? count.identical : count.changed);
    if (!likeness.same_values()) {
      if (held) Add(i, list, j, FindingKind::kMoved, true, "changed", likeness.difference);
      return;
    }
    if (!likeness.same_dtype) {
      Add(i, list, j, FindingKind::kRetyped, held,
          fmt::format("is {} there; its values are the same", ShapeText(there)));
      return;
    }
    if (!likeness.same_shape) {
      Add(i, list, j, FindingKind::kReshaped, false,
          fmt::format("is {} there; its bytes are the same", ShapeText(there)));
    }
    if (list == PlanList::kTrainable) {
      Add(i, list, j, FindingKind::kUnchanged, false, "is trainable and did not change");
    }
  }

  void Add(size_t i, PlanList list, size_t j, FindingKind kind, bool failure, std::string text,
           std::optional<Difference> difference = std::nullopt) {
    Finding finding;
    finding.kind = kind;
    finding.failure = failure;
    finding.list = list;
    finding.expected = Describe(frozen_, i);
    if (j != kNoItem) finding.found = Describe(tuned_, j);
    finding.difference = difference;
    finding.text = std::move(text);
    failed_ = failed_ || failure;
    findings_.emplace_back(i, std::move(finding));
  }

  const ModelSet& frozen_;
  const TensorSet& tuned_;
  const bool partial_;
  const Matching matching_;
  VerifyResult& result_;
  ItemComparer comparer_;
  std::vector<std::pair<size_t, PlanList>> missing_;
  std::vector<std::pair<size_t, Finding>> findings_;
  bool failed_ = false;
  bool unknown_ = false;
};

}  // namespace

std::vector<std::optional<PlanList>> ListsOf(const plan::Plan& plan, const TensorSet& model) {
  ScopeNameMap<size_t> items;
  for (size_t i = 0; i < model.items().size(); ++i) {
    items.insert_or_assign({model.items()[i].scope, model.items()[i].name}, i);
  }
  std::vector<std::optional<PlanList>> lists(model.items().size());
  const auto put = [&](const std::vector<plan::Entry>& entries, PlanList list) {
    for (const plan::Entry& entry : entries) {
      const auto found = items.find({entry.scope, entry.name});
      if (found != items.end()) lists[found->second] = list;
    }
  };
  put(plan.trainable, PlanList::kTrainable);
  put(plan.frozen, PlanList::kFrozen);
  put(plan.statistics, PlanList::kStatistics);
  put(plan.frozen_statistics, PlanList::kFrozenStatistics);
  return lists;
}

absl::StatusOr<VerifyResult> Verify(const ModelSet& frozen, const TensorSet& tuned,
                                    const VerifyOptions& options) {
  const absl::StatusOr<plan::Plan> plan = PlanFor(frozen, options);
  if (!plan.ok()) return plan.status();
  if (plan->frozen.empty() && plan->frozen_statistics.empty()) {
    return absl::FailedPreconditionError(fmt::format(
        "{}: nothing is frozen in this model; verify needs what 'freeze' wrote, or its plan",
        base::Escape(frozen.name())));
  }
  VerifyResult result;
  result.frozen_file = frozen.name();
  result.tuned_file = tuned.name();
  Verifying verifying(frozen, tuned, options.partial || tuned.partial(), result);
  const std::vector<std::optional<PlanList>> lists = ListsOf(*plan, frozen);
  for (size_t i = 0; i < lists.size(); ++i) {
    if (lists[i]) verifying.Check(i, *lists[i]);
  }
  verifying.CheckMissing();
  verifying.Finish();
  for (const TensorSet* set : {static_cast<const TensorSet*>(&frozen), &tuned}) {
    if (absl::Status same = set->CheckUnchanged(); !same.ok()) return same;
  }
  return result;
}

}  // namespace hoarfrost::compare
