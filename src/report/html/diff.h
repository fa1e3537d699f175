// What the page of two models' differences shows, as one JSON object, column by column.
//
// For the page alone, which carries its own reader; no contract. For programs there is
// `diff --json`.
#ifndef HOARFROST_REPORT_HTML_DIFF_H_
#define HOARFROST_REPORT_HTML_DIFF_H_

#include "base/sink.h"
#include "hoarfrost/compare.h"

namespace hoarfrost::report::html {

void WriteData(const DiffResult& result, base::Sink& sink);

}  // namespace hoarfrost::report::html

#endif  // HOARFROST_REPORT_HTML_DIFF_H_
