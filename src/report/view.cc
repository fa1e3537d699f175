#include "report/view.h"

#include "report/view_rows.h"

namespace hoarfrost::report {

std::optional<By> ParseBy(std::string_view word) {
  if (word == "layer") return By::kLayer;
  if (word == "tensor") return By::kTensor;
  if (word == "operator") return By::kOperator;
  if (word == "dtype") return By::kDtype;
  return std::nullopt;
}

absl::StatusOr<std::unique_ptr<View>> MakeView(const summary::Summary& summary,
                                               const ViewOptions& options) {
  switch (options.by) {
    case By::kLayer:
      return LayerView(summary, options);
    case By::kTensor:
      return TensorView(summary, options);
    case By::kOperator:
      return OperatorView(summary, options);
    case By::kDtype:
      return DtypeView(summary, options);
  }
  return absl::InvalidArgumentError("no such view");
}

std::vector<size_t> ColumnsFor(const View& view, Audience audience) {
  std::vector<size_t> columns;
  for (size_t c = 0; c < view.columns(); ++c) {
    const Audience whose = view.column(c).audience;
    if (whose == audience || whose == Audience::kBoth) columns.push_back(c);
  }
  return columns;
}

std::string NumberText(const View& view, size_t row, size_t c) {
  const uint64_t number = view.Number(row, c);
  if (view.column(c).may_be_unknown && number == kUnknownNumber) return "?";
  return base::WithCommas(number);
}

std::string TrainableWord(uint64_t trainable, uint64_t non_trainable) {
  if (trainable == 0) return non_trainable == 0 ? "-" : "no";
  return non_trainable == 0 ? "yes" : "part";
}

std::string ShapeText(const std::vector<summary::Dim>& dims) {
  std::string text = "(";
  for (const summary::Dim& dim : dims) {
    if (text.size() > 1) text += ", ";
    if (!dim.symbol.empty()) {
      text += base::Escape(dim.symbol);
    } else {
      text += dim.value < 0 ? std::string("?") : fmt::format("{}", dim.value);
    }
  }
  return text + ")";
}

}  // namespace hoarfrost::report
