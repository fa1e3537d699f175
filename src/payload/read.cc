#include "payload/read.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "base/text.h"
#include "fmt/format.h"
#include "payload/dtype.h"
#include "payload/storage.h"
#include "payload/stream.h"

namespace hoarfrost::payload {
namespace {

// `expected` bytes are made room for at once.
absl::StatusOr<std::string> ReadAll(ElementStream& stream, uint64_t expected) {
  constexpr size_t kChunk = size_t{1} << 20;
  std::string bytes;
  bytes.reserve(expected + kChunk);
  while (true) {
    const size_t before = bytes.size();
    bytes.resize(before + kChunk);
    const absl::StatusOr<size_t> got = stream.Read(bytes.data() + before, kChunk);
    if (!got.ok()) return got.status();
    bytes.resize(before + *got);
    if (*got < kChunk) return bytes;
  }
}

}  // namespace

absl::StatusOr<std::string> ReadElements(const wire::ByteSource& source,
                                         const wire::Skeleton& skeleton,
                                         const onnx::TensorProto& tensor,
                                         const std::string& directory) {
  const auto in_tensor = [&](const absl::Status& status) {
    return absl::Status(status.code(),
                        fmt::format("{}: tensor {}: {}", base::Quote(source.name()),
                                    base::Quote(tensor.name()), std::string(status.message())));
  };
  if (tensor.data_type() == onnx::TensorProto::STRING) {
    return in_tensor(absl::UnimplementedError("elements of type string have no fixed size"));
  }
  DataFiles data_files(directory, source.descriptor() >= 0 ? source.name() : std::string());
  auto stream = OpenElements({source, skeleton, data_files}, tensor);
  if (!stream.ok()) return in_tensor(stream.status());
  // The range of an external tensor is known to lie in its file; within the model a shape may ask
  // for anything, but a byte holds no more than one number of 8 bytes.
  uint64_t expected =
      PackedBytes(tensor.data_type(), ElementCount(tensor.dims()).value_or(0)).value_or(0);
  if (tensor.data_location() != onnx::TensorProto::EXTERNAL) {
    expected = std::min(expected, source.size() * 8);
  }
  absl::StatusOr<std::string> bytes = ReadAll(**stream, expected);
  if (!bytes.ok()) return in_tensor(bytes.status());
  return bytes;
}

absl::StatusOr<std::string> ReadElements(const wire::ByteSource& source,
                                         const wire::Skeleton& skeleton,
                                         const onnx::AttributeProto& attribute) {
  const std::string_view name = attribute.name();
  if (name == "value_string" || name == "value_strings") {
    return absl::UnimplementedError(
        fmt::format("attribute {} holds no numbers", base::Quote(name)));
  }
  DataFiles none("", "");
  auto stream = OpenElements({source, skeleton, none}, attribute);
  if (!stream.ok()) return stream.status();
  return ReadAll(**stream, 0);
}

}  // namespace hoarfrost::payload
