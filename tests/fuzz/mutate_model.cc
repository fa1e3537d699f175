#include "fuzz/mutate_model.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <array>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hoarfrost::testing {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr std::array<int64_t, 12> kBorders = {0,
                                              1,
                                              -1,
                                              2,
                                              7,
                                              255,
                                              65536,
                                              int64_t{1} << 31,
                                              (int64_t{1} << 31) - 1,
                                              int64_t{1} << 32,
                                              std::numeric_limits<int64_t>::max(),
                                              std::numeric_limits<int64_t>::min()};

class Mutator {
 public:
  Mutator(onnx::ModelProto& model, std::mt19937_64& random) : random_(random) { Collect(model); }

  void Run() {
    Message& message = *messages_[Below(messages_.size())];
    const int count = message.GetDescriptor()->field_count();
    if (count == 0) return;
    const FieldDescriptor& field =
        *message.GetDescriptor()->field(static_cast<int>(Below(static_cast<uint64_t>(count))));
    if (field.is_repeated()) {
      Repeated(message, field);
    } else if (Below(6) == 0) {
      message.GetReflection()->ClearField(&message, &field);
    } else if (field.type() == FieldDescriptor::TYPE_MESSAGE) {
      const std::unique_ptr<Message> copy = AnyOf(*field.message_type());
      message.GetReflection()->MutableMessage(&message, &field)->CopyFrom(*copy);
    } else {
      SetScalar(message, field);
    }
  }

 private:
  uint64_t Below(uint64_t n) { return std::uniform_int_distribution<uint64_t>(0, n - 1)(random_); }

  // All messages and all short strings of the model.
  void Collect(Message& model) {
    messages_.push_back(&model);
    for (size_t i = 0; i < messages_.size(); ++i) {
      Message& message = *messages_[i];
      const Reflection& reflection = *message.GetReflection();
      std::vector<const FieldDescriptor*> fields;
      reflection.ListFields(message, &fields);
      for (const FieldDescriptor* field : fields) {
        const int n = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
        for (int k = 0; k < n; ++k) {
          if (field->type() == FieldDescriptor::TYPE_MESSAGE) {
            messages_.push_back(field->is_repeated()
                                    ? reflection.MutableRepeatedMessage(&message, field, k)
                                    : reflection.MutableMessage(&message, field));
          } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
            std::string text = field->is_repeated()
                                   ? reflection.GetRepeatedString(message, field, k)
                                   : reflection.GetString(message, field);
            if (text.size() < 200) strings_.push_back(std::move(text));
          }
        }
      }
    }
  }

  std::string Text() {
    if (strings_.empty() || Below(8) == 0) return std::string(Below(300), 'n');
    std::string text = strings_[Below(strings_.size())];
    if (Below(4) == 0) text.insert(Below(text.size() + 1), 1, static_cast<char>(Below(256)));
    if (Below(8) == 0) text += strings_[Below(strings_.size())];
    return text;
  }

  // A number near a border, or one of the first that types and operators are told apart by.
  int64_t Number() {
    if (Below(2) == 0) return static_cast<int64_t>(Below(30));
    const int64_t border = kBorders[Below(kBorders.size())];
    return Below(2) == 0 ? border : static_cast<int64_t>(static_cast<uint64_t>(border) + Below(9));
  }

  void SetScalar(Message& message, const FieldDescriptor& field) {
    const Reflection& reflection = *message.GetReflection();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return reflection.SetInt32(&message, &field, static_cast<int32_t>(Number()));
      case FieldDescriptor::CPPTYPE_INT64:
        return reflection.SetInt64(&message, &field, Number());
      case FieldDescriptor::CPPTYPE_FLOAT:
        return reflection.SetFloat(&message, &field, static_cast<float>(Number()));
      case FieldDescriptor::CPPTYPE_ENUM:
        return reflection.SetEnumValue(&message, &field, static_cast<int>(Below(32)));
      case FieldDescriptor::CPPTYPE_STRING:
        return reflection.SetString(&message, &field, Text());
      default:
        return;  // ONNX has no other type of its own that is not repeated
    }
  }

  void AddScalar(Message& message, const FieldDescriptor& field) {
    const Reflection& reflection = *message.GetReflection();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return reflection.AddInt32(&message, &field, static_cast<int32_t>(Number()));
      case FieldDescriptor::CPPTYPE_INT64:
        return reflection.AddInt64(&message, &field, Number());
      case FieldDescriptor::CPPTYPE_UINT64:
        return reflection.AddUInt64(&message, &field, static_cast<uint64_t>(Number()));
      case FieldDescriptor::CPPTYPE_FLOAT:
        return reflection.AddFloat(&message, &field, static_cast<float>(Number()));
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return reflection.AddDouble(&message, &field, static_cast<double>(Number()));
      case FieldDescriptor::CPPTYPE_STRING:
        return reflection.AddString(&message, &field, Text());
      default:
        return;
    }
  }

  void Repeated(Message& message, const FieldDescriptor& field) {
    const Reflection& reflection = *message.GetReflection();
    const int size = reflection.FieldSize(message, &field);
    const auto any = [&] { return static_cast<int>(Below(static_cast<uint64_t>(size))); };
    switch (size == 0 ? 0 : Below(5)) {
      case 0:
      case 1:
        if (field.type() == FieldDescriptor::TYPE_MESSAGE) {
          const std::unique_ptr<Message> copy = AnyOf(*field.message_type());
          reflection.AddMessage(&message, &field)->CopyFrom(*copy);
        } else {
          AddScalar(message, field);
        }
        break;
      case 2:
        reflection.SwapElements(&message, &field, any(), any());
        break;
      case 3:
        if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
          reflection.SetRepeatedString(&message, &field, any(), Text());
          break;
        }
        [[fallthrough]];
      default:
        reflection.SwapElements(&message, &field, any(), size - 1);
        reflection.RemoveLast(&message, &field);
    }
  }

  // A copy of one of the model's messages of a kind, or an empty one. A copy, and made before a
  // place for it is: that may lie inside it, or take the place of another member of a oneof.
  std::unique_ptr<Message> AnyOf(const google::protobuf::Descriptor& kind) {
    constexpr size_t kLargest = size_t{1} << 16;
    std::vector<const Message*> same;
    for (const Message* message : messages_) {
      if (message->GetDescriptor() == &kind) same.push_back(message);
    }
    const Message& prototype =
        *google::protobuf::MessageFactory::generated_factory()->GetPrototype(&kind);
    std::unique_ptr<Message> copy(prototype.New());
    if (!same.empty()) {
      const Message& chosen = *same[Below(same.size())];
      if (chosen.ByteSizeLong() < kLargest) copy->CopyFrom(chosen);
    }
    return copy;
  }

  std::mt19937_64& random_;
  std::vector<Message*> messages_;
  std::vector<std::string> strings_;
};

}  // namespace

void MutateModel(onnx::ModelProto& model, std::mt19937_64& random) { Mutator(model, random).Run(); }

}  // namespace hoarfrost::testing
