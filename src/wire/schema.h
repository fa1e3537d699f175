// The wire schema of ONNX: every message and field of onnx-ml.proto, and what the scan does with each.
//
// The generated classes are the LITE ones and carry no descriptors, and the scan has to know fields
// before it parses them. A test holds this table against the descriptors that protoc makes.
#ifndef HOARFROST_WIRE_SCHEMA_H_
#define HOARFROST_WIRE_SCHEMA_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace hoarfrost::wire {

enum class Message : uint8_t {
  kAttribute,
  kValueInfo,
  kNode,
  kIntIntListEntry,
  kNodeDeviceConfiguration,
  kShardingSpec,
  kShardedDim,
  kSimpleShardedDim,
  kTrainingInfo,
  kModel,
  kDeviceConfiguration,
  kStringStringEntry,
  kTensorAnnotation,
  kGraph,
  kTensor,
  kTensorSegment,
  kSparseTensor,
  kTensorShape,
  kTensorShapeDimension,
  kType,
  kTypeTensor,
  kTypeSequence,
  kTypeMap,
  kTypeOptional,
  kTypeSparseTensor,
  kTypeOpaque,
  kOperatorSetId,
  kFunction,
};
inline constexpr size_t kMessageCount = 28;

inline constexpr std::array<const char*, kMessageCount> kMessageNames = {
    "AttributeProto",
    "ValueInfoProto",
    "NodeProto",
    "IntIntListEntryProto",
    "NodeDeviceConfigurationProto",
    "ShardingSpecProto",
    "ShardedDimProto",
    "SimpleShardedDimProto",
    "TrainingInfoProto",
    "ModelProto",
    "DeviceConfigurationProto",
    "StringStringEntryProto",
    "TensorAnnotation",
    "GraphProto",
    "TensorProto",
    "TensorProto.Segment",
    "SparseTensorProto",
    "TensorShapeProto",
    "TensorShapeProto.Dimension",
    "TypeProto",
    "TypeProto.Tensor",
    "TypeProto.Sequence",
    "TypeProto.Map",
    "TypeProto.Optional",
    "TypeProto.SparseTensor",
    "TypeProto.Opaque",
    "OperatorSetIdProto",
    "FunctionProto",
};

// How a field's value is encoded. Strings and bytes are alike on the wire.
enum class Kind : uint8_t { kUnknown, kVarint, kFixed32, kFixed64, kBytes, kMessage };

// What the scan does with a field.
enum class Treatment : uint8_t {
  kKeep,
  kPayload,   // left out when large, and indexed
  kDrop,      // left out: nobody classifies by it
  kMetadata,  // an entry of metadata_props: its value may be left out
};

struct Field {
  const char* name = nullptr;
  Kind kind = Kind::kUnknown;
  bool repeated = false;
  Message message = Message::kModel;  // of Kind::kMessage
  Treatment treatment = Treatment::kKeep;
};

struct FieldRow {
  Message owner;
  int number;
  Field field;
};

