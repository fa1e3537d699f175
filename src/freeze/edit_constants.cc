// Frozen tensors as Constant nodes.
//
//   before   graph { W = initializer; Y = Gemm(X, W) }
//   after    graph { W = Constant <value = ...> (); Y = Gemm(X, W) }
//
// Some consumers train every initializer, and none trains a constant. Frozen weights and the
// statistics that must not move become nodes at the very front of their graph. The stored values
// are moved as they are, by the kernel: the TensorProto, name and all, is the attribute's value.
//
// What stays an initializer: earlier ones of a name that is there again, and a name that a node
// puts out too (BatchNormalization of old writes its statistics in place); one of a subgraph that
// hides a name from around it; the inputs of a loop's body; what a training graph reads; and types
// that Constant does not take in the model's opset.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/text.h"
#include "freeze/edits.h"
#include "freeze/node_path.h"
#include "wire/field_scan.h"

namespace hoarfrost::freeze {
namespace {

using model::kNone;
using model::ScopeId;
using model::TensorId;
using onnx::TensorProto;

constexpr int64_t kOpsetSparseConstant = 11;  // Constant's attribute sparse_value

size_t Index(int32_t id) { return static_cast<size_t>(id); }

// The version of Constant that takes an element type (onnx/defs/generator).
int64_t ConstantTakes(int32_t dtype) {
  switch (dtype) {
    case TensorProto::FLOAT:
    case TensorProto::FLOAT16:
    case TensorProto::DOUBLE:
      return 1;
    case TensorProto::BFLOAT16:
      return 13;
    case TensorProto::FLOAT8E4M3FN:
    case TensorProto::FLOAT8E4M3FNUZ:
    case TensorProto::FLOAT8E5M2:
    case TensorProto::FLOAT8E5M2FNUZ:
      return 19;
    case TensorProto::INT4:
    case TensorProto::UINT4:
      return 21;
    case TensorProto::FLOAT4E2M1:
      return 23;
    default:
      // Types of today and tomorrow that are not listed: of the versions in which none was added.
      return dtype <= TensorProto::COMPLEX128 ? 9 : 25;
  }
}

struct Moved {
  TensorId tensor = kNone;
  uint32_t ordinal = 0;
  bool sparse = false;
};

class Mover {
 public:
  Mover(const EditContext& context, EditList& list)
      : context_(context), facts_(context.model.facts), list_(list) {
    by_scope_.resize(facts_.scopes.size());
  }

  absl::Status Run() {
    Choose();
    for (size_t s = 0; s < by_scope_.size(); ++s) {
      if (by_scope_[s].empty()) continue;
      if (absl::Status moved = Move(static_cast<ScopeId>(s)); !moved.ok()) return moved;
    }
    SayNotes();
    return absl::OkStatus();
  }

 private:
  void Choose() {
    for (size_t t = 0; t < facts_.tensors.size(); ++t) {
      const auto id = static_cast<TensorId>(t);
      const model::Tensor& tensor = facts_.tensors[t];
      if (!context_.outcome.frozen[t] && !context_.outcome.still[t]) continue;
      if (tensor.source == model::TensorSource::kConstantNode) continue;
      if (tensor.name.empty() || !context_.model.is_counted(id)) continue;
      const bool sparse = tensor.source == model::TensorSource::kSparseInitializer;
      const int64_t opset = facts_.opset(tensor.scope, "");
      const int64_t needs =
          std::max(ConstantTakes(tensor.dtype), sparse ? kOpsetSparseConstant : 1);
      const model::Value& value = facts_.values[Index(tensor.value)];
      const bool is_body_input = value.is_input && tensor.scope != 0;
      if (opset < needs || is_body_input || Shadows(tensor) || IsReadInTraining(tensor.value)) {
        ++kept_;
        continue;
      }
      by_scope_[Index(tensor.scope)].push_back({id, 0, sparse});
    }
  }

  // An initializer of a subgraph may hide a name from around it, a node's output may not.
  bool Shadows(const model::Tensor& tensor) const {
    const ScopeId around = facts_.scopes[Index(tensor.scope)].parent;
    return around != kNone && facts_.Resolve(around, tensor.name) != kNone;
  }

  bool IsReadInTraining(model::ValueId value) const {
    for (const model::Use& use : facts_.uses(value)) {
      const ScopeId root = facts_.scopes[Index(facts_.nodes[Index(use.node)].scope)].root;
      if (facts_.scopes[Index(root)].kind == model::ScopeKind::kTraining) return true;
    }
    return false;
  }

