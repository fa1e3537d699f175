// Pages for a browser, each one file, which asks nothing of any network: a model, the differences
// of two, a zoo of models.
//
// A page's parts are in src/report/html/page/; the build puts them together (embed.cmake) and
// states the hashes of its style and script in its Content-Security-Policy, so that nothing else is
// ever run. What comes from a model stands in a block of JSON that no name can end.
#ifndef HOARFROST_REPORT_HTML_PAGE_H_
#define HOARFROST_REPORT_HTML_PAGE_H_

#include <functional>
#include <string_view>

#include "base/sink.h"
#include "hoarfrost/compare.h"
#include "summary/summary.h"

namespace hoarfrost::report::html {

void WritePage(const summary::Summary& summary, base::Sink& sink);

// What moved between two models or sets of tensors, per layer.
void WritePage(const DiffResult& result, base::Sink& sink);

// Of many models. `write_data` writes one JSON object: src/report/html/page/batch.js reads it.
void WriteBatchPage(std::string_view title, const std::function<void(base::Sink&)>& write_data,
                    base::Sink& sink);

}  // namespace hoarfrost::report::html

#endif  // HOARFROST_REPORT_HTML_PAGE_H_
