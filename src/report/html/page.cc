#include "report/html/page.h"

#include <filesystem>
#include <string>
#include <string_view>

#include "base/text.h"
#include "report/html/data.h"

namespace hoarfrost::report::html {

extern const std::string_view kPage;  // made by embed.cmake

namespace {

// Passes JSON on, '<' as \u003c: it stands in strings only, and there it would begin "</script" or
// "<!--". Line separators and the like JsonWriter escapes itself.
class ScriptSink final : public base::Sink {
 public:
  explicit ScriptSink(base::Sink& sink) : sink_(sink) {}

  void Write(std::string_view bytes) override {
    for (;;) {
      const size_t at = bytes.find('<');
      sink_.Write(bytes.substr(0, at));
      if (at == std::string_view::npos) return;
      sink_.Write("\\u003c");
      bytes.remove_prefix(at + 1);
    }
  }

 private:
  base::Sink& sink_;
};

std::string HtmlText(std::string_view bytes) {
  std::string html;
  for (const char c : base::Escape(bytes)) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      default:
        html += c;
    }
  }
  return html;
}

}  // namespace

void WritePage(const summary::Summary& summary, base::Sink& sink) {
  constexpr std::string_view kTitle = "{{title}}";
  constexpr std::string_view kData = "{{data}}";
  const size_t title = kPage.find(kTitle);
  const size_t data = kPage.rfind(kData);
  sink.Write(kPage.substr(0, title));
  sink.Write(HtmlText(std::filesystem::path(summary.file).filename().string()));
  sink.Write(kPage.substr(title + kTitle.size(), data - title - kTitle.size()));
  ScriptSink script(sink);
  WriteData(summary, script);
  sink.Write(kPage.substr(data + kData.size()));
}

}  // namespace hoarfrost::report::html
