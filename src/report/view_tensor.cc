// Rows by stored tensor, of every role.
#include "payload/dtype.h"
#include "report/names.h"
#include "report/view_rows.h"

namespace hoarfrost::report {
namespace {

using model::TensorId;
using summary::Summary;

std::string Scope(const Summary& s, const TensorId& t) {
  return base::Escape(s.facts.scopes[static_cast<size_t>(s.tensor(t).scope)].path);
}

std::string Name(const Summary& s, const TensorId& t) { return base::Escape(s.tensor(t).name); }

std::string ScopeAndName(const Summary& s, const TensorId& t) {
  const std::string scope = Scope(s, t);
  return scope.empty() ? Name(s, t) : fmt::format("{}/{}", scope, Name(s, t));
}

std::string Dtype(const Summary& s, const TensorId& t) {
  return payload::DtypeName(s.tensor(t).dtype);
}

std::string Shape(const Summary& s, const TensorId& t) {
  return fmt::format("({})", fmt::join(s.tensor(t).dims, ", "));
}

std::string Role(const Summary& s, const TensorId& t) { return roles::RoleName(s.role(t).role); }

std::string Layer(const Summary& s, const TensorId& t) {
  const model::LayerId layer = s.layers.tensor_layer[static_cast<size_t>(t)];
  return layer == model::kNone ? ""
                               : base::Escape(s.layers.layers[static_cast<size_t>(layer)].path);
}

uint64_t Parameters(const Summary& s, const TensorId& t) {
  return s.is_counted(t) && s.is_parameter(t) ? s.elements(t) : 0;
}

uint64_t Trainable(const Summary& s, const TensorId& t) {
  return s.is_trainable(t) ? Parameters(s, t) : 0;
}

std::string TrainableText(const Summary& s, const TensorId& t) {
  if (s.is_trainable(t)) return "yes";
  if (s.is_frozen(t)) return "frozen";
  return s.is_parameter(t) ? "no" : "-";
}

constexpr Field<TensorId> kFields[] = {
    {{"", "Tensor", Audience::kPeople, false, true, 0}, ScopeAndName},
    {{"name", "", Audience::kPrograms}, Name},
    {{"scope", "", Audience::kPrograms}, Scope},
    {{"source", "", Audience::kPrograms},
     [](const Summary& s, const TensorId& t) {
       return std::string(SourceName(s.tensor(t).source));
     }},
    {{"dtype", "Type", Audience::kBoth, false, false, 2}, Dtype},
    {{"shape", "Shape", Audience::kBoth, false, false, 3}, Shape},
    {{"elements", "Elements", Audience::kBoth, true},
     nullptr,
     [](const Summary& s, const TensorId& t) { return s.tensor(t).elements; }},
    {{"bytes", "", Audience::kPrograms, true},
     nullptr,
     [](const Summary& s, const TensorId& t) { return s.tensor(t).bytes; }},
    {{"role", "Role", Audience::kBoth}, Role},
    {{"", "Trainable", Audience::kPeople, false, false, 4}, TrainableText},
    {{"parameters", "", Audience::kPrograms, true}, nullptr, Parameters},
    {{"trainable", "", Audience::kPrograms, true}, nullptr, Trainable},
    {{"non_trainable", "", Audience::kPrograms, true},
     nullptr,
     [](const Summary& s, const TensorId& t) { return Parameters(s, t) - Trainable(s, t); }},
    {{"frozen", "", Audience::kPrograms},
     [](const Summary& s, const TensorId& t) {
       return std::string(s.is_frozen(t) ? "true" : "false");
     }},
    {{"used", "", Audience::kPrograms},
     [](const Summary& s, const TensorId& t) {
       return std::string(s.role(t).used ? "true" : "false");
     }},
    {{"layer", "", Audience::kPrograms}, Layer},
    {{"reason_kind", "Reason", Audience::kBoth, false, false, 1},
     [](const Summary& s, const TensorId& t) {
       return std::string(roles::ReasonName(s.role(t).kind));
     }},
    {{"reason", "", Audience::kPrograms},
     [](const Summary& s, const TensorId& t) { return base::Escape(s.role(t).text); }},
};

}  // namespace

absl::StatusOr<std::unique_ptr<View>> TensorView(const Summary& summary,
                                                 const ViewOptions& options) {
  auto view = std::make_unique<RowView<TensorId>>(summary, kFields);
  for (size_t t = 0; t < summary.facts.tensors.size(); ++t) {
    const model::Tensor& tensor = summary.facts.tensors[t];
    if (options.filter != nullptr && !options.filter->Matches(tensor.name)) continue;
    view->lines.push_back(static_cast<TensorId>(t));
  }
  if (absl::Status sorted = view->SortBy(options.sort); !sorted.ok()) return sorted;
  return view;
}

}  // namespace hoarfrost::report
