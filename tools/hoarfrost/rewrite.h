// What freeze and thaw share: where the result goes, writing it, and saying what was done.
#ifndef HOARFROST_TOOLS_HOARFROST_REWRITE_H_
#define HOARFROST_TOOLS_HOARFROST_REWRITE_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "freeze/freeze.h"
#include "freeze/save.h"
#include "options.h"
#include "wire/byte_source.h"

namespace hoarfrost::tool {

struct RewriteOptions {
  std::vector<std::string> models;
  std::string output;
  bool in_place = false;
  bool dry_run = false;
  bool json = false;
  std::string external_word;
  freeze::External external = freeze::External::kAsNeeded;

  void AddTo(CLI::App& app);

  // Whether the options go together; otherwise says on the console what does not.
  bool Check(const std::string& command, Console& console);
};

// Makes the new file of one model. Returns what to do next with it: an exit status, or nullopt.
using Rewriter =
    std::function<absl::StatusOr<freeze::Rewrite>(const wire::ByteSource&, const std::string&)>;

// Runs `rewriter` on each model, writes the results, and prints what was done. `word` says what,
// in the past: "frozen", "thawed". `done` sees each result after it is written.
int RunRewrites(const std::string& command, const RewriteOptions& options, const Rewriter& rewriter,
                Console& console,
                const std::function<absl::Status(const freeze::Rewrite&)>& done = nullptr);

std::string DirectoryOf(const std::string& path);

// A plan for people: its lists, one tensor a line; and a plan file.
void WritePlanText(const plan::Plan& plan, Console& console);
absl::StatusOr<plan::Plan> ReadPlanFile(const std::string& path);
absl::Status WritePlanFile(const plan::Plan& plan, const std::string& path);

}  // namespace hoarfrost::tool

#endif  // HOARFROST_TOOLS_HOARFROST_REWRITE_H_
