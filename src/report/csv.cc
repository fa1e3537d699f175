#include "report/csv.h"

#include <fmt/format.h>

#include <iterator>
#include <string>
#include <vector>

#include "base/text.h"

namespace hoarfrost::report {
namespace {

void AppendField(std::string& out, std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace

void WriteCsvHeading(const View& view, base::Sink& sink) {
  std::string out = "file";
  for (const size_t c : ColumnsFor(view, Audience::kPrograms)) {
    out += ',';
    out += view.column(c).key;
  }
  out += '\n';
  sink.Write(out);
}

void WriteCsvRows(const View& view, std::string_view file, base::Sink& sink) {
  const std::vector<size_t> columns = ColumnsFor(view, Audience::kPrograms);
  std::string first;
  AppendField(first, base::Escape(file));
  std::string out;
  for (size_t r = 0; r < view.rows(); ++r) {
    out += first;
    for (const size_t c : columns) {
      out += ',';
      if (view.column(c).number) {
        const uint64_t number = view.Number(r, c);
        const bool unknown = view.column(c).may_be_unknown && number == kUnknownNumber;
        if (!unknown) fmt::format_to(std::back_inserter(out), "{}", number);
      } else {
        AppendField(out, view.Text(r, c));
      }
    }
    out += '\n';
    constexpr size_t kChunk = size_t{1} << 16;
    if (out.size() >= kChunk) {
      sink.Write(out);
      out.clear();
    }
  }
  sink.Write(out);
}

}  // namespace hoarfrost::report
