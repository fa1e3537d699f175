// What the page of a model shows, as one JSON object: the facts, totals, framework count and notes
// of `inspect --json` as they are, and layers and tensors column by column.
//
// For the page alone, which carries its own reader; no contract. Told apart from inspect's format
// by its schema, "hoarfrost.page/1".
#ifndef HOARFROST_REPORT_HTML_DATA_H_
#define HOARFROST_REPORT_HTML_DATA_H_

#include "base/sink.h"
#include "summary/summary.h"

namespace hoarfrost::report::html {

void WriteData(const summary::Summary& summary, base::Sink& sink);

}  // namespace hoarfrost::report::html

#endif  // HOARFROST_REPORT_HTML_DATA_H_