inline constexpr FieldRow kFieldRows[] = {
    {Message::kAttribute, 1, {"name", Kind::kBytes, false}},
    {Message::kAttribute, 2, {"f", Kind::kFixed32, false}},
    {Message::kAttribute, 3, {"i", Kind::kVarint, false}},
    {Message::kAttribute, 4, {"s", Kind::kBytes, false, Message::kModel, Treatment::kPayload}},
    {Message::kAttribute, 5, {"t", Kind::kMessage, false, Message::kTensor}},
    {Message::kAttribute, 6, {"g", Kind::kMessage, false, Message::kGraph}},
    {Message::kAttribute, 7, {"floats", Kind::kFixed32, true, Message::kModel, Treatment::kPayload}},
    {Message::kAttribute, 8, {"ints", Kind::kVarint, true, Message::kModel, Treatment::kPayload}},
    {Message::kAttribute, 9, {"strings", Kind::kBytes, true, Message::kModel, Treatment::kPayload}},
    {Message::kAttribute, 10, {"tensors", Kind::kMessage, true, Message::kTensor}},
    {Message::kAttribute, 11, {"graphs", Kind::kMessage, true, Message::kGraph}},
    {Message::kAttribute, 13, {"doc_string", Kind::kBytes, false, Message::kModel, Treatment::kDrop}},
    {Message::kAttribute, 14, {"tp", Kind::kMessage, false, Message::kType}},
    {Message::kAttribute, 15, {"type_protos", Kind::kMessage, true, Message::kType}},
    {Message::kAttribute, 20, {"type", Kind::kVarint, false}},
    {Message::kAttribute, 21, {"ref_attr_name", Kind::kBytes, false}},
    {Message::kAttribute, 22, {"sparse_tensor", Kind::kMessage, false, Message::kSparseTensor}},
    {Message::kAttribute, 23, {"sparse_tensors", Kind::kMessage, true, Message::kSparseTensor}},
    {Message::kValueInfo, 1, {"name", Kind::kBytes, false}},
    {Message::kValueInfo, 2, {"type", Kind::kMessage, false, Message::kType}},
    {Message::kValueInfo, 3, {"doc_string", Kind::kBytes, false, Message::kModel, Treatment::kDrop}},
    {Message::kValueInfo, 4, {"metadata_props", Kind::kMessage, true, Message::kStringStringEntry, Treatment::kMetadata}},
    {Message::kNode, 1, {"input", Kind::kBytes, true}},
    {Message::kNode, 2, {"output", Kind::kBytes, true}},
    {Message::kNode, 3, {"name", Kind::kBytes, false}},
    {Message::kNode, 4, {"op_type", Kind::kBytes, false}},
    {Message::kNode, 5, {"attribute", Kind::kMessage, true, Message::kAttribute}},
    {Message::kNode, 6, {"doc_string", Kind::kBytes, false, Message::kModel, Treatment::kDrop}},
    {Message::kNode, 7, {"domain", Kind::kBytes, false}},
    {Message::kNode, 8, {"overload", Kind::kBytes, false}},
    {Message::kNode, 9, {"metadata_props", Kind::kMessage, true, Message::kStringStringEntry, Treatment::kMetadata}},
    {Message::kNode, 10, {"device_configurations", Kind::kMessage, true, Message::kNodeDeviceConfiguration}},
    {Message::kIntIntListEntry, 1, {"key", Kind::kVarint, false}},
    {Message::kIntIntListEntry, 2, {"value", Kind::kVarint, true}},
    {Message::kNodeDeviceConfiguration, 1, {"configuration_id", Kind::kBytes, false}},
    {Message::kNodeDeviceConfiguration, 2, {"sharding_spec", Kind::kMessage, true, Message::kShardingSpec}},
    {Message::kNodeDeviceConfiguration, 3, {"pipeline_stage", Kind::kVarint, false}},
    {Message::kShardingSpec, 1, {"tensor_name", Kind::kBytes, false}},
    {Message::kShardingSpec, 2, {"device", Kind::kVarint, true}},
    {Message::kShardingSpec, 3, {"index_to_device_group_map", Kind::kMessage, true, Message::kIntIntListEntry}},
    {Message::kShardingSpec, 4, {"sharded_dim", Kind::kMessage, true, Message::kShardedDim}},
    {Message::kShardedDim, 1, {"axis", Kind::kVarint, false}},
    {Message::kShardedDim, 2, {"simple_sharding", Kind::kMessage, true, Message::kSimpleShardedDim}},
    {Message::kSimpleShardedDim, 1, {"dim_value", Kind::kVarint, false}},
    {Message::kSimpleShardedDim, 2, {"dim_param", Kind::kBytes, false}},
    {Message::kSimpleShardedDim, 3, {"num_shards", Kind::kVarint, false}},
    {Message::kTrainingInfo, 1, {"initialization", Kind::kMessage, false, Message::kGraph}},
    {Message::kTrainingInfo, 2, {"algorithm", Kind::kMessage, false, Message::kGraph}},
    {Message::kTrainingInfo, 3, {"initialization_binding", Kind::kMessage, true, Message::kStringStringEntry}},
    {Message::kTrainingInfo, 4, {"update_binding", Kind::kMessage, true, Message::kStringStringEntry}},
    {Message::kModel, 1, {"ir_version", Kind::kVarint, false}},
    {Message::kModel, 2, {"producer_name", Kind::kBytes, false}},
    {Message::kModel, 3, {"producer_version", Kind::kBytes, false}},
    {Message::kModel, 4, {"domain", Kind::kBytes, false}},
    {Message::kModel, 5, {"model_version", Kind::kVarint, false}},
    {Message::kModel, 6, {"doc_string", Kind::kBytes, false, Message::kModel, Treatment::kDrop}},
    {Message::kModel, 7, {"graph", Kind::kMessage, false, Message::kGraph}},
    {Message::kModel, 8, {"opset_import", Kind::kMessage, true, Message::kOperatorSetId}},
    {Message::kModel, 14, {"metadata_props", Kind::kMessage, true, Message::kStringStringEntry, Treatment::kMetadata}},
    {Message::kModel, 20, {"training_info", Kind::kMessage, true, Message::kTrainingInfo}},
    {Message::kModel, 25, {"functions", Kind::kMessage, true, Message::kFunction}},
    {Message::kModel, 26, {"configuration", Kind::kMessage, true, Message::kDeviceConfiguration}},
    {Message::kDeviceConfiguration, 1, {"name", Kind::kBytes, false}},
    {Message::kDeviceConfiguration, 2, {"num_devices", Kind::kVarint, false}},
    {Message::kDeviceConfiguration, 3, {"device", Kind::kBytes, true}},
    {Message::kStringStringEntry, 1, {"key", Kind::kBytes, false}},
    {Message::kStringStringEntry, 2, {"value", Kind::kBytes, false}},
    {Message::kTensorAnnotation, 1, {"tensor_name", Kind::kBytes, false}},
    {Message::kTensorAnnotation, 2, {"quant_parameter_tensor_names", Kind::kMessage, true, Message::kStringStringEntry}},
    {Message::kGraph, 1, {"node", Kind::kMessage, true, Message::kNode}},
    {Message::kGraph, 2, {"name", Kind::kBytes, false}},
    {Message::kGraph, 5, {"initializer", Kind::kMessage, true, Message::kTensor}},
    {Message::kGraph, 10, {"doc_string", Kind::kBytes, false, Message::kModel, Treatment::kDrop}},
    {Message::kGraph, 11, {"input", Kind::kMessage, true, Message::kValueInfo}},
    {Message::kGraph, 12, {"output", Kind::kMessage, true, Message::kValueInfo}},
    {Message::kGraph, 13, {"value_info", Kind::kMessage, true, Message::kValueInfo}},
    {Message::kGraph, 14, {"quantization_annotation", Kind::kMessage, true, Message::kTensorAnnotation}},
    {Message::kGraph, 15, {"sparse_initializer", Kind::kMessage, true, Message::kSparseTensor}},
    {Message::kGraph, 16, {"metadata_props", Kind::kMessage, true, Message::kStringStringEntry, Treatment::kMetadata}},
    {Message::kTensor, 1, {"dims", Kind::kVarint, true}},
    {Message::kTensor, 2, {"data_type", Kind::kVarint, false}},
    {Message::kTensor, 3, {"segment", Kind::kMessage, false, Message::kTensorSegment}},
    {Message::kTensor, 4, {"float_data", Kind::kFixed32, true, Message::kModel, Treatment::kPayload}},
    {Message::kTensor, 5, {"int32_data", Kind::kVarint, true, Message::kModel, Treatment::kPayload}},
    {Message::kTensor, 6, {"string_data", Kind::kBytes, true, Message::kModel, Treatment::kPayload}},
    {Message::kTensor, 7, {"int64_data", Kind::kVarint, true, Message::kModel, Treatment::kPayload}},
    {Message::kTensor, 8, {"name", Kind::kBytes, false}},
    {Message::kTensor, 9, {"raw_data", Kind::kBytes, false, Message::kModel, Treatment::kPayload}},
    {Message::kTensor, 10, {"double_data", Kind::kFixed64, true, Message::kModel, Treatment::kPayload}},
    {Message::kTensor, 11, {"uint64_data", Kind::kVarint, true, Message::kModel, Treatment::kPayload}},
    {Message::kTensor, 12, {"doc_string", Kind::kBytes, false, Message::kModel, Treatment::kDrop}},
    {Message::kTensor, 13, {"external_data", Kind::kMessage, true, Message::kStringStringEntry}},
    {Message::kTensor, 14, {"data_location", Kind::kVarint, false}},
    {Message::kTensor, 16, {"metadata_props", Kind::kMessage, true, Message::kStringStringEntry, Treatment::kMetadata}},
    {Message::kTensorSegment, 1, {"begin", Kind::kVarint, false}},
    {Message::kTensorSegment, 2, {"end", Kind::kVarint, false}},
    {Message::kSparseTensor, 1, {"values", Kind::kMessage, false, Message::kTensor}},
    {Message::kSparseTensor, 2, {"indices", Kind::kMessage, false, Message::kTensor}},
    {Message::kSparseTensor, 3, {"dims", Kind::kVarint, true}},
    {Message::kTensorShape, 1, {"dim", Kind::kMessage, true, Message::kTensorShapeDimension}},
    {Message::kTensorShapeDimension, 1, {"dim_value", Kind::kVarint, false}},
    {Message::kTensorShapeDimension, 2, {"dim_param", Kind::kBytes, false}},
    {Message::kTensorShapeDimension, 3, {"denotation", Kind::kBytes, false}},
    {Message::kType, 1, {"tensor_type", Kind::kMessage, false, Message::kTypeTensor}},
    {Message::kType, 4, {"sequence_type", Kind::kMessage, false, Message::kTypeSequence}},
    {Message::kType, 5, {"map_type", Kind::kMessage, false, Message::kTypeMap}},
    {Message::kType, 6, {"denotation", Kind::kBytes, false}},
    {Message::kType, 7, {"opaque_type", Kind::kMessage, false, Message::kTypeOpaque}},
    {Message::kType, 8, {"sparse_tensor_type", Kind::kMessage, false, Message::kTypeSparseTensor}},
    {Message::kType, 9, {"optional_type", Kind::kMessage, false, Message::kTypeOptional}},
    {Message::kTypeTensor, 1, {"elem_type", Kind::kVarint, false}},
    {Message::kTypeTensor, 2, {"shape", Kind::kMessage, false, Message::kTensorShape}},
    {Message::kTypeSequence, 1, {"elem_type", Kind::kMessage, false, Message::kType}},
    {Message::kTypeMap, 1, {"key_type", Kind::kVarint, false}},
    {Message::kTypeMap, 2, {"value_type", Kind::kMessage, false, Message::kType}},
    {Message::kTypeOptional, 1, {"elem_type", Kind::kMessage, false, Message::kType}},
    {Message::kTypeSparseTensor, 1, {"elem_type", Kind::kVarint, false}},
    {Message::kTypeSparseTensor, 2, {"shape", Kind::kMessage, false, Message::kTensorShape}},
    {Message::kTypeOpaque, 1, {"domain", Kind::kBytes, false}},
    {Message::kTypeOpaque, 2, {"name", Kind::kBytes, false}},
    {Message::kOperatorSetId, 1, {"domain", Kind::kBytes, false}},
    {Message::kOperatorSetId, 2, {"version", Kind::kVarint, false}},
    {Message::kFunction, 1, {"name", Kind::kBytes, false}},
    {Message::kFunction, 4, {"input", Kind::kBytes, true}},
    {Message::kFunction, 5, {"output", Kind::kBytes, true}},
    {Message::kFunction, 6, {"attribute", Kind::kBytes, true}},
    {Message::kFunction, 7, {"node", Kind::kMessage, true, Message::kNode}},
    {Message::kFunction, 8, {"doc_string", Kind::kBytes, false, Message::kModel, Treatment::kDrop}},
    {Message::kFunction, 9, {"opset_import", Kind::kMessage, true, Message::kOperatorSetId}},
    {Message::kFunction, 10, {"domain", Kind::kBytes, false}},
    {Message::kFunction, 11, {"attribute_proto", Kind::kMessage, true, Message::kAttribute}},
    {Message::kFunction, 12, {"value_info", Kind::kMessage, true, Message::kValueInfo}},
    {Message::kFunction, 13, {"overload", Kind::kBytes, false}},
    {Message::kFunction, 14, {"metadata_props", Kind::kMessage, true, Message::kStringStringEntry, Treatment::kMetadata}},
};

// One more than the largest field number of any message.
inline constexpr int kFieldNumberLimit = 27;

using FieldTable = std::array<std::array<Field, kFieldNumberLimit>, kMessageCount>;

namespace internal {
constexpr FieldTable MakeFieldTable() {
  FieldTable table{};
  for (const FieldRow& row : kFieldRows) {
    table[static_cast<size_t>(row.owner)][static_cast<size_t>(row.number)] = row.field;
  }
  return table;
}
}  // namespace internal

inline constexpr FieldTable kFields = internal::MakeFieldTable();

// The field `number` of `message`; kind kUnknown where the schema has none.
inline const Field& FieldOf(Message message, uint64_t number) {
  static constexpr Field kNoField{};
  return number < kFieldNumberLimit ? kFields[static_cast<size_t>(message)][number] : kNoField;
}

}  // namespace hoarfrost::wire

#endif  // HOARFROST_WIRE_SCHEMA_H_
