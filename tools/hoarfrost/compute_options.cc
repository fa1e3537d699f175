#include "compute_options.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>

#include "base/text.h"

namespace hoarfrost::tool {

void ComputeOptions::AddTo(CLI::App& app) {
  app.add_flag("--macs", macs,
               "Multiply-accumulates of each layer; infers the shapes that they need");
  app.add_option("--set", bindings, "A number for a symbolic dimension; may repeat")
      ->type_name("SYMBOL=N")
      ->allow_extra_args(false);
}

std::string ComputeOptions::Apply(summary::Options& reading) const {
  reading.macs = macs;
  for (const std::string& binding : bindings) {
    const size_t equals = binding.rfind('=');
    const std::string number = equals == std::string::npos ? "" : binding.substr(equals + 1);
    int64_t n = -1;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), n);
    if (equals == 0 || error != std::errc() || end != number.data() + number.size() || n < 0) {
      return fmt::format("--set {}: a symbol and a number, such as batch=1", base::Quote(binding));
    }
    const auto [place, added] = reading.dims.emplace(binding.substr(0, equals), n);
    if (!added && place->second != n) {
      return fmt::format("--set {}: is {} already", base::Quote(binding), place->second);
    }
  }
  return "";
}

}  // namespace hoarfrost::tool
