// hoarfrost batch: one record per model of whole folders, or all of them frozen.
#include <fmt/format.h>
#include <malloc.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "batch/page.h"
#include "batch/run.h"
#include "batch/shard.h"
#include "batch/tally.h"
#include "batch_progress.h"
#include "model_input.h"
#include "options.h"
#include "page_file.h"
#include "selectors.h"
#include "subcommand.h"

namespace hoarfrost::tool {
namespace {

std::atomic<bool> stop_requested = false;

extern "C" void RequestStop(int) { stop_requested = true; }

// The first Ctrl-C (or SIGTERM, as schedulers send it) ends the batch well, the second at once.
void CatchStopSignals() {
  struct sigaction action = {};
  action.sa_handler = RequestStop;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  for (const int signal : {SIGINT, SIGTERM}) {
    struct sigaction before = {};
    // nohup and shells set signals to be ignored for what runs in the background.
    if (sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) continue;
    (void)sigaction(signal, &action, nullptr);
  }
  // A file that may grow no further is a failed write, with words for it.
  std::signal(SIGXFSZ, SIG_IGN);
}

// One model after the other takes and gives back the same few megabytes, so the allocator need not
// hand them to the kernel in between. Freed memory of a large model above this goes back all the
// same.
void KeepFreedMemory() {
  constexpr int kKept = 8 << 20;
  (void)mallopt(M_TRIM_THRESHOLD, kKept);
  (void)mallopt(M_MMAP_THRESHOLD, kKept);
}

struct BatchOptions {
  std::vector<std::string> inputs;
  std::string report, output, actions = "inspect", shard, external, html;
  std::vector<std::string> globs, excludes;
  bool full = false, summary = false, csv = false, json = false, quiet = false, hidden = false;
  bool resume = false, join = false, plan = false;
  size_t jobs = 0;
  Selectors selectors;

  void AddTo(CLI::App& app);
  // What does not go together; "" where all is well.
  std::string Conflict(const CLI::App& app) const;
};

void BatchOptions::AddTo(CLI::App& app) {
  const auto add_words = [&](const char* name, std::vector<std::string>& words, const char* help) {
    app.add_option(name, words, help)->type_name("P")->allow_extra_args(false);
  };
  app.add_option("INPUT", inputs, "Folders (searched for *.onnx) or ONNX files")->type_name("");
  app.add_option("--report", report, "Write the records to FILE, one JSON object a line")
      ->type_name("FILE");
  app.add_flag("--resume", resume, "Go on where an interrupted run of the same command stopped");
  app.add_flag("--summary", summary, "Totals of each model (the default)");
  app.add_flag("--full", full, "Layers and tensors of each model too");
  app.add_flag("--json", json, "Print the records instead of a table");
  app.add_flag("--csv", csv, "Print the totals of each model, comma-separated, instead of a table");
  app.add_option("--html", html, "Write an overview page for a browser to FILE (see docs/html.md)")
      ->type_name("FILE");
  app.add_flag("--quiet", quiet, "No progress on standard error");
  app.add_option("--jobs", jobs, "Models at a time (default: 32, or twice the cores)")
      ->type_name("N");
  add_words("--glob", globs, "Take files that match instead of *.onnx");
  add_words("--exclude", excludes, "Leave out files and folders that match");
  app.add_flag("--hidden", hidden, "Also files and folders whose name begins with a dot");
  app.add_option("--shard", shard, "Only part K of N of the models, the same on every machine")
      ->type_name("K/N");
  app.add_flag("--join", join, "Make one report (-o) of the reports of all shards (INPUT)");
  app.add_option("--actions", actions, "inspect (the default) or freeze")->type_name("WHAT");
  app.add_option("-o,--output", output,
                 "With freeze: folder for the frozen models; with --join: the report")
      ->type_name("PATH");
  app.add_flag("--plan", plan, "With freeze: the plan of each model beside it (.plan.json)");
  app.add_option("--external", external,
                 "With freeze: copy data files (the default), or keep them where they are")
      ->type_name("keep|copy");
  selectors.AddTo(app);
}

std::string BatchOptions::Conflict(const CLI::App& app) const {
  const bool freezes = actions == "freeze";
  if (inputs.empty()) return "no folder given (see hoarfrost batch --help)";
  if (csv && json) return "--csv and --json exclude each other";
  if (app.count("--html") > 0 && html.empty()) return "--html needs the name of a file";
  if (html == "-" && (csv || json)) return "--html - and --csv or --json exclude each other";
  if (!html.empty() && (html == report || html == output)) {
    return "--html and the report are two files";
  }
  if (full && summary) return "--full and --summary exclude each other";
  if (app.count("--jobs") > 0 && (jobs == 0 || jobs > 4096)) return "--jobs is from 1 to 4096";
  if (actions != "inspect" && !freezes) {
    return fmt::format("--actions {}: {}", base::Quote(actions),
                       Instead(actions, {"inspect", "freeze"}));
  }
  if (join) {
    if (output.empty() == report.empty()) return "--join writes one report: give -o FILE";
    if (freezes || resume || !shard.empty() || selectors.any()) {
      return "--join reads reports of shards, and goes with -o, --csv and --json only";
    }
    return "";
  }
  if (resume && report.empty()) return "--resume goes on with a report: give --report FILE";
  if (!shard.empty() && report.empty()) return "--shard makes part of a report: give --report FILE";
  if (!freezes) {
    if (!output.empty())
      return "-o is for --actions freeze and for --join; --report FILE for records";
    if (selectors.any() || plan || !external.empty() || !selectors.selection.except.empty()) {
      return "selectors, --plan and --external go with --actions freeze";
    }
    return "";
  }
  if (output.empty()) return "where to? Give --output DIR";
  if (!selectors.any()) return "what? Give --layers, --tensors, --types, --upto, --first or --all";
  if (!external.empty() && external != "keep" && external != "copy") {
    return fmt::format("--external {}: {}", base::Quote(external),
                       Instead(external, {"keep", "copy"}));
  }
  return "";
}

// What freezing depends on, for telling runs apart.
std::string SettingsOf(const BatchOptions& options) {
  const Selection& selection = options.selectors.selection;
  std::string text = "hoarfrost " HOARFROST_VERSION;
  const auto add = [&](const std::vector<std::string>& words) {
    text += fmt::format("\n{}", words.size());
    for (const std::string& word : words) text += fmt::format("\n{}:{}", word.size(), word);
  };
  add(selection.layers);
  add(selection.tensors);
  add(selection.types);
  add(selection.upto);
  add(selection.except);
  return text +
         fmt::format("\n{} {} {}", selection.all, selection.first, options.selectors.shared_word);
}

// Prints as records come: failures, progress, records or rows; in the end the table.
class Printer final : public batch::Listener {
 public:
  Printer(const BatchOptions& options, Console& console)
      : options_(options), console_(console), progress_(console, options.quiet) {
    if (options.csv) batch::WriteCsvHeading(console.out());
  }

