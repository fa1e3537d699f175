#include "selectors.h"

#include <fmt/format.h>

#include <charconv>

#include "base/text.h"
#include "options.h"

namespace hoarfrost::tool {

const char* const kSelectorFooter =
    "Selectors add up, and each may be given several times; --except then takes away. Patterns: "
    "in\n"
    "a GLOB, * stands for anything, separators too, ? for one character, [...] for one of a set;\n"
    "re:REGEX is a regular expression (RE2). Both match a whole name. Statistics and constants "
    "that\n"
    "a pattern also hits are left alone.";

void Selectors::AddTo(CLI::App& app) {
  const auto add = [&](const char* name, std::vector<std::string>& words, const char* type,
                       const char* help) {
    app.add_option(name, words, help)->type_name(type)->allow_extra_args(false);
  };
  add("--layers", selection.layers, "P", "Layers that match, or an ancestor of theirs does");
  add("--tensors", selection.tensors, "P", "Tensors whose name matches");
  add("--types", selection.types, "P",
      "Layers of a framework class, or tensors of an ONNX operator");
  add("--upto", selection.upto, "NAME",
      "A node, tensor or layer, and all that lies upstream of it");
  app.add_option("--first", selection.first, "The first N layers that own parameters")
      ->type_name("N")
      ->check([](const std::string& word) {
        int64_t n = 0;
        const auto end = std::from_chars(word.data(), word.data() + word.size(), n).ptr;
        return n > 0 && end == word.data() + word.size()
                   ? std::string()
                   : fmt::format("{}: a number of layers, 1 or more", base::Quote(word));
      });
  app.add_flag("--all", selection.all, "Every weight");
  add("--except", selection.except, "P",
      "But not these: layers:P, tensors:P, types:P; plain P is layers");
  app.add_option("--shared", shared_word,
                 "A tensor shared by a frozen and a trained layer: freeze it, or train it")
      ->type_name("freeze|train");
}

bool Selectors::any() const {
  return selection.all || selection.first > 0 || !selection.layers.empty() ||
         !selection.tensors.empty() || !selection.types.empty() || !selection.upto.empty();
}

std::optional<SharedTensors> Selectors::shared(const std::string& command, Console& console) const {
  if (shared_word.empty()) return SharedTensors::kRefuse;
  if (shared_word == "freeze") return SharedTensors::kFreeze;
  if (shared_word == "train") return SharedTensors::kTrain;
  console.Error(command, fmt::format("--shared {}: {}", base::Quote(shared_word),
                                     Instead(shared_word, {"freeze", "train"})));
  return std::nullopt;
}

}  // namespace hoarfrost::tool
