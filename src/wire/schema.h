// The messages of ONNX, field by field, as the wire format needs them: a constexpr table of what
// onnx-ml.proto of the pinned ONNX release says. Looking a field up in the descriptors of the
// generated classes would cost more than the scan; a test compares this table with them.
//
//   constexpr FieldRule rule = FieldOf(MessageType::kGraph, 5);   // initializer
//   rule.kind == FieldKind::kMessage && rule.message == MessageType::kTensor && rule.repeated
#ifndef HOARFROST_WIRE_SCHEMA_H_
#define HOARFROST_WIRE_SCHEMA_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hoarfrost::wire {

// The low three bits of a tag (https://protobuf.dev/programming-guides/encoding); 6 and 7 do not
// exist.
enum class TagType : uint8_t {
  kVarint = 0,
  kFixed64 = 1,
  kLength = 2,
  kStartGroup = 3,
  kEndGroup = 4,
  kFixed32 = 5,
};
constexpr uint32_t TagField(uint32_t tag) { return tag >> 3; }
constexpr TagType TagTypeOf(uint32_t tag) { return static_cast<TagType>(tag & 7); }
constexpr uint32_t MakeTag(uint32_t field, TagType type) {
  return field << 3 | static_cast<uint32_t>(type);
}

enum class MessageType : uint8_t {
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
inline constexpr size_t kMessageTypes = static_cast<size_t>(MessageType::kFunction) + 1;

enum class FieldKind : uint8_t { kUnknown, kVarint, kFixed32, kFixed64, kBytes, kString, kMessage };

// What a field number means in a message. An unknown one has kind kUnknown.
struct FieldRule {
  FieldKind kind = FieldKind::kUnknown;
  bool repeated = false;
  MessageType message = MessageType::kModel;  // of kind kMessage
  // A closed enum, whose values are 0..enum_max: protobuf keeps any other among unknown fields.
  // 0 for all else.
  uint8_t enum_max = 0;

