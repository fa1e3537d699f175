#include "report/html/page.h"

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "base/text.h"
#include "report/html/data.h"
#include "report/html/diff.h"

namespace hoarfrost::report::html {

// Made by embed.cmake.
extern const std::string_view model_page;
extern const std::string_view diff_page;
extern const std::string_view batch_page;

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

std::string NameOf(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

// The page with a title and data in their places.
void Put(std::string_view page, std::string_view title,
         const std::function<void(base::Sink&)>& write_data, base::Sink& sink) {
  constexpr std::string_view kTitle = "{{title}}";
  constexpr std::string_view kData = "{{data}}";
  const size_t title_at = page.find(kTitle);
  const size_t data_at = page.rfind(kData);
  sink.Write(page.substr(0, title_at));
  sink.Write(HtmlText(title));
  sink.Write(page.substr(title_at + kTitle.size(), data_at - title_at - kTitle.size()));
  ScriptSink script(sink);
  write_data(script);
  sink.Write(page.substr(data_at + kData.size()));
}

}  // namespace

void WritePage(const summary::Summary& summary, base::Sink& sink) {
  Put(
      model_page, NameOf(summary.file), [&](base::Sink& script) { WriteData(summary, script); },
      sink);
}

void WritePage(const DiffResult& result, base::Sink& sink) {
  const std::string title = fmt::format("{} → {}", NameOf(result.a_file), NameOf(result.b_file));
  Put(diff_page, title, [&](base::Sink& script) { WriteData(result, script); }, sink);
}

void WriteBatchPage(std::string_view title, const std::function<void(base::Sink&)>& write_data,
                    base::Sink& sink) {
  Put(batch_page, title, write_data, sink);
}

}  // namespace hoarfrost::report::html
