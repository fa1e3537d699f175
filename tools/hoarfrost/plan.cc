// hoarfrost plan: what is frozen in a model, or would be; writes nothing.
#include "plan/plan.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "freeze/freeze.h"
#include "freeze/trainer_names.h"
#include "hoarfrost/trainer.h"
#include "model_input.h"
#include "options.h"
#include "rewrite.h"
#include "selectors.h"
#include "subcommand.h"
#include "summary/summary.h"

namespace hoarfrost::tool {
namespace {

absl::StatusOr<plan::Plan> PlanFor(const std::string& path, const ModelInput& input,
                                   const Selectors& selectors, SharedTensors shared,
                                   Console& console) {
  if (!selectors.any()) return freeze::PlanOf(*input.source, input.directory);
  freeze::FreezeRequest request;
  request.selection = selectors.selection;
  request.shared = shared;
  absl::StatusOr<freeze::Rewrite> rewrite = freeze::Freeze(*input.source, input.directory, request);
  if (!rewrite.ok()) return rewrite.status();
  for (const model::Note& note : rewrite->notes) {
    if (note.severity == model::Severity::kWarning) console.Error(path, "warning: " + note.text);
  }
  return std::move(rewrite->plan);
}

std::optional<Trainer> TrainerCalled(std::string_view word) {
  if (word == "ort") return Trainer::kOrt;
  if (word == "torch") return Trainer::kTorch;
  if (word == "names") return Trainer::kNames;
  return std::nullopt;
}

bool WriteFor(Trainer trainer, const std::string& path, const ModelInput& input,
              const plan::Plan& plan, Console& console) {
  const absl::StatusOr<summary::Summary> model =
      summary::Summarize(*input.source, input.directory, {});
  if (!model.ok()) {
    console.Error(path, model.status());
    return false;
  }
  const TrainerNames names = freeze::NamesFor(trainer, plan, *model);
  for (const std::string& warning : names.warnings) console.Error(path, "warning: " + warning);
  console.out().Write(names.text);
  return true;
}

}  // namespace

int Plan(Arguments args, Console& console) {
  std::vector<std::string> models;
  bool json = false;
  Selectors selectors;
  CLI::App app(
      "Print the plan of a model: what is trainable, what is frozen; with selectors, what freezing "
      "them would make of it",
      "plan");
  app.add_option("models", models, "ONNX files")->type_name("MODEL...");
  app.add_flag("--json", json, "As in the model's metadata (see docs/plan.schema.json)");
  std::string trainer_word;
  app.add_option(
         "--for", trainer_word,
         "In a trainer's own words: ort, JSON for ONNX Runtime's generate_artifacts; torch, "
         "JSON for modules that onnx2torch and onnx2pytorch make; names, the initializers "
         "to train, one a line")
      ->type_name("ort|torch|names");
  selectors.AddTo(app);
  app.footer(fmt::format("{}\n{}", kSelectorFooter, kStandardInputHelp));
  if (const std::optional<int> status = ParseOptions(app, args, console)) return *status;
  models = ExpandNames(models);
  if (models.empty()) {
    console.Error("plan", "no model given (see hoarfrost plan --help)");
    return kFailed;
  }
  const std::optional<Trainer> trainer = TrainerCalled(trainer_word);
  if (!trainer_word.empty() && !trainer.has_value()) {
    console.Error("plan", fmt::format("--for {}: {}", base::Quote(trainer_word),
                                      Instead(trainer_word, {"ort", "torch", "names"})));
    return kFailed;
  }
  const std::optional<SharedTensors> shared = selectors.shared("plan", console);
  if (!shared.has_value()) return kFailed;
  int status = kDone;
  for (const std::string& model : models) {
    const absl::StatusOr<ModelInput> input = OpenModel(model);
    const absl::StatusOr<plan::Plan> plan =
        input.ok() ? PlanFor(model, *input, selectors, *shared, console) : input.status();
    if (!plan.ok()) {
      console.Error(model, plan.status());
      status = kFailed;
    } else if (trainer.has_value()) {
      if (!WriteFor(*trainer, model, *input, *plan, console)) status = kFailed;
    } else if (json) {
      console.out().Write(plan::ToJson(*plan) + "\n");
    } else {
      if (models.size() > 1) console.out().Write(base::Escape(model) + "\n");
      WritePlanText(*plan, console);
    }
    if (console.closed()) break;
  }
  return status;
}

}  // namespace hoarfrost::tool
