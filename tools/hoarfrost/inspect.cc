// hoarfrost inspect: layers, tensors and totals of models.
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/pattern.h"
#include "base/text.h"
#include "compute_options.h"
#include "model_input.h"
#include "options.h"
#include "page_file.h"
#include "report/csv.h"
#include "report/html/page.h"
#include "report/json.h"
#include "report/text.h"
#include "report/view.h"
#include "subcommand.h"
#include "summary/summary.h"
#include "values/read_values.h"
#include "values/tied.h"
#include "wire/byte_source.h"

namespace hoarfrost::tool {
namespace {

enum class Format { kText, kJson, kCsv, kMarkdown, kHtml };

struct InspectOptions {
  std::vector<std::string> models;
  Format format = Format::kText;
  report::ViewOptions view;
  std::optional<base::Pattern> filter;
  summary::Options reading;
  bool values = false;
  ComputeOptions compute;
  StyleOptions style;
  std::string html;  // the file to write a page to, - for standard output; "": none
};

constexpr const char* kFooter =
    "Patterns: in a GLOB, * stands for anything, separators too, ? for one character, [...] for\n"
    "one of a set; re:REGEX is a regular expression (RE2). Both match a whole name.\n"
    "MODEL may be - for standard input.";

// What the command line says, or the exit status to end with.
struct Parsed {
  InspectOptions options;
  std::optional<int> status;
};

Parsed Parse(Arguments args, Console& console) {
  Parsed parsed;
  InspectOptions& options = parsed.options;
  bool json = false, csv = false, markdown = false;
  std::string by, filter;
  CLI::App app("Print layers, parameters and totals of models, as Keras would", "inspect");
  app.add_option("MODEL", options.models, "ONNX files")->type_name("");
  app.add_flag("--json", json, "One compact JSON object a line (see docs/json.md)");
  app.add_flag("--csv", csv, "Comma-separated values");
  app.add_flag("--markdown", markdown, "A Markdown table");
  app.add_option("--html", options.html, "Write one page for a browser to FILE (see docs/html.md)")
      ->type_name("FILE");
  app.add_option("--by", by, "What the rows are; layer without it")
      ->type_name("layer|tensor|operator|dtype");
  app.add_option("--depth", options.view.depth, "Fold layers deeper than N segments of their path")
      ->type_name("N");
  app.add_option("--sort", options.view.sort, "Sort by a column of --csv: numbers downwards")
      ->type_name("KEY");
  app.add_option("--filter", filter, "Only rows whose name matches (a layer takes its sublayers)")
      ->type_name("PATTERN");
  app.add_flag("--all-layers", options.view.all_layers, "Also layers that own no parameters");
  app.add_flag("--shapes", options.reading.infer_shapes,
               "Infer shapes that the file does not carry");
  app.add_flag("--values", options.values,
               "Read all weights: least, greatest, mean, deviation, zeros, NaN of each tensor");
  options.compute.AddTo(app);
  options.style.AddTo(app);
  app.footer(kFooter);
  parsed.status = ParseOptions(app, args, console);
  if (parsed.status.has_value()) return parsed;
  options.models = ExpandNames(options.models);

  const auto refuse = [&](std::string_view cause) {
    console.Error("inspect", cause);
    parsed.status = kFailed;
  };
  if (options.models.empty()) {
    refuse("no model given (see hoarfrost inspect --help)");
  } else if (json + csv + markdown > 1) {
    refuse("--json, --csv and --markdown exclude each other");
  } else if (json && (app.count("--by") + app.count("--depth") + app.count("--sort") +
                      app.count("--filter")) > 0) {
    refuse("--json holds everything; --by, --depth, --sort and --filter are for tables");
  }
  const bool html = app.count("--html") > 0;
  if (html && !parsed.status.has_value()) {
    if (json || csv || markdown) {
      refuse("--html and --json, --csv or --markdown exclude each other");
    } else if (options.models.size() > 1) {
      refuse("--html shows one model; run it once for each");
    } else if (options.html.empty()) {
      refuse("--html needs the name of a file to write");
    } else if (app.count("--by") + app.count("--depth") + app.count("--sort") +
                   app.count("--filter") + app.count("--all-layers") >
               0) {
      refuse(
          "the page of --html sorts, folds and searches by itself; see hoarfrost inspect --help");
    }
  }
  options.format = html       ? Format::kHtml
                   : json     ? Format::kJson
                   : csv      ? Format::kCsv
                   : markdown ? Format::kMarkdown
                              : Format::kText;
  if (!by.empty()) {
    const std::optional<report::By> view = report::ParseBy(by);
    if (!view.has_value()) {
      refuse(fmt::format("--by {}: {}", base::Quote(by),
                         Instead(by, {"layer", "tensor", "operator", "dtype"})));
    }
    options.view.by = view.value_or(report::By::kLayer);
  }
  if (options.values && by.empty()) options.view.by = report::By::kTensor;
  if (options.values && options.view.by != report::By::kTensor) {
    refuse("--values tells of each tensor and goes with --by tensor only");
  } else if (options.values && html) {
    refuse("--values and --html exclude each other");
  }
  // A minus sign would wrap round to a number of segments that no path has.
  if (app.count("--depth") > 0 && static_cast<int64_t>(options.view.depth) <= 0) {
    refuse("--depth is at least 1");
  } else if (options.view.depth > 0 && options.view.by != report::By::kLayer) {
    refuse("--depth folds layers and goes with --by layer only");
  }
  if (app.count("--filter") > 0) {
    absl::StatusOr<base::Pattern> pattern = base::Pattern::Compile(filter);
    if (pattern.ok()) {
      options.filter = *std::move(pattern);
    } else {
      refuse(std::string(pattern.status().message()));
    }
  }
  if (const std::string cause = options.compute.Apply(options.reading); !cause.empty()) {
    refuse(cause);
  } else if (options.compute.macs && (html || (!json && options.view.by != report::By::kLayer))) {
    refuse("--macs is of layers, in a table or with --json");
  }
  options.view.macs = options.compute.macs;
  if (!options.style.Apply("inspect", console)) parsed.status = kFailed;
  return parsed;
}

// What a filter that lets nothing through may have meant, for standard error.
void SayNothingMatches(const summary::Summary& summary, const InspectOptions& options,
                       Console& console) {
  report::ViewOptions all = options.view;
  all.filter = nullptr;
  all.all_layers = true;
  const auto view = report::MakeView(summary, all);
  if (!view.ok()) return;
  const std::vector<size_t> columns = report::ColumnsFor(**view, report::Audience::kPrograms);
  std::vector<std::string> names;  // of rows: in the first column, whatever they are
  std::set<std::string> seen;
  for (size_t r = 0; r < (*view)->rows() && names.size() < 20'000; ++r) {
    std::string name = (*view)->Text(r, columns.front());
    if (seen.insert(name).second) names.push_back(std::move(name));
  }
  std::string word = options.filter->text();
  std::erase_if(word, [](char c) { return c == '*' || c == '?'; });
  const auto near =
      base::NearNames(word, std::vector<std::string_view>(names.begin(), names.end()));
  std::string hint;
  for (const std::string& name : near) {
    hint += fmt::format("{}'{}'", hint.empty() ? "; did you mean " : " or ", name);
  }
  console.Error(summary.file,
                fmt::format("no row matches {}{}{}", base::Quote(options.filter->text()), hint,
                            hint.empty() ? "" : "?"));
}

// A model, and what was read of its weights.
struct Inspected {
  summary::Summary summary;
  std::optional<values::ModelValues> values;
};

absl::StatusOr<Inspected> Read(const std::string& model, const InspectOptions& options) {
  const absl::StatusOr<ModelInput> input = OpenModel(model);
  if (!input.ok()) return input.status();
  const wire::ByteSource& source = *input->source;
  absl::StatusOr<summary::Summary> summary =
      summary::Summarize(source, input->directory, options.reading);
  if (!summary.ok()) return summary.status();
  Inspected inspected = {*std::move(summary), std::nullopt};
  if (!options.values) return inspected;
  inspected.values = values::ReadValues(source, inspected.summary, input->directory);
  values::SettleTied(source, input->directory, *inspected.values, inspected.summary);
  if (absl::Status unchanged = source.CheckUnchanged(); !unchanged.ok()) return unchanged;
  std::vector<model::Note>& notes = inspected.summary.notes;
  notes.insert(notes.end(), inspected.values->notes.begin(), inspected.values->notes.end());
  return inspected;
}

absl::Status Print(const Inspected& inspected, const InspectOptions& options, bool first,
                   Console& console) {
  const summary::Summary& summary = inspected.summary;
  const values::ModelValues* values = inspected.values ? &*inspected.values : nullptr;
  if (options.format == Format::kJson) {
    report::WriteJson(summary, {.all_layers = options.view.all_layers, .values = values},
                      console.out());
    return absl::OkStatus();
  }
  if (options.format == Format::kHtml) {
    const absl::Status fits = CheckPagePath(options.html, summary);
    if (!fits.ok()) return fits;
    return WritePageFile(
        options.html, [&](base::Sink& sink) { report::html::WritePage(summary, sink); }, console);
  }
  report::ViewOptions view_options = options.view;
  view_options.values = values;
  if (options.filter.has_value()) view_options.filter = &*options.filter;
  const auto view = report::MakeView(summary, view_options);
  if (!view.ok()) return view.status();
  if (options.filter.has_value() && (*view)->rows() == 0 && (*view)->hidden_rows == 0) {
    SayNothingMatches(summary, options, console);
  }
  if (options.format == Format::kCsv) {
    if (first) report::WriteCsvHeading(**view, console.out());
    report::WriteCsvRows(**view, summary.file, console.out());
    for (const model::Note& note : summary.notes) {
      const bool warning = note.severity == model::Severity::kWarning;
      console.Error(summary.file, fmt::format("{}: {}", warning ? "warning" : "note", note.text));
    }
    return absl::OkStatus();
  }
  if (!first) console.out().Write("\n");
  if (options.format == Format::kMarkdown) {
    report::WriteMarkdown(summary, **view, console.out());
  } else {
    report::WriteText(summary, **view, console.style(), console.out());
  }
  return absl::OkStatus();
}

}  // namespace

int Inspect(Arguments args, Console& console) {
  const Parsed parsed = Parse(args, console);
  if (parsed.status.has_value()) return *parsed.status;
  int status = kDone;
  bool first = true;
  for (const std::string& model : parsed.options.models) {
    absl::StatusOr<Inspected> read = Read(model, parsed.options);
    if (!read.ok()) {
      console.Error(model, read.status());
      status = kFailed;
      continue;
    }
    auto inspected = std::make_unique<Inspected>(*std::move(read));
    if (const absl::Status printed = Print(*inspected, parsed.options, first, console);
        !printed.ok()) {
      console.Error("inspect", printed);
      return kFailed;
    }
    first = false;
    if (console.closed()) break;
    if (&model == &parsed.options.models.back()) {
      // The process is about to end: the kernel takes a large model apart faster than we do.
      // Volatile, so that the pointer is kept and leak checkers see it.
      [[maybe_unused]] static const Inspected* volatile last;
      last = inspected.release();
    }
  }
  return status;
}

}  // namespace hoarfrost::tool
