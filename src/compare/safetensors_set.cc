#include "compare/safetensors_set.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "base/text.h"
#include "payload/dtype.h"

namespace hoarfrost::compare {
namespace {

using nlohmann::json;

constexpr uint64_t kLengthBytes = 8;
constexpr uint64_t kLargestHeader = 100'000'000;  // the reference implementation's own limit

struct TypeRow {
  std::string_view name;
  std::string_view dtype;
};
constexpr std::array<TypeRow, 21> kTypes = {{
    {"F32", "float32"},
    {"F16", "float16"},
    {"BF16", "bfloat16"},
    {"F64", "float64"},
    {"I64", "int64"},
    {"I32", "int32"},
    {"I16", "int16"},
    {"I8", "int8"},
    {"U64", "uint64"},
    {"U32", "uint32"},
    {"U16", "uint16"},
    {"U8", "uint8"},
    {"BOOL", "bool"},
    {"F8_E4M3", "float8e4m3fn"},
    {"F8_E5M2", "float8e5m2"},
    {"F8_E4M3FNUZ", "float8e4m3fnuz"},
    {"F8_E5M2FNUZ", "float8e5m2fnuz"},
    {"F8_E8M0", "float8e8m0"},
    {"F6_E2M3", "float6e2m3"},
    {"F6_E3M2", "float6e3m2"},
    {"F4", "float4e2m1"},
}};

std::optional<int32_t> TypeNamed(std::string_view name) {
  for (const TypeRow& row : kTypes) {
    if (row.name == name) return payload::DtypeNamed(row.dtype);
  }
  return std::nullopt;
}

std::optional<uint64_t> HeaderLength(const wire::ByteSource& source) {
  char bytes[kLengthBytes + 1];
  const absl::StatusOr<size_t> got = source.ReadAt(0, bytes, sizeof bytes);
  if (!got.ok() || *got != sizeof bytes || bytes[kLengthBytes] != '{') return std::nullopt;
  uint64_t length = 0;
  std::memcpy(&length, bytes, sizeof length);
  if (length > kLargestHeader || length > source.size() - kLengthBytes) return std::nullopt;
  return length;
}

class SafetensorsSet final : public TensorSet {
 public:
  explicit SafetensorsSet(std::shared_ptr<const wire::ByteSource> source)
      : source_(std::move(source)) {}

  absl::Status Fill() {
    const std::optional<uint64_t> length = HeaderLength(*source_);
    if (!length) return Bad("is no safetensors file");
    std::string text(*length, '\0');
    const absl::StatusOr<size_t> got = source_->ReadAt(kLengthBytes, text.data(), text.size());
    if (!got.ok()) return got.status();
    const json header = json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!header.is_object()) return Bad("the safetensors header is no JSON object");
    const uint64_t data = kLengthBytes + *length;
    // Items point into names_, which must not move.
    names_.reserve(header.size());
    for (const auto& [name, value] : header.items()) {
      if (name == "__metadata__") continue;
      names_.push_back(name);
      if (absl::Status added = Add(names_.back(), value, data); !added.ok()) return added;
    }
    return absl::OkStatus();
  }

  const std::string& name() const override { return source_->name(); }
  absl::StatusOr<std::unique_ptr<payload::ElementStream>> Open(size_t i) const override {
    return payload::StreamOf(source_, spans_[i]);
  }
  absl::Status CheckUnchanged() const override { return source_->CheckUnchanged(); }

 private:
  absl::Status Bad(std::string_view cause) const {
    return absl::InvalidArgumentError(fmt::format("{}: {}", base::Escape(name()), cause));
  }

  absl::Status Add(const std::string& name, const json& value, uint64_t data) {
    const auto refuse = [&](std::string_view cause) {
      return Bad(fmt::format("tensor {}: {}", base::Quote(name), cause));
    };
    if (!value.is_object()) return refuse("its entry is no object");
    const auto type = value.find("dtype");
    const auto shape = value.find("shape");
    const auto offsets = value.find("data_offsets");
    if (type == value.end() || !type->is_string()) return refuse("it has no dtype");
    const std::optional<int32_t> dtype = TypeNamed(type->get_ref<const std::string&>());
    if (!dtype) {
      return refuse(
          fmt::format("its dtype {} is unknown", base::Quote(type->get_ref<const std::string&>())));
    }
    if (shape == value.end() || !shape->is_array()) return refuse("it has no shape");
    Item item;
    for (const json& dim : *shape) {
      if (!dim.is_number_unsigned() || dim.get<uint64_t>() > uint64_t{1} << 62) {
        return refuse("its shape is no count of elements");
      }
      item.dims.push_back(dim.get<int64_t>());
    }
    const std::optional<uint64_t> elements = payload::ElementCount(item.dims);
    const std::optional<uint64_t> bytes =
        elements ? payload::PackedBytes(*dtype, *elements) : std::nullopt;
    if (!bytes) return refuse("its shape is no count of elements");
    if (offsets == value.end() || !offsets->is_array() || offsets->size() != 2 ||
        !(*offsets)[0].is_number_unsigned() || !(*offsets)[1].is_number_unsigned()) {
      return refuse("its data_offsets are no two numbers");
    }
    const auto begin = (*offsets)[0].get<uint64_t>();
    const auto end = (*offsets)[1].get<uint64_t>();
    if (begin > end || end > source_->size() - data) {
      return refuse("its data_offsets do not lie in the file");
    }
    if (end - begin != *bytes) {
      return refuse(fmt::format("{} bytes are stored where its shape and type ask for {}",
                                end - begin, *bytes));
    }
    item.name = name;
    item.dtype = *dtype;
    item.elements = *elements;
    items_.push_back(std::move(item));
    spans_.push_back({data + begin, *bytes});
    return absl::OkStatus();
  }

  const std::shared_ptr<const wire::ByteSource> source_;
  std::vector<std::string> names_;
  std::vector<wire::Span> spans_;
};

}  // namespace

bool LooksLikeSafetensors(const wire::ByteSource& source) {
  return HeaderLength(source).has_value();
}

absl::StatusOr<std::unique_ptr<TensorSet>> ReadSafetensors(
    std::shared_ptr<const wire::ByteSource> source) {
  auto set = std::make_unique<SafetensorsSet>(std::move(source));
  if (absl::Status filled = set->Fill(); !filled.ok()) return filled;
  return set;
}

}  // namespace hoarfrost::compare
