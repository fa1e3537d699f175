#include "report/lint.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/json_writer.h"
#include "base/text.h"
#include "report/width.h"

namespace hoarfrost::report {
namespace {

using lint::Finding;
using lint::Severity;

constexpr std::array kSeverities = {Severity::kError, Severity::kWarning, Severity::kInfo};

size_t CountOf(const std::vector<Finding>& findings, Severity severity) {
  return static_cast<size_t>(
      std::count_if(findings.begin(), findings.end(),
                    [&](const Finding& finding) { return finding.severity == severity; }));
}

std::string Colored(Severity severity, const Style& style) {
  const std::string word = lint::SeverityName(severity);
  if (!style.color) return word;
  const char* color = severity == Severity::kError     ? "\x1b[31m"
                      : severity == Severity::kWarning ? "\x1b[33m"
                                                       : "\x1b[36m";
  return color + word + "\x1b[0m";
}

std::string Counts(const std::vector<Finding>& findings) {
  std::string text;
  for (const Severity severity : kSeverities) {
    const size_t n = CountOf(findings, severity);
    if (n == 0) continue;
    text += fmt::format("{}{} {}{}", text.empty() ? "" : ", ", n, lint::SeverityName(severity),
                        n > 1 && severity != Severity::kInfo ? "s" : "");
  }
  return text.empty() ? "nothing found" : text;
}

}  // namespace

void WriteText(const summary::Summary& model, const std::vector<Finding>& findings,
               const Style& style, base::Sink& sink) {
  const std::string file = base::Escape(model.file);
  std::string out;
  const auto add = [&](const std::string& line) { out += style.unicode ? line : AsciiOnly(line); };
  const size_t width = static_cast<size_t>(std::max(style.width, 20));
  for (const Severity severity : kSeverities) {
    for (const Finding& finding : findings) {
      if (finding.severity != severity) continue;
      add(fmt::format("{}: {}: {} [{}]\n", file, Colored(severity, style), finding.text,
                      finding.rule));
      add("    " + Wrap(finding.remedy, width - 4, 4));
    }
  }
  add(fmt::format("{}: {}\n", file, Counts(findings)));
  sink.Write(out);
}

void WriteJson(const summary::Summary& model, const std::vector<Finding>& findings,
               base::Sink& sink) {
  base::JsonWriter json(sink);
  json.BeginObject();
  json.TextField("schema", kLintSchema);
  json.NameField("file", model.file);
  json.Key("counts");
  json.BeginObject();
  for (const Severity severity : kSeverities) {
    json.Field(lint::SeverityName(severity), uint64_t{CountOf(findings, severity)});
  }
  json.EndObject();
  json.Key("findings");
  json.BeginArray();
  for (const Finding& finding : findings) {
    json.BeginObject();
    json.TextField("rule", finding.rule);
    json.TextField("severity", lint::SeverityName(finding.severity));
    json.TextField("text", finding.text);
    json.TextField("remedy", finding.remedy);
    json.Key("tensors");
    json.BeginArray();
    for (const model::TensorId t : finding.tensors) {
      json.BeginObject();
      json.NameField("name", model.tensor(t).name);
      json.NameField("scope", model.facts.scopes[static_cast<size_t>(model.tensor(t).scope)].path);
      json.EndObject();
    }
    json.EndArray();
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  json.EndLine();
}

void WriteRules(const std::vector<lint::RuleInfo>& rules, base::Sink& sink) {
  for (const lint::RuleInfo& rule : rules) {
    sink.Write(
        fmt::format("{:<22}{:<9}{}\n", rule.id, lint::SeverityName(rule.severity), rule.finds));
  }
}

}  // namespace hoarfrost::report
