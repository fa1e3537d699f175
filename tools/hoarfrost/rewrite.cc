#include "rewrite.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string_view>
#include <utility>

#include "base/json_writer.h"
#include "base/text.h"
#include "model_input.h"
#include "report/json.h"
#include "wire/atomic_file.h"
#include "wire/skeleton.h"

namespace hoarfrost::tool {
namespace {

std::string_view AsStd(absl::string_view text) { return {text.data(), text.size()}; }

std::string Amount(const freeze::Counts& counts) {
  return fmt::format("{} parameters: {} trainable, {} non-trainable (statistics {}, frozen {})",
                     base::WithCommas(counts.parameters), base::WithCommas(counts.trainable),
                     base::WithCommas(counts.non_trainable()), base::WithCommas(counts.statistics),
                     base::WithCommas(counts.frozen));
}

void WriteCounts(std::string_view key, const freeze::Counts& counts, base::JsonWriter& json) {
  json.Key(key);
  json.BeginObject();
  json.Field("parameters", counts.parameters);
  json.Field("trainable", counts.trainable);
  json.Field("non_trainable", counts.non_trainable());
  json.Field("frozen", counts.frozen);
  json.Field("statistics", counts.statistics);
  json.EndObject();
}

void PrintJson(const std::string& command, const std::string& model, const freeze::Rewrite& rewrite,
               const freeze::SavePlan& save, Console& console) {
  base::JsonWriter json(console.out());
  json.BeginObject();
  json.TextField("schema", fmt::format("hoarfrost.{}/1", command));
  json.NameField("file", model);
  json.NameField("output", save.target);
  json.Field("frozen", rewrite.frozen);
  json.Field("bytes", rewrite.rope.size());
  json.Field("frozen_tensors", rewrite.frozen_tensors);
  WriteCounts("before", rewrite.before, json);
  WriteCounts("totals", rewrite.after, json);
  json.Key("skipped");
  json.BeginObject();
  json.Field("statistics", rewrite.skipped_statistics);
  json.Field("constants", rewrite.skipped_constants);
  json.EndObject();
  json.Key("data_files");
  json.BeginArray();
  for (const freeze::DataFile& file : save.data_files) {
    json.BeginObject();
    json.NameField("location", file.location);
    json.Field("bytes", file.bytes);
    json.Field("present", file.present);
    json.Field("copied", save.copies && file.present);
    json.EndObject();
  }
  json.EndArray();
  json.Key("unplaced");
  json.BeginArray();
  for (const std::string& what : rewrite.unplaced) json.String(what);
  json.EndArray();
  json.Key("notes");
  report::WriteNotes(rewrite.notes, json);
  json.EndObject();
  json.EndLine();
  json.Flush();
}

void PrintText(const std::string& command, const freeze::Rewrite& rewrite,
               const freeze::SavePlan& save, Console& console) {
  std::string text =
      fmt::format("{}: {}, {}\n", base::Escape(save.target),
                  rewrite.frozen ? fmt::format("{} tensor{} frozen", rewrite.frozen_tensors,
                                               rewrite.frozen_tensors == 1 ? "" : "s")
                                 : std::string("nothing frozen"),
                  Amount(rewrite.after));
  if (rewrite.skipped_statistics + rewrite.skipped_constants > 0 && command == "freeze") {
    const auto count = [](uint64_t n, std::string_view what) {
      return n == 0 ? "" : fmt::format("{} {}{}", base::WithCommas(n), what, n == 1 ? "" : "s");
    };
    const bool both = rewrite.skipped_statistics > 0 && rewrite.skipped_constants > 0;
    text += fmt::format("selected too, but no weights: {}{}{}\n",
                        count(rewrite.skipped_statistics, "statistic"), both ? ", " : "",
                        count(rewrite.skipped_constants, "constant"));
  }
  console.out().Write(text);
}

// What to know before and after writing, on standard error.
void SayNotes(const std::string& model, const freeze::Rewrite& rewrite, Console& console) {
  for (const model::Note& note : rewrite.notes) {
    const bool warning = note.severity == model::Severity::kWarning;
    console.Error(model, fmt::format("{}: {}", warning ? "warning" : "note", note.text));
  }
  for (const std::string& what : rewrite.unplaced) {
    console.Error(model, fmt::format("warning: not restored: {}", what));
  }
}

void SayDataFiles(const std::string& model, const freeze::SavePlan& save, Console& console) {
  for (const freeze::DataFile& file : save.data_files) {
    const std::string name = base::Quote(file.location);
    if (save.copies && file.present) {
      console.Error(model, fmt::format("note: copying data file {} ({})", name,
                                       base::HumanBytes(file.bytes)));
    } else if (save.copies && file.problem.empty()) {
      console.Error(model, fmt::format("warning: data file {} is not there and not copied", name));
    } else if (save.leaves_behind) {
      console.Error(model, fmt::format("warning: data file {} stays behind; {} needs it beside it",
                                       name, base::Escape(save.target)));
    }
  }
}

absl::Status RunOne(const std::string& command, const RewriteOptions& options,
                    const std::string& path, const Rewriter& rewriter, Console& console,
                    const std::function<absl::Status(const freeze::Rewrite&)>& done) {
  absl::StatusOr<std::unique_ptr<wire::ByteSource>> source = wire::OpenFile(path);
  if (!source.ok()) return source.status();
  const absl::StatusOr<freeze::Rewrite> rewrite = rewriter(**source, DirectoryOf(path));
  if (!rewrite.ok()) return rewrite.status();
  if (options.dry_run) {
    SayNotes(path, *rewrite, console);
    if (options.json) {
      console.out().Write(plan::ToJson(rewrite->plan) + "\n");
    } else {
      if (options.models.size() > 1) console.out().Write(base::Escape(path) + "\n");
      WritePlanText(rewrite->plan, console);
    }
    return done != nullptr ? done(*rewrite) : absl::OkStatus();
  }
  const absl::StatusOr<wire::Skeleton> skeleton = wire::ReadSkeleton(**source);
  if (!skeleton.ok()) return skeleton.status();
  freeze::SaveOptions save_options;
  save_options.external = options.external;
  const absl::StatusOr<freeze::SavePlan> save = freeze::PlanSave(
      skeleton->model(), path, options.in_place ? path : options.output, save_options);
  if (!save.ok()) return save.status();
  SayDataFiles(path, *save, console);
  if (absl::Status saved = freeze::Save(rewrite->rope, **source, *save, save_options);
      !saved.ok()) {
    return saved;
  }
  if (done != nullptr) {
    if (absl::Status status = done(*rewrite); !status.ok()) return status;
  }
  SayNotes(path, *rewrite, console);
  if (options.json) {
    PrintJson(command, path, *rewrite, *save, console);
  } else {
    PrintText(command, *rewrite, *save, console);
  }
  return absl::OkStatus();
}

}  // namespace

std::string DirectoryOf(const std::string& path) {
  const std::string directory = std::filesystem::path(path).parent_path().string();
  return directory.empty() ? "." : directory;
}

void RewriteOptions::AddTo(CLI::App& app) {
  app.add_option("models", models, "ONNX files; several only with --in-place or --dry-run")
      ->type_name("MODEL...");
  app.add_option("-o,--output", output, "The file to write")->type_name("OUT");
  app.add_flag("--in-place", in_place, "Replace the model itself");
  app.add_flag("--dry-run", dry_run, "Write no model; print the plan");
  app.add_flag("--json", json, "One compact JSON object a line");
  app.add_option("--external", external_word,
                 "Data files: keep them where they are, or copy them to the output's folder "
                 "(default: copy to another folder)")
      ->type_name("keep|copy");
}

bool RewriteOptions::Check(const std::string& command, Console& console) {
  models = ExpandNames(models);
  for (const std::string& model : models) {
    if (RefusesStandardInput(command, model, console)) return false;
  }
  std::string cause;
  if (models.empty()) {
    cause = fmt::format("no model given (see hoarfrost {} --help)", command);
  } else if (dry_run + in_place + !output.empty() > 1) {
    cause = "-o, --in-place and --dry-run exclude each other";
  } else if (!dry_run && !in_place && output.empty()) {
    cause = "where to? Give -o OUT or --in-place (or --dry-run)";
  } else if (output == "-") {
    cause =
        "-o -: a model is written whole or not at all, so not to standard output (./- is a file)";
  } else if (models.size() > 1 && !output.empty()) {
    cause = "-o goes with one model";
  } else if (external_word == "keep") {
    external = freeze::External::kKeep;
  } else if (external_word == "copy") {
    external = freeze::External::kCopy;
  } else if (!external_word.empty()) {
    cause = fmt::format("--external {}: {}", base::Quote(external_word),
                        Instead(external_word, {"keep", "copy"}));
  }
  if (!cause.empty()) console.Error(command, cause);
  return cause.empty();
}

int RunRewrites(const std::string& command, const RewriteOptions& options, const Rewriter& rewriter,
                Console& console, const std::function<absl::Status(const freeze::Rewrite&)>& done) {
  int status = kDone;
  for (const std::string& model : options.models) {
    const absl::Status result = RunOne(command, options, model, rewriter, console, done);
    if (!result.ok()) {
      console.Error(model, result);
      status = kFailed;
    }
    if (console.closed()) break;
  }
  return status;
}

void WritePlanText(const plan::Plan& plan, Console& console) {
  std::string text;
  const auto list = [&](std::string_view what, const std::vector<plan::Entry>& entries) {
    if (entries.empty()) return;
    text += fmt::format("{} ({})\n", what, base::WithCommas(entries.size()));
    for (const plan::Entry& entry : entries) {
      text += fmt::format("  {}{}{}  {} [{}]\n", base::Escape(entry.scope),
                          entry.scope.empty() ? "" : " ", base::Escape(entry.name), entry.dtype,
                          fmt::join(entry.shape, ", "));
      if (text.size() < (size_t{1} << 20)) continue;
      console.out().Write(text);
      text.clear();
    }
  };
  list("trainable", plan.trainable);
  list("frozen", plan.frozen);
  list("statistics, which training may move", plan.statistics);
  list("frozen statistics, which must not move", plan.frozen_statistics);
  list("other, never trainable", plan.other);
  if (!plan.frozen_layers.empty()) {
    text += fmt::format("frozen layers ({})\n", base::WithCommas(plan.frozen_layers.size()));
    for (const std::string& path : plan.frozen_layers) {
      text += fmt::format("  {}\n", base::Escape(path));
    }
  }
  const std::pair<bool, std::string_view> forms[] = {
      {plan.forms.batchnorm_arithmetic, "frozen BatchNormalizations as arithmetic"},
      {plan.forms.dropout_identity, "Dropouts of frozen layers as Identity"},
      {plan.forms.constants, "frozen tensors as Constant nodes"},
      {plan.forms.expose_trainable, "trainable initializers as graph inputs"}};
  if (plan.forms.any()) text += "written with\n";
  for (const auto& [on, what] : forms) {
    if (on) text += fmt::format("  {}\n", what);
  }
  console.out().Write(text);
}

absl::StatusOr<plan::Plan> ReadPlanFile(const std::string& path) {
  constexpr uint64_t kLargest = uint64_t{1} << 28;
  absl::StatusOr<std::unique_ptr<wire::ByteSource>> source = wire::OpenFile(path);
  if (!source.ok()) return source.status();
  if ((*source)->size() > kLargest) {
    return absl::InvalidArgumentError(fmt::format("{}: too large for a plan", base::Escape(path)));
  }
  std::string text((*source)->size(), '\0');
  absl::StatusOr<size_t> got = (*source)->ReadAt(0, text.data(), text.size());
  if (!got.ok()) return got.status();
  text.resize(*got);
  absl::StatusOr<plan::Plan> plan = plan::FromJson(text);
  if (plan.ok()) return plan;
  return absl::InvalidArgumentError(
      fmt::format("{}: {}", base::Escape(path), AsStd(plan.status().message())));
}

absl::Status WritePlanFile(const plan::Plan& plan, const std::string& path) {
  absl::StatusOr<wire::AtomicFile> file = wire::AtomicFile::Create(path, {.mode = 0644});
  if (!file.ok()) return file.status();
  absl::Status written = file->Append(plan::ToJson(plan) + "\n");
  return written.ok() ? file->Commit() : written;
}

}  // namespace hoarfrost::tool
