// --macs and --set: what a model computes, for shapes in numbers.
#ifndef HOARFROST_TOOLS_HOARFROST_COMPUTE_OPTIONS_H_
#define HOARFROST_TOOLS_HOARFROST_COMPUTE_OPTIONS_H_

#include <string>
#include <vector>

#include "options.h"
#include "summary/summary.h"

namespace hoarfrost::tool {

struct ComputeOptions {
  void AddTo(CLI::App& app);
  // Puts them into `reading`; returns what is wrong with them, "" where nothing is.
  std::string Apply(summary::Options& reading) const;

  bool macs = false;
  std::vector<std::string> bindings;  // "N=1"
};

}  // namespace hoarfrost::tool

#endif  // HOARFROST_TOOLS_HOARFROST_COMPUTE_OPTIONS_H_
