// Rows by stored tensor, of every role.
#include "payload/dtype.h"
#include "report/names.h"
#include "report/view_rows.h"
#include "values/read_values.h"

namespace hoarfrost::report {
namespace {

using summary::Summary;
using Line = TensorLine;

std::string Scope(const Summary& s, const Line& line) {
  return base::Escape(s.facts.scopes[static_cast<size_t>(s.tensor(line.t).scope)].path);
}

std::string Name(const Summary& s, const Line& line) { return base::Escape(s.tensor(line.t).name); }

std::string ScopeAndName(const Summary& s, const Line& line) {
  const std::string scope = Scope(s, line);
  return scope.empty() ? Name(s, line) : fmt::format("{}/{}", scope, Name(s, line));
}

std::string Dtype(const Summary& s, const Line& line) {
  return payload::DtypeName(s.tensor(line.t).dtype);
}

std::string Shape(const Summary& s, const Line& line) {
  return fmt::format("({})", fmt::join(s.tensor(line.t).dims, ", "));
}

std::string Role(const Summary& s, const Line& line) {
  return roles::RoleName(s.role(line.t).role);
}

std::string Layer(const Summary& s, const Line& line) {
  const model::LayerId layer = s.layers.tensor_layer[static_cast<size_t>(line.t)];
  return layer == model::kNone ? ""
                               : base::Escape(s.layers.layers[static_cast<size_t>(layer)].path);
}

uint64_t Parameters(const Summary& s, const Line& line) {
  return s.is_counted(line.t) && s.is_parameter(line.t) ? s.elements(line.t) : 0;
}

uint64_t Trainable(const Summary& s, const Line& line) {
  return s.is_trainable(line.t) ? Parameters(s, line) : 0;
}

std::string TrainableText(const Summary& s, const Line& line) {
  if (s.is_trainable(line.t)) return "yes";
  if (s.is_frozen(line.t)) return "frozen";
  return s.is_parameter(line.t) ? "no" : "-";
}

constexpr Field<Line> kFields[] = {
    {{"", "Tensor", Audience::kPeople, false, true, 0}, ScopeAndName},
    {{"name", "", Audience::kPrograms}, Name},
    {{"scope", "", Audience::kPrograms}, Scope},
    {{"source", "", Audience::kPrograms},
     [](const Summary& s, const Line& line) {
       return std::string(SourceName(s.tensor(line.t).source));
     }},
    {{"dtype", "Type", Audience::kBoth, false, false, 2}, Dtype},
    {{"shape", "Shape", Audience::kBoth, false, false, 3}, Shape},
    {{"elements", "Elements", Audience::kBoth, true},
     nullptr,
     [](const Summary& s, const Line& line) { return s.tensor(line.t).elements; }},
    {{"bytes", "", Audience::kPrograms, true},
     nullptr,
     [](const Summary& s, const Line& line) { return s.tensor(line.t).bytes; }},
    {{"role", "Role", Audience::kBoth}, Role},
    {{"", "Trainable", Audience::kPeople, false, false, 4}, TrainableText},
    {{"parameters", "", Audience::kPrograms, true}, nullptr, Parameters},
    {{"trainable", "", Audience::kPrograms, true}, nullptr, Trainable},
    {{"non_trainable", "", Audience::kPrograms, true},
     nullptr,
     [](const Summary& s, const Line& line) { return Parameters(s, line) - Trainable(s, line); }},
    {{"frozen", "", Audience::kPrograms},
     [](const Summary& s, const Line& line) {
       return std::string(s.is_frozen(line.t) ? "true" : "false");
     }},
    {{"used", "", Audience::kPrograms},
     [](const Summary& s, const Line& line) {
       return std::string(s.role(line.t).used ? "true" : "false");
     }},
    {{"layer", "", Audience::kPrograms}, Layer},
    {{"reason_kind", "Reason", Audience::kBoth, false, false, 1},
     [](const Summary& s, const Line& line) {
       return std::string(roles::ReasonName(s.role(line.t).kind));
     }},
    {{"reason", "", Audience::kPrograms},
     [](const Summary& s, const Line& line) { return base::Escape(s.role(line.t).text); }},
};

// The same with columns of values, for which others give way.
std::vector<Field<Line>> WithValues() {
  std::vector<Field<Line>> fields;
  for (Field<Line> field : kFields) {
    const std::string_view title = field.column.title;
    if (title == "Trainable") continue;
    if (title == "Elements" || title == "Reason") field.column.audience = Audience::kPrograms;
    if (title == "Role") field.column.leave = 1;
    fields.push_back(field);
  }
  for (const Field<Line>& field : ValueFields()) fields.push_back(field);
  return fields;
}

}  // namespace

absl::StatusOr<std::unique_ptr<View>> TensorView(const Summary& summary,
                                                 const ViewOptions& options) {
  static const std::vector<Field<Line>> with_values = WithValues();
  auto view = options.values == nullptr ? std::make_unique<RowView<Line>>(summary, kFields)
                                        : std::make_unique<RowView<Line>>(summary, with_values);
  for (size_t t = 0; t < summary.facts.tensors.size(); ++t) {
    const model::Tensor& tensor = summary.facts.tensors[t];
    if (options.filter != nullptr && !options.filter->Matches(tensor.name)) continue;
    view->lines.push_back({static_cast<model::TensorId>(t),
                           options.values == nullptr ? nullptr : &options.values->tensors[t]});
  }
  if (absl::Status sorted = view->SortBy(options.sort); !sorted.ok()) return sorted;
  return view;
}

}  // namespace hoarfrost::report
