#include "compare/memory_set.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "base/hash.h"
#include "base/text.h"
#include "payload/dtype.h"

namespace hoarfrost::compare {
namespace {

class MemorySet final : public TensorSet {
 public:
  MemorySet(std::string name, std::vector<MemoryTensor> tensors)
      : name_(std::move(name)), tensors_(std::move(tensors)) {}

  absl::Status Fill() {
    base::ViewSet seen;
    for (const MemoryTensor& tensor : tensors_) {
      const auto refuse = [&](std::string_view cause) {
        return absl::InvalidArgumentError(
            fmt::format("{}: tensor {}: {}", base::Escape(name_), base::Quote(tensor.name), cause));
      };
      if (!seen.insert(tensor.name).second) return refuse("is there twice");
      const std::optional<int32_t> dtype = payload::DtypeNamed(tensor.dtype);
      if (!dtype || !payload::DtypeBits(*dtype)) {
        return refuse(fmt::format("its dtype {} is none of numbers", base::Quote(tensor.dtype)));
      }
      const std::optional<uint64_t> elements = payload::ElementCount(tensor.shape);
      const std::optional<uint64_t> bytes =
          elements ? payload::PackedBytes(*dtype, *elements) : std::nullopt;
      if (!bytes) return refuse("its shape is no count of elements");
      if (*bytes != tensor.bytes.size()) {
        return refuse(fmt::format("{} bytes are given where its shape and type ask for {}",
                                  tensor.bytes.size(), *bytes));
      }
      Item item;
      item.name = tensor.name;
      item.dtype = *dtype;
      item.dims = tensor.shape;
      item.elements = *elements;
      items_.push_back(std::move(item));
    }
    return absl::OkStatus();
  }

  const std::string& name() const override { return name_; }
  absl::StatusOr<std::unique_ptr<payload::ElementStream>> Open(size_t i) const override {
    return payload::StreamOf(tensors_[i].bytes);
  }

 private:
  const std::string name_;
  const std::vector<MemoryTensor> tensors_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TensorSet>> MakeMemorySet(std::string name,
                                                         std::vector<MemoryTensor> tensors) {
  auto set = std::make_unique<MemorySet>(std::move(name), std::move(tensors));
  if (absl::Status filled = set->Fill(); !filled.ok()) return filled;
  return set;
}

}  // namespace hoarfrost::compare
