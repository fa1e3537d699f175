#include "payload/read.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "base/text.h"
#include "fmt/format.h"
#include "payload/dtype.h"
#include "payload/external.h"
#include "payload/read_parts.h"
#include "payload/storage.h"

namespace hoarfrost::payload {
namespace {

using onnx::AttributeProto;
using onnx::TensorProto;

// Bytes of one element of a typed field in raw_data; what the field's own type is cut down to.
size_t ElementWidth(int field, int32_t dtype) {
  switch (field) {
    case TensorProto::kFloatDataFieldNumber:
      return 4;
    case TensorProto::kDoubleDataFieldNumber:
    case TensorProto::kInt64DataFieldNumber:
      return 8;
    case TensorProto::kUint64DataFieldNumber:
      return dtype == TensorProto::UINT32 ? 4 : 8;
    default: {
      // int32_data holds one value a field element, but the types below 8 bits byte by byte.
      const int bits = DtypeBits(dtype).value_or(32);
      return bits <= 8 ? 1 : static_cast<size_t>(bits) / 8;
    }
  }
}

// The size of a field's own type on the wire; 0 for varints.
size_t FixedWidth(int field) {
  if (field == TensorProto::kFloatDataFieldNumber) return 4;
  return field == TensorProto::kDoubleDataFieldNumber ? 8 : 0;
}

absl::StatusOr<std::string> ReadExternal(const Storage& storage, uint64_t bytes,
                                         const std::string& directory) {
  if (const std::string fault = LocationFault(storage.location); !fault.empty()) {
    return absl::InvalidArgumentError(fault);
  }
  const std::string path =
      directory.empty() ? storage.location : fmt::format("{}/{}", directory, storage.location);
  struct stat info;
  if (stat(path.c_str(), &info) != 0) {
    return absl::NotFoundError(
        fmt::format("its data file {} cannot be read: {}", base::Quote(path), strerror(errno)));
  }
  auto data = wire::OpenFile(path);
  if (!data.ok()) return data.status();
  return ReadRange(**data, {storage.offset, bytes});
}

}  // namespace

absl::StatusOr<std::string> ReadElements(const wire::ByteSource& source,
                                         const wire::Skeleton& skeleton, const TensorProto& tensor,
                                         const std::string& directory) {
  const auto in_tensor = [&](const absl::Status& status) {
    return absl::Status(status.code(),
                        fmt::format("{}: tensor {}: {}", base::Quote(source.name()),
                                    base::Quote(tensor.name()), std::string(status.message())));
  };
  const std::optional<uint64_t> elements = ElementCount(tensor.dims());
  if (!elements) return in_tensor(absl::DataLossError("its dims are no count of elements"));
  const std::optional<uint64_t> wanted = PackedBytes(tensor.data_type(), *elements);
  if (!wanted) {
    return in_tensor(absl::UnimplementedError(
        fmt::format("elements of type {} have no fixed size", DtypeName(tensor.data_type()))));
  }

  const StorageReport report = DescribeStorage(tensor, skeleton, directory);
  std::string bytes;
  if (report.storage.kind == StorageKind::kExternal) {
    auto read = ReadExternal(report.storage, *wanted, directory);
    if (!read.ok()) return in_tensor(read.status());
    bytes = *std::move(read);
  } else {
    const wire::PayloadPart* raw = nullptr;  // singular: the last one counts
    for (const wire::PayloadPart& part : skeleton.PayloadOf(tensor)) {
      if (part.field == TensorProto::kRawDataFieldNumber) raw = &part;
    }
    for (const wire::PayloadPart& part : skeleton.PayloadOf(tensor)) {
      if (raw != nullptr ? &part != raw : part.encoding == wire::PayloadEncoding::kStrings)
        continue;
      auto read = ReadRange(source, part.span);
      if (!read.ok()) return in_tensor(read.status());
      if (raw != nullptr) {
        bytes = *std::move(read);
      } else {
        AppendNumbers(part, *read, FixedWidth(part.field),
                      ElementWidth(part.field, tensor.data_type()), bytes);
      }
    }
  }
  if (bytes.size() != *wanted) {
    return in_tensor(absl::DataLossError(fmt::format(
        "{} bytes are stored where its shape and type ask for {}", bytes.size(), *wanted)));
  }
  return bytes;
}

absl::StatusOr<std::string> ReadElements(const wire::ByteSource& source,
                                         const wire::Skeleton& skeleton,
                                         const AttributeProto& attribute) {
  const auto bytes_of = [](auto value) {
    std::string bytes(sizeof value, '\0');
    std::memcpy(bytes.data(), &value, sizeof value);
    return bytes;
  };
  const std::string_view name = attribute.name();
  if (name == "value_float") return bytes_of(attribute.f());
  if (name == "value_int") return bytes_of(attribute.i());
  const bool floats = name == "value_floats";
  if (!floats && name != "value_ints") {
    return absl::UnimplementedError(
        fmt::format("attribute {} holds no numbers", base::Quote(name)));
  }
  const int field = floats ? AttributeProto::kFloatsFieldNumber : AttributeProto::kIntsFieldNumber;
  std::string bytes;
  for (const wire::PayloadPart& part : skeleton.PayloadOf(attribute)) {
    if (part.field != field) continue;
    auto read = ReadRange(source, part.span);
    if (!read.ok()) return read.status();
    AppendNumbers(part, *read, floats ? sizeof(float) : 0, floats ? sizeof(float) : sizeof(int64_t),
                  bytes);
  }
  return bytes;
}

}  // namespace hoarfrost::payload
