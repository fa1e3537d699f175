// hoarfrost freeze: a model with layers frozen, and the plan to hand to a trainer.
#include "freeze/freeze.h"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "base/text.h"
#include "rewrite.h"
#include "selectors.h"
#include "subcommand.h"

namespace hoarfrost::tool {

int Freeze(Arguments args, Console& console) {
  RewriteOptions options;
  Selectors selectors;
  std::string plan_file;
  CLI::App app("Write a model with layers frozen; 'thaw' gives the original bytes back", "freeze");
  options.AddTo(app);
  selectors.AddTo(app);
  app.add_option("--plan", plan_file,
                 "With selectors: write the plan to FILE too. Without: freeze what FILE says")
      ->type_name("FILE");
  std::string norm_word;
  std::string dropout_word;
  app.add_option(
         "--batchnorm", norm_word,
         "arithmetic: write frozen BatchNormalizations out as Mul and Add on their own four "
         "tensors, which ONNX Runtime training runs in inference mode")
      ->type_name("arithmetic");
  app.add_option("--dropout", dropout_word,
                 "identity: make each Dropout that feeds only frozen layers an Identity")
      ->type_name("identity");
  Forms forms;
  app.add_flag(
      "--constants", forms.constants,
      "Write frozen tensors as Constant nodes, for consumers that train every initializer");
  app.add_flag("--expose-trainable", forms.expose_trainable,
               "Make trainable initializers graph inputs, for consumers that take gradients of "
               "inputs");
  app.footer(kSelectorFooter);
  if (const std::optional<int> status = ParseOptions(app, args, console)) return *status;
  if (!options.Check("freeze", console)) return kFailed;
  forms.batchnorm_arithmetic = norm_word == "arithmetic";
  forms.dropout_identity = dropout_word == "identity";
  if (!norm_word.empty() && !forms.batchnorm_arithmetic) {
    console.Error("freeze", fmt::format("--batchnorm {}: it is arithmetic, or left out",
                                        base::Quote(norm_word)));
    return kFailed;
  }
  if (!dropout_word.empty() && !forms.dropout_identity) {
    console.Error("freeze", fmt::format("--dropout {}: it is identity, or left out",
                                        base::Quote(dropout_word)));
    return kFailed;
  }
  const std::optional<SharedTensors> shared = selectors.shared("freeze", console);
  if (!shared.has_value()) return kFailed;

  freeze::FreezeRequest request;
  request.selection = selectors.selection;
  request.shared = *shared;
  request.forms = forms;
  const bool writes_plan = selectors.any() && !plan_file.empty();
  if (!selectors.any()) {
    if (plan_file.empty()) {
      console.Error("freeze",
                    "what? Give --layers, --tensors, --types, --upto, --first, --all or --plan");
      return kFailed;
    }
    absl::StatusOr<plan::Plan> plan = ReadPlanFile(plan_file);
    if (!plan.ok()) {
      console.Error(plan_file, plan.status());
      return kFailed;
    }
    request.plan = *std::move(plan);
  } else if (writes_plan && options.models.size() > 1) {
    console.Error("freeze", "--plan with selectors writes one plan, and goes with one model");
    return kFailed;
  }
  return RunRewrites(
      "freeze", options,
      [&](const wire::ByteSource& source, const std::string& directory) {
        return freeze::Freeze(source, directory, request);
      },
      console,
      [&](const freeze::Rewrite& rewrite) {
        return writes_plan ? WritePlanFile(rewrite.plan, plan_file) : absl::OkStatus();
      });
}

}  // namespace hoarfrost::tool