  // Parsers take repeated scalars packed or not, whichever way the schema writes them.
  constexpr bool packable() const {
    return repeated && (kind == FieldKind::kVarint || kind == FieldKind::kFixed32 ||
                        kind == FieldKind::kFixed64);
  }
  friend constexpr bool operator==(const FieldRule&, const FieldRule&) = default;
};

struct FieldRow {
  MessageType message;
  uint32_t number;
  std::string_view name;
  FieldRule rule;
};

namespace schema_internal {

using M = MessageType;
using K = FieldKind;
constexpr FieldRule OneVarint() { return {K::kVarint, false, M::kModel, 0}; }
constexpr FieldRule OneEnum(uint8_t max) { return {K::kVarint, false, M::kModel, max}; }
constexpr FieldRule One32() { return {K::kFixed32, false, M::kModel, 0}; }
constexpr FieldRule OneBytes() { return {K::kBytes, false, M::kModel, 0}; }
constexpr FieldRule OneString() { return {K::kString, false, M::kModel, 0}; }
constexpr FieldRule One(M type) { return {K::kMessage, false, type, 0}; }
constexpr FieldRule ManyVarints() { return {K::kVarint, true, M::kModel, 0}; }
constexpr FieldRule Many32() { return {K::kFixed32, true, M::kModel, 0}; }
constexpr FieldRule Many64() { return {K::kFixed64, true, M::kModel, 0}; }
constexpr FieldRule ManyBytes() { return {K::kBytes, true, M::kModel, 0}; }
constexpr FieldRule ManyStrings() { return {K::kString, true, M::kModel, 0}; }
constexpr FieldRule Many(M type) { return {K::kMessage, true, type, 0}; }

inline constexpr FieldRow kRows[] = {
    // AttributeProto
    {M::kAttribute, 1, "name", OneString()},
    {M::kAttribute, 2, "f", One32()},
    {M::kAttribute, 3, "i", OneVarint()},
    {M::kAttribute, 4, "s", OneBytes()},
    {M::kAttribute, 5, "t", One(M::kTensor)},
    {M::kAttribute, 6, "g", One(M::kGraph)},
    {M::kAttribute, 7, "floats", Many32()},
    {M::kAttribute, 8, "ints", ManyVarints()},
    {M::kAttribute, 9, "strings", ManyBytes()},
    {M::kAttribute, 10, "tensors", Many(M::kTensor)},
    {M::kAttribute, 11, "graphs", Many(M::kGraph)},
    {M::kAttribute, 13, "doc_string", OneString()},
    {M::kAttribute, 14, "tp", One(M::kType)},
    {M::kAttribute, 15, "type_protos", Many(M::kType)},
    {M::kAttribute, 20, "type", OneEnum(14)},
    {M::kAttribute, 21, "ref_attr_name", OneString()},
    {M::kAttribute, 22, "sparse_tensor", One(M::kSparseTensor)},
    {M::kAttribute, 23, "sparse_tensors", Many(M::kSparseTensor)},
    // ValueInfoProto
    {M::kValueInfo, 1, "name", OneString()},
    {M::kValueInfo, 2, "type", One(M::kType)},
    {M::kValueInfo, 3, "doc_string", OneString()},
    {M::kValueInfo, 4, "metadata_props", Many(M::kStringStringEntry)},
    // NodeProto
    {M::kNode, 1, "input", ManyStrings()},
    {M::kNode, 2, "output", ManyStrings()},
    {M::kNode, 3, "name", OneString()},
    {M::kNode, 4, "op_type", OneString()},
    {M::kNode, 5, "attribute", Many(M::kAttribute)},
    {M::kNode, 6, "doc_string", OneString()},
    {M::kNode, 7, "domain", OneString()},
    {M::kNode, 8, "overload", OneString()},
    {M::kNode, 9, "metadata_props", Many(M::kStringStringEntry)},
    {M::kNode, 10, "device_configurations", Many(M::kNodeDeviceConfiguration)},
    // IntIntListEntryProto
    {M::kIntIntListEntry, 1, "key", OneVarint()},
    {M::kIntIntListEntry, 2, "value", ManyVarints()},
    // NodeDeviceConfigurationProto
    {M::kNodeDeviceConfiguration, 1, "configuration_id", OneString()},
    {M::kNodeDeviceConfiguration, 2, "sharding_spec", Many(M::kShardingSpec)},
    {M::kNodeDeviceConfiguration, 3, "pipeline_stage", OneVarint()},
    // ShardingSpecProto
    {M::kShardingSpec, 1, "tensor_name", OneString()},
    {M::kShardingSpec, 2, "device", ManyVarints()},
    {M::kShardingSpec, 3, "index_to_device_group_map", Many(M::kIntIntListEntry)},
    {M::kShardingSpec, 4, "sharded_dim", Many(M::kShardedDim)},
    // ShardedDimProto
    {M::kShardedDim, 1, "axis", OneVarint()},
    {M::kShardedDim, 2, "simple_sharding", Many(M::kSimpleShardedDim)},
    // SimpleShardedDimProto
    {M::kSimpleShardedDim, 1, "dim_value", OneVarint()},
    {M::kSimpleShardedDim, 2, "dim_param", OneString()},
    {M::kSimpleShardedDim, 3, "num_shards", OneVarint()},
    // TrainingInfoProto
    {M::kTrainingInfo, 1, "initialization", One(M::kGraph)},
    {M::kTrainingInfo, 2, "algorithm", One(M::kGraph)},
    {M::kTrainingInfo, 3, "initialization_binding", Many(M::kStringStringEntry)},
    {M::kTrainingInfo, 4, "update_binding", Many(M::kStringStringEntry)},
    // ModelProto
    {M::kModel, 1, "ir_version", OneVarint()},
    {M::kModel, 2, "producer_name", OneString()},
    {M::kModel, 3, "producer_version", OneString()},
    {M::kModel, 4, "domain", OneString()},
    {M::kModel, 5, "model_version", OneVarint()},
    {M::kModel, 6, "doc_string", OneString()},
    {M::kModel, 7, "graph", One(M::kGraph)},
    {M::kModel, 8, "opset_import", Many(M::kOperatorSetId)},
    {M::kModel, 14, "metadata_props", Many(M::kStringStringEntry)},
    {M::kModel, 20, "training_info", Many(M::kTrainingInfo)},
    {M::kModel, 25, "functions", Many(M::kFunction)},
    {M::kModel, 26, "configuration", Many(M::kDeviceConfiguration)},
    // DeviceConfigurationProto
    {M::kDeviceConfiguration, 1, "name", OneString()},
    {M::kDeviceConfiguration, 2, "num_devices", OneVarint()},
    {M::kDeviceConfiguration, 3, "device", ManyStrings()},
    // StringStringEntryProto
    {M::kStringStringEntry, 1, "key", OneString()},
    {M::kStringStringEntry, 2, "value", OneString()},
    // TensorAnnotation
    {M::kTensorAnnotation, 1, "tensor_name", OneString()},
    {M::kTensorAnnotation, 2, "quant_parameter_tensor_names", Many(M::kStringStringEntry)},
    // GraphProto
    {M::kGraph, 1, "node", Many(M::kNode)},
    {M::kGraph, 2, "name", OneString()},
    {M::kGraph, 5, "initializer", Many(M::kTensor)},
    {M::kGraph, 10, "doc_string", OneString()},
    {M::kGraph, 11, "input", Many(M::kValueInfo)},
    {M::kGraph, 12, "output", Many(M::kValueInfo)},
    {M::kGraph, 13, "value_info", Many(M::kValueInfo)},
    {M::kGraph, 14, "quantization_annotation", Many(M::kTensorAnnotation)},
    {M::kGraph, 15, "sparse_initializer", Many(M::kSparseTensor)},
    {M::kGraph, 16, "metadata_props", Many(M::kStringStringEntry)},
    // TensorProto
    {M::kTensor, 1, "dims", ManyVarints()},
    {M::kTensor, 2, "data_type", OneVarint()},
    {M::kTensor, 3, "segment", One(M::kTensorSegment)},
    {M::kTensor, 4, "float_data", Many32()},
    {M::kTensor, 5, "int32_data", ManyVarints()},
    {M::kTensor, 6, "string_data", ManyBytes()},
    {M::kTensor, 7, "int64_data", ManyVarints()},
    {M::kTensor, 8, "name", OneString()},
    {M::kTensor, 9, "raw_data", OneBytes()},
    {M::kTensor, 10, "double_data", Many64()},
    {M::kTensor, 11, "uint64_data", ManyVarints()},
    {M::kTensor, 12, "doc_string", OneString()},
    {M::kTensor, 13, "external_data", Many(M::kStringStringEntry)},
    {M::kTensor, 14, "data_location", OneEnum(1)},
    {M::kTensor, 16, "metadata_props", Many(M::kStringStringEntry)},
    // TensorProto.Segment
    {M::kTensorSegment, 1, "begin", OneVarint()},
    {M::kTensorSegment, 2, "end", OneVarint()},
    // SparseTensorProto
    {M::kSparseTensor, 1, "values", One(M::kTensor)},
    {M::kSparseTensor, 2, "indices", One(M::kTensor)},
    {M::kSparseTensor, 3, "dims", ManyVarints()},
    // TensorShapeProto
    {M::kTensorShape, 1, "dim", Many(M::kTensorShapeDimension)},
    // TensorShapeProto.Dimension
    {M::kTensorShapeDimension, 1, "dim_value", OneVarint()},
    {M::kTensorShapeDimension, 2, "dim_param", OneString()},
    {M::kTensorShapeDimension, 3, "denotation", OneString()},
    // TypeProto
    {M::kType, 1, "tensor_type", One(M::kTypeTensor)},
    {M::kType, 4, "sequence_type", One(M::kTypeSequence)},
    {M::kType, 5, "map_type", One(M::kTypeMap)},
    {M::kType, 6, "denotation", OneString()},
    {M::kType, 7, "opaque_type", One(M::kTypeOpaque)},
    {M::kType, 8, "sparse_tensor_type", One(M::kTypeSparseTensor)},
    {M::kType, 9, "optional_type", One(M::kTypeOptional)},
    // TypeProto.Tensor
    {M::kTypeTensor, 1, "elem_type", OneVarint()},
    {M::kTypeTensor, 2, "shape", One(M::kTensorShape)},
    // TypeProto.Sequence
    {M::kTypeSequence, 1, "elem_type", One(M::kType)},
    // TypeProto.Map
    {M::kTypeMap, 1, "key_type", OneVarint()},
    {M::kTypeMap, 2, "value_type", One(M::kType)},
    // TypeProto.Optional
    {M::kTypeOptional, 1, "elem_type", One(M::kType)},
    // TypeProto.SparseTensor
    {M::kTypeSparseTensor, 1, "elem_type", OneVarint()},
    {M::kTypeSparseTensor, 2, "shape", One(M::kTensorShape)},
    // TypeProto.Opaque
    {M::kTypeOpaque, 1, "domain", OneString()},
    {M::kTypeOpaque, 2, "name", OneString()},
    // OperatorSetIdProto
    {M::kOperatorSetId, 1, "domain", OneString()},
    {M::kOperatorSetId, 2, "version", OneVarint()},
    // FunctionProto
    {M::kFunction, 1, "name", OneString()},
    {M::kFunction, 4, "input", ManyStrings()},
    {M::kFunction, 5, "output", ManyStrings()},
    {M::kFunction, 6, "attribute", ManyStrings()},
    {M::kFunction, 7, "node", Many(M::kNode)},
    {M::kFunction, 8, "doc_string", OneString()},
    {M::kFunction, 9, "opset_import", Many(M::kOperatorSetId)},
    {M::kFunction, 10, "domain", OneString()},
    {M::kFunction, 11, "attribute_proto", Many(M::kAttribute)},
    {M::kFunction, 12, "value_info", Many(M::kValueInfo)},
    {M::kFunction, 13, "overload", OneString()},
    {M::kFunction, 14, "metadata_props", Many(M::kStringStringEntry)},
};

// Field numbers are small: one dense row of rules per message.
inline constexpr uint32_t kFieldLimit = 32;
using RuleTable = std::array<std::array<FieldRule, kFieldLimit>, kMessageTypes>;
constexpr RuleTable MakeRules() {
  RuleTable table{};
  for (const FieldRow& row : kRows) table[static_cast<size_t>(row.message)][row.number] = row.rule;
  return table;
}
inline constexpr RuleTable kRules = MakeRules();

// In the order of MessageType, as onnx-ml.proto spells them.
inline constexpr std::array<std::string_view, kMessageTypes> kMessageNames = {
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

}  // namespace schema_internal

// Every known field, message by message, numbers ascending within one.
inline constexpr const auto& kFieldRows = schema_internal::kRows;

constexpr FieldRule FieldOf(MessageType message, uint32_t number) {
  if (number >= schema_internal::kFieldLimit) return {};
  return schema_internal::kRules[static_cast<size_t>(message)][number];
}

// "TypeProto.Tensor", as in onnx-ml.proto without its package.
constexpr std::string_view MessageName(MessageType message) {
  return schema_internal::kMessageNames[static_cast<size_t>(message)];
}

// Empty for an unknown field.
constexpr std::string_view FieldName(MessageType message, uint32_t number) {
  for (const FieldRow& row : kFieldRows) {
    if (row.message == message && row.number == number) return row.name;
  }
  return {};
}

// Whether a known field may be written with a tag of this type.
constexpr bool Accepts(const FieldRule& rule, TagType type) {
  if (rule.packable() && type == TagType::kLength) return true;
  switch (rule.kind) {
    case FieldKind::kVarint:
      return type == TagType::kVarint;
    case FieldKind::kFixed32:
      return type == TagType::kFixed32;
    case FieldKind::kFixed64:
      return type == TagType::kFixed64;
    case FieldKind::kBytes:
    case FieldKind::kString:
    case FieldKind::kMessage:
      return type == TagType::kLength;
    case FieldKind::kUnknown:
      break;
  }
  return false;
}

}  // namespace hoarfrost::wire

#endif  // HOARFROST_WIRE_SCHEMA_H_
