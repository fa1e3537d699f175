// How wide text is on a terminal, cutting and wrapping it.
#ifndef HOARFROST_REPORT_WIDTH_H_
#define HOARFROST_REPORT_WIDTH_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace hoarfrost::report {

// Columns that escaped text takes: East Asian wide characters and emoji two, combining marks none.
size_t DisplayWidth(std::string_view text);

// `text` cut in its middle to at most `width` columns, `mark` (such as "...") standing for what is
// gone. Text that fits is given back as it is.
std::string CutMiddle(std::string_view text, size_t width, std::string_view mark);

// `text` broken between words into lines of at most `width` columns, each ended by a line feed;
// lines after the first begin with `indent` spaces. A longer word is broken where it must be.
std::string Wrap(std::string_view text, size_t width, size_t indent);

// What is not ASCII written as \xNN: for terminals that show nothing else.
std::string AsciiOnly(std::string_view text);

}  // namespace hoarfrost::report

#endif  // HOARFROST_REPORT_WIDTH_H_
