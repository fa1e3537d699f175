#include "wire/random_model.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/wire_text.h"

namespace hoarfrost::testing {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

}  // namespace

std::string RandomModels::Text(size_t size) {
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(Below(256));
  return text;
}

std::string RandomModels::MetadataKey() {
  switch (Below(8)) {
    case 0:
      return "pkg.torch.onnx.stack_trace";
    case 1:
      return "hoarfrost.undo";
    case 2:
      return "hoarfrost.plan";
    case 3:
      return "pkg.torch.export.ExportedProgram.graph_signature";
    case 4:
      return std::string(Below(300), 'k');
    default:
      return "namespace";
  }
}

void RandomModels::FillScalar(Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  // Small numbers take a byte on the wire, others up to ten.
  const uint64_t number = OneIn(3) ? random_() : Below(100);
  const bool add = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      add ? reflection.AddInt32(&message, &field, static_cast<int32_t>(number))
          : reflection.SetInt32(&message, &field, static_cast<int32_t>(number));
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      add ? reflection.AddInt64(&message, &field, static_cast<int64_t>(number))
          : reflection.SetInt64(&message, &field, static_cast<int64_t>(number));
      break;
    case FieldDescriptor::CPPTYPE_UINT64:
      reflection.AddUInt64(&message, &field, number);
      break;
    case FieldDescriptor::CPPTYPE_FLOAT:
      add ? reflection.AddFloat(&message, &field, static_cast<float>(number))
          : reflection.SetFloat(&message, &field, static_cast<float>(number));
      break;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      reflection.AddDouble(&message, &field, static_cast<double>(number));
      break;
    case FieldDescriptor::CPPTYPE_ENUM:
      reflection.SetEnumValue(&message, &field, static_cast<int>(Below(17)));
      break;
    default: {
      const bool key = field.name() == "key" && OneIn(2);
      // Now and then more than a window holds, or more than a metadata value may have.
      const uint64_t size = OneIn(100) ? Below(9000) : OneIn(2000) ? 66000 : Below(40);
      const std::string text = key ? MetadataKey() : Text(size);
      add ? reflection.AddString(&message, &field, text)
          : reflection.SetString(&message, &field, text);
    }
  }
}

void RandomModels::Fill(Message& message, int depth) {
  const Descriptor& descriptor = *message.GetDescriptor();
  const Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    if (field.type() == FieldDescriptor::TYPE_MESSAGE) {
      if (!OneIn(static_cast<uint64_t>(depth) + 1)) continue;
      const uint64_t n = field.is_repeated() ? Below(4) : 1;
      for (uint64_t k = 0; k < n; ++k) {
        Fill(field.is_repeated() ? *reflection.AddMessage(&message, &field)
                                 : *reflection.MutableMessage(&message, &field),
             depth + 1);
      }
      continue;
    }
    if (!OneIn(2)) continue;
    uint64_t n = 1;
    if (field.is_repeated()) n = OneIn(12) ? Below(140) : Below(4);
    for (uint64_t k = 0; k < n; ++k) FillScalar(message, field);
    if (!field.is_repeated() && (field.name() == "raw_data" || field.name() == "s")) {
      constexpr size_t kSizes[] = {0, 1, 16, 255, 256, 257, 1000, 5000};
      reflection.SetString(&message, &field, Text(kSizes[Below(std::size(kSizes))]));
    }
  }
}

onnx::ModelProto RandomModels::Model() {
  onnx::ModelProto model;
  Fill(model, 0);
  model.mutable_graph();
  return model;
}

// --- respelling

class Respeller {
 public:
  explicit Respeller(RandomModels& random) : random_(random) {}

  std::string Message(std::string_view bytes, const Descriptor& descriptor) {
    std::vector<std::string> fields;
    while (!bytes.empty()) Field(bytes, descriptor, fields);
    while (random_.OneIn(20)) fields.insert(fields.begin(), Unknown(descriptor, 0));
    // Any order is legal; the order of one field's elements is kept or not, as it comes.
    switch (random_.Below(4)) {
      case 0:
        std::reverse(fields.begin(), fields.end());
        break;
      case 1:
        std::shuffle(fields.begin(), fields.end(), random_.random_);
        break;
      default:
        break;
    }
    std::string out;
    for (const std::string& field : fields) out += field;
    return out;
  }

 private:
  size_t Pad(size_t most) { return random_.OneIn(10) ? 1 + random_.Below(most) : 0; }
  std::string Tag(int field, uint32_t type) {
    return wire_text::Tag(static_cast<uint32_t>(field), type, Pad(5));
  }
  std::string Content(int field, const std::string& content) {
    return Tag(field, 2) + wire_text::Varint(content.size(), Pad(5)) + content;
  }

