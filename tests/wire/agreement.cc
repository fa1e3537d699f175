#include "wire/agreement.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/unknown_field_set.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "onnx/onnx_pb.h"
#include "wire/payload_index.h"
#include "wire/skeleton.h"

namespace hoarfrost::testing {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using wire::PayloadEncoding;
using wire::PayloadPart;

// Takes values off the front of a view, each at most once; nullopt where there is none.
class Taker {
 public:
  explicit Taker(std::string_view bytes) : bytes_(bytes) {}
  bool done() const { return bytes_.empty(); }

  std::optional<uint64_t> Varint() {
    uint64_t value = 0;
    for (size_t i = 0; i < 10 && i < bytes_.size(); ++i) {
      const auto byte = static_cast<uint8_t>(bytes_[i]);
      value |= uint64_t{byte & 0x7fu} << (7 * i);
      if (byte < 0x80) {
        bytes_.remove_prefix(i + 1);
        return value;
      }
    }
    return std::nullopt;
  }
  std::optional<std::string_view> Take(uint64_t n) {
    if (n > bytes_.size()) return std::nullopt;
    const std::string_view taken = bytes_.substr(0, n);
    bytes_.remove_prefix(n);
    return taken;
  }
  std::optional<std::string_view> Text() {
    const std::optional<uint64_t> n = Varint();
    return n.has_value() ? Take(*n) : std::nullopt;
  }

 private:
  std::string_view bytes_;
};

int WireTypeOf(FieldDescriptor::Type type) {
  switch (type) {
    case FieldDescriptor::TYPE_FLOAT:
      return 5;
    case FieldDescriptor::TYPE_DOUBLE:
      return 1;
    case FieldDescriptor::TYPE_STRING:
    case FieldDescriptor::TYPE_BYTES:
    case FieldDescriptor::TYPE_MESSAGE:
      return 2;
    default:
      return 0;
  }
}

// --- what protobuf lets pass and we do not

struct Oddities {
  bool wrong_type = false;
  bool wide_tag = false;
};

// `descriptor` is null inside unknown groups. The input is one that protobuf accepts.
void FindOddities(Taker& in, const Descriptor* descriptor, Oddities& odd) {
  while (!in.done()) {
    const uint64_t wide = in.Varint().value_or(0);
    if (wide > UINT32_MAX) odd.wide_tag = true;
    const auto tag = static_cast<uint32_t>(wide);
    const int type = static_cast<int>(tag & 7);
    const FieldDescriptor* field =
        descriptor != nullptr ? descriptor->FindFieldByNumber(static_cast<int>(tag >> 3)) : nullptr;
    if (field != nullptr) {
      const int own = WireTypeOf(field->type());
      const bool packed = field->is_packable() && type == 2;
      if (type != own && !packed) odd.wrong_type = true;
    }
    switch (type) {
      case 0:
        in.Varint();
        break;
      case 1:
        in.Take(8);
        break;
      case 5:
        in.Take(4);
        break;
      case 2: {
        const std::optional<std::string_view> content = in.Text();
        if (content.has_value() && field != nullptr &&
            field->type() == FieldDescriptor::TYPE_MESSAGE) {
          Taker inner(*content);
          FindOddities(inner, field->message_type(), odd);
        }
        break;
      }
      case 3:
        FindOddities(in, nullptr, odd);
        break;
      default:
        return;  // the end of a group
    }
  }
}

// --- values of a payload field

// Numbers as their bits, strings as they are: one text per element, so that NaNs compare.
using Values = std::vector<std::string>;

std::string NumberText(const FieldDescriptor& field, uint64_t bits) {
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT32) bits &= UINT32_MAX;
  return fmt::format("{:x}", bits);
}

