#include "compare/checkpoint_set.h"

#include <fmt/format.h>

#include <cstring>
#include <deque>
#include <filesystem>
#include <optional>
#include <utility>

#include "base/hash.h"
#include "base/text.h"
#include "compare/flat_buffer.h"
#include "payload/data_files.h"
#include "payload/dtype.h"

namespace hoarfrost::compare {
namespace {

constexpr uint64_t kLongestName = uint64_t{1} << 16;
constexpr uint64_t kMostDims = 1024;

// Slots of the schema's tables.
constexpr uint32_t kModuleState = 1;
constexpr uint32_t kRequiresGrad = 0;
constexpr uint32_t kFrozen = 1;
constexpr uint32_t kNominal = 2;
constexpr uint32_t kTensorName = 0;
constexpr uint32_t kTensorDims = 2;
constexpr uint32_t kTensorType = 3;
constexpr uint32_t kTensorRaw = 4;
constexpr uint32_t kTensorExternal = 6;

class CheckpointSet final : public TensorSet {
 public:
  CheckpointSet(std::shared_ptr<const wire::ByteSource> source, const std::string& directory)
      : source_(std::move(source)),
        data_file_(std::filesystem::path(source_->name()).filename().string() + ".data"),
        data_files_(directory, source_->name()) {}

  absl::Status Fill() {
    const FlatBuffer file(*source_);
    const absl::StatusOr<FlatBuffer::Table> root = file.Root();
    if (!root.ok()) return root.status();
    const auto module = file.TableAt(*root, kModuleState);
    if (!module.ok()) return module.status();
    if (!module->has_value()) return Bad("the checkpoint holds no parameters");
    const auto nominal = file.BoolAt(**module, kNominal);
    if (!nominal.ok()) return nominal.status();
    if (nominal->value_or(false)) {
      return Bad("a nominal checkpoint has the names of parameters and no values");
    }
    for (const uint32_t list : {kRequiresGrad, kFrozen}) {
      const auto tensors = file.VectorAt(**module, list, 4);
      if (!tensors.ok()) return tensors.status();
      if (!tensors->has_value()) continue;
      for (uint64_t i = 0; i < (*tensors)->length / 4; ++i) {
        const absl::StatusOr<FlatBuffer::Table> tensor = file.TableOf(**tensors, i);
        if (!tensor.ok()) return tensor.status();
        if (absl::Status added = Add(file, *tensor); !added.ok()) return added;
      }
    }
    return absl::OkStatus();
  }

  const std::string& name() const override { return source_->name(); }
  bool partial() const override { return true; }
  absl::Status CheckUnchanged() const override { return source_->CheckUnchanged(); }

  absl::StatusOr<std::unique_ptr<payload::ElementStream>> Open(size_t i) const override {
    const Place& place = places_[i];
    if (!place.external) return payload::StreamOf(source_, place.span);
    auto data = data_files_.Open(data_file_);
    if (!data.ok()) return data.status();
    return payload::StreamOf(*std::move(data), place.span);
  }

 private:
  struct Place {
    wire::Span span;
    bool external = false;
  };

  absl::Status Bad(std::string_view cause) const {
    return absl::InvalidArgumentError(fmt::format("{}: {}", base::Escape(name()), cause));
  }

  absl::Status Add(const FlatBuffer& file, FlatBuffer::Table tensor) {
    auto name = file.StringAt(tensor, kTensorName, kLongestName);
    if (!name.ok()) return name.status();
    if (!name->has_value()) return Bad("a parameter of the checkpoint has no name");
    names_.push_back(**std::move(name));
    const std::string& own = names_.back();
    const auto refuse = [&](std::string_view cause) {
      return Bad(fmt::format("parameter {}: {}", base::Quote(own), cause));
    };
    if (!seen_.insert(own).second) return refuse("is there twice");
    Item item;
    item.name = own;
    const auto dims = file.VectorAt(tensor, kTensorDims, 8);
    if (!dims.ok()) return dims.status();
    const uint64_t rank = dims->has_value() ? (*dims)->length / 8 : 0;
    if (rank > kMostDims) return refuse("its shape is no count of elements");
    for (uint64_t d = 0; d < rank; ++d) {
      const absl::StatusOr<int64_t> dim = file.Int64Of(**dims, d);
      if (!dim.ok()) return dim.status();
      item.dims.push_back(*dim);
    }
    const auto type = file.Int32At(tensor, kTensorType);
    if (!type.ok()) return type.status();
    item.dtype = type->value_or(0);
    const std::optional<uint64_t> elements = payload::ElementCount(item.dims);
    if (!elements) return refuse("its shape is no count of elements");
    item.elements = *elements;
    const std::optional<uint64_t> bytes = payload::PackedBytes(item.dtype, *elements);
    if (!bytes) {
      return refuse(
          fmt::format("elements of type {} have no fixed size", payload::DtypeName(item.dtype)));
    }
    const auto raw = file.VectorAt(tensor, kTensorRaw, 1);
    if (!raw.ok()) return raw.status();
    const auto external = file.Int64At(tensor, kTensorExternal);
    if (!external.ok()) return external.status();
    Place place;
    place.external = !raw->has_value() && external->value_or(-1) >= 0;
    if (place.external) {
      place.span = {static_cast<uint64_t>(**external), *bytes};
    } else {
      place.span = raw->value_or(wire::Span());
      if (place.span.length != *bytes) {
        return refuse(fmt::format("{} bytes are stored where its shape and type ask for {}",
                                  place.span.length, *bytes));
      }
    }
    places_.push_back(place);
    items_.push_back(std::move(item));
    return absl::OkStatus();
  }

  const std::shared_ptr<const wire::ByteSource> source_;
  const std::string data_file_;
  mutable payload::DataFiles data_files_;  // thread-safe
  std::deque<std::string> names_;          // items point into it
  base::ViewSet seen_;
  std::vector<Place> places_;
};

}  // namespace

bool LooksLikeCheckpoint(const wire::ByteSource& source) {
  char head[8];
  const absl::StatusOr<size_t> got = source.ReadAt(0, head, sizeof head);
  return got.ok() && *got == sizeof head && std::memcmp(head + 4, "ODTC", 4) == 0;
}

absl::StatusOr<std::unique_ptr<TensorSet>> ReadCheckpoint(
    std::shared_ptr<const wire::ByteSource> source, const std::string& directory) {
  auto set = std::make_unique<CheckpointSet>(std::move(source), directory);
  if (absl::Status filled = set->Fill(); !filled.ok()) return filled;
  return set;
}

}  // namespace hoarfrost::compare
