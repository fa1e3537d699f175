#include "api/rep.h"

#include "api/convert.h"

namespace hoarfrost {

absl::StatusOr<std::shared_ptr<const Model::Rep>> Model::Rep::Make(
    std::shared_ptr<const wire::ByteSource> source, std::string directory,
    const LoadOptions& options) {
  auto rep = std::make_shared<Rep>();
  summary::Options summary_options;
  summary_options.infer_shapes = options.infer_shapes;
  auto summary = summary::Summarize(*source, directory, summary_options);
  if (!summary.ok()) return summary.status();
  rep->base = source;
  rep->source = std::move(source);
  rep->directory = std::move(directory);
  rep->options = options;
  rep->summary = *std::move(summary);
  rep->info = MakeInfo(rep->summary);
  rep->totals = MakeTotals(rep->summary.totals);
  rep->framework = MakeFramework(rep->summary);
  for (const model::Note& note : rep->summary.notes) {
    rep->notes.push_back({note.severity == model::Severity::kWarning, note.text});
  }
  return std::shared_ptr<const Rep>(std::move(rep));
}

absl::StatusOr<std::shared_ptr<const Model::Rep>> Model::Rep::Spliced(const Rep& from,
                                                                      wire::Rope rope) {
  std::shared_ptr<const wire::ByteSource> source =
      wire::MakeRopeSource(rope, *from.base, from.base->name());
  auto made = Make(std::move(source), from.directory, from.options);
  if (!made.ok()) return made.status();
  auto rep = std::const_pointer_cast<Rep>(*std::move(made));
  rep->base = from.base;
  rep->rope = std::move(rope);
  return std::shared_ptr<const Rep>(std::move(rep));
}

}  // namespace hoarfrost