Values ValuesOf(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  Values values;
  if (!field.is_repeated()) {
    if (reflection.HasField(message, &field))
      values.push_back(reflection.GetString(message, &field));
    return values;
  }
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_FLOAT:
        values.push_back(NumberText(
            field, std::bit_cast<uint32_t>(reflection.GetRepeatedFloat(message, &field, i))));
        break;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        values.push_back(NumberText(
            field, std::bit_cast<uint64_t>(reflection.GetRepeatedDouble(message, &field, i))));
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        values.push_back(NumberText(
            field, static_cast<uint32_t>(reflection.GetRepeatedInt32(message, &field, i))));
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        values.push_back(NumberText(
            field, static_cast<uint64_t>(reflection.GetRepeatedInt64(message, &field, i))));
        break;
      case FieldDescriptor::CPPTYPE_UINT64:
        values.push_back(NumberText(field, reflection.GetRepeatedUInt64(message, &field, i)));
        break;
      default:
        values.push_back(reflection.GetRepeatedString(message, &field, i));
    }
  }
  return values;
}

bool TakeElement(Taker& in, const FieldDescriptor& field, Values& values) {
  switch (WireTypeOf(field.type())) {
    case 0: {
      const std::optional<uint64_t> value = in.Varint();
      if (value.has_value()) values.push_back(NumberText(field, *value));
      return value.has_value();
    }
    case 2: {
      const std::optional<std::string_view> text = in.Text();
      if (text.has_value()) values.emplace_back(*text);
      return text.has_value();
    }
    default: {
      const size_t width = field.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE ? 8 : 4;
      const std::optional<std::string_view> bytes = in.Take(width);
      if (!bytes.has_value()) return false;
      uint64_t bits = 0;
      std::memcpy(&bits, bytes->data(),
                  width);  // the wire is little-endian, as the tests' machines
      values.push_back(NumberText(field, bits));
      return true;
    }
  }
}

// Appends what a part holds; false when its bytes are no such values.
bool ReadPart(std::string_view source, const PayloadPart& part, const FieldDescriptor& field,
              Values& values) {
  if (part.span.offset > source.size() || part.span.length > source.size() - part.span.offset) {
    return false;
  }
  const std::string_view bytes = source.substr(part.span.offset, part.span.length);
  if (part.encoding == PayloadEncoding::kBytes) {
    values = {std::string(bytes)};
    return true;
  }
  Taker in(bytes);
  while (!in.done()) {
    if (part.encoding != PayloadEncoding::kPacked) {
      const std::optional<uint64_t> tag = in.Varint();
      const auto want = static_cast<uint64_t>(field.number() << 3 | WireTypeOf(field.type()));
      if (tag != want) return false;
    }
    if (!TakeElement(in, field, values)) return false;
  }
  return true;
}

bool IsPayloadField(const FieldDescriptor& field) {
  const std::string& owner = field.containing_type()->name();
  const std::string& name = field.name();
  if (owner == "TensorProto")
    return name == "raw_data" || (name.ends_with("_data") && name != "external_data");
  if (owner == "AttributeProto") {
    return name == "s" || name == "floats" || name == "ints" || name == "strings";
  }
  return false;
}

// --- the comparison

class Comparison {
 public:
  Comparison(std::string_view source, const wire::Skeleton& skeleton)
      : source_(source), skeleton_(skeleton) {}

  // The first difference between what protobuf read and what the skeleton shows; empty if none.
  std::string Compare(const Message& whole, const Message& bones, const std::string& path) {
    if (std::string wrong = CheckUnknown(bones, path); !wrong.empty()) return wrong;
    const Descriptor& descriptor = *whole.GetDescriptor();
    for (int i = 0; i < descriptor.field_count(); ++i) {
      const FieldDescriptor& field = *descriptor.field(i);
      const std::string place = path + "." + field.name();
      std::string wrong;
      if (field.name() == "doc_string") {
        if (bones.GetReflection()->HasField(bones, &field)) wrong = place + " was kept";
      } else if (IsPayloadField(field)) {
        wrong = ComparePayload(whole, bones, field, place);
      } else {
        wrong = CompareField(whole, bones, field, place);
      }
      if (!wrong.empty()) return wrong;
    }
    return "";
  }

