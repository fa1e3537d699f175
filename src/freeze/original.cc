#include "freeze/original.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "base/text.h"
#include "freeze/digest.h"
#include "freeze/undo.h"
#include "wire/field_scan.h"

namespace hoarfrost::freeze {
namespace {

// Values above this are no plan or undo of any model; they are not read into memory.
constexpr uint64_t kLargestValue = uint64_t{1} << 29;

std::string_view AsStd(absl::string_view text) { return {text.data(), text.size()}; }

absl::StatusOr<std::string> ReadValue(const wire::ByteSource& file, const Mark& mark) {
  if (mark.value.length > kLargestValue) {
    return absl::InvalidArgumentError(
        fmt::format("{}: byte {}: {} bytes are more than any model's plan or undo data takes",
                    base::Escape(file.name()), mark.value.offset, mark.value.length));
  }
  std::string value;
  absl::Status read = wire::FieldScan(file).ReadBytes(mark.value, value);
  if (!read.ok()) return read;
  return value;
}

std::string ProducerOf(const wire::ByteSource& file) {
  const absl::StatusOr<wire::Skeleton> skeleton = wire::ReadSkeleton(file);
  if (!skeleton.ok() || skeleton->model().producer_name().empty()) return "an unnamed producer";
  const std::string& version = skeleton->model().producer_version();
  return base::Escape(skeleton->model().producer_name() + (version.empty() ? "" : " " + version));
}

absl::Status Rewritten(const wire::ByteSource& file, std::string_view how) {
  return absl::FailedPreconditionError(fmt::format(
      "{}: rewritten since it was frozen, by {} ({}); 'hoarfrost thaw --by-name' restores what it "
      "can by name",
      base::Escape(file.name()), ProducerOf(file), how));
}

}  // namespace

absl::StatusOr<wire::Rope> RestoreOriginal(const wire::ByteSource& file, const Marks& marks) {
  if (!marks.as_written(file.size())) {
    return Rewritten(file, marks.undos.empty() ? "its undo data is gone"
                                               : "its plan and undo data are not where they were");
  }
  absl::StatusOr<std::string> text = ReadValue(file, marks.undos[0]);
  if (!text.ok()) return text.status();
  const absl::StatusOr<Undo> undo = FromJson(*text);
  if (!undo.ok()) return Rewritten(file, AsStd(undo.status().message()));
  if (undo->length != marks.undos[0].field.offset) return Rewritten(file, "its length differs");
  const absl::StatusOr<std::string> digest =
      DigestOf(file, undo->length, ItemsToJson(undo->original));
  if (!digest.ok()) return digest.status();
  if (*digest != undo->digest) return Rewritten(file, "its digest differs");
  absl::StatusOr<wire::Rope> rope = Restore(*undo);
  if (!rope.ok()) return Rewritten(file, AsStd(rope.status().message()));
  return rope;
}

absl::StatusOr<plan::Plan> ReadPlan(const wire::ByteSource& file, const Marks& marks) {
  if (marks.plans.empty()) {
    return absl::NotFoundError(fmt::format("{}: has no plan", base::Escape(file.name())));
  }
  absl::StatusOr<std::string> text = ReadValue(file, marks.plans.back());
  if (!text.ok()) return text.status();
  absl::StatusOr<plan::Plan> plan = plan::FromJson(*text);
  if (plan.ok()) return plan;
  return absl::InvalidArgumentError(
      fmt::format("{}: {}", base::Escape(file.name()), AsStd(plan.status().message())));
}

absl::StatusOr<Original> ReadOriginal(const wire::ByteSource& file, const std::string& directory) {
  const absl::StatusOr<Marks> marks = FindMarks(file);
  if (!marks.ok()) return marks.status();
  Original original;
  if (marks->any()) {
    absl::StatusOr<wire::Rope> rope = RestoreOriginal(file, *marks);
    if (!rope.ok()) return rope.status();
    absl::StatusOr<plan::Plan> plan = ReadPlan(file, *marks);
    if (!plan.ok()) return plan.status();
    original.rope = *std::move(rope);
    original.plan = *std::move(plan);
    original.source = wire::MakeRopeSource(original.rope, file, file.name());
  } else {
    original.rope = wire::WholeOf(file);
  }
  const wire::ByteSource& source = original.source != nullptr ? *original.source : file;
  absl::StatusOr<summary::Summary> model = summary::Summarize(source, directory, {});
  if (!model.ok()) return model.status();
  original.model = std::make_unique<summary::Summary>(*std::move(model));
  if (original.source == nullptr) {
    original.source = wire::MakeRopeSource(original.rope, file, file.name());
  }
  return original;
}

}  // namespace hoarfrost::freeze
