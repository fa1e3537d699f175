// What the views share: rows of one type, and a column as a table row with a function per cell.
#ifndef HOARFROST_REPORT_VIEW_ROWS_H_
#define HOARFROST_REPORT_VIEW_ROWS_H_

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "base/text.h"
#include "report/view.h"

namespace hoarfrost::values {
struct TensorValues;  // values/read_values.h
}

namespace hoarfrost::report {

// One of `text` and `number` is set, and `real` with a text that is to be sorted as a number;
// `summary` is what the row is a part of.
template <typename Row>
struct Field {
  Column column;
  std::string (*text)(const summary::Summary& summary, const Row& row) = nullptr;
  uint64_t (*number)(const summary::Summary& summary, const Row& row) = nullptr;
  std::optional<double> (*real)(const summary::Summary& summary, const Row& row) = nullptr;
};

template <typename Row>
class RowView : public View {
 public:
  RowView(const summary::Summary& summary, absl::Span<const Field<Row>> fields)
      : summary_(summary), fields_(fields) {}

  size_t rows() const override { return lines.size(); }
  size_t columns() const override { return fields_.size(); }
  const Column& column(size_t c) const override { return fields_[c].column; }
  std::string Text(size_t row, size_t c) const override {
    return fields_[c].text(summary_, lines[row]);
  }
  uint64_t Number(size_t row, size_t c) const override {
    return fields_[c].number(summary_, lines[row]);
  }

  // Numbers from the largest down, text upwards; equal ones stay in the model's order.
  absl::Status SortBy(const std::string& key) {
    if (key.empty()) return absl::OkStatus();
    std::vector<std::string_view> keys;
    for (const Field<Row>& field : fields_) {
      if (field.column.audience != Audience::kPeople) keys.push_back(field.column.key);
    }
    const auto found = std::find_if(fields_.begin(), fields_.end(), [&](const Field<Row>& f) {
      return f.column.audience != Audience::kPeople && f.column.key == key;
    });
    if (found == fields_.end()) {
      const auto near = base::NearNames(key, keys, 1);
      return absl::InvalidArgumentError(
          fmt::format("cannot sort by {}; {}", base::Quote(key),
                      near.empty() ? fmt::format("columns are {}", fmt::join(keys, ", "))
                                   : fmt::format("did you mean '{}'?", near[0])));
    }
    if (found->real != nullptr) {
      // Rows without a number come last.
      SortLines<std::optional<double>>(found->real, [](auto a, auto b) { return a > b; });
    } else if (found->column.number) {
      SortLines<uint64_t>(found->number, [](uint64_t a, uint64_t b) { return a > b; });
    } else {
      SortLines<std::string>(found->text, [](const auto& a, const auto& b) { return a < b; });
    }
    return absl::OkStatus();
  }

  std::vector<Row> lines;

 private:
  template <typename Key, typename Function, typename Before>
  void SortLines(Function key_of, Before before) {
    std::vector<std::pair<Key, size_t>> order;
    order.reserve(lines.size());
    for (size_t i = 0; i < lines.size(); ++i) order.emplace_back(key_of(summary_, lines[i]), i);
    std::stable_sort(order.begin(), order.end(),
                     [&](const auto& a, const auto& b) { return before(a.first, b.first); });
    std::vector<Row> sorted;
    sorted.reserve(lines.size());
    for (const auto& [key, i] : order) sorted.push_back(std::move(lines[i]));
    lines = std::move(sorted);
  }

  const summary::Summary& summary_;
  absl::Span<const Field<Row>> fields_;
};

// A row of a view by tensor.
struct TensorLine {
  model::TensorId t = model::kNone;
  const values::TensorValues* values = nullptr;  // null where they were not asked for
};

// The columns of what was read of a tensor's values; every row has some.
absl::Span<const Field<TensorLine>> ValueFields();

absl::StatusOr<std::unique_ptr<View>> LayerView(const summary::Summary& summary,
                                                const ViewOptions& options);
absl::StatusOr<std::unique_ptr<View>> TensorView(const summary::Summary& summary,
                                                 const ViewOptions& options);
absl::StatusOr<std::unique_ptr<View>> OperatorView(const summary::Summary& summary,
                                                   const ViewOptions& options);
absl::StatusOr<std::unique_ptr<View>> DtypeView(const summary::Summary& summary,
                                                const ViewOptions& options);

// "yes" all trainable, "no" none, "part", or "-" where there are no parameters.
std::string TrainableWord(uint64_t trainable, uint64_t non_trainable);

// "(N, 10)"; "?" for a dimension that is not known.
std::string ShapeText(const std::vector<summary::Dim>& dims);

}  // namespace hoarfrost::report

#endif  // HOARFROST_REPORT_VIEW_ROWS_H_
