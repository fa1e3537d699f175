// hoarfrost explain: one tensor, its role and why.
#include "report/explain.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

#include "base/pattern.h"
#include "base/text.h"
#include "model_input.h"
#include "options.h"
#include "subcommand.h"
#include "summary/summary.h"

namespace hoarfrost::tool {
namespace {

// The tensors of that name in every scope, or that the pattern matches.
absl::StatusOr<std::vector<model::TensorId>> Find(const summary::Summary& model,
                                                  const std::string& name) {
  std::vector<model::TensorId> found = model.facts.TensorsNamed(name);
  if (!found.empty()) return found;
  absl::StatusOr<base::Pattern> pattern = base::Pattern::Compile(name);
  if (!pattern.ok()) return pattern.status();
  std::vector<std::string_view> candidates;
  for (size_t t = 0; t < model.facts.tensors.size(); ++t) {
    const std::string_view candidate = model.facts.tensors[t].name;
    if (pattern->Matches(candidate)) found.push_back(static_cast<model::TensorId>(t));
    if (candidates.size() < 20'000) candidates.push_back(candidate);
  }
  if (!found.empty()) return found;
  const std::vector<std::string> near = base::NearNames(name, candidates);
  std::string hint;
  for (const std::string& word : near) {
    hint += fmt::format("{}{}", hint.empty() ? "; did you mean " : " or ", base::Quote(word));
  }
  return absl::NotFoundError(
      fmt::format("no tensor is called {}{}{}", base::Quote(name), hint, near.empty() ? "" : "?"));
}

}  // namespace

int Explain(Arguments args, Console& console) {
  std::string path;
  std::vector<std::string> names;
  bool json = false;
  CLI::App app(
      "Say of a tensor what it is for and why, who uses it, where its bytes lie, and whether it is "
      "frozen",
      "explain");
  app.add_option("model", path, "ONNX file")->type_name("MODEL");
  app.add_option("names", names, "Tensor names, or patterns as for inspect --filter")
      ->type_name("NAME...");
  app.add_flag("--json", json, "One compact JSON object a line");
  app.footer(kStandardInputHelp);
  if (const std::optional<int> status = ParseOptions(app, args, console)) return *status;
  if (path.empty() || names.empty()) {
    console.Error("explain",
                  "a model and the name of a tensor, please (see hoarfrost explain "
                  "--help)");
    return kFailed;
  }
  const absl::StatusOr<summary::Summary> model = SummarizeModel(path, {});
  if (!model.ok()) {
    console.Error(path, model.status());
    return kFailed;
  }
  int status = kDone;
  for (const std::string& name : names) {
    const absl::StatusOr<std::vector<model::TensorId>> tensors = Find(*model, name);
    if (!tensors.ok()) {
      console.Error(path, tensors.status());
      status = kFailed;
      continue;
    }
    for (const model::TensorId t : *tensors) {
      if (json) {
        report::WriteExplanationJson(*model, t, console.out());
      } else {
        report::WriteExplanation(*model, t, console.out());
      }
      if (console.closed()) return status;
    }
  }
  return status;
}

}  // namespace hoarfrost::tool
