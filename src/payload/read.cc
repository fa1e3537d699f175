#include "payload/read.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "base/text.h"
#include "fmt/format.h"
#include "payload/dtype.h"
#include "payload/external.h"
#include "payload/storage.h"

namespace hoarfrost::payload {
namespace {

using onnx::TensorProto;

static_assert(std::endian::native == std::endian::little, "elements are kept little-endian");

absl::StatusOr<std::string> ReadRange(const wire::ByteSource& source, wire::Span span) {
  if (span.offset > source.size() || span.length > source.size() - span.offset) {
    return absl::DataLossError(
        fmt::format("{}: the payload lies past the end of the file", base::Quote(source.name())));
  }
  std::string bytes(span.length, '\0');
  const absl::StatusOr<size_t> got = source.ReadAt(span.offset, bytes.data(), bytes.size());
  if (!got.ok()) return got.status();
  if (*got != bytes.size()) {
    return absl::DataLossError(
        fmt::format("{}: the file became shorter while it was read", base::Quote(source.name())));
  }
  return bytes;
}

// The scan that made the index has checked every varint; running off the end only stops the loop.
bool TakeVarint(std::string_view& in, uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 70 && !in.empty(); shift += 7) {
    const uint8_t byte = static_cast<uint8_t>(in.front());
    in.remove_prefix(1);
    if (shift < 64) value |= uint64_t{byte & 0x7Fu} << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

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

void AppendTypedPart(const wire::PayloadPart& part, std::string_view in, size_t width,
                     std::string& out) {
  const bool unpacked = part.encoding == wire::PayloadEncoding::kUnpacked;
  const size_t fixed = part.field == TensorProto::kFloatDataFieldNumber    ? 4
                       : part.field == TensorProto::kDoubleDataFieldNumber ? 8
                                                                           : 0;
  if (fixed != 0 && !unpacked) {
    out.append(in);
    return;
  }
  while (!in.empty()) {
    uint64_t value = 0;
    if (unpacked && !TakeVarint(in, value)) return;  // the tag
    if (fixed != 0) {
      out.append(in.substr(0, fixed));
      in.remove_prefix(std::min(fixed, in.size()));
      continue;
    }
    if (!TakeVarint(in, value)) return;
    char little[sizeof value];
    std::memcpy(little, &value, sizeof value);
    out.append(little, width);
  }
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
        AppendTypedPart(part, *read, ElementWidth(part.field, tensor.data_type()), bytes);
      }
    }
  }
  if (bytes.size() != *wanted) {
    return in_tensor(absl::DataLossError(fmt::format(
        "{} bytes are stored where its shape and type ask for {}", bytes.size(), *wanted)));
  }
  return bytes;
}

}  // namespace hoarfrost::payload