  // True when some part that was not read does not decode: all that may be broken in what we
  // accept.
  bool HasBrokenPart(const Message& bones) {
    for (const PayloadPart& part : PartsOf(bones)) {
      const FieldDescriptor& field = *bones.GetDescriptor()->FindFieldByNumber(part.field);
      Values values;
      if (part.count == PayloadPart::kUnknownCount && !ReadPart(source_, part, field, values)) {
        return true;
      }
    }
    std::vector<const FieldDescriptor*> fields;
    const Reflection& reflection = *bones.GetReflection();
    reflection.ListFields(bones, &fields);
    for (const FieldDescriptor* field : fields) {
      if (field->type() != FieldDescriptor::TYPE_MESSAGE) continue;
      if (!field->is_repeated()) {
        if (HasBrokenPart(reflection.GetMessage(bones, field))) return true;
        continue;
      }
      for (int i = 0; i < reflection.FieldSize(bones, field); ++i) {
        if (HasBrokenPart(reflection.GetRepeatedMessage(bones, field, i))) return true;
      }
    }
    return false;
  }

 private:
  absl::Span<const PayloadPart> PartsOf(const Message& bones) {
    if (const auto* tensor = dynamic_cast<const onnx::TensorProto*>(&bones)) {
      return skeleton_.PayloadOf(*tensor);
    }
    if (const auto* attribute = dynamic_cast<const onnx::AttributeProto*>(&bones)) {
      return skeleton_.PayloadOf(*attribute);
    }
    return {};
  }

  static std::string CheckUnknown(const Message& bones, const std::string& path) {
    const google::protobuf::UnknownFieldSet& unknown =
        bones.GetReflection()->GetUnknownFields(bones);
    const std::string& name = bones.GetDescriptor()->name();
    for (int i = 0; i < unknown.field_count(); ++i) {
      const bool ours = unknown.field(i).number() == static_cast<int>(wire::kRunField) &&
                        (name == "TensorProto" || name == "AttributeProto");
      if (!ours) return fmt::format("{} has unknown field {}", path, unknown.field(i).number());
    }
    return "";
  }

  std::string ComparePayload(const Message& whole, const Message& bones,
                             const FieldDescriptor& field, const std::string& place) {
    const Values want = ValuesOf(whole, field);
    Values stored;
    uint64_t bytes = 0;
    uint64_t count = 0;
    bool counted = true;
    const PayloadPart* last = nullptr;
    for (const PayloadPart& part : PartsOf(bones)) {
      if (part.field != field.number()) continue;
      if (!ReadPart(source_, part, field, stored)) return place + ": a part's bytes are no values";
      bytes = field.is_repeated() ? bytes + part.span.length : part.span.length;
      if (part.count == PayloadPart::kUnknownCount) {
        counted = false;
        if (part.kept || part.encoding != PayloadEncoding::kPacked ||
            WireTypeOf(field.type()) != 0) {
          return place + ": a count is missing without need";
        }
      } else {
        count = field.is_repeated() ? count + part.count : part.count;
      }
      last = &part;
    }
    if (stored != want) return place + ": the parts hold other values than the whole message";
    if (counted && count != (field.is_repeated() ? want.size() : bytes)) {
      return fmt::format("{}: counts {} values, but has {}", place, count, want.size());
    }
    const bool keep = bytes <= wire::kKeepPayload;
    for (const PayloadPart& part : PartsOf(bones)) {
      if (part.field != field.number()) continue;
      const bool counts = field.is_repeated() || &part == last;
      if (part.kept != (keep && counts)) return place + ": a part says wrongly whether it was kept";
    }
    const Values kept = ValuesOf(bones, field);
    if (kept != (keep ? want : Values{})) {
      return fmt::format("{}: {} bytes of payload, {} of {} values in the skeleton", place, bytes,
                         kept.size(), want.size());
    }
    return "";
  }

  std::string CompareField(const Message& whole, const Message& bones, const FieldDescriptor& field,
                           const std::string& place) {
    const Reflection& reflection = *whole.GetReflection();
    if (field.is_repeated()) {
      const int n = reflection.FieldSize(whole, &field);
      if (reflection.FieldSize(bones, &field) != n) return place + ": another number of elements";
      for (int i = 0; i < n; ++i) {
        std::string wrong;
        const std::string element = fmt::format("{}[{}]", place, i);
        if (field.type() != FieldDescriptor::TYPE_MESSAGE) {
          if (RepeatedText(whole, field, i) != RepeatedText(bones, field, i)) wrong = element;
        } else {
          wrong = CompareMessage(reflection.GetRepeatedMessage(whole, &field, i),
                                 reflection.GetRepeatedMessage(bones, &field, i), field, element);
        }
        if (!wrong.empty()) return wrong;
      }
      return "";
    }
    const bool has = reflection.HasField(whole, &field);
    if (reflection.HasField(bones, &field) != has) return place + ": present in one only";
    if (!has) return "";
    if (field.type() == FieldDescriptor::TYPE_MESSAGE) {
      return CompareMessage(reflection.GetMessage(whole, &field),
                            reflection.GetMessage(bones, &field), field, place);
    }
    return SingularText(whole, field) == SingularText(bones, field) ? "" : place;
  }

