#include "model/facts_builder.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace hoarfrost::model {
namespace {

template <typename T>
int32_t Id(const std::vector<T>& v) {
  return static_cast<int32_t>(v.size());
}

bool IsConstant(const onnx::NodeProto& node) {
  return node.op_type() == "Constant" && NormalDomain(node.domain()).empty();
}

// BatchNormalization of opset 1 and 6 names its mean and variance outputs like the inputs.
bool WritesInPlace(const onnx::NodeProto& node, std::string_view name) {
  return node.op_type() == "BatchNormalization" &&
         std::find(node.input().begin(), node.input().end(), name) != node.input().end();
}

}  // namespace

FactsBuilder::FactsBuilder(const wire::Skeleton& skeleton, const std::string& directory,
                           const std::string& model_file)
    : storage_(skeleton, directory, model_file) {
  facts_.skeleton = &skeleton;
}

Facts FactsBuilder::Build() {
  const onnx::ModelProto& model = facts_.model();
  ReadImports();
  for (int i = 0; i < model.functions_size(); ++i) {
    const onnx::FunctionProto& f = model.functions(i);
    const FunctionKey key{NormalDomain(f.domain()), f.name(), f.overload()};
    if (!functions_.emplace(key, i).second) {
      notes_.Add(NoteKind::kFunction, Severity::kWarning,
                 fmt::format("function {} of domain {} is defined twice; the first counts",
                             base::Quote(f.name()), base::Quote(f.domain())));
    }
  }

  const ScopeId main = OpenScope(ScopeKind::kMain, kNone, "");
  facts_.scopes[0].graph = &model.graph();
  const auto nodes = static_cast<size_t>(model.graph().node_size());
  const auto stored = static_cast<size_t>(model.graph().initializer_size());
  facts_.nodes.reserve(nodes);
  facts_.operands_.reserve(nodes * 3);
  facts_.values.reserve(nodes + stored);
  facts_.tensors.reserve(stored);
  facts_.names_.Reserve(nodes + stored);
  WalkFrom(main);
  for (int i = 0; i < model.functions_size(); ++i) {
    const onnx::FunctionProto& f = model.functions(i);
    std::string path = fmt::format("function:{}::{}", f.domain(), f.name());
    if (!f.overload().empty()) path += ":" + f.overload();
    const ScopeId scope = OpenScope(ScopeKind::kFunction, kNone, std::move(path));
    Scope& s = facts_.scopes.back();
    s.function = &f;
    s.imports = i + 1;
    const auto& imports = facts_.opsets_[static_cast<size_t>(i + 1)];
    const auto found = imports.find(std::string_view());
    s.onnx_opset = found != imports.end() ? found->second : 0;
    function_scopes_.push_back(scope);
    WalkFrom(scope);
  }
  AddTraining();

  facts_.subgraphs_begin_.push_back(Id(facts_.subgraphs_));
  facts_.scope_values_begin_.push_back(Id(facts_.scope_values_));
  for (Node& node : facts_.nodes) {
    if (node.calls != kNone) node.calls = function_scopes_[static_cast<size_t>(node.calls)];
  }
  CollectUses();
  JoinFlows();
  CheckVersions();
  NoteUndefined();
  CheckOrder();
  CheckCalls();
  for (const auto& [location, file] : missing_) {
    notes_.Add(NoteKind::kMissingFile, Severity::kWarning,
               fmt::format("data file {} is missing: the bytes of {} {} there", location,
                           file.first_tensor,
                           file.tensors == 1 ? "should be"
                                             : fmt::format("and {} more tensors should be",
                                                           base::WithCommas(file.tensors - 1))));
  }
  facts_.notes = notes_.Take();
  return std::move(facts_);
}

ScopeId FactsBuilder::OpenScope(ScopeKind kind, ScopeId parent, std::string path) {
  const ScopeId id = Id(facts_.scopes);
  Scope scope;
  scope.kind = kind;
  scope.parent = parent;
  scope.root = id;
  // Two functions of one name, for which there is no better word.
  if (kind == ScopeKind::kFunction) {
    for (int i = 1; !paths_.insert(path).second; ++i) path += fmt::format("[{}]", i);
  }
  scope.path = std::move(path);
  const auto found = facts_.opsets_[0].find(std::string_view());
  scope.onnx_opset = found != facts_.opsets_[0].end() ? found->second : 0;
  facts_.scopes.push_back(std::move(scope));
  return id;
}

