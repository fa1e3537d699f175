// hoarfrost verify: whether training left alone what was frozen.
#include "compare/verify.h"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "compare/open_set.h"
#include "compared.h"
#include "model_input.h"
#include "options.h"
#include "plan/plan.h"
#include "report/compare.h"
#include "rewrite.h"
#include "subcommand.h"

namespace hoarfrost::tool {

int Verify(Arguments args, Console& console) {
  std::string frozen_path;
  std::string tuned_path;
  std::string plan_path;
  bool json = false;
  bool all = false;
  VerifyOptions options;
  CLI::App app(
      "Check that every frozen tensor and frozen statistic of FROZEN is in TUNED bit for bit, and "
      "that nothing is missing",
      "verify");
  app.add_option("frozen", frozen_path, "The model that was trained, as 'freeze' wrote it")
      ->type_name("FROZEN");
  app.add_option("tuned", tuned_path, kSetHelp)->type_name("TUNED");
  app.add_option("--plan", plan_path, "Hold TUNED to this plan; FROZEN may be unfrozen then")
      ->type_name("FILE");
  app.add_flag("--partial", options.partial,
               "TUNED holds some of the tensors only; those that are not there are warnings");
  app.add_flag("--all", all, "Print every finding, not the first of each kind");
  app.add_flag("--json", json, "One compact JSON object (see docs/comparing.md)");
  app.footer("Exit status: 0 verified; 1 a frozen tensor changed or one is missing; 2 could not.");
  if (const std::optional<int> status = ParseOptions(app, args, console)) return *status;
  if (frozen_path.empty() || tuned_path.empty()) {
    console.Error("verify",
                  "the frozen model and the tuned one, please (see hoarfrost verify --help)");
    return kFailed;
  }
  for (const std::string& path : {frozen_path, tuned_path}) {
    if (RefusesStandardInput("verify", path, console)) return kFailed;
  }
  if (!plan_path.empty()) {
    const absl::StatusOr<plan::Plan> plan = ReadPlanFile(plan_path);
    if (!plan.ok()) {
      console.Error(plan_path, plan.status());
      return kFailed;
    }
    options.plan_json = plan::ToJson(*plan);
  }
  const auto frozen = compare::OpenModel(frozen_path);
  if (!frozen.ok()) {
    console.Error(frozen_path, frozen.status());
    return kFailed;
  }
  const auto tuned = compare::OpenSet(tuned_path);
  if (!tuned.ok()) {
    console.Error(tuned_path, tuned.status());
    return kFailed;
  }
  const absl::StatusOr<VerifyResult> result = compare::Verify(**frozen, **tuned, options);
  if (!result.ok()) {
    console.Error("verify", result.status());
    return kFailed;
  }
  if (json) {
    report::WriteJson(*result, console.out());
  } else {
    report::WriteText(*result, all ? 0 : kShownOfAKind, console.out());
  }
  return StatusOf(result->answer);
}

}  // namespace hoarfrost::tool