  std::string CompareMessage(const Message& whole, const Message& bones,
                             const FieldDescriptor& field, const std::string& place) {
    if (field.name() == "metadata_props") {
      onnx::StringStringEntryProto entry;
      entry.CopyFrom(whole);
      entry.DiscardUnknownFields();
      if (entry.has_value() && !wire::KeepMetadataValue(entry.key(), entry.value().size())) {
        entry.clear_value();
      }
      return entry.SerializeAsString() == bones.SerializeAsString() ? "" : place;
    }
    return Compare(whole, bones, place);
  }

  static std::string SingularText(const Message& message, const FieldDescriptor& field) {
    const Reflection& reflection = *message.GetReflection();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return std::to_string(reflection.GetInt32(message, &field));
      case FieldDescriptor::CPPTYPE_INT64:
        return std::to_string(reflection.GetInt64(message, &field));
      case FieldDescriptor::CPPTYPE_ENUM:
        return std::to_string(reflection.GetEnumValue(message, &field));
      case FieldDescriptor::CPPTYPE_FLOAT:
        return std::to_string(std::bit_cast<uint32_t>(reflection.GetFloat(message, &field)));
      default:
        return reflection.GetString(message, &field);
    }
  }

  static std::string RepeatedText(const Message& message, const FieldDescriptor& field, int i) {
    const Reflection& reflection = *message.GetReflection();
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
      return std::to_string(reflection.GetRepeatedInt64(message, &field, i));
    }
    return reflection.GetRepeatedString(message, &field, i);
  }

  const std::string_view source_;
  const wire::Skeleton& skeleton_;
};

}  // namespace

Agreement CheckAgreement(std::string_view bytes) {
  Agreement result;
  onnx::ModelProto whole;
  const bool parsed = whole.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  Oddities odd;
  if (parsed) {
    Taker in(bytes);
    FindOddities(in, onnx::ModelProto::descriptor(), odd);
  }
  const std::unique_ptr<wire::ByteSource> source = wire::FromMemory("m.onnx", bytes);
  const absl::StatusOr<wire::Skeleton> skeleton = wire::ReadSkeleton(*source);
  if (skeleton.ok()) {
    Comparison comparison(bytes, *skeleton);
    if (!parsed) {
      result.outcome = Outcome::kOnlyWeAccept;
      if (!comparison.HasBrokenPart(skeleton->model())) {
        result.disagreement = "only we accept, and no payload is to blame";
      }
      return result;
    }
    result.outcome = Outcome::kBothAccept;
    if (odd.wrong_type) result.disagreement = "we accept a wrong wire type";
    if (odd.wide_tag) result.disagreement = "we accept a tag of more than 32 bits";
    if (!whole.has_graph()) result.disagreement = "we accept a model without a graph";
    if (result.disagreement.empty()) {
      result.disagreement = comparison.Compare(whole, skeleton->model(), "model");
    }
    if (skeleton->source_bytes() != bytes.size()) result.disagreement = "source_bytes()";
    return result;
  }
  result.refusal = std::string(skeleton.status().message());
  if (skeleton.status().code() != absl::StatusCode::kInvalidArgument ||
      !result.refusal.starts_with("m.onnx: ")) {
    result.disagreement = "a refusal of an odd kind: " + result.refusal;
  }
  if (!parsed) return result;
  result.outcome = Outcome::kOnlyProtobufAccepts;
  if (!odd.wrong_type && !odd.wide_tag && whole.has_graph()) {
    result.disagreement = "we refuse what is legal: " + result.refusal;
  }
  return result;
}

}  // namespace hoarfrost::testing
