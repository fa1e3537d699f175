#include "fuzz/properties.h"

#include <fmt/format.h>
#include <hoarfrost/compare.h>
#include <hoarfrost/model.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "plan/plan.h"

namespace hoarfrost::testing {
namespace {

// The text of a table or message: no control byte but the line feed.
bool IsSafeToPrint(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f;
  });
}

std::string CheckRefusal(const absl::Status& status) {
  const std::string_view message(status.message().data(), status.message().size());
  if (message.empty()) return "refused without a word";
  if (!IsSafeToPrint(message)) return fmt::format("control bytes in the message: {}", message);
  if (status.code() == absl::StatusCode::kInternal) return fmt::format("internal: {}", message);
  return "";
}

std::string CheckTotals(const Totals& totals) {
  if (totals.trainable + totals.non_trainable != totals.parameters) {
    return fmt::format("{} trainable and {} not are not {}", totals.trainable, totals.non_trainable,
                       totals.parameters);
  }
  if (totals.statistics > totals.non_trainable) return "more statistics than non-trainable";
  return "";
}

bool IsJson(const std::string& text) { return nlohmann::json::accept(text); }

// Sums stop at the largest number instead of wrapping round; then they need not add up.
bool IsSaturated(const Totals& totals) { return totals.parameters == ~uint64_t{0}; }

std::string CheckFreezing(const Model& model, std::string_view bytes, const Selection& selection) {
  absl::StatusOr<Model> frozen = model.Freeze(selection);
  if (!frozen.ok()) return CheckRefusal(frozen.status());
  if (selection.all && frozen->totals().trainable != 0) return "frozen, and yet trainable";
  if (frozen->totals().parameters != model.totals().parameters) return "freezing changed the total";
  if (frozen->totals().statistics != model.totals().statistics) return "statistics changed role";

  absl::StatusOr<Model> thawed = frozen->Thaw();
  if (!thawed.ok()) return fmt::format("cannot thaw: {}", thawed.status().message().data());
  absl::StatusOr<std::string> back = thawed->Serialize();
  if (!back.ok()) return fmt::format("cannot serialise: {}", back.status().message().data());
  if (*back != bytes) return "thawing does not give the bytes back";

  absl::StatusOr<Model> twice = frozen->Freeze(selection);
  if (!twice.ok()) return fmt::format("cannot freeze twice: {}", twice.status().message().data());
  absl::StatusOr<std::string> once_bytes = frozen->Serialize();
  absl::StatusOr<std::string> twice_bytes = twice->Serialize();
  if (!once_bytes.ok() || !twice_bytes.ok() || *once_bytes != *twice_bytes) {
    return "freezing what is frozen changes it";
  }
  return "";
}

}  // namespace

std::string CheckInspect(std::string_view bytes) {
  absl::StatusOr<Model> model = Model::FromBytes(std::string(bytes), "m.onnx");
  if (!model.ok()) return CheckRefusal(model.status());
  if (!IsSaturated(model->totals())) {
    if (std::string wrong = CheckTotals(model->totals()); !wrong.empty()) return wrong;
  }
  if (!IsJson(model->ToJson())) return "inspect gives no JSON";
  for (const int width : {20, 80}) {
    if (!IsSafeToPrint(model->ToTable(width))) return "control bytes in the table";
  }
  constexpr size_t kExplained = 20;
  for (size_t i = 0; i < std::min(model->tensor_count(), kExplained); ++i) {
    if (!IsSafeToPrint(model->Explain(i))) return "control bytes in an explanation";
    if (!IsJson(model->ExplainJson(i))) return "explain gives no JSON";
  }
  return "";
}

std::string CheckFreeze(std::string_view bytes) {
  absl::StatusOr<Model> model = Model::FromBytes(std::string(bytes), "m.onnx");
  if (!model.ok()) return CheckRefusal(model.status());
  // A model that is frozen already comes back to what it was before that.
  if (model->totals().frozen > 0) {
    absl::StatusOr<Model> thawed = model->Thaw();
    return thawed.ok() ? "" : CheckRefusal(thawed.status());
  }
  Selection all;
  all.all = true;
  if (std::string wrong = CheckFreezing(*model, bytes, all); !wrong.empty()) return wrong;
  Selection first;
  first.first = 1;
  return CheckFreezing(*model, bytes, first);
}

std::string CheckPlan(std::string_view json) {
  const absl::StatusOr<plan::Plan> plan = plan::FromJson(json);
  if (!plan.ok()) return CheckRefusal(plan.status());
  const std::string written = plan::ToJson(*plan);
  const absl::StatusOr<plan::Plan> again = plan::FromJson(written);
  if (!again.ok())
    return fmt::format("what was written is refused: {}", again.status().message().data());
  if (!(*again == *plan)) return "what was written reads back as another plan";
  return "";
}

}  // namespace hoarfrost::testing
