// hoarfrost diff: what two models differ in.
#include "compare/diff.h"

#include <optional>
#include <string>

#include "compare/open_set.h"
#include "compared.h"
#include "model_input.h"
#include "options.h"
#include "page_file.h"
#include "report/compare.h"
#include "report/html/page.h"
#include "subcommand.h"

namespace hoarfrost::tool {

int Diff(Arguments args, Console& console) {
  std::string paths[2];
  bool json = false;
  bool all = false;
  std::string html;
  CLI::App app(
      "Say which tensors of A and B differ and by how much, which were added, removed or renamed, "
      "and what differs in the graphs",
      "diff");
  app.add_option("a", paths[0], kSetHelp)->type_name("A");
  app.add_option("b", paths[1], kSetHelp)->type_name("B");
  app.add_flag("--all", all, "Print every difference, not the first of each kind");
  app.add_flag("--json", json, "One compact JSON object (see docs/comparing.md)");
  app.add_option("--html", html, "Write one page for a browser to FILE (see docs/html.md)")
      ->type_name("FILE");
  app.footer("Exit status: 0 no difference; 1 they differ; 2 could not.");
  if (const std::optional<int> status = ParseOptions(app, args, console)) return *status;
  if (paths[1].empty()) {
    console.Error("diff", "two models, please (see hoarfrost diff --help)");
    return kFailed;
  }
  if (app.count("--html") > 0) {
    absl::Status fits =
        html.empty()  ? absl::InvalidArgumentError("--html needs the name of a file")
        : json || all ? absl::InvalidArgumentError("--html shows all; leave --json, --all out")
                      : CheckReplacesPage(html);
    if (!fits.ok()) {
      console.Error("diff", fits);
      return kFailed;
    }
  }
  for (const std::string& path : paths) {
    if (RefusesStandardInput("diff", path, console)) return kFailed;
  }
  std::unique_ptr<compare::TensorSet> sets[2];
  for (const size_t s : {0, 1}) {
    auto set = compare::OpenSet(paths[s]);
    if (!set.ok()) {
      console.Error(paths[s], set.status());
      return kFailed;
    }
    sets[s] = *std::move(set);
  }
  const absl::StatusOr<DiffResult> result = compare::Diff(*sets[0], *sets[1]);
  if (!result.ok()) {
    console.Error("diff", result.status());
    return kFailed;
  }
  if (!html.empty()) {
    const absl::Status written = WritePageFile(
        html, [&](base::Sink& sink) { report::html::WritePage(*result, sink); }, console);
    if (!written.ok()) {
      console.Error("diff", written);
      return kFailed;
    }
  } else if (json) {
    report::WriteJson(*result, console.out());
  } else {
    report::WriteText(*result, all ? 0 : kShownOfAKind, console.out());
  }
  return StatusOf(result->equal);
}

}  // namespace hoarfrost::tool
