// Facts about a model: scopes, nodes, values, tensors, and who uses what.
// Read-only, no opinion.
//
// Everything is addressed by dense integer ids into flat arrays, so that a
// model of a million nodes costs no per-node allocation, and every algorithm
// over it can be a loop with a visited bitmap: nothing here or to the right
// recurses over graph size. Names repeat, may be empty and may be no valid
// UTF-8; ids never repeat.
//
// Scopes. The main graph is scope 0, path "". A subgraph attribute opens a
// scope whose path is the parent's path plus "NODE.attribute" (unnamed node:
// "Op[index]"; of a graphs attribute: "NODE.attribute[i]"), joined by "/";
// where two nodes of one name would give one path, the later is
// "NODE[index].attribute". A model-local function is the root of its own
// scopes, path "function:DOMAIN::NAME" (":OVERLOAD" added where it has one);
// the graphs of training_info[i] are "training_info[i].initialization" and
// "training_info[i].algorithm", and names read in the latter resolve into the
// main graph, as onnx.proto combines the two. Paths are unique.
//
// Values. A value is a name defined in a scope: a graph input, an initializer,
// a node output, a function input; or a name read there that nothing defines
// ("dangling"). Names resolve outwards through enclosing subgraphs (a function
// body sees only itself); an inner definition shadows an outer one. A tensor
// and a graph input of one name are one value; of several initializers of one
// name in a scope the last counts (and a note says so). A node output that has
// the name of an initializer or input (BatchNormalization of opset 1 and 6
// writes its statistics "in place") is the same value too, without a producer.
//
// Flows. Where a value passes into or out of a subgraph or function body, a
// Flow edge joins the two values: Loop and Scan inputs to body inputs, branch
// and body outputs to node outputs, loop-carried body outputs back to body
// inputs, call operands to function inputs, function outputs to call outputs. A
// consumer that follows `uses` and `flows` sees through all of them.
#ifndef HOARFROST_MODEL_FACTS_H_
#define HOARFROST_MODEL_FACTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "base/hash.h"
#include "model/name_table.h"
#include "onnx/onnx_pb.h"
#include "payload/storage.h"
#include "wire/skeleton.h"

namespace hoarfrost::model {

using ScopeId = int32_t;
using NodeId = int32_t;
using ValueId = int32_t;
using TensorId = int32_t;
inline constexpr int32_t kNone = -1;

enum class ScopeKind : uint8_t { kMain, kSubgraph, kFunction, kTraining };

struct Scope {
  ScopeKind kind = ScopeKind::kMain;
  std::string path;
  ScopeId parent = kNone;  // where names resolve next; kNone for roots (see
                           // above for training)
  ScopeId root = 0;        // the graph or function that this scope lies in; itself for a root
  NodeId owner = kNone;    // the node whose attribute holds this subgraph
  const onnx::GraphProto *graph = nullptr;        // null for a function
  const onnx::FunctionProto *function = nullptr;  // null for a graph
  int32_t imports = 0;     // whose opset_import: 0 the model's, i + 1 those of function i
  int64_t onnx_opset = 0;  // version of the default domain here; 0 if unknown
  NodeId first_node = 0;   // its nodes are [first_node, first_node + node_count)
  int32_t node_count = 0;
};

// What nodes are called for: one entry for all nodes of one domain and
// operator. "" = ai.onnx.
struct NodeOperator {
  std::string_view domain;
  std::string_view type;
};

struct Node {
  const onnx::NodeProto *proto = nullptr;
  ScopeId scope = 0;
  int32_t op = 0;             // into Facts::operators
  int32_t index = 0;          // position in its graph or function body
  ScopeId calls = kNone;      // the function scope this node calls
  int32_t first_operand = 0;  // into the flat arrays; see Facts::inputs / outputs
  int32_t input_count = 0;
  int32_t output_count = 0;
};

struct Use {
  NodeId node = kNone;
  int32_t slot = 0;  // input index
};

enum class FlowKind : uint8_t { kIntoBody, kOutOfBody, kCarried, kIntoCall, kOutOfCall };

struct Flow {
  ValueId to = kNone;
  NodeId via = kNone;  // the Loop / If / Scan / calling node
  FlowKind kind = FlowKind::kIntoBody;
};

struct Value {
  std::string_view name;
  ScopeId scope = 0;
  NodeId producer = kNone;      // the node that outputs it
  int32_t output = 0;           // at which output index
  TensorId tensor = kNone;      // the stored tensor behind it (initializer or Constant node)
  bool is_input = false;        // graph or function input
  bool is_output = false;       // graph or function output
  bool dangling = false;        // read, but nothing defines it
  bool read_elsewhere = false;  // named by quantization_annotation or a training_info binding, or
                                // a subgraph's output though defined outside of it
  const onnx::ValueInfoProto *info = nullptr;  // from inputs, outputs or value_info
};

enum class TensorSource : uint8_t { kInitializer, kSparseInitializer, kConstantNode };

struct Tensor {
  std::string_view name;
  ScopeId scope = 0;
  TensorSource source = TensorSource::kInitializer;
  ValueId value = kNone;
  NodeId node = kNone;  // the Constant node, if it is one
  int32_t dtype = 0;    // onnx::TensorProto::DataType
  std::vector<int64_t> dims;
  uint64_t elements = 0;                    // product of dims (dense dims of a sparse one)
  std::optional<uint64_t> stored_elements;  // sparse only: values that lie there
  uint64_t bytes = 0;                       // of the elements as stored; see payload::StorageReport
  payload::Storage storage;
  const onnx::TensorProto *proto = nullptr;  // the values; null for value_floats and the like
  const onnx::SparseTensorProto *sparse = nullptr;
  const onnx::AttributeProto *attribute = nullptr;  // of a Constant node
};

enum class Severity : uint8_t { kInfo, kWarning };

// A fault of the file: sizes, names, missing data, versions, cycles.
struct Note {
  Severity severity = Severity::kWarning;
  std::string text;
};

class Facts {
 public:
  const onnx::ModelProto &model() const { return skeleton->model(); }

