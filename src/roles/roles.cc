#include "roles/roles.h"

#include <string>
#include <utility>

#include "base/text.h"
#include "roles/decide.h"
#include "roles/framework.h"
#include "roles/graph_view.h"
#include "roles/patterns.h"
#include "roles/stated.h"
#include "roles/trace.h"
#include "roles/trained_attributes.h"

namespace hoarfrost::roles {

const char* RoleName(Role role) {
  switch (role) {
    case Role::kWeight:
      return "weight";
    case Role::kStatistic:
      return "statistic";
    case Role::kQuantization:
      return "quantization";
    case Role::kConstant:
      return "constant";
    case Role::kUnused:
      return "unused";
  }
  return "constant";
}

const char* ReasonName(ReasonKind kind) {
  switch (kind) {
    case ReasonKind::kStated:
      return "stated";
    case ReasonKind::kOperator:
      return "operator";
    case ReasonKind::kTraced:
      return "traced";
    case ReasonKind::kPattern:
      return "pattern";
    case ReasonKind::kName:
      return "name";
    case ReasonKind::kAssumed:
      return "assumed";
  }
  return "assumed";
}

namespace {

// "weight of one use, statistic of another": said once per tensor.
void NoteTwoRoles(const model::Tensor& t, Role role, uint8_t strong,
                  std::vector<model::Note>& out) {
  constexpr Role kCounted[] = {Role::kStatistic, Role::kQuantization};
  if (role != Role::kWeight && role != Role::kStatistic) return;
  for (const Role other : kCounted) {
    if (other == role || (strong >> static_cast<unsigned>(other) & 1u) == 0) continue;
    out.push_back({model::Severity::kInfo, "tensor " + base::Quote(t.name) + " is read as " +
                                               RoleName(role) + " and as " + RoleName(other) +
                                               "; counted as " + RoleName(role)});
    return;
  }
}

}  // namespace

Classification Classify(const model::Facts& facts, const model::Layers& layers,
                        const std::vector<Planned>& planned) {
  Classification out;
  const GraphView view(facts);
  const Marks marks = FindPatterns(view, layers.exporter);
  const Traced traced = Trace(view, marks);
  const StatedSources stated(facts);
  const Decider decider(view, traced, stated, layers.exporter);
  out.tensors.reserve(facts.tensors.size());
  for (size_t i = 0; i < facts.tensors.size(); ++i) {
    const auto id = static_cast<model::TensorId>(i);
    out.tensors.push_back(decider.Decide(id));
    const model::Tensor& t = facts.tensors[i];
    if (i < planned.size()) TakeRoleOfPlan(planned[i], t, out.tensors.back());
    if (t.value != model::kNone) {
      NoteTwoRoles(t, out.tensors.back().role, traced.strong_roles[static_cast<size_t>(t.value)],
                   out.notes);
    }
  }
  out.trained_attributes = FindTrainedAttributes(facts);
  out.framework = CountInFramework(facts, layers, out.tensors, out.candidates);
  if (out.framework) {
    for (model::Note& note : HowToKeepStatistics(layers, *out.framework)) {
      out.notes.push_back(std::move(note));
    }
  }
  return out;
}

}  // namespace hoarfrost::roles
