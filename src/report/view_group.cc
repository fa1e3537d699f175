// Rows by operator and by element type: tensors added up under the operator that decided their
// role (else the first that reads them), or under their type.
#include "base/checked.h"
#include "base/hash.h"
#include "payload/dtype.h"
#include "report/view_rows.h"

namespace hoarfrost::report {
namespace {

using base::SaturatingAdd;
using model::kNone;
using model::NodeId;
using model::TensorId;
using summary::Summary;

struct Line {
  std::string name;  // not escaped
  uint64_t nodes = 0;
  uint64_t tensors = 0;
  uint64_t elements = 0;
  uint64_t parameters = 0;
  uint64_t trainable = 0;
  uint64_t non_trainable = 0;
  uint64_t bytes = 0;  // of the parameters
};

void Add(const Summary& summary, TensorId t, Line& line) {
  ++line.tensors;
  if (!summary.is_counted(t)) return;
  line.elements = SaturatingAdd(line.elements, summary.tensor(t).elements);
  if (!summary.is_parameter(t)) return;
  const uint64_t n = summary.elements(t);
  uint64_t& part = summary.is_trainable(t) ? line.trainable : line.non_trainable;
  part = SaturatingAdd(part, n);
  line.parameters = SaturatingAdd(line.parameters, n);
  line.bytes = SaturatingAdd(line.bytes, summary.tensor(t).bytes);
}

template <uint64_t Line::* member>
uint64_t Get(const Summary&, const Line& line) {
  return line.*member;
}

std::string EscapedName(const Summary&, const Line& line) {
  return line.name.empty() ? "(none)" : base::Escape(line.name);
}

std::string TrainableText(const Summary&, const Line& line) {
  return TrainableWord(line.trainable, line.non_trainable);
}

constexpr Field<Line> kOperatorFields[] = {
    {{"operator", "Operator", Audience::kBoth, false, true, 0}, EscapedName},
    {{"nodes", "Nodes", Audience::kBoth, true, false, 2}, nullptr, Get<&Line::nodes>},
    {{"tensors", "Tensors", Audience::kBoth, true, false, 1}, nullptr, Get<&Line::tensors>},
    {{"parameters", "Param #", Audience::kBoth, true}, nullptr, Get<&Line::parameters>},
    {{"trainable", "", Audience::kPrograms, true}, nullptr, Get<&Line::trainable>},
    {{"non_trainable", "", Audience::kPrograms, true}, nullptr, Get<&Line::non_trainable>},
    {{"", "Trainable", Audience::kPeople, false, false, 3}, TrainableText},
};

constexpr Field<Line> kDtypeFields[] = {
    {{"dtype", "Type", Audience::kBoth, false, true, 0}, EscapedName},
    {{"tensors", "Tensors", Audience::kBoth, true, false, 1}, nullptr, Get<&Line::tensors>},
    {{"elements", "Elements", Audience::kBoth, true, false, 2}, nullptr, Get<&Line::elements>},
    {{"parameters", "Param #", Audience::kBoth, true}, nullptr, Get<&Line::parameters>},
    {{"trainable", "", Audience::kPrograms, true}, nullptr, Get<&Line::trainable>},
    {{"non_trainable", "", Audience::kPrograms, true}, nullptr, Get<&Line::non_trainable>},
    {{"", "Trainable", Audience::kPeople, false, false, 4}, TrainableText},
    {{"bytes", "Bytes", Audience::kBoth, true, false, 3}, nullptr, Get<&Line::bytes>},
};

// Lines by name, in the order they were first asked for.
class Lines {
 public:
  Line& operator[](std::string_view name) {
    const auto [found, added] = index_.try_emplace(std::string(name), lines.size());
    if (added) lines.push_back({.name = std::string(name)});
    return lines[found->second];
  }
  std::vector<Line> lines;

 private:
  absl::flat_hash_map<std::string, size_t> index_;
};

std::string OperatorName(const onnx::NodeProto& node) {
  const bool plain = node.domain().empty() || node.domain() == "ai.onnx";
  return plain ? node.op_type() : fmt::format("{}::{}", node.domain(), node.op_type());
}

NodeId DecidingNode(const Summary& summary, TensorId t) {
  const roles::TensorRole& role = summary.role(t);
  if (role.decided_by.node != kNone) return role.decided_by.node;
  const model::ValueId value = summary.tensor(t).value;
  if (value == kNone || summary.facts.uses(value).empty()) return kNone;
  return summary.facts.uses(value)[0].node;
}

absl::StatusOr<std::unique_ptr<View>> Finish(const Summary& summary, const ViewOptions& options,
                                             absl::Span<const Field<Line>> fields,
                                             std::vector<Line> lines) {
  auto view = std::make_unique<RowView<Line>>(summary, fields);
  for (Line& line : lines) {
    if (options.filter != nullptr && !options.filter->Matches(line.name)) continue;
    view->lines.push_back(std::move(line));
  }
  const std::string sort = options.sort.empty() ? "parameters" : options.sort;
  if (absl::Status sorted = view->SortBy(sort); !sorted.ok()) return sorted;
  return view;
}

}  // namespace

absl::StatusOr<std::unique_ptr<View>> OperatorView(const Summary& summary,
                                                   const ViewOptions& options) {
  Lines lines;
  for (const model::Node& node : summary.facts.nodes) ++lines[OperatorName(*node.proto)].nodes;
  for (size_t i = 0; i < summary.facts.tensors.size(); ++i) {
    const TensorId t = static_cast<TensorId>(i);
    const NodeId node = DecidingNode(summary, t);
    const auto* proto =
        node == kNone ? nullptr : summary.facts.nodes[static_cast<size_t>(node)].proto;
    Add(summary, t, lines[proto == nullptr ? std::string() : OperatorName(*proto)]);
  }
  return Finish(summary, options, kOperatorFields, std::move(lines.lines));
}

absl::StatusOr<std::unique_ptr<View>> DtypeView(const Summary& summary,
                                                const ViewOptions& options) {
  Lines lines;
  for (size_t i = 0; i < summary.facts.tensors.size(); ++i) {
    Add(summary, static_cast<TensorId>(i),
        lines[payload::DtypeName(summary.facts.tensors[i].dtype)]);
  }
  return Finish(summary, options, kDtypeFields, std::move(lines.lines));
}

}  // namespace hoarfrost::report
