// hoarfrost merge: trained tensors back into the model that they were trained from.
#include "compare/merge.h"

#include <optional>
#include <string>

#include "compare/open_set.h"
#include "compared.h"
#include "model_input.h"
#include "options.h"
#include "report/compare.h"
#include "subcommand.h"

namespace hoarfrost::tool {

int Merge(Arguments args, Console& console) {
  std::string base_path;
  std::string tuned_path;
  std::string output;
  bool json = false;
  bool all = false;
  MergeOptions options;
  CLI::App app(
      "Write BASE with the trainable tensors of TUNED, and the statistics of BatchNormalizations "
      "that are not frozen, by name; every other byte stays BASE's",
      "merge");
  app.add_option("base", base_path, "The model that was trained, frozen or not")->type_name("BASE");
  app.add_option("tuned", tuned_path, kSetHelp)->type_name("TUNED");
  app.add_option("-o,--output", output, "The file to write")->type_name("OUT");
  app.add_flag("--keep-frozen", options.keep_frozen,
               "Leave frozen tensors as BASE has them where TUNED changed them, and do not refuse");
  app.add_flag("--all", all, "Print every tensor, not the first of each kind");
  app.add_flag("--json", json, "One compact JSON object (see docs/comparing.md)");
  if (const std::optional<int> status = ParseOptions(app, args, console)) return *status;
  if (tuned_path.empty() || output.empty()) {
    console.Error("merge", tuned_path.empty()
                               ? "the model and the tuned one, please (see hoarfrost merge --help)"
                               : "where to? Give -o OUT");
    return kFailed;
  }
  for (const std::string& path : {base_path, tuned_path}) {
    if (RefusesStandardInput("merge", path, console)) return kFailed;
  }
  const auto base = compare::OpenModel(base_path);
  if (!base.ok()) {
    console.Error(base_path, base.status());
    return kFailed;
  }
  const auto tuned = compare::OpenSet(tuned_path);
  if (!tuned.ok()) {
    console.Error(tuned_path, tuned.status());
    return kFailed;
  }
  const absl::StatusOr<MergeResult> result = compare::Merge(**base, **tuned, output, options);
  if (!result.ok()) {
    console.Error("merge", result.status());
    return kFailed;
  }
  if (json) {
    report::WriteJson(*result, console.out());
  } else {
    report::WriteText(*result, all ? 0 : kShownOfAKind, console.out());
  }
  return kDone;
}

}  // namespace hoarfrost::tool
