#include "compare/diff.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/hash.h"
#include "compare/compare_items.h"
#include "compare/match.h"

namespace hoarfrost::compare {
namespace {

std::string_view AsStd(absl::string_view text) { return {text.data(), text.size()}; }

class Differ {
 public:
  Differ(const TensorSet& a, const TensorSet& b) : a_(a), b_(b), matching_(Match(a, b)) {}

  DiffResult Run() {
    result_.a_file = a_.name();
    result_.b_file = b_.name();
    std::vector<size_t> new_name(a_.items().size(), kNoItem);
    std::vector<bool> is_new_name(b_.items().size());
    for (const auto& [i, j] : FindRenamed(a_, b_, matching_, comparer_)) {
      new_name[i] = j;
      is_new_name[j] = true;
    }
    for (size_t i = 0; i < a_.items().size(); ++i) {
      if (matching_.b_of[i] != kNoItem) {
        Compare(i, matching_.b_of[i]);
      } else if (new_name[i] != kNoItem) {
        Add(ChangeKind::kRenamed, i, new_name[i]);
      } else {
        Add(ChangeKind::kRemoved, i, kNoItem);
      }
    }
    for (size_t j = 0; j < b_.items().size(); ++j) {
      if (matching_.a_of[j] == kNoItem && !is_new_name[j]) Add(ChangeKind::kAdded, kNoItem, j);
    }
    if (a_.model() != nullptr && b_.model() != nullptr) {
      result_.graphs_compared = true;
      CompareGraphs(*a_.model(), *b_.model(), result_);
      differ_ = differ_ || !result_.operators.empty() || !result_.inputs.empty() ||
                !result_.outputs.empty();
    }
    result_.equal = differ_ ? Answer::kNo : unknown_ ? Answer::kUnknown : Answer::kYes;
    return std::move(result_);
  }

 private:
  void Compare(size_t i, size_t j) {
    absl::StatusOr<Likeness> likeness = comparer_.Compare(a_, i, b_, j);
    if (!likeness.ok()) {
      Add(ChangeKind::kUnreadable, i, j);
      result_.tensors.back().text = AsStd(likeness.status().message());
      return;
    }
    if (likeness->identical()) {
      ++result_.equal_tensors;
      const std::string layer = Describe(a_, i).layer;
      const auto [place, added] = equal_layer_.try_emplace(layer, result_.equal_by_layer.size());
      if (added) result_.equal_by_layer.push_back({layer, 0});
      ++result_.equal_by_layer[place->second].tensors;
      return;
    }
    const ChangeKind kind = !likeness->same_dtype && likeness->same_values() ? ChangeKind::kCast
                            : likeness->same_dtype && !likeness->same_shape  ? ChangeKind::kReshaped
                                                                             : ChangeKind::kChanged;
    Add(kind, i, j);
    result_.tensors.back().difference = likeness->difference;
  }

  void Add(ChangeKind kind, size_t i, size_t j) {
    TensorChange change;
    change.kind = kind;
    if (i != kNoItem) change.a = Describe(a_, i);
    if (j != kNoItem) change.b = Describe(b_, j);
    result_.tensors.push_back(std::move(change));
    (kind == ChangeKind::kUnreadable ? unknown_ : differ_) = true;
  }

  const TensorSet& a_;
  const TensorSet& b_;
  const Matching matching_;
  ItemComparer comparer_;
  DiffResult result_;
  absl::flat_hash_map<std::string, size_t, base::ViewHash, std::equal_to<>> equal_layer_;
  bool differ_ = false;
  bool unknown_ = false;
};

}  // namespace

absl::StatusOr<DiffResult> Diff(const TensorSet& a, const TensorSet& b) {
  DiffResult result = Differ(a, b).Run();
  for (const TensorSet* set : {&a, &b}) {
    if (absl::Status same = set->CheckUnchanged(); !same.ok()) return same;
  }
  return result;
}

}  // namespace hoarfrost::compare