  // Where each lies in its list; those that share their name with another producer are left out.
  std::vector<Moved> Place(ScopeId scope) const {
    const onnx::GraphProto& graph = *facts_.scopes[Index(scope)].graph;
    base::ViewMap<int> makers;
    for (const onnx::TensorProto& tensor : graph.initializer()) ++makers[tensor.name()];
    for (const onnx::SparseTensorProto& tensor : graph.sparse_initializer()) {
      ++makers[tensor.values().name()];
    }
    for (const onnx::NodeProto& node : graph.node()) {
      for (const std::string& output : node.output()) ++makers[output];
    }
    base::ViewMap<uint32_t> dense;
    base::ViewMap<uint32_t> sparse;
    for (int i = 0; i < graph.initializer_size(); ++i) {
      dense.emplace(graph.initializer(i).name(), static_cast<uint32_t>(i));
    }
    for (int i = 0; i < graph.sparse_initializer_size(); ++i) {
      sparse.emplace(graph.sparse_initializer(i).values().name(), static_cast<uint32_t>(i));
    }
    std::vector<Moved> placed;
    for (Moved moved : by_scope_[Index(scope)]) {
      const std::string_view name = facts_.tensors[Index(moved.tensor)].name;
      const auto& ordinals = moved.sparse ? sparse : dense;
      const auto found = ordinals.find(name);
      if (found == ordinals.end() || makers.at(name) != 1) continue;
      moved.ordinal = found->second;
      placed.push_back(moved);
    }
    return placed;
  }

  absl::Status Move(ScopeId scope) {
    const std::vector<Moved> placed = Place(scope);
    kept_ += by_scope_[Index(scope)].size() - placed.size();
    if (placed.empty()) return absl::OkStatus();
    const wire::FieldPath graph = ScopePath(facts_, scope);
    std::vector<wire::Edit> erasures;
    for (const Moved& moved : placed) {
      wire::FieldPath path = graph;
      path.push_back({moved.sparse ? kGraphSparseInitializer : kGraphInitializer, moved.ordinal});
      erasures.push_back({wire::EditKind::kErase, std::move(path), ""});
    }
    // Only where they are is asked; nothing is changed yet.
    const absl::StatusOr<std::vector<wire::Change>> found =
        wire::FindChanges(context_.original, erasures);
    if (!found.ok()) return found.status();
    std::vector<wire::Span> spans(placed.size());
    for (const wire::Change& change : *found) {
      if (change.edit < spans.size()) spans[change.edit] = change.old;
    }

    wire::Edit nodes;
    wire::FieldScan scan(context_.original);
    for (size_t i = 0; i < placed.size(); ++i) {
      const model::Tensor& tensor = facts_.tensors[Index(placed[i].tensor)];
      wire::FieldAt field;
      absl::Status read = scan.Read(spans[i].offset, spans[i].offset + spans[i].length, field);
      if (!read.ok()) return read;
      AddNode(tensor.name, placed[i].sparse, field.value(), nodes);
      const std::string of = scope == 0 ? std::string(tensor.name) : "";
      list_.Add(std::move(erasures[i]), {kEditConstant, placed[i].ordinal, of});
    }
    moved_ += placed.size();
    nodes.path = graph;
    nodes.kind = wire::EditKind::kAppend;
    if (facts_.scopes[Index(scope)].node_count > 0) {
      nodes.kind = wire::EditKind::kInsertBefore;
      nodes.path.push_back({kGraphNode, 0});
    }
    list_.Add(std::move(nodes), {});
    return absl::OkStatus();
  }

  // A Constant node whose value has the bytes of `tensor`.
  static void AddNode(std::string_view output, bool sparse, wire::Span tensor, wire::Edit& edit) {
    std::string attribute;
    wire::AppendBytesField(kAttributeName, sparse ? "sparse_value" : "value", attribute);
    wire::AppendVarintField(
        kAttributeType, sparse ? onnx::AttributeProto::SPARSE_TENSOR : onnx::AttributeProto::TENSOR,
        attribute);
    wire::AppendBytesHead(sparse ? kAttributeSparseTensor : kAttributeTensor, tensor.length,
                          attribute);
    std::string node;
    wire::AppendBytesField(kNodeOutput, output, node);
    wire::AppendBytesField(kNodeOperator, "Constant", node);
    wire::AppendBytesHead(kNodeAttribute, attribute.size() + tensor.length, node);
    node += attribute;
    wire::AppendBytesHead(kGraphNode, node.size() + tensor.length, edit.bytes);
    edit.bytes += node;
    edit.insets.push_back({edit.bytes.size(), tensor});
  }

  void SayNotes() {
    if (moved_ > 0) {
      list_.notes.push_back(
          {model::Severity::kInfo,
           fmt::format(
               "{} frozen tensor{} Constant node{}: onnx2torch and onnx2pytorch refuse such "
               "a model",
               base::WithCommas(moved_), moved_ == 1 ? " is a" : "s are", moved_ == 1 ? "" : "s")});
    }
    if (kept_ > 0) {
      list_.notes.push_back(
          {model::Severity::kWarning,
           fmt::format("{} frozen tensor{} still initializer{}: read by training steps or a loop's "
                       "body, of a name that is there twice, or of a type that Constant does not "
                       "take in this opset",
                       base::WithCommas(kept_), kept_ == 1 ? " is" : "s are",
                       kept_ == 1 ? "" : "s")});
    }
  }

  const EditContext& context_;
  const model::Facts& facts_;
  EditList& list_;
  std::vector<std::vector<Moved>> by_scope_;
  uint64_t moved_ = 0;
  uint64_t kept_ = 0;
};

}  // namespace

absl::Status MakeConstants(const EditContext& context, EditList& list) {
  if (!context.plan.forms.constants) return absl::OkStatus();
  return Mover(context, list).Run();
}

}  // namespace hoarfrost::freeze