void FactsBuilder::OpenSubgraphs(NodeId node) {
  for (const onnx::AttributeProto& a : facts_.nodes[static_cast<size_t>(node)].proto->attribute()) {
    if (a.has_g()) OpenSubgraph(node, a.g(), a.name(), -1);
    for (int i = 0; i < a.graphs_size(); ++i) OpenSubgraph(node, a.graphs(i), a.name(), i);
  }
}

void FactsBuilder::OpenSubgraph(NodeId node, const onnx::GraphProto& graph,
                                std::string_view attribute, int index) {
  const Node& n = facts_.nodes[static_cast<size_t>(node)];
  const Scope& outer = facts_.scopes[static_cast<size_t>(n.scope)];
  const std::string prefix = outer.path.empty() ? "" : outer.path + "/";
  const std::string suffix =
      index < 0 ? std::string(attribute) : fmt::format("{}[{}]", attribute, index);
  const std::string numbered = fmt::format(
      "{}[{}]", n.proto->name().empty() ? n.proto->op_type() : n.proto->name(), n.index);
  std::string path = prefix + (n.proto->name().empty() ? numbered : n.proto->name()) + "." + suffix;
  if (!paths_.insert(path).second) {
    path = prefix + numbered + "." + suffix;
    for (int i = 1; !paths_.insert(path).second; ++i) path += fmt::format("[{}]", i);
  }
  const ScopeId root = outer.root;
  const int32_t imports = outer.imports;
  const int64_t onnx_opset = outer.onnx_opset;
  const ScopeId id = OpenScope(ScopeKind::kSubgraph, n.scope, std::move(path));
  Scope& scope = facts_.scopes.back();
  scope.root = root;
  scope.imports = imports;
  scope.onnx_opset = onnx_opset;
  scope.owner = node;
  scope.graph = &graph;
  facts_.subgraphs_.push_back(id);
}

void FactsBuilder::WalkFrom(ScopeId root) {
  // Scopes opened on the way are appended, so that this loop is the work list.
  for (ScopeId s = root; s < Id(facts_.scopes); ++s) WalkScope(s);
}

void FactsBuilder::WalkScope(ScopeId scope) {
  const onnx::GraphProto* graph = facts_.scopes[static_cast<size_t>(scope)].graph;
  const onnx::FunctionProto* function = facts_.scopes[static_cast<size_t>(scope)].function;
  facts_.scope_values_begin_.push_back(Id(facts_.scope_values_));
  if (graph != nullptr) {
    DefineGraphInputs(scope, graph->input());
    AddInitializers(scope, *graph);
    AddNodes(scope, graph->node());
    ResolvePending(scope);
    facts_.scope_values_begin_.push_back(Id(facts_.scope_values_));
    for (const onnx::ValueInfoProto& output : graph->output()) {
      AddScopeOutput(scope, output.name(), &output);
    }
    AttachInfo(scope, graph->value_info());
    MarkAnnotated(scope, *graph);
  } else {
    DefineFunctionInputs(scope, function->input());
    AddNodes(scope, function->node());
    ResolvePending(scope);
    facts_.scope_values_begin_.push_back(Id(facts_.scope_values_));
    for (const std::string& output : function->output()) AddScopeOutput(scope, output, nullptr);
    AttachInfo(scope, function->value_info());
  }
}

ValueId FactsBuilder::NewValue(ScopeId scope, std::string_view name) {
  const ValueId id = Id(facts_.values);
  Value value;
  value.name = name;
  value.scope = scope;
  facts_.values.push_back(value);
  return id;
}

std::pair<ValueId, bool> FactsBuilder::Define(NameTable::Key key, ScopeId scope,
                                              std::string_view name) {
  return facts_.names_.FindOrEnter(facts_.values, key, scope, name,
                                   [&] { return NewValue(scope, name); });
}

std::pair<ValueId, bool> FactsBuilder::Define(ScopeId scope, std::string_view name) {
  return Define(NameTable::KeyOf(scope, name), scope, name);
}

