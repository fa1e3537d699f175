// Where a command's models come from: files by name, names with wildcards that no shell expanded,
// and standard input.
#ifndef HOARFROST_TOOLS_HOARFROST_MODEL_INPUT_H_
#define HOARFROST_TOOLS_HOARFROST_MODEL_INPUT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "console.h"
#include "summary/summary.h"
#include "wire/byte_source.h"

namespace hoarfrost::tool {

inline constexpr const char* kStandardInputHelp = "MODEL may be - for standard input.";

struct ModelInput {
  std::unique_ptr<wire::ByteSource> source;
  std::string directory;  // where external data is relative to; "" for standard input: nowhere
};

// The model at `path`, or that on standard input for "-", which can be read once: a regular file
// there is read where it lies, what comes out of a pipe is kept in memory, and in a nameless file
// in TMPDIR where it is long.
absl::StatusOr<ModelInput> OpenModel(const std::string& path);

absl::StatusOr<summary::Summary> SummarizeModel(const std::string& path,
                                                const summary::Options& options);

// `names` with those of no file but with *, ? or [ in them replaced by the files that match,
// sorted; * and ? do not stand for '/' nor, at the start of a name, for a dot. A pattern that
// nothing matches stays as it is.
std::vector<std::string> ExpandNames(const std::vector<std::string>& names);

// True, and said on the console, where `name` is "-" and the command cannot read from there.
bool RefusesStandardInput(const std::string& command, const std::string& name, Console& console);

}  // namespace hoarfrost::tool

#endif  // HOARFROST_TOOLS_HOARFROST_MODEL_INPUT_H_
