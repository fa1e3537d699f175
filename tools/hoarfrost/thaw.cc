// hoarfrost thaw: the original bytes of a frozen model, or the model with fewer layers frozen.
#include <optional>

#include "freeze/freeze.h"
#include "rewrite.h"
#include "selectors.h"
#include "subcommand.h"

namespace hoarfrost::tool {

int Thaw(Arguments args, Console& console) {
  RewriteOptions options;
  Selectors selectors;
  bool by_name = false;
  CLI::App app(
      "Write the model as it was before it was frozen, byte for byte, with today's values; with "
      "selectors, thaw only these",
      "thaw");
  options.AddTo(app);
  selectors.AddTo(app);
  app.add_flag("--by-name", by_name,
               "A file that another tool wrote anew: restore what can be found by name");
  app.footer(kSelectorFooter);
  if (const std::optional<int> status = ParseOptions(app, args, console)) return *status;
  if (!options.Check("thaw", console)) return kFailed;
  const std::optional<SharedTensors> shared = selectors.shared("thaw", console);
  if (!shared.has_value()) return kFailed;
  if (by_name && selectors.any()) {
    console.Error("thaw", "--by-name thaws everything; freeze again what is to stay frozen");
    return kFailed;
  }
  if (!selectors.any() && !selectors.selection.except.empty()) selectors.selection.all = true;

  freeze::ThawRequest request;
  if (selectors.any()) request.selection = selectors.selection;
  request.shared = *shared;
  return RunRewrites(
      "thaw", options,
      [&](const wire::ByteSource& source, const std::string& directory) {
        return by_name ? freeze::ThawByName(source, directory)
                       : freeze::Thaw(source, directory, request);
      },
      console);
}

}  // namespace hoarfrost::tool
