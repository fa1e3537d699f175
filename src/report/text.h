// A summary as text for people: heading, table, totals, what they rest on, notes.
#ifndef HOARFROST_REPORT_TEXT_H_
#define HOARFROST_REPORT_TEXT_H_

#include <string>
#include <vector>

#include "base/sink.h"
#include "report/style.h"
#include "report/view.h"
#include "summary/summary.h"

namespace hoarfrost::report {

void WriteText(const summary::Summary& summary, const View& view, const Style& style,
               base::Sink& sink);

// The same as Markdown, for an issue or a README.
void WriteMarkdown(const summary::Summary& summary, const View& view, base::Sink& sink);

// The lines between the table and the notes, unwrapped.
std::vector<std::string> TotalsLines(const summary::Summary& summary);

}  // namespace hoarfrost::report

#endif  // HOARFROST_REPORT_TEXT_H_
