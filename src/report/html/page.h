// A model as one page for a browser: all of it in one file, which asks nothing of any network.
//
// The page's parts are in src/report/html/page/; the build puts them together (embed.cmake) and
// states the hashes of its style and script in its Content-Security-Policy, so that nothing else is
// ever run. What comes from the model stands in a block of JSON that no name can end.
#ifndef HOARFROST_REPORT_HTML_PAGE_H_
#define HOARFROST_REPORT_HTML_PAGE_H_

#include "base/sink.h"
#include "summary/summary.h"

namespace hoarfrost::report::html {

void WritePage(const summary::Summary& summary, base::Sink& sink);

}  // namespace hoarfrost::report::html

#endif  // HOARFROST_REPORT_HTML_PAGE_H_
