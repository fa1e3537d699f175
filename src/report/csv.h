// A view as comma-separated values (RFC 4180, lines ended by a line feed).
#ifndef HOARFROST_REPORT_CSV_H_
#define HOARFROST_REPORT_CSV_H_

#include <string_view>

#include "base/sink.h"
#include "report/view.h"

namespace hoarfrost::report {

// "file", then the keys of the view's columns for programs.
void WriteCsvHeading(const View& view, base::Sink& sink);

// One record per row, the first field of each being `file`. Control characters and bytes that are
// no UTF-8 are written as \xNN, as everywhere in text.
void WriteCsvRows(const View& view, std::string_view file, base::Sink& sink);

}  // namespace hoarfrost::report

#endif  // HOARFROST_REPORT_CSV_H_
