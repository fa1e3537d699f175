// A page for a browser, written as a file whole or not at all.
#ifndef HOARFROST_TOOLS_HOARFROST_PAGE_FILE_H_
#define HOARFROST_TOOLS_HOARFROST_PAGE_FILE_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "base/sink.h"
#include "console.h"
#include "summary/summary.h"

namespace hoarfrost::tool {

// Writes what `write` gives to `path`, or to standard output for "-".
absl::Status WritePageFile(const std::string& path, const std::function<void(base::Sink&)>& write,
                           Console& console);

// FailedPrecondition where a file is at `path` already and is no page: it may be a model, or belong
// to one.
absl::Status CheckReplacesPage(const std::string& path);

// FailedPrecondition where `path` is the model or a file with its external data: a page there would
// be the end of it.
absl::Status CheckPagePath(const std::string& path, const summary::Summary& summary);

}  // namespace hoarfrost::tool

#endif  // HOARFROST_TOOLS_HOARFROST_PAGE_FILE_H_