  void Begin(size_t models) override { progress_.Begin(models); }

  bool Take(const batch::Row& row, std::string_view line, bool kept) override {
    tally_.Add(row);
    progress_.Count(!row.ok, kept);
    if (!row.ok && !kept) SayFailure(row);
    if (!options_.html.empty()) rows_.push_back(row);
    if (options_.json) console_.out().Write(line);
    if (options_.csv) batch::WriteCsvRow(row, console_.out());
    return !console_.closed();
  }

  void Tick() override { progress_.Tick(); }

  void End() {
    progress_.Clear();
    if (tally_.failed() > kMostNamed && named_ == kMostNamed) {
      console_.Error("batch", fmt::format("{} more failed; their records say why",
                                          base::WithCommas(tally_.failed() - kMostNamed)));
    }
    if (!options_.json && !options_.csv && options_.html != "-") tally_.Write(console_.out());
  }

  // The page of all that was taken, where one is wanted.
  absl::Status WritePage() const {
    if (options_.html.empty()) return absl::OkStatus();
    return WritePageFile(
        options_.html,
        [&](base::Sink& sink) {
          batch::WritePage(rows_, options_.inputs, "hoarfrost " HOARFROST_VERSION, sink);
        },
        console_);
  }

  const batch::Tally& tally() const { return tally_; }
  void ClearBar() { progress_.Clear(); }

 private:
  static constexpr uint64_t kMostNamed = 50;

  void SayFailure(const batch::Row& row) {
    if (named_ == kMostNamed) return;
    ++named_;
    progress_.Clear();
    console_.Error(row.file, row.error);
  }

