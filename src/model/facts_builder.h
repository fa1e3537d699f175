// How Facts are built: one walk over all scopes with a work list, then joins over flat arrays.
// Internal to src/model.
#ifndef HOARFROST_MODEL_FACTS_BUILDER_H_
#define HOARFROST_MODEL_FACTS_BUILDER_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "model/facts.h"
#include "model/notes.h"
#include "payload/storage.h"

namespace hoarfrost::model {

class FactsBuilder {
 public:
  FactsBuilder(const wire::Skeleton& skeleton, const std::string& directory,
               const std::string& model_file);
  Facts Build();

 private:
  using Strings = google::protobuf::RepeatedPtrField<std::string>;
  using ValueInfos = google::protobuf::RepeatedPtrField<onnx::ValueInfoProto>;
  using NodeProtos = google::protobuf::RepeatedPtrField<onnx::NodeProto>;

  // facts_builder.cc: scopes, values, nodes.
  ScopeId OpenScope(ScopeKind kind, ScopeId parent, std::string path);
  void OpenSubgraphs(NodeId node);
  void OpenSubgraph(NodeId node, const onnx::GraphProto& graph, std::string_view attribute,
                    int index);
  void WalkFrom(ScopeId root);
  void WalkScope(ScopeId scope);
  void DefineGraphInputs(ScopeId scope, const ValueInfos& inputs);
  void DefineFunctionInputs(ScopeId scope, const Strings& inputs);
  void AddNodes(ScopeId scope, const NodeProtos& protos);
  void AddNode(ScopeId scope, int index, const onnx::NodeProto& proto, const NameTable::Key* keys);
  void ResolvePending(ScopeId scope);
  void AddScopeOutput(ScopeId scope, std::string_view name, const onnx::ValueInfoProto* info);
  void AttachInfo(ScopeId scope, const ValueInfos& infos);
  void MarkAnnotated(ScopeId scope, const onnx::GraphProto& graph);
  void AddTraining();
  void MarkBindings(ScopeId scope, const onnx::TrainingInfoProto& info);
  int32_t OperatorOf(const onnx::NodeProto& proto);
  ValueId NewValue(ScopeId scope, std::string_view name);
  std::pair<ValueId, bool> Define(NameTable::Key key, ScopeId scope, std::string_view name);
  std::pair<ValueId, bool> Define(ScopeId scope, std::string_view name);  // true: it is new
  ValueId DefineOutput(NodeId node, NameTable::Key key, std::string_view name, int32_t index);
  ValueId Find(ScopeId scope, std::string_view name) const;  // outwards, dangling ones too
  ValueId NewDangling(ScopeId scope, std::string_view name, NodeId reader);  // kNone: an output
  void NoteUndefined();
  void CollectUses();

  // tensors.cc
  void AddInitializers(ScopeId scope, const onnx::GraphProto& graph);
  void AddConstant(NodeId node, ValueId value);
  void AddInitializer(NameTable::Key key, ScopeId scope, const onnx::TensorProto& proto);
  TensorId AddTensor(NameTable::Key key, Tensor tensor, payload::StorageReport report);
  void NoteProblems(const Tensor& tensor, const payload::StorageReport& report);
  void CompareWithInput(const Tensor& tensor);

  // flows.cc
  void JoinFlows();
  void JoinCall(NodeId node);
  void JoinIf(NodeId node);
  void JoinLoop(NodeId node);
  void JoinScan(NodeId node);
  void JoinSequenceMap(NodeId node);
  void Join(ValueId from, ValueId to, NodeId via, FlowKind kind);

  // order.cc
  NodeId AncestorIn(ScopeId scope, NodeId node) const;
  void CheckRead(NodeId reader, ValueId value);
  void CheckOrder();
  void CheckCalls();

  // versions.cc
  void ReadImports();
  void CheckVersions();
  void CheckDomain(ScopeId scope, std::string_view domain);

  // Words for notes.
  std::string NodeText(NodeId node) const;
  std::string ScopeText(ScopeId scope) const;  // "" or " in 'PATH'"

  struct FunctionKey {
    std::string_view domain;
    std::string_view name;
    std::string_view overload;
    friend bool operator==(const FunctionKey&, const FunctionKey&) = default;
    template <typename H>
    friend H AbslHashValue(H h, const FunctionKey& k) {
      return H::combine(std::move(h), base::ViewHash()(k.domain), base::ViewHash()(k.name),
                        base::ViewHash()(k.overload));
    }
  };
  struct Edge {
    ValueId from;
    Flow flow;
  };
  // An input whose name was not yet defined in its own scope when its node was met.
  struct PendingRead {
    NodeId node;
    int32_t slot;
  };
  struct Unsorted {
    ScopeId scope;
    NodeId reader;
    ValueId value;
  };
  struct MissingFile {
    std::string first_tensor;
    uint64_t tensors = 0;
  };

  Facts facts_;
  NoteList notes_;
  payload::StorageInspector storage_;
  absl::flat_hash_map<FunctionKey, int32_t> functions_;  // to the index in the model's list
  std::vector<ScopeId> function_scopes_;
  absl::flat_hash_set<std::string> paths_;
  base::ViewMap<std::vector<int32_t>> operators_;  // by type, one for each domain that has it
  std::array<int32_t, 256> recent_operators_{};    // by a few of the type's letters; 0: none
  std::vector<NameTable::Key> keys_;  // of the operands of a few nodes, or of a few initializers
  std::vector<PendingRead> pending_;  // of the scope at hand
  std::vector<Edge> edges_;
  std::vector<Unsorted> unsorted_;  // the first misplaced read of each scope
  absl::flat_hash_set<ScopeId> unsorted_scopes_;
  std::vector<std::string> undefined_;  // what is said of the first few
  uint64_t undefined_count_ = 0;
  std::vector<std::pair<std::string, MissingFile>> missing_;
  absl::flat_hash_map<std::string, size_t> missing_index_;
  absl::flat_hash_set<std::string> domains_noted_;
};

// "" for "ai.onnx", which is the same domain.
inline std::string_view NormalDomain(std::string_view domain) {
  return domain == "ai.onnx" ? std::string_view() : domain;
}

}  // namespace hoarfrost::model

#endif  // HOARFROST_MODEL_FACTS_BUILDER_H_
