// The selectors that freeze, thaw and plan share.
#ifndef HOARFROST_TOOLS_HOARFROST_SELECTORS_H_
#define HOARFROST_TOOLS_HOARFROST_SELECTORS_H_

#include <optional>
#include <string>

#include "hoarfrost/selection.h"
#include "options.h"

namespace hoarfrost::tool {

struct Selectors {
  Selection selection;
  std::string shared_word;

  void AddTo(CLI::App& app);
  bool any() const;

  // What --shared says; nullopt for another word, which is then said on the console.
  std::optional<SharedTensors> shared(const std::string& command, Console& console) const;
};

extern const char* const kSelectorFooter;

}  // namespace hoarfrost::tool

#endif  // HOARFROST_TOOLS_HOARFROST_SELECTORS_H_