void FactsBuilder::DefineGraphInputs(ScopeId scope, const ValueInfos& inputs) {
  for (const onnx::ValueInfoProto& input : inputs) {
    ValueId v = kNone;
    if (!input.name().empty()) {
      const auto [value, fresh] = Define(scope, input.name());
      v = value;
      if (fresh) {
        facts_.values.back().is_input = true;
        facts_.values.back().info = &input;
      } else {
        notes_.Add(NoteKind::kDuplicate, Severity::kWarning,
                   fmt::format("graph input {} is declared twice{}", base::Quote(input.name()),
                               ScopeText(scope)));
      }
    }
    facts_.scope_values_.push_back(v);
  }
}

void FactsBuilder::DefineFunctionInputs(ScopeId scope, const Strings& inputs) {
  for (const std::string& input : inputs) {
    ValueId v = kNone;
    if (!input.empty()) {
      const auto [value, fresh] = Define(scope, input);
      v = value;
      if (fresh) {
        facts_.values.back().is_input = true;
      } else {
        notes_.Add(NoteKind::kDuplicate, Severity::kWarning,
                   fmt::format("function input {} is declared twice{}", base::Quote(input),
                               ScopeText(scope)));
      }
    }
    facts_.scope_values_.push_back(v);
  }
}

void FactsBuilder::AddNodes(ScopeId scope, const NodeProtos& protos) {
  facts_.scopes[static_cast<size_t>(scope)].first_node = Id(facts_.nodes);
  facts_.scopes[static_cast<size_t>(scope)].node_count = protos.size();
  constexpr int kBatch = 16;
  for (int begin = 0; begin < protos.size(); begin += kBatch) {
    const int end = std::min(begin + kBatch, protos.size());
    keys_.clear();
    const auto prepare = [&](const std::string& name) {
      keys_.push_back(NameTable::KeyOf(scope, name));
      facts_.names_.Prefetch(keys_.back());
    };
    for (int i = begin; i < end; ++i) {
      for (const std::string& name : protos[i].input()) prepare(name);
      for (const std::string& name : protos[i].output()) prepare(name);
    }
    const NameTable::Key* keys = keys_.data();
    for (int i = begin; i < end; ++i) {
      AddNode(scope, i, protos[i], keys);
      keys += protos[i].input_size() + protos[i].output_size();
    }
  }
}

void FactsBuilder::AddNode(ScopeId scope, int index, const onnx::NodeProto& proto,
                           const NameTable::Key* keys) {
  const NodeId id = Id(facts_.nodes);
  Node node;
  node.proto = &proto;
  node.scope = scope;
  node.index = index;
  node.op = OperatorOf(proto);
  node.first_operand = Id(facts_.operands_);
  node.input_count = proto.input_size();
  node.output_count = proto.output_size();
  if (!functions_.empty()) {
    const auto found =
        functions_.find({NormalDomain(proto.domain()), proto.op_type(), proto.overload()});
    if (found != functions_.end()) node.calls = found->second;
  }
  facts_.nodes.push_back(node);
  for (int k = 0; k < node.input_count; ++k, ++keys) {
    const std::string& name = proto.input(k);
    const ValueId v = name.empty() ? kNone : facts_.names_.Find(facts_.values, *keys, scope, name);
    facts_.operands_.push_back(v);
    if (v == kNone && !name.empty()) pending_.push_back({id, k});
  }
  for (int k = 0; k < node.output_count; ++k, ++keys) {
    facts_.operands_.push_back(DefineOutput(id, *keys, proto.output(k), k));
  }
  facts_.subgraphs_begin_.push_back(Id(facts_.subgraphs_));
  if (proto.attribute_size() > 0) OpenSubgraphs(id);
  if (node.calls == kNone && IsConstant(proto)) {
    AddConstant(id, node.output_count > 0 ? facts_.outputs(id)[0] : kNone);
  }
  CheckDomain(scope, proto.domain());
}