  // kNone where an optional input is left out.
  absl::Span<const ValueId> inputs(NodeId n) const {
    const Node &node = nodes[static_cast<size_t>(n)];
    return {operands_.data() + node.first_operand, static_cast<size_t>(node.input_count)};
  }
  // kNone where an output is unnamed.
  absl::Span<const ValueId> outputs(NodeId n) const {
    const Node &node = nodes[static_cast<size_t>(n)];
    return {operands_.data() + node.first_operand + node.input_count,
            static_cast<size_t>(node.output_count)};
  }
  // By nodes, in graph order, every scope.
  absl::Span<const Use> uses(ValueId v) const { return Slice(uses_, uses_begin_, v); }
  // Out of v.
  absl::Span<const Flow> flows(ValueId v) const { return Slice(flows_, flows_begin_, v); }
  // Reversed: `to` is where it comes from.
  absl::Span<const Flow> flows_into(ValueId v) const {
    return Slice(flows_into_, flows_into_begin_, v);
  }
  const NodeOperator &op(NodeId n) const {
    return operators[static_cast<size_t>(nodes[static_cast<size_t>(n)].op)];
  }
  // Declared inputs and outputs of a graph or function, in order; kNone where
  // one has no name.
  absl::Span<const ValueId> scope_inputs(ScopeId s) const;
  absl::Span<const ValueId> scope_outputs(ScopeId s) const;
  // The scopes that a node's attributes open, in attribute order.
  absl::Span<const ScopeId> subgraphs(NodeId n) const;

  // The value that `name` means when read in `scope`; kNone if nothing defines
  // it.
  ValueId Resolve(ScopeId scope, std::string_view name) const;
  // All tensors of a name, any scope.
  std::vector<TensorId> TensorsNamed(std::string_view name) const;

  // The opset version that nodes of `domain` ("" = ai.onnx) in `scope` are read
  // with; 0 if unknown.
  int64_t opset(ScopeId scope, std::string_view domain) const;

  const wire::Skeleton *skeleton = nullptr;  // must outlive the facts
  std::vector<Scope> scopes;
  std::vector<NodeOperator> operators;  // in the order they are met
  std::vector<Node> nodes;  // main graph first, in file order; then each subgraph as met
  std::vector<Value> values;
  std::vector<Tensor> tensors;  // in file order: main initializers, then per scope
  std::vector<Note> notes;

 private:
  friend class FactsBuilder;

  template <typename T>
  static absl::Span<const T> Slice(const std::vector<T> &all, const std::vector<int32_t> &begins,
                                   int32_t id) {
    const int32_t *begin = begins.data() + id;
    return {all.data() + begin[0], static_cast<size_t>(begin[1] - begin[0])};
  }

  std::vector<ValueId> operands_;
  std::vector<ValueId> scope_values_;        // inputs, then outputs, of scope after scope
  std::vector<int32_t> scope_values_begin_;  // two entries a scope, and the end
  std::vector<Use> uses_;
  std::vector<int32_t> uses_begin_;
  std::vector<Flow> flows_;
  std::vector<int32_t> flows_begin_;
  std::vector<Flow> flows_into_;
  std::vector<int32_t> flows_into_begin_;
  std::vector<ScopeId> subgraphs_;
  std::vector<int32_t> subgraphs_begin_;
  NameTable names_;
  std::vector<base::ViewMap<int64_t>> opsets_;  // by Scope::imports; "" for ai.onnx
};

// `directory` is where external data locations are relative to; "" when there
// is no file. `model_file` is the path of the model where known (see
// payload::StorageInspector). Never fails: whatever is odd about the model
// becomes a note.
Facts BuildFacts(const wire::Skeleton &skeleton, const std::string &directory,
                 const std::string &model_file = "");

}  // namespace hoarfrost::model

#endif  // HOARFROST_MODEL_FACTS_H_
