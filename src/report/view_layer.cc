// Rows by layer, or by the tree of layers cut at a depth.
#include <iterator>

#include "report/view_rows.h"
#include "summary/layer_rows.h"

namespace hoarfrost::report {
namespace {

using summary::Summary;

struct Line {
  std::string_view path;
  std::string_view type;
  uint64_t layers = 1;
  const summary::LayerRow* row = nullptr;
};

std::string LayerAndType(const Summary&, const Line& line) {
  std::string text;
  if (line.row->layer == model::kNone) {
    text = "(no layer)";
  } else if (line.type.empty()) {
    text = fmt::format("{} ({} layer{})", base::Escape(line.path), line.layers,
                       line.layers == 1 ? "" : "s");
  } else {
    text = fmt::format("{} ({})", base::Escape(line.path), base::Escape(line.type));
  }
  if (!line.row->shared_with.empty()) {
    text += fmt::format(", shared with {}", base::Escape(line.row->shared_with));
  }
  return text;
}

std::string OutputShape(const Summary&, const Line& line) {
  return line.row->shape_known ? ShapeText(line.row->output_shape) : "?";
}

constexpr Field<Line> kFields[] = {
    {{"", "Layer (type)", Audience::kPeople, false, true, 0}, LayerAndType},
    {{"layer", "", Audience::kPrograms},
     [](const Summary&, const Line& l) { return base::Escape(l.path); }},
    {{"type", "", Audience::kPrograms},
     [](const Summary&, const Line& l) { return base::Escape(l.type); }},
    {{"layers", "", Audience::kPrograms, true},
     nullptr,
     [](const Summary&, const Line& l) { return l.layers; }},
    {{"output_shape", "Output shape", Audience::kBoth, false, false, 1}, OutputShape},
    {{"parameters", "Param #", Audience::kBoth, true},
     nullptr,
     [](const Summary&, const Line& l) { return l.row->parameters; }},
    {{"trainable", "", Audience::kPrograms, true},
     nullptr,
     [](const Summary&, const Line& l) { return l.row->trainable; }},
    {{"non_trainable", "", Audience::kPrograms, true},
     nullptr,
     [](const Summary&, const Line& l) { return l.row->non_trainable; }},
    {{"", "Trainable", Audience::kPeople, false, false, 2},
     [](const Summary&, const Line& l) {
       return TrainableWord(l.row->trainable, l.row->non_trainable);
     }},
    {{"shared_with", "", Audience::kPrograms},
     [](const Summary&, const Line& l) { return base::Escape(l.row->shared_with); }},
    // The last, so that a view without it has the fields before it.
    {{"macs", "MACs", Audience::kBoth, true, false, 3, true, true},
     nullptr,
     [](const Summary&, const Line& l) {
       return l.row->macs_known ? l.row->macs : kUnknownNumber;
     }},
};

absl::Span<const Field<Line>> Fields(bool macs) {
  return absl::MakeConstSpan(kFields).first(std::size(kFields) - (macs ? 0 : 1));
}

class Layers final : public RowView<Line> {
 public:
  Layers(const Summary& summary, bool macs) : RowView(summary, Fields(macs)) {}
  std::vector<summary::FoldedRow> folded;  // what the lines of a folded view point into
};

}  // namespace

absl::StatusOr<std::unique_ptr<View>> LayerView(const Summary& summary,
                                                const ViewOptions& options) {
  auto view = std::make_unique<Layers>(summary, options.macs);
  const auto add = [&](const Line& line) {
    if (options.filter != nullptr && !base::MatchesPathOrAncestor(*options.filter, line.path)) {
      return;
    }
    const bool computes = options.macs && (line.row->macs > 0 || !line.row->macs_known);
    if (!options.all_layers && line.row->parameters == 0 && line.row->shared_with.empty() &&
        !computes) {
      ++view->hidden_rows;
      return;
    }
    view->lines.push_back(line);
  };
  if (options.depth > 0) {
    view->folded = summary::FoldedRows(summary, options.depth);
    for (const summary::FoldedRow& row : view->folded) {
      add({row.path, row.type, row.layers, &row.sums});
    }
  } else {
    static const model::Layer kNoLayer;
    for (const summary::LayerRow& row : summary.rows) {
      const bool none = row.layer == model::kNone;
      const model::Layer& layer =
          none ? kNoLayer : summary.layers.layers[static_cast<size_t>(row.layer)];
      add({layer.path, layer.type, none ? uint64_t{0} : uint64_t{1}, &row});
    }
  }
  if (absl::Status sorted = view->SortBy(options.sort); !sorted.ok()) return sorted;
  return view;
}

}  // namespace hoarfrost::report