// Models have few operators and many nodes: nearly all are found by a look at three letters.
int32_t FactsBuilder::OperatorOf(const onnx::NodeProto& proto) {
  const std::string_view type = proto.op_type();
  const std::string_view domain = NormalDomain(proto.domain());
  const auto is = [&](int32_t op) {
    const NodeOperator& known = facts_.operators[static_cast<size_t>(op)];
    return known.type == type && known.domain == domain;
  };
  size_t letters = type.size();
  if (!type.empty()) {
    letters = letters * 31 + static_cast<uint8_t>(type.front());
    letters = letters * 31 + static_cast<uint8_t>(type[type.size() / 2]);
    letters = letters * 31 + static_cast<uint8_t>(type.back());
  }
  int32_t& recent = recent_operators_[letters % recent_operators_.size()];
  if (recent != 0 && is(recent - 1)) return recent - 1;
  std::vector<int32_t>& same_type = operators_[type];
  const auto found = std::find_if(same_type.begin(), same_type.end(), is);
  int32_t op = found == same_type.end() ? kNone : *found;
  if (op == kNone) {
    op = Id(facts_.operators);
    facts_.operators.push_back({domain, type});
    same_type.push_back(op);
  }
  recent = op + 1;
  return op;
}

ValueId FactsBuilder::DefineOutput(NodeId node, NameTable::Key key, std::string_view name,
                                   int32_t index) {
  if (name.empty()) return kNone;
  const Node& n = facts_.nodes[static_cast<size_t>(node)];
  const auto [v, fresh] = Define(key, n.scope, name);
  if (fresh) {
    facts_.values.back().producer = node;
    facts_.values.back().output = index;
    return v;
  }
  const Value& value = facts_.values[static_cast<size_t>(v)];
  if (value.producer != kNone) {
    notes_.Add(
        NoteKind::kDuplicate, Severity::kWarning,
        fmt::format("{} is output by two nodes, {} and {}{}; the first counts", base::Quote(name),
                    NodeText(value.producer), NodeText(node), ScopeText(n.scope)));
  } else if (!WritesInPlace(*n.proto, name)) {
    notes_.Add(NoteKind::kDuplicate, Severity::kWarning,
               fmt::format("{} is defined more than once: as {} and as an output of {}{}",
                           base::Quote(name), value.tensor != kNone ? "an initializer" : "an input",
                           NodeText(node), ScopeText(n.scope)));
  }
  return v;
}

ValueId FactsBuilder::Find(ScopeId scope, std::string_view name) const {
  for (ScopeId s = scope; s != kNone; s = facts_.scopes[static_cast<size_t>(s)].parent) {
    const ValueId v = facts_.names_.Find(facts_.values, s, name);
    if (v != kNone) return v;
  }
  return kNone;
}

void FactsBuilder::ResolvePending(ScopeId scope) {
  for (const PendingRead& read : pending_) {
    const Node& node = facts_.nodes[static_cast<size_t>(read.node)];
    const std::string_view name = node.proto->input(read.slot);
    ValueId v = Find(scope, name);
    if (v == kNone) v = NewDangling(scope, name, read.node);
    facts_.operands_[static_cast<size_t>(node.first_operand + read.slot)] = v;
    CheckRead(read.node, v);
  }
  pending_.clear();
}

void FactsBuilder::AddScopeOutput(ScopeId scope, std::string_view name,
                                  const onnx::ValueInfoProto* info) {
  if (name.empty()) {
    facts_.scope_values_.push_back(kNone);
    return;
  }
  ValueId v = Find(scope, name);
  if (v == kNone) v = NewDangling(scope, name, kNone);
  facts_.scope_values_.push_back(v);
  Value& value = facts_.values[static_cast<size_t>(v)];
  if (value.scope != scope) {
    value.read_elsewhere = true;
    return;
  }
  value.is_output = true;
  if (value.info == nullptr || !value.info->has_type()) value.info = info;
}

void FactsBuilder::AttachInfo(ScopeId scope, const ValueInfos& infos) {
  for (const onnx::ValueInfoProto& info : infos) {
    const ValueId v = facts_.names_.Find(facts_.values, scope, info.name());
    if (v == kNone) continue;  // left over from an optimizer: harmless
    Value& value = facts_.values[static_cast<size_t>(v)];
    if (value.info == nullptr || !value.info->has_type()) value.info = &info;
  }
}

void FactsBuilder::MarkAnnotated(ScopeId scope, const onnx::GraphProto& graph) {
  const auto mark = [&](std::string_view name) {
    const ValueId v = name.empty() ? kNone : Find(scope, name);
    if (v != kNone) facts_.values[static_cast<size_t>(v)].read_elsewhere = true;
  };
  for (const onnx::TensorAnnotation& annotation : graph.quantization_annotation()) {
    mark(annotation.tensor_name());
    for (const auto& entry : annotation.quant_parameter_tensor_names()) mark(entry.value());
  }
}

