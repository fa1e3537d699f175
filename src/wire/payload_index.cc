#include "wire/payload_index.h"

#include <array>
#include <cstddef>
#include <vector>

#include "wire/cursor.h"
#include "wire/scan_ops.h"

namespace hoarfrost::wire {
namespace {

void ClearPayload(onnx::TensorProto& tensor, int field) {
  switch (field) {
    case onnx::TensorProto::kFloatDataFieldNumber:
      return tensor.clear_float_data();
    case onnx::TensorProto::kInt32DataFieldNumber:
      return tensor.clear_int32_data();
    case onnx::TensorProto::kStringDataFieldNumber:
      return tensor.clear_string_data();
    case onnx::TensorProto::kInt64DataFieldNumber:
      return tensor.clear_int64_data();
    case onnx::TensorProto::kRawDataFieldNumber:
      return tensor.clear_raw_data();
    case onnx::TensorProto::kDoubleDataFieldNumber:
      return tensor.clear_double_data();
    case onnx::TensorProto::kUint64DataFieldNumber:
      return tensor.clear_uint64_data();
    default:
      return;
  }
}

void JoinTensor(onnx::TensorProto& tensor, ScanResult& scan) {
  const google::protobuf::UnknownFieldSet& unknown = tensor.unknown_fields();
  if (unknown.field_count() < 2) return;
  std::vector<PayloadPart> parts;
  for (int i = 0; i < unknown.field_count(); ++i) {
    const PayloadRun run = scan.runs[unknown.field(i).varint()];
    const auto first = scan.parts.begin() + static_cast<ptrdiff_t>(run.first);
    parts.insert(parts.end(), first, first + static_cast<ptrdiff_t>(run.count));
  }
  // The rules of the scan, over all the parts together.
  constexpr int kRaw = onnx::TensorProto::kRawDataFieldNumber;
  std::array<uint64_t, kPayloadFields> bytes{};
  const PayloadPart* last_raw = nullptr;
  for (const PayloadPart& part : parts) {
    bytes[static_cast<size_t>(part.field) - kFirstPayloadField] += part.span.length;
    if (part.field == kRaw) last_raw = &part;
  }
  for (PayloadPart& part : parts) {
    const bool keep =
        part.field == kRaw
            ? &part == last_raw && part.kept
            : bytes[static_cast<size_t>(part.field) - kFirstPayloadField] <= kKeepPayload;
    part.kept = keep;
    if (!keep && (part.field != kRaw || &part == last_raw)) ClearPayload(tensor, part.field);
  }
  tensor.mutable_unknown_fields()->AddVarint(kRunField, scan.runs.size());
  scan.runs.push_back({scan.parts.size(), parts.size()});
  scan.parts.insert(scan.parts.end(), parts.begin(), parts.end());
}

}  // namespace

void AppendRunNumber(uint64_t run, std::string& out) {
  PutVarint(kRunTag, out);
  PutVarint(run, out);
}

std::optional<uint64_t> RunNumber(const google::protobuf::UnknownFieldSet& unknown) {
  if (unknown.empty()) return std::nullopt;
  const google::protobuf::UnknownField& last = unknown.field(unknown.field_count() - 1);
  if (last.number() != kRunField || last.type() != google::protobuf::UnknownField::TYPE_VARINT) {
    return std::nullopt;
  }
  return last.varint();
}

void JoinRuns(onnx::ModelProto& model, ScanResult& scan) {
  std::vector<onnx::GraphProto*> graphs;
  const auto sparse = [&](onnx::SparseTensorProto& tensor) {
    if (tensor.has_values()) JoinTensor(*tensor.mutable_values(), scan);
    if (tensor.has_indices()) JoinTensor(*tensor.mutable_indices(), scan);
  };
  // Elements of repeated fields are never given in parts; only what lies in a singular field.
  const auto attribute = [&](onnx::AttributeProto& a) {
    if (a.has_t()) JoinTensor(*a.mutable_t(), scan);
    if (a.has_sparse_tensor()) sparse(*a.mutable_sparse_tensor());
    for (onnx::SparseTensorProto& s : *a.mutable_sparse_tensors()) sparse(s);
    if (a.has_g()) graphs.push_back(a.mutable_g());
    for (onnx::GraphProto& g : *a.mutable_graphs()) graphs.push_back(&g);
  };
  const auto node = [&](onnx::NodeProto& n) {
    for (onnx::AttributeProto& a : *n.mutable_attribute()) attribute(a);
  };
  if (model.has_graph()) graphs.push_back(model.mutable_graph());
  for (onnx::TrainingInfoProto& info : *model.mutable_training_info()) {
    if (info.has_initialization()) graphs.push_back(info.mutable_initialization());
    if (info.has_algorithm()) graphs.push_back(info.mutable_algorithm());
  }
  for (onnx::FunctionProto& function : *model.mutable_functions()) {
    for (onnx::AttributeProto& a : *function.mutable_attribute_proto()) attribute(a);
    for (onnx::NodeProto& n : *function.mutable_node()) node(n);
  }
  while (!graphs.empty()) {
    onnx::GraphProto& graph = *graphs.back();
    graphs.pop_back();
    for (onnx::NodeProto& n : *graph.mutable_node()) node(n);
    for (onnx::SparseTensorProto& s : *graph.mutable_sparse_initializer()) sparse(s);
  }
}

}  // namespace hoarfrost::wire
