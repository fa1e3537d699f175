#include "report/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/checked.h"
#include "base/text.h"
#include "report/table.h"
#include "report/width.h"
#include "summary/macs.h"

namespace hoarfrost::report {
namespace {

using base::WithCommas;
using summary::Summary;

constexpr size_t kMostNotes = 20;
constexpr size_t kMostAdjustments = 2;
constexpr size_t kMostOpsets = 4;

std::string Plural(uint64_t n, std::string_view word) {
  return fmt::format("{} {}{}", WithCommas(n), word, n == 1 ? "" : "s");
}

std::string Versions(const onnx::ModelProto& model) {
  std::string text = fmt::format("IR {}", model.ir_version());
  int shown = 0;
  for (const onnx::OperatorSetIdProto& opset : model.opset_import()) {
    if (shown++ == kMostOpsets) {
      text += ", ...";
      break;
    }
    const bool plain = opset.domain().empty() || opset.domain() == "ai.onnx";
    text += fmt::format(", {} {}", plain ? "opset" : base::Escape(opset.domain()), opset.version());
  }
  return text;
}

// Parts that stay together where a line is too long for all of them.
std::vector<std::string> HeadingParts(const Summary& summary) {
  return {fmt::format("Model: \"{}\"", base::Escape(summary.facts.model().graph().name())),
          base::Escape(summary.file), Versions(summary.facts.model()),
          base::HumanBytes(summary.file_bytes)};
}

std::string Breakdown(const summary::Totals& totals) {
  const uint64_t known = base::SaturatingAdd(totals.statistics, totals.frozen);
  std::string text = fmt::format("statistics {}, frozen {}", WithCommas(totals.statistics),
                                 WithCommas(totals.frozen));
  if (totals.non_trainable > known) {
    text += fmt::format(", of types without gradient {}", WithCommas(totals.non_trainable - known));
  }
  return text;
}

std::string NotCounted(const summary::Totals& totals) {
  std::string text;
  const auto add = [&](std::string_view what, uint64_t n) {
    if (n > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", what, WithCommas(n));
  };
  add("quantization", totals.quantization);
  add("constants", totals.constants);
  add("unused", totals.unused);
  return text;
}

std::string Framework(const Summary& summary) {
  const auto framework = summary.framework();
  if (!framework.has_value()) return "";
  const roles::FrameworkCount& count = *summary.roles.framework;
  const bool proved = count.certainty == roles::Certainty::kProved;
  std::string text =
      fmt::format("In the framework{}: {} / {} / {}", proved ? "" : " (estimated)",
                  WithCommas(framework->parameters), WithCommas(framework->trainable),
                  WithCommas(framework->non_trainable));
  const size_t shown = std::min(count.adjustments.size(), kMostAdjustments);
  for (size_t i = 0; i < shown; ++i) {
    text += fmt::format("; {}", base::Escape(count.adjustments[i].text));
  }
  if (count.adjustments.size() > shown) {
    text += fmt::format("; and {} more", count.adjustments.size() - shown);
  }
  return text;
}

std::string Macs(const Summary& summary) {
  if (!summary.has_macs) return "";
  constexpr size_t kMost = 4;
  const summary::MacTotals totals = summary::TotalMacs(summary);
  std::string text = "Multiply-accumulates: ";
  if (totals.unknown_nodes == 0) {
    text += WithCommas(totals.known);
  } else {
    text += fmt::format("{}{} of {} (", totals.known > 0 ? WithCommas(totals.known) : "",
                        totals.known > 0 ? ", and not known" : "not known",
                        Plural(totals.unknown_nodes, "node"));
    for (size_t i = 0; i < std::min(totals.unknown_types.size(), kMost); ++i) {
      const auto& [type, nodes] = totals.unknown_types[i];
      text += fmt::format("{}{} {}", i == 0 ? "" : ", ", base::Escape(type), WithCommas(nodes));
    }
    text += totals.unknown_types.size() > kMost ? ", ...)" : ")";
    const std::vector<std::string_view> symbols = summary::UnboundSymbols(summary);
    for (size_t i = 0; i < std::min(symbols.size(), kMost); ++i) {
      text += fmt::format("{}{}", i == 0 ? "; --set SYMBOL=N gives a number to " : ", ",
                          base::Escape(symbols[i]));
    }
    if (symbols.size() > kMost) text += ", ...";
  }
  if (totals.known_in_bodies > 0) {
    text += fmt::format("; {} of them in bodies of If, Loop and Scan, counted once",
                        WithCommas(totals.known_in_bodies));
  }
  return text;
}

std::string TrainedAttributes(const Summary& summary) {
  const auto& nodes = summary.roles.trained_attributes;
  if (nodes.empty()) return "";
  const std::string_view type = summary.facts.op(nodes.front().node).type;
  return fmt::format(
      "In attributes, where no gradient reaches them: {} ({}{})",
      Plural(summary.trained_attribute_values(), "trained value"), base::Escape(type),
      nodes.size() == 1 ? "" : fmt::format(" and {}", Plural(nodes.size() - 1, "more node")));
}

std::string Shown(const View& view) {
  for (size_t c = 0; c < view.columns(); ++c) {
    if (std::string_view(view.column(c).key) != "parameters") continue;
    uint64_t sum = 0;
    for (size_t r = 0; r < view.rows(); ++r) {
      sum = base::SaturatingAdd(sum, view.Number(r, c));
    }
    return fmt::format("Shown: {}, {}", Plural(view.rows(), "row"), Plural(sum, "param"));
  }
  return "";
}

// Lines of text that belong to the view and not to the model.
std::vector<std::string> ViewLines(const Summary& summary, const View& view) {
  std::vector<std::string> lines;
  uint64_t sum = 0;
  for (size_t c = 0; c < view.columns(); ++c) {
    if (std::string_view(view.column(c).key) != "parameters") continue;
    for (size_t r = 0; r < view.rows(); ++r) {
      sum = base::SaturatingAdd(sum, view.Number(r, c));
    }
  }
  if (sum != summary.totals.parameters) lines.push_back(Shown(view));
  if (view.hidden_rows > 0) {
    lines.push_back(fmt::format("{} without parameters not shown (--all-layers shows them)",
                                Plural(view.hidden_rows, "layer")));
  }
  return lines;
}

std::vector<std::string> NoteLines(const Summary& summary) {
  std::vector<std::string> lines;
  for (const model::Note& note : summary.notes) {
    if (lines.size() == kMostNotes) {
      lines.push_back(fmt::format("... and {} (--json has them all)",
                                  Plural(summary.notes.size() - kMostNotes, "more note")));
      break;
    }
    const bool warning = note.severity == model::Severity::kWarning;
    lines.push_back(fmt::format("{}: {}", warning ? "Warning" : "Note", base::Escape(note.text)));
  }
  return lines;
}

void WriteHeading(const Summary& summary, const Style& style, base::Sink& sink) {
  constexpr std::string_view kGap = "   ";
  const size_t width = static_cast<size_t>(std::max(style.width, 1));
  std::string out;
  size_t used = 0;
  for (const std::string& part : HeadingParts(summary)) {
    const std::string text = CutMiddle(style.unicode ? part : AsciiOnly(part), width, "...");
    const size_t columns = DisplayWidth(text);
    if (used > 0 && used + kGap.size() + columns > width) {
      out += '\n';
      used = 0;
    } else if (used > 0) {
      out += kGap;
      used += kGap.size();
    }
    out += text;
    used += columns;
  }
  out += '\n';
  sink.Write(out);
}

}  // namespace

std::vector<std::string> TotalsLines(const Summary& summary) {
  const summary::Totals& totals = summary.totals;
  struct Count {
    const char* title;
    uint64_t elements, bytes;
    std::string more;
  };
  const std::array<Count, 3> counts = {
      {{"Total params:", totals.parameters, totals.bytes, ""},
       {"Trainable params:", totals.trainable, totals.trainable_bytes, ""},
       {"Non-trainable params:", totals.non_trainable, totals.non_trainable_bytes,
        "    " + Breakdown(totals)}}};
  const size_t digits = WithCommas(totals.parameters).size();
  std::vector<std::string> lines;
  lines.reserve(counts.size() + 1);
  for (const Count& count : counts) {
    lines.push_back(fmt::format("{:<21} {:>{}} ({}){}", count.title, WithCommas(count.elements),
                                digits, base::HumanBytes(count.bytes), count.more));
  }
  if (std::string more = Macs(summary); !more.empty()) lines.push_back(std::move(more));
  if (std::string more = NotCounted(totals); !more.empty()) {
    lines.push_back(fmt::format("Not counted: {}", more));
  }
  if (std::string more = Framework(summary); !more.empty()) lines.push_back(std::move(more));
  if (std::string more = TrainedAttributes(summary); !more.empty()) {
    lines.push_back(std::move(more));
  }
  if (!summary.facts.tensors.empty()) {
    const uint64_t count = summary.facts.tensors.size();
    lines.push_back(fmt::format("{} of {} {} by name or assumption only",
                                WithCommas(summary.weak_reasons()), Plural(count, "tensor"),
                                summary.weak_reasons() == 1 ? "is judged" : "are judged"));
  }
  return lines;
}

void WriteText(const Summary& summary, const View& view, const Style& style, base::Sink& sink) {
  WriteHeading(summary, style, sink);
  WriteTable(view, style, sink);
  const size_t width = static_cast<size_t>(std::max(style.width, 1));
  std::string out;
  const auto add = [&](const std::vector<std::string>& lines, size_t indent) {
    for (const std::string& line : lines) {
      out += Wrap(style.unicode ? line : AsciiOnly(line), width, indent);
    }
  };
  add(ViewLines(summary, view), 2);
  add(TotalsLines(summary), 2);
  add(NoteLines(summary), 2);
  sink.Write(out);
}

void WriteMarkdown(const Summary& summary, const View& view, base::Sink& sink) {
  std::string heading = "### ";
  const std::vector<std::string> parts = HeadingParts(summary);
  for (size_t i = 0; i < parts.size(); ++i) {
    heading += fmt::format("{}{}", i == 0 ? "" : ", ", MarkdownText(parts[i]));
  }
  sink.Write(heading + "\n\n");
  WriteMarkdownTable(view, sink);
  std::string out = "\n";
  for (const auto& lines : {ViewLines(summary, view), TotalsLines(summary), NoteLines(summary)}) {
    for (const std::string& line : lines) out += fmt::format("- {}\n", MarkdownText(line));
  }
  sink.Write(out);
}

}  // namespace hoarfrost::report