void FactsBuilder::AddTraining() {
  const onnx::ModelProto& model = facts_.model();
  for (int i = 0; i < model.training_info_size(); ++i) {
    const onnx::TrainingInfoProto& info = model.training_info(i);
    if (info.has_initialization()) {
      const ScopeId scope = OpenScope(ScopeKind::kTraining, kNone,
                                      fmt::format("training_info[{}].initialization", i));
      facts_.scopes.back().graph = &info.initialization();
      WalkFrom(scope);
    }
    ScopeId algorithm = 0;
    if (info.has_algorithm()) {
      algorithm = OpenScope(ScopeKind::kTraining, 0, fmt::format("training_info[{}].algorithm", i));
      facts_.scopes.back().graph = &info.algorithm();
      WalkFrom(algorithm);
    }
    MarkBindings(algorithm, info);
  }
}

void FactsBuilder::MarkBindings(ScopeId scope, const onnx::TrainingInfoProto& info) {
  const auto mark = [&](std::string_view name) {
    const ValueId v = name.empty() ? kNone : Find(scope, name);
    if (v != kNone) facts_.values[static_cast<size_t>(v)].read_elsewhere = true;
  };
  for (const auto& binding : info.initialization_binding()) mark(binding.key());
  for (const auto& binding : info.update_binding()) {
    mark(binding.key());
    mark(binding.value());
  }
}

ValueId FactsBuilder::NewDangling(ScopeId scope, std::string_view name, NodeId reader) {
  const ValueId v = Define(scope, name).first;
  facts_.values.back().dangling = true;
  constexpr size_t kNamed = 3;
  if (++undefined_count_ <= kNamed) {
    undefined_.push_back(fmt::format("{} ({}{})", base::Quote(name),
                                     reader == kNone ? "an output" : "read by " + NodeText(reader),
                                     ScopeText(scope)));
  }
  return v;
}

void FactsBuilder::NoteUndefined() {
  if (undefined_count_ == 0) return;
  const bool more = undefined_count_ > undefined_.size();
  notes_.Add(NoteKind::kUndefined, Severity::kWarning,
             fmt::format("{} used, but defined nowhere: {}{}",
                         undefined_count_ == 1 ? "1 name is"
                                               : base::WithCommas(undefined_count_) + " names are",
                         fmt::join(undefined_, ", "), more ? ", ..." : ""));
}

void FactsBuilder::CollectUses() {
  std::vector<int32_t>& begin = facts_.uses_begin_;
  begin.assign(facts_.values.size() + 1, 0);
  for (const Node& node : facts_.nodes) {
    for (int k = 0; k < node.input_count; ++k) {
      const ValueId v = facts_.operands_[static_cast<size_t>(node.first_operand + k)];
      if (v != kNone) ++begin[static_cast<size_t>(v) + 1];
    }
  }
  for (size_t v = 0; v < facts_.values.size(); ++v) begin[v + 1] += begin[v];
  std::vector<int32_t> next(begin.begin(), begin.end() - 1);
  facts_.uses_.resize(static_cast<size_t>(begin.back()));
  for (NodeId n = 0; n < Id(facts_.nodes); ++n) {
    const Node& node = facts_.nodes[static_cast<size_t>(n)];
    for (int k = 0; k < node.input_count; ++k) {
      const ValueId v = facts_.operands_[static_cast<size_t>(node.first_operand + k)];
      if (v != kNone) {
        facts_.uses_[static_cast<size_t>(next[static_cast<size_t>(v)]++)] = {n, k};
      }
    }
  }
}

std::string FactsBuilder::NodeText(NodeId node) const {
  const Node& n = facts_.nodes[static_cast<size_t>(node)];
  return n.proto->name().empty()
             ? fmt::format("node {}[{}]", base::Escape(n.proto->op_type()), n.index)
             : fmt::format("{} node {}", base::Escape(n.proto->op_type()),
                           base::Quote(n.proto->name()));
}

std::string FactsBuilder::ScopeText(ScopeId scope) const {
  const std::string& path = facts_.scopes[static_cast<size_t>(scope)].path;
  return path.empty() ? std::string() : fmt::format(" (in {})", base::Quote(path));
}

}  // namespace hoarfrost::model
