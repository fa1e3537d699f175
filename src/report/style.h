// How text is to be shown: decided once by whoever knows the terminal.
#ifndef HOARFROST_REPORT_STYLE_H_
#define HOARFROST_REPORT_STYLE_H_

namespace hoarfrost::report {

struct Style {
  int width = 80;       // columns that a line may take
  bool unicode = true;  // false: ASCII only, as for a locale that is not UTF-8
  bool color = false;
};

}  // namespace hoarfrost::report

#endif  // HOARFROST_REPORT_STYLE_H_