  const BatchOptions& options_;
  Console& console_;
  BatchProgress progress_;
  batch::Tally tally_;
  uint64_t named_ = 0;
  std::vector<batch::Row> rows_;  // for the page
};

int EndBatch(Printer& printer, Console& console) {
  printer.End();
  if (const absl::Status page = printer.WritePage(); !page.ok()) {
    console.Error("batch", page);
    return kFailed;
  }
  return printer.tally().failed() > 0 ? kAnswerIsNo : kDone;
}

int RunJoin(const BatchOptions& options, Console& console) {
  Printer printer(options, console);
  const std::string& report = options.output.empty() ? options.report : options.output;
  const absl::Status joined = batch::Join(
      options.inputs, report,
      [&](const batch::Row& row, std::string_view line) { return printer.Take(row, line, true); });
  if (!joined.ok()) {
    console.Error("batch", joined);
    return kFailed;
  }
  if (console.closed()) {
    console.Error("batch", "standard output was closed; no report was written");
    return kFailed;
  }
  return EndBatch(printer, console);
}

std::string HowToResume(const BatchOptions& options) {
  if (options.report.empty()) return "";
  return options.resume ? "; the same command goes on with it"
                        : "; the same command with --resume goes on with it";
}

int RunBatch(const BatchOptions& options, const batch::RunOptions& run, Console& console) {
  CatchStopSignals();
  KeepFreedMemory();
  Printer printer(options, console);
  const absl::StatusOr<batch::RunResult> result = batch::Run(run, printer, &stop_requested);
  printer.ClearBar();
  if (!result.ok()) {
    const bool begun = printer.tally().models() > 0;
    console.Error("batch", fmt::format("{}{}", std::string(result.status().message()),
                                       begun ? HowToResume(options) : ""));
    return kFailed;
  }
  if (result->finished_before) {
    console.Error("batch", fmt::format("{} is finished already; leave --resume out to make it anew",
                                       base::Escape(options.report)));
  } else if (result->models == 0) {
    console.Error("batch", options.shard.empty() ? "found no model (*.onnx)"
                                                 : "no model falls to this shard");
  }
  if (result->done < result->models) {
    const bool closed = console.closed();
    console.Error("batch", fmt::format("{} after {} of {} models{}",
                                       closed ? fmt::format("standard output failed ({})",
                                                            std::strerror(console.out().error()))
                                              : "stopped",
                                       base::WithCommas(result->done),
                                       base::WithCommas(result->models), HowToResume(options)));
    return kFailed;
  }
  return EndBatch(printer, console);
}

constexpr const char* kFooter =
    "P is a GLOB whose * stands for anything, separators too, or re:REGEX (RE2); --glob and\n"
    "--exclude hold it against the path below INPUT and against its last part. The selectors of\n"
    "freeze choose what to freeze. Exit status 1: all is done, and some models failed.";

}  // namespace

int Batch(Arguments args, Console& console) {
  BatchOptions options;
  CLI::App app("Inspect (or freeze) every model of folders: one record each, failures survived",
               "batch");
  options.AddTo(app);
  app.footer(kFooter);
  if (const std::optional<int> status = ParseOptions(app, args, console)) return *status;
  for (const std::string& input : options.inputs) {
    if (RefusesStandardInput("batch", input, console)) return kFailed;
  }
  if (const std::string conflict = options.Conflict(app); !conflict.empty()) {
    console.Error("batch", conflict);
    return kFailed;
  }
  if (const absl::Status page = CheckReplacesPage(options.html); !page.ok()) {
    console.Error("batch", page);
    return kFailed;
  }
  if (options.join) return RunJoin(options, console);

  batch::RunOptions run;
  run.roots = options.inputs;
  run.find = {options.globs, options.excludes, options.hidden};
  run.task.full = options.full;
  run.report = options.report;
  run.resume = options.resume;
  run.jobs = options.jobs;
  run.settings = SettingsOf(options);
  if (!options.shard.empty()) {
    const absl::StatusOr<batch::Shard> shard = batch::ParseShard(options.shard);
    if (!shard.ok()) {
      console.Error("batch", shard.status());
      return kFailed;
    }
    run.shard = *shard;
  }
  if (options.actions == "freeze") {
    const std::optional<SharedTensors> shared = options.selectors.shared("batch", console);
    if (!shared.has_value()) return kFailed;
    batch::FreezeOrder& order = run.task.freeze.emplace();
    order.request.selection = options.selectors.selection;
    order.request.shared = *shared;
    order.output = options.output;
    order.write_plan = options.plan;
    if (options.external == "keep") order.external = freeze::External::kKeep;
    if (options.external == "copy") order.external = freeze::External::kCopy;
  }
  return RunBatch(options, run, console);
}

}  // namespace hoarfrost::tool
