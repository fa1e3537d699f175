#include "compare/merge.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "compare/compare_items.h"
#include "compare/match.h"
#include "compare/rewrite_payload.h"
#include "compare/verify.h"
#include "freeze/freeze.h"
#include "freeze/save.h"
#include "payload/dtype.h"

namespace hoarfrost::compare {
namespace {

std::string_view AsStd(absl::string_view text) { return {text.data(), text.size()}; }

bool IsSame(const std::string& a, const std::string& b) {
  struct stat first = {};
  struct stat second = {};
  return stat(a.c_str(), &first) == 0 && stat(b.c_str(), &second) == 0 &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

std::string TypeText(const Item& item) {
  return fmt::format("{} [{}]", payload::DtypeName(item.dtype), fmt::join(item.dims, ", "));
}

// The first few faults, and how many more.
class Faults {
 public:
  void Add(std::string_view name, std::string_view what) {
    constexpr size_t kShown = 5;
    if (++count_ > kShown) return;
    text_ += fmt::format("{}tensor {} {}", text_.empty() ? "" : "; ", base::Quote(name), what);
    shown_ = count_;
  }
  bool any() const { return count_ > 0; }
  std::string Text() const {
    return text_ + (count_ > shown_ ? fmt::format("; and {} more", count_ - shown_) : "");
  }

 private:
  std::string text_;
  size_t count_ = 0;
  size_t shown_ = 0;
};

class Merging {
 public:
  Merging(const ModelSet& base, const TensorSet& tuned, const MergeOptions& options,
          MergeResult& result)
      : base_(base),
        tuned_(tuned),
        options_(options),
        matching_(Match(base, tuned)),
        rewrite_(base, tuned),
        result_(result) {}

  absl::Status Decide() {
    const std::vector<std::optional<PlanList>> lists =
        ListsOf(freeze::PlanOf(*base_.model()), base_);
    for (size_t i = 0; i < lists.size(); ++i) {
      if (!lists[i]) continue;
      if (absl::Status decided = Decide(i, *lists[i]); !decided.ok()) return decided;
    }
    return Judge();
  }

  PayloadRewrite& rewrite() { return rewrite_; }

 private:
  absl::Status Decide(size_t i, PlanList list) {
    const size_t j = matching_.b_of[i];
    const bool held = MustNotMove(list);
    if (j == kNoItem) {
      if (!held) result_.missing.push_back(Describe(base_, i));
      return absl::OkStatus();
    }
    const Item& item = base_.items()[i];
    if (list == PlanList::kTrainable) ++found_;
    absl::StatusOr<Likeness> likeness = comparer_.Compare(base_, i, tuned_, j);
    if (!likeness.ok()) {
      return absl::Status(
          likeness.status().code(),
          fmt::format("tensor {}: {}", base::Quote(item.name), AsStd(likeness.status().message())));
    }
    if (held) {
      if (likeness->same_values()) return absl::OkStatus();
      if (likeness->difference) {
        result_.kept.push_back({Describe(base_, i), *likeness->difference});
        moved_.Add(item.name, fmt::format("changed in {} of {} elements",
                                          base::WithCommas(likeness->difference->changed),
                                          base::WithCommas(likeness->difference->elements)));
      } else {
        unlike_.Add(item.name,
                    fmt::format("is {}, there {}", TypeText(item), TypeText(tuned_.items()[j])));
      }
      return absl::OkStatus();
    }
    if (!likeness->comparable || !likeness->same_dtype || !likeness->same_shape) {
      unlike_.Add(item.name,
                  fmt::format("is {}, there {}", TypeText(item), TypeText(tuned_.items()[j])));
      return absl::OkStatus();
    }
    if (!likeness->difference) {
      ++result_.unchanged;
      return absl::OkStatus();
    }
    result_.merged.push_back({Describe(base_, i), *likeness->difference});
    absl::Status replaced = rewrite_.Replace(i, j);
    if (replaced.ok()) return replaced;
    return absl::Status(replaced.code(),
                        fmt::format("{}: tensor {}: {}", base::Escape(base_.name()),
                                    base::Quote(item.name), AsStd(replaced.message())));
  }

  absl::Status Judge() const {
    if (unlike_.any()) {
      return absl::FailedPreconditionError(fmt::format("{}: does not fit {}: {}",
                                                       base::Escape(tuned_.name()),
                                                       base::Escape(base_.name()), unlike_.Text()));
    }
    if (moved_.any() && !options_.keep_frozen) {
      return absl::FailedPreconditionError(fmt::format(
          "{}: what is frozen in {} changed: {}; 'verify' tells more, and --keep-frozen leaves "
          "frozen tensors as they are",
          base::Escape(tuned_.name()), base::Escape(base_.name()), moved_.Text()));
    }
    if (found_ > 0) return absl::OkStatus();
    if (result_.missing.empty()) {
      return absl::FailedPreconditionError(
          fmt::format("{}: nothing in it is trainable", base::Escape(base_.name())));
    }
    return absl::NotFoundError(
        fmt::format("{}: holds no tensor with the name of a trainable one of {}, such as {}",
                    base::Escape(tuned_.name()), base::Escape(base_.name()),
                    base::Quote(result_.missing.front().name)));
  }

  const ModelSet& base_;
  const TensorSet& tuned_;
  const MergeOptions& options_;
  const Matching matching_;
  PayloadRewrite rewrite_;
  MergeResult& result_;
  ItemComparer comparer_;
  Faults moved_;
  Faults unlike_;
  uint64_t found_ = 0;
};

class NewData final : public freeze::DataContents {
 public:
  explicit NewData(const PayloadRewrite& rewrite) : rewrite_(rewrite) {}
  bool Changes(const std::string& location) const override {
    return rewrite_.ChangesDataFile(location);
  }
  absl::Status Write(const std::string& location, const wire::ByteSource& source,
                     wire::AtomicFile& copy) const override {
    return rewrite_.WriteDataFile(location, source, copy);
  }

 private:
  const PayloadRewrite& rewrite_;
};

// Nothing that is read may be written: what was trained would be gone if anything failed.
absl::Status CheckOutput(const ModelSet& base, const TensorSet& tuned, const std::string& output) {
  for (const TensorSet* set : {static_cast<const TensorSet*>(&base), &tuned}) {
    if (IsSame(output, set->name())) {
      return absl::InvalidArgumentError(fmt::format(
          "{}: is one of the two that are merged; give another file", base::Escape(output)));
    }
  }
  const summary::Summary* model = tuned.model();
  if (model == nullptr) return absl::OkStatus();
  const std::string folder = std::filesystem::path(tuned.name()).parent_path().string();
  for (const freeze::DataFile& file :
       freeze::DataFilesOf(model->facts.model(), folder.empty() ? "." : folder, tuned.name())) {
    if (IsSame(output, fmt::format("{}/{}", folder.empty() ? "." : folder, file.location))) {
      return absl::InvalidArgumentError(fmt::format(
          "{}: is a data file of {}", base::Escape(output), base::Escape(tuned.name())));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<MergeResult> Merge(const ModelSet& base, const TensorSet& tuned,
                                  const std::string& output, const MergeOptions& options,
                                  wire::FileOps* ops) {
  if (absl::Status apart = CheckOutput(base, tuned, output); !apart.ok()) return apart;
  MergeResult result;
  result.base_file = base.name();
  result.tuned_file = tuned.name();
  result.output = output;
  Merging merging(base, tuned, options, result);
  if (absl::Status decided = merging.Decide(); !decided.ok()) return decided;
  PayloadRewrite& rewrite = merging.rewrite();
  if (absl::Status prepared = rewrite.Prepare(); !prepared.ok()) return prepared;

  freeze::SaveOptions save_options;
  save_options.ops = ops;
  const bool is_file = base.source().descriptor() >= 0;
  const std::string path =
      is_file || base.directory().empty() ? base.name() : base.directory() + "/model";
  absl::StatusOr<freeze::SavePlan> plan =
      freeze::PlanSave(base.model()->facts.model(), path, output, save_options);
  if (!plan.ok()) return plan.status();
  if (rewrite.changes_data_files() && !plan->copies) {
    return absl::InvalidArgumentError(
        fmt::format("{}: the values that change lie in data files beside {}, which are never "
                    "replaced; write to another folder",
                    base::Escape(output), base::Escape(base.name())));
  }
  const NewData data(rewrite);
  absl::Status saved = freeze::Save(
      [&](wire::AtomicFile& file) {
        if (absl::Status written = rewrite.WriteModel(file); !written.ok()) return written;
        // Before anything appears under the output's name.
        return tuned.CheckUnchanged();
      },
      &data, base.source(), *plan, save_options);
  if (!saved.ok()) return saved;
  result.bytes = rewrite.size();
  for (const freeze::DataFile& file : plan->data_files) {
    if (plan->copies && file.present) result.data_files.push_back(file.location);
  }
  return result;
}

}  // namespace hoarfrost::compare
