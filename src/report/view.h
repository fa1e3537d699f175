// A view: one table of a summary, by layer, tensor, operator or element type.
//
// A view holds its rows as small values; what stands in a cell is worked out when it is asked for.
// It serves the table that people read and the one that programs read: each column says to which
// of the two it belongs. All text is escaped, fit for a terminal. In every view the columns
// `parameters`, `trainable` and `non_trainable` sum up to the totals of the model.
#ifndef HOARFROST_REPORT_VIEW_H_
#define HOARFROST_REPORT_VIEW_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/pattern.h"
#include "summary/summary.h"

namespace hoarfrost::values {
struct ModelValues;  // values/read_values.h
}  // namespace hoarfrost::values

namespace hoarfrost::report {

enum class By : uint8_t { kLayer, kTensor, kOperator, kDtype };

// "layer", "tensor", "operator" or "dtype"; nullopt for another word.
std::optional<By> ParseBy(std::string_view word);

enum class Audience : uint8_t { kBoth, kPeople, kPrograms };

struct Column {
  const char* key;    // heading for programs, and what --sort takes
  const char* title;  // heading for people
  Audience audience = Audience::kBoth;
  bool number = false;
  bool wide = false;            // holds names: the column that gives way first
  int leave = 0;                // where the terminal is too narrow the lowest leaves first; 0 stays
  bool right = false;           // set to the right, as numbers are
  bool may_be_unknown = false;  // a number kUnknownNumber is none: "?" for people
};

inline constexpr uint64_t kUnknownNumber = static_cast<uint64_t>(-1);

struct ViewOptions {
  By by = By::kLayer;
  size_t depth = 0;       // of layer paths; 0: not folded
  std::string sort = {};  // key of a column, "": in the model's order
  // Rows whose layer (or an ancestor of it), tensor, operator or type matches.
  const base::Pattern* filter = nullptr;
  bool all_layers = false;                      // also layers that own no parameters and share none
  const values::ModelValues* values = nullptr;  // what by tensor has columns for
  bool macs = false;                            // a column of multiply-accumulates, by layer
};

class View {
 public:
  virtual ~View() = default;

  virtual size_t rows() const = 0;
  virtual size_t columns() const = 0;
  virtual const Column& column(size_t c) const = 0;
  virtual std::string Text(size_t row, size_t c) const = 0;  // of a column without numbers
  virtual uint64_t Number(size_t row, size_t c) const = 0;   // of a column with numbers

  size_t hidden_rows = 0;  // left out for want of parameters
};

// InvalidArgument for a `sort` that is no column, with the nearest one. `summary` must outlive the
// view.
absl::StatusOr<std::unique_ptr<View>> MakeView(const summary::Summary& summary,
                                               const ViewOptions& options);

// A number as people read it.
std::string NumberText(const View& view, size_t row, size_t c);

// The columns of a view for one audience, as indices.
std::vector<size_t> ColumnsFor(const View& view, Audience audience);

}  // namespace hoarfrost::report

#endif  // HOARFROST_REPORT_VIEW_H_
