#include "report/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <numeric>

#include "base/text.h"
#include "report/width.h"

namespace hoarfrost::report {
namespace {

constexpr size_t kRoomForNames = 24;  // columns below which other columns leave first
constexpr size_t kLeastForNames = 8;

// The pieces a box is drawn with: corners and joints of its three rules, and its strokes.
struct Box {
  const char* top[3];
  const char* middle[3];
  const char* bottom[3];
  const char* across;
  const char* down;
  const char* cut;  // stands for what is cut out of a name
};
constexpr Box kUnicode = {{"┌", "┬", "┐"}, {"├", "┼", "┤"}, {"└", "┴", "┘"}, "─", "│", "…"};
constexpr Box kAscii = {{"+", "+", "+"}, {"+", "+", "+"}, {"+", "+", "+"}, "-", "|", "..."};

class TableWriter {
 public:
  TableWriter(const View& view, const Style& style, base::Sink& sink)
      : view_(view), style_(style), box_(style.unicode ? kUnicode : kAscii), sink_(sink) {}

  void Write() {
    ReadCells();
    FitColumns();
    Rule(box_.top);
    Row([&](size_t c) { return std::string(view_.column(columns_[c]).title); }, true);
    Rule(box_.middle);
    for (size_t r = 0; r < view_.rows(); ++r) {
      Row([&](size_t c) { return cells_[r * all_.size() + slot_[c]]; }, false);
    }
    Rule(box_.bottom);
    sink_.Write(out_);
  }

 private:
  void ReadCells() {
    all_ = ColumnsFor(view_, Audience::kPeople);
    natural_.resize(all_.size());
    for (size_t c = 0; c < all_.size(); ++c) {
      natural_[c] = DisplayWidth(view_.column(all_[c]).title);
    }
    cells_.reserve(view_.rows() * all_.size());
    for (size_t r = 0; r < view_.rows(); ++r) {
      for (size_t c = 0; c < all_.size(); ++c) {
        const bool number = view_.column(all_[c]).number;
        std::string text = number ? NumberText(view_, r, all_[c]) : view_.Text(r, all_[c]);
        if (!style_.unicode) text = AsciiOnly(text);
        natural_[c] = std::max(natural_[c], DisplayWidth(text));
        cells_.push_back(std::move(text));
      }
    }
  }

  // Columns of the whole box when each inner column is as wide as `width_` says.
  size_t BoxWidth() const {
    return std::accumulate(width_.begin(), width_.end(), size_t{0}) + 3 * width_.size() + 1;
  }

  void FitColumns() {
    slot_.resize(all_.size());
    std::iota(slot_.begin(), slot_.end(), size_t{0});
    const size_t limit = static_cast<size_t>(std::max(style_.width, 1));
    for (;;) {
      width_.clear();
      columns_.clear();
      size_t wide = all_.size();
      for (size_t c = 0; c < slot_.size(); ++c) {
        columns_.push_back(all_[slot_[c]]);
        width_.push_back(natural_[slot_[c]]);
        if (view_.column(columns_[c]).wide) wide = c;
      }
      if (BoxWidth() <= limit) return;
      const size_t leaver = NextToLeave();
      if (wide < width_.size()) {
        const size_t others = BoxWidth() - width_[wide];
        const size_t room = limit > others ? limit - others : 0;
        if (room >= std::min(kRoomForNames, width_[wide]) || leaver == slot_.size()) {
          width_[wide] = std::max(room, kLeastForNames);
          return;
        }
      }
      if (leaver == slot_.size()) return;
      slot_.erase(slot_.begin() + static_cast<std::ptrdiff_t>(leaver));
    }
  }

  size_t NextToLeave() const {
    size_t next = slot_.size();
    int lowest = 0;
    for (size_t c = 0; c < columns_.size(); ++c) {
      const int leave = view_.column(columns_[c]).leave;
      if (leave > 0 && (lowest == 0 || leave < lowest)) {
        lowest = leave;
        next = c;
      }
    }
    return next;
  }

  void Rule(const char* const (&joints)[3]) {
    for (size_t c = 0; c < width_.size(); ++c) {
      out_ += joints[c == 0 ? 0 : 1];
      for (size_t i = 0; i < width_[c] + 2; ++i) out_ += box_.across;
    }
    out_ += joints[2];
    EndLine();
  }

  template <typename CellOf>
  void Row(CellOf cell_of, bool heading) {
    for (size_t c = 0; c < width_.size(); ++c) {
      out_ += box_.down;
      out_ += ' ';
      const std::string text = CutMiddle(cell_of(c), width_[c], box_.cut);
      const size_t pad = width_[c] - std::min(width_[c], DisplayWidth(text));
      const Column& column = view_.column(columns_[c]);
      const bool right = column.number || column.right;
      if (right) out_.append(pad, ' ');
      Colored(text, heading);
      if (!right) out_.append(pad, ' ');
      out_ += ' ';
    }
    out_ += box_.down;
    EndLine();
  }

  void Colored(const std::string& text, bool heading) {
    const char* color = nullptr;
    if (heading) color = "\x1b[1m";
    if (text == "no" || text == "frozen") color = "\x1b[36m";
    if (text == "part") color = "\x1b[33m";
    if (!style_.color || color == nullptr) {
      out_ += text;
      return;
    }
    out_ += color;
    out_ += text;
    out_ += "\x1b[0m";
  }

  void EndLine() {
    constexpr size_t kChunk = size_t{1} << 16;
    out_ += '\n';
    if (out_.size() < kChunk) return;
    sink_.Write(out_);
    out_.clear();
  }

  const View& view_;
  const Style& style_;
  const Box& box_;
  base::Sink& sink_;
  std::string out_;
  std::vector<size_t> all_;         // columns of the view that people see
  std::vector<std::string> cells_;  // rows times all_
  std::vector<size_t> natural_;     // width of each of all_ when nothing is cut
  std::vector<size_t> slot_;        // what is left of all_ after columns left
  std::vector<size_t> columns_;     // the same, as columns of the view
  std::vector<size_t> width_;       // and how wide each is drawn
};

}  // namespace

void WriteTable(const View& view, const Style& style, base::Sink& sink) {
  TableWriter(view, style, sink).Write();
}

std::string MarkdownText(std::string_view text) {
  constexpr std::string_view kSpecial = "\\`*[]<>|#~&";
  const auto is_word = [&](size_t i) {
    return i < text.size() && std::isalnum(static_cast<unsigned char>(text[i])) != 0;
  };
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    // An underscore inside a word is only ever itself.
    const bool edge = text[i] == '_' && !(i > 0 && is_word(i - 1) && is_word(i + 1));
    if (edge || kSpecial.find(text[i]) != std::string_view::npos) out += '\\';
    out += text[i];
  }
  return out;
}

void WriteMarkdownTable(const View& view, base::Sink& sink) {
  const std::vector<size_t> columns = ColumnsFor(view, Audience::kPeople);
  std::string out = "|";
  for (const size_t c : columns) out += fmt::format(" {} |", view.column(c).title);
  out += "\n|";
  for (const size_t c : columns)
    out += view.column(c).number || view.column(c).right ? " ---: |" : " --- |";
  out += '\n';
  for (size_t r = 0; r < view.rows(); ++r) {
    out += '|';
    for (const size_t c : columns) {
      const std::string text =
          view.column(c).number ? NumberText(view, r, c) : MarkdownText(view.Text(r, c));
      out += ' ';
      out += text;
      out += " |";
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
