// A view as a table for people: a box as wide as it needs to be and no wider than it may.
#ifndef HOARFROST_REPORT_TABLE_H_
#define HOARFROST_REPORT_TABLE_H_

#include "base/sink.h"
#include "report/style.h"
#include "report/view.h"

namespace hoarfrost::report {

// Where the width is too small, columns leave by Column::leave until the wide one keeps room
// enough, then names in it are cut in their middle.
void WriteTable(const View& view, const Style& style, base::Sink& sink);

// GitHub's kind of Markdown table, nothing cut.
void WriteMarkdownTable(const View& view, base::Sink& sink);

// Text of a stranger as Markdown that shows it as it is.
std::string MarkdownText(std::string_view text);

}  // namespace hoarfrost::report

#endif  // HOARFROST_REPORT_TABLE_H_
