// The constexpr table of ONNX's fields says what ONNX's own descriptors say.
#include "wire/schema.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "onnx/onnx_pb.h"
#include "wire/payload_index.h"
#include "wire/scan_ops.h"

namespace hoarfrost::wire {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

void Collect(const Descriptor& message, std::vector<const Descriptor*>& all) {
  all.push_back(&message);
  for (int i = 0; i < message.nested_type_count(); ++i) Collect(*message.nested_type(i), all);
}

// "TypeProto.Tensor" and so on, without the package.
std::string ShortName(const Descriptor& message) {
  return message.full_name().substr(message.file()->package().size() + 1);
}

std::map<std::string, const Descriptor*> AllMessages() {
  const auto& file = *onnx::ModelProto::descriptor()->file();
  std::vector<const Descriptor*> all;
  for (int i = 0; i < file.message_type_count(); ++i) Collect(*file.message_type(i), all);
  std::map<std::string, const Descriptor*> by_name;
  for (const Descriptor* message : all) by_name[ShortName(*message)] = message;
  return by_name;
}

FieldKind KindOf(const FieldDescriptor& field) {
  switch (field.type()) {
    case FieldDescriptor::TYPE_INT32:
    case FieldDescriptor::TYPE_INT64:
    case FieldDescriptor::TYPE_UINT32:
    case FieldDescriptor::TYPE_UINT64:
    case FieldDescriptor::TYPE_BOOL:
    case FieldDescriptor::TYPE_ENUM:
      return FieldKind::kVarint;
    case FieldDescriptor::TYPE_FLOAT:
    case FieldDescriptor::TYPE_FIXED32:
      return FieldKind::kFixed32;
    case FieldDescriptor::TYPE_DOUBLE:
    case FieldDescriptor::TYPE_FIXED64:
      return FieldKind::kFixed64;
    case FieldDescriptor::TYPE_BYTES:
      return FieldKind::kBytes;
    case FieldDescriptor::TYPE_STRING:
      return FieldKind::kString;
    case FieldDescriptor::TYPE_MESSAGE:
      return FieldKind::kMessage;
    default:
      ADD_FAILURE() << field.full_name() << " is of a kind that the table has no word for";
      return FieldKind::kUnknown;
  }
}

TEST(SchemaTest, HasEveryMessageOfOnnx) {
  std::set<std::string> names;
  for (size_t i = 0; i < kMessageTypes; ++i) {
    names.emplace(MessageName(static_cast<MessageType>(i)));
  }
  std::set<std::string> expected;
  for (const auto& [name, descriptor] : AllMessages()) expected.insert(name);
  EXPECT_EQ(names, expected);
  EXPECT_EQ(names.size(), kMessageTypes);
}

TEST(SchemaTest, HasEveryFieldOfOnnxAsItsDescriptorSays) {
  const auto messages = AllMessages();
  size_t fields = 0;
  for (size_t i = 0; i < kMessageTypes; ++i) {
    const auto type = static_cast<MessageType>(i);
    const Descriptor& message = *messages.at(std::string(MessageName(type)));
    fields += static_cast<size_t>(message.field_count());
    for (int k = 0; k < message.field_count(); ++k) {
      const FieldDescriptor& field = *message.field(k);
      SCOPED_TRACE(field.full_name());
      const auto number = static_cast<uint32_t>(field.number());
      const FieldRule rule = FieldOf(type, number);
      EXPECT_EQ(FieldName(type, number), field.name());
      EXPECT_EQ(rule.kind, KindOf(field));
      EXPECT_EQ(rule.repeated, field.is_repeated());
      EXPECT_EQ(rule.packable(), field.is_packable());
      if (rule.kind == FieldKind::kMessage) {
        EXPECT_EQ(MessageName(rule.message), ShortName(*field.message_type()));
      }
      int enum_max = 0;
      if (const EnumDescriptor* values = field.enum_type(); values != nullptr) {
        EXPECT_FALSE(field.is_repeated());
        enum_max = values->value_count() - 1;
        for (int v = 0; v <= enum_max; ++v) EXPECT_NE(values->FindValueByNumber(v), nullptr) << v;
      }
      EXPECT_EQ(rule.enum_max, enum_max);
    }
  }
  EXPECT_EQ(std::size(kFieldRows), fields) << "a row for a field that ONNX does not have";
}

TEST(SchemaTest, UnknownFieldsHaveNoRule) {
  EXPECT_EQ(FieldOf(MessageType::kModel, 0).kind, FieldKind::kUnknown);
  EXPECT_EQ(FieldOf(MessageType::kModel, 9).kind, FieldKind::kUnknown);
  EXPECT_EQ(FieldOf(MessageType::kModel, 32).kind, FieldKind::kUnknown);
  EXPECT_EQ(FieldOf(MessageType::kModel, 1u << 28).kind, FieldKind::kUnknown);
  EXPECT_EQ(FieldName(MessageType::kModel, 9), "");
}

TEST(SchemaTest, NoMessageUsesTheFieldThatHoldsRunNumbers) {
  for (const auto& [name, message] : AllMessages()) {
    EXPECT_EQ(message->FindFieldByNumber(static_cast<int>(kRunField)), nullptr) << name;
  }
  EXPECT_EQ(VarintSize(kRunTag), 2u);
  EXPECT_EQ(VarintSize(MakeTag(kRunField + 1, TagType::kVarint)), 3u);
}

TEST(SchemaTest, EveryTagFitsTheScansTable) {
  for (const FieldRow& row : kFieldRows) EXPECT_LT(row.number * 8, kScanTagLimit);
}

TEST(ScanRulesTest, PayloadsAreTheFieldsThatHoldValues) {
  std::set<std::string> payloads;
  for (const FieldRow& row : kFieldRows) {
    if (IsPayload(row.message, row.number)) {
      EXPECT_GE(row.number, kFirstPayloadField);
      EXPECT_LT(row.number - kFirstPayloadField, kPayloadFields);
      payloads.insert(std::string(MessageName(row.message)) + "." + std::string(row.name));
    }
  }
  EXPECT_EQ(payloads,
            (std::set<std::string>{
                "TensorProto.float_data", "TensorProto.int32_data", "TensorProto.string_data",
                "TensorProto.int64_data", "TensorProto.raw_data", "TensorProto.double_data",
                "TensorProto.uint64_data", "AttributeProto.s", "AttributeProto.floats",
                "AttributeProto.ints", "AttributeProto.strings"}));
}

}  // namespace
}  // namespace hoarfrost::wire