  static uint64_t TakeVarint(std::string_view& bytes) {
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      const auto byte = static_cast<uint8_t>(bytes.front());
      bytes.remove_prefix(1);
      value |= uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return value;
    }
  }
  static std::string_view Take(std::string_view& bytes, size_t n) {
    const std::string_view taken = bytes.substr(0, n);
    bytes.remove_prefix(n);
    return taken;
  }

  void Field(std::string_view& bytes, const Descriptor& descriptor,
             std::vector<std::string>& fields) {
    const uint64_t tag = TakeVarint(bytes);
    const int number = static_cast<int>(tag >> 3);
    const FieldDescriptor& field = *descriptor.FindFieldByNumber(number);
    switch (tag & 7) {
      case 0: {
        const uint64_t value = TakeVarint(bytes);
        fields.push_back(Tag(number, 0) + wire_text::Varint(value, Pad(10)));
        if (field.is_packable()) MaybePack(number, {fields.back()}, fields);
        return;
      }
      case 1:
        fields.push_back(Tag(number, 1) + std::string(Take(bytes, 8)));
        return;
      case 5:
        fields.push_back(Tag(number, 5) + std::string(Take(bytes, 4)));
        return;
      default:
        break;
    }
    const std::string_view content = Take(bytes, TakeVarint(bytes));
    if (field.type() == FieldDescriptor::TYPE_MESSAGE) {
      MessageField(field, content, fields);
    } else if (field.is_packable()) {
      Packed(field, content, fields);
    } else {
      // A singular string may be given twice: the last counts.
      if (!field.is_repeated() && random_.OneIn(20)) {
        fields.push_back(Content(number, random_.Text(random_.Below(400))));
      }
      fields.push_back(Content(number, std::string(content)));
    }
  }

  // An unpacked number that was just written may become a packed chunk of one.
  void MaybePack(int number, const std::string& unpacked, std::vector<std::string>& fields) {
    if (!random_.OneIn(3)) return;
    std::string_view rest = unpacked;
    TakeVarint(rest);
    fields.back() = Content(number, std::string(rest));
  }

  // The elements of a packed field: as chunks, or one by one, or both.
  void Packed(const FieldDescriptor& field, std::string_view content,
              std::vector<std::string>& fields) {
    const size_t width = field.cpp_type() == FieldDescriptor::CPPTYPE_FLOAT    ? 4
                         : field.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE ? 8
                                                                               : 0;
    const uint32_t type = width == 4 ? 5 : width == 8 ? 1 : 0;
    const uint64_t style = random_.Below(3);
    std::string chunk;
    while (!content.empty()) {
      std::string element;
      if (width == 0) {
        element = wire_text::Varint(TakeVarint(content), Pad(10));
      } else {
        element = Take(content, width);
      }
      if (style == 0 || (style == 1 && random_.OneIn(10))) {
        if (!chunk.empty()) fields.push_back(Content(field.number(), chunk));
        chunk.clear();
        fields.push_back(Tag(field.number(), type) + element);
      } else {
        chunk += element;
      }
    }
    if (!chunk.empty() || random_.OneIn(10)) fields.push_back(Content(field.number(), chunk));
  }

  void MessageField(const FieldDescriptor& field, std::string_view content,
                    std::vector<std::string>& fields) {
    const std::string spelled = Message(content, *field.message_type());
    if (field.is_repeated() || !random_.OneIn(3)) {
      fields.push_back(Content(field.number(), spelled));
      return;
    }
    // In parts, cut between fields.
    std::string part;
    std::string_view rest = spelled;
    while (!rest.empty()) {
      part += TakeField(rest);
      if (random_.OneIn(3)) fields.push_back(Content(field.number(), std::exchange(part, "")));
    }
    fields.push_back(Content(field.number(), part));
  }

  static std::string TakeField(std::string_view& bytes) {
    const std::string_view before = bytes;
    const uint64_t tag = TakeVarint(bytes);
    switch (tag & 7) {
      case 0:
        TakeVarint(bytes);
        break;
      case 1:
        Take(bytes, 8);
        break;
      case 5:
        Take(bytes, 4);
        break;
      case 2:
        Take(bytes, TakeVarint(bytes));
        break;
      case 3:
        while ((static_cast<uint8_t>(bytes.front()) & 7) != 4) TakeField(bytes);
        TakeVarint(bytes);
        break;
      default:
        break;
    }
    return std::string(before.substr(0, before.size() - bytes.size()));
  }

  std::string Unknown(const Descriptor& descriptor, int depth) {
    int number = 0;
    do {
      number = static_cast<int>(1 + random_.Below(random_.OneIn(4) ? 5000 : 40));
    } while (descriptor.FindFieldByNumber(number) != nullptr);
    switch (random_.Below(6)) {
      case 0:
        return Tag(number, 0) + wire_text::Varint(random_.random_(), Pad(10));
      case 1:
        return Tag(number, 5) + random_.Text(4);
      case 2:
        return Tag(number, 1) + random_.Text(8);
      case 3: {
        std::string inside;
        while (depth < 4 && random_.OneIn(2)) inside += Unknown(descriptor, depth + 1);
        return wire_text::Tag(static_cast<uint32_t>(number), 3) + inside +
               wire_text::Tag(static_cast<uint32_t>(number), 4);
      }
      default:
        return Content(number, random_.Text(random_.Below(random_.OneIn(20) ? 9000 : 60)));
    }
  }

  RandomModels& random_;
};

std::string RandomModels::Respell(const std::string& model) {
  return Respeller(*this).Message(model, *onnx::ModelProto::descriptor());
}

std::string RandomModels::Damage(std::string bytes) {
  for (uint64_t n = 1 + Below(3); n > 0 && !bytes.empty(); --n) {
    const size_t at = Below(bytes.size());
    // Heads of files hold the structure; half of the hits go there.
    const size_t place = OneIn(2) ? at : Below(std::min<size_t>(bytes.size(), 200));
    switch (Below(6)) {
      case 0:
        bytes[place] = static_cast<char>(bytes[place] ^ (1 << Below(8)));
        break;
      case 1:
        bytes[place] = static_cast<char>(Below(256));
        break;
      case 2:
        bytes.resize(at);
        break;
      case 3:
        bytes.insert(place, Text(1 + Below(4)));
        break;
      case 4:
        bytes.erase(place, 1 + Below(4));
        break;
      default:
        bytes.insert(place, bytes.substr(at, 1 + Below(60)));
    }
  }
  return bytes;
}

}  // namespace hoarfrost::testing
