// Strings: tensors of them, and Constant nodes' value_string(s).
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "base/text.h"
#include "fmt/format.h"
#include "payload/read.h"
#include "payload/read_parts.h"
#include "payload/storage.h"

namespace hoarfrost::payload {
namespace {

using onnx::AttributeProto;
using onnx::TensorProto;

// Appends the elements of a kStrings part: tag, length and content each.
bool AppendStrings(std::string_view in, std::vector<std::string>& out) {
  while (!in.empty()) {
    uint64_t tag = 0, length = 0;
    if (!TakeVarint(in, tag) || !TakeVarint(in, length) || length > in.size()) return false;
    out.emplace_back(in.substr(0, length));
    in.remove_prefix(length);
  }
  return true;
}

absl::StatusOr<std::vector<std::string>> ReadParts(const wire::ByteSource& source,
                                                   absl::Span<const wire::PayloadPart> parts,
                                                   int field) {
  std::vector<std::string> strings;
  for (const wire::PayloadPart& part : parts) {
    if (part.field != field) continue;
    auto read = ReadRange(source, part.span);
    if (!read.ok()) return read.status();
    if (part.encoding != wire::PayloadEncoding::kStrings) {  // singular: the last one counts
      strings.assign(1, *std::move(read));
    } else if (!AppendStrings(*read, strings)) {
      return absl::DataLossError("its strings are damaged");
    }
  }
  return strings;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ReadStrings(const wire::ByteSource& source,
                                                     const wire::Skeleton& skeleton,
                                                     const TensorProto& tensor) {
  const auto in_tensor = [&](const absl::Status& status) {
    return absl::Status(status.code(),
                        fmt::format("{}: tensor {}: {}", base::Quote(source.name()),
                                    base::Quote(tensor.name()), std::string(status.message())));
  };
  const std::optional<uint64_t> wanted = ElementCount(tensor.dims());
  if (!wanted) return in_tensor(absl::DataLossError("its dims are no count of elements"));
  if (tensor.data_location() == TensorProto::EXTERNAL) {
    return in_tensor(absl::DataLossError("strings cannot lie in an external file"));
  }
  auto strings = ReadParts(source, skeleton.PayloadOf(tensor), TensorProto::kStringDataFieldNumber);
  if (!strings.ok()) return in_tensor(strings.status());
  if (strings->size() != *wanted) {
    return in_tensor(absl::DataLossError(fmt::format(
        "{} strings are stored where its shape asks for {}", strings->size(), *wanted)));
  }
  return strings;
}

absl::StatusOr<std::vector<std::string>> ReadStrings(const wire::ByteSource& source,
                                                     const wire::Skeleton& skeleton,
                                                     const AttributeProto& attribute) {
  const bool list = attribute.name() == "value_strings";
  auto strings =
      ReadParts(source, skeleton.PayloadOf(attribute),
                list ? AttributeProto::kStringsFieldNumber : AttributeProto::kSFieldNumber);
  if (strings.ok() && !list) strings->resize(1);  // absent is empty
  return strings;
}

}  // namespace hoarfrost::payload
