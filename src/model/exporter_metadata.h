// What PyTorch's dynamo exporter writes beside the graph: metadata_props of graphs, nodes, values.
//
// The exporter (torch.onnx.export(dynamo=True); read in files of torch 2.13 and 2.14) stores
//   - on the main graph, the export signature: one line per parameter, buffer and constant of the
//     module, folded and unused ones too: "p_fc_weight: PARAMETER target='fc.weight'";
//   - on nodes, the module they were traced in: name_scopes ['', 'layer1', 'layer1.0', 'conv2d_3']
//     and class_hierarchy ['m.ResNet', 'torch.nn...Sequential', ..., 'aten.conv2d.default']; the
//     last entry of each is the operation, the one before it the module and its class;
//   - on nodes that a rewrite made, its rule: "FuseBatchNormIntoConv";
//   - on values that constant folding made, the names they came from: ['fc.weight', 'val_3'].
// All views point into the model and live as long as it.
#ifndef HOARFROST_MODEL_EXPORTER_METADATA_H_
#define HOARFROST_MODEL_EXPORTER_METADATA_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "onnx/onnx_pb.h"

namespace hoarfrost::model {

inline constexpr std::string_view kSignatureKey =
    "pkg.torch.export.ExportedProgram.graph_signature";
inline constexpr std::string_view kNameScopesKey = "pkg.torch.onnx.name_scopes";
inline constexpr std::string_view kClassHierarchyKey = "pkg.torch.onnx.class_hierarchy";
inline constexpr std::string_view kNamespaceKey = "namespace";
inline constexpr std::string_view kFxNodeKey = "pkg.torch.onnx.fx_node";
inline constexpr std::string_view kRuleNameKey = "pkg.onnxscript.rewriter.rule_name";
inline constexpr std::string_view kFoldedFromKey = "pkg.onnxscript.optimizer.folded_from";

using MetadataProps = google::protobuf::RepeatedPtrField<onnx::StringStringEntryProto>;

// The value of `key`; empty when it is not there.
std::string_view FindMetadata(const MetadataProps& props, std::string_view key);

// The module that a node was traced in. `path` is "" for the root module.
struct TracedModule {
  bool known = false;
  std::string_view path;        // "layer1.0.conv1"
  std::string_view class_name;  // "torch.nn.modules.conv.Conv2d"; empty if not written
};
TracedModule FindTracedModule(const onnx::NodeProto& node);

// The quoted entries of a Python list of strings, as repr() writes it.
std::vector<std::string_view> PythonStrings(std::string_view list);

enum class SignatureKind : uint8_t { kParameter, kBuffer, kConstant };

struct SignatureEntry {
  std::string_view target;  // the state_dict name
  std::string_view node;    // the placeholder in the traced graph: "p_fc_weight"
  SignatureKind kind = SignatureKind::kParameter;
  bool persistent = true;
};

class GraphSignature {
 public:
  GraphSignature() = default;
  // Reads the signature of the main graph; empty() when the file has none.
  explicit GraphSignature(const onnx::ModelProto& model);

  bool empty() const { return entries_.empty(); }
  const std::vector<SignatureEntry>& entries() const { return entries_; }
  // By state_dict name; null when the signature does not name it.
  const SignatureEntry* Find(std::string_view target) const;

 private:
  void Parse(std::string_view text);

  std::vector<SignatureEntry> entries_;
  base::ViewMap<size_t> by_target_;
};

}  // namespace hoarfrost::model

#endif  // HOARFROST_MODEL_EXPORTER_METADATA_H_
