// What stands behind hoarfrost::Model: the source of its bytes and everything known about them.
#ifndef HOARFROST_API_REP_H_
#define HOARFROST_API_REP_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hoarfrost/model.h"
#include "summary/summary.h"
#include "wire/byte_source.h"
#include "wire/rope.h"

namespace hoarfrost {

// A memory source that owns its bytes.
class OwnedBytes final : public wire::ByteSource {
 public:
  OwnedBytes(std::string name, std::string bytes)
      : bytes_(std::move(bytes)), source_(wire::FromMemory(std::move(name), bytes_)) {}

  uint64_t size() const override { return source_->size(); }
  const std::string& name() const override { return source_->name(); }
  absl::StatusOr<size_t> ReadAt(uint64_t offset, char* out, size_t n) const override {
    return source_->ReadAt(offset, out, n);
  }
  absl::Status CheckUnchanged() const override { return absl::OkStatus(); }
  std::string_view memory() const override { return source_->memory(); }

 private:
  const std::string bytes_;
  const std::unique_ptr<wire::ByteSource> source_;
};

struct Model::Rep {
  static absl::StatusOr<std::shared_ptr<const Rep>> Make(
      std::shared_ptr<const wire::ByteSource> source, std::string directory,
      const LoadOptions& options);

  // The same model with other bytes: `rope` ranges over from.base.
  static absl::StatusOr<std::shared_ptr<const Rep>> Spliced(const Rep& from, wire::Rope rope);

  std::shared_ptr<const wire::ByteSource> base;    // the file or memory that it all comes from
  std::optional<wire::Rope> rope;                  // over `base`; nullopt: the whole of it
  std::shared_ptr<const wire::ByteSource> source;  // the bytes of this model
  std::string directory;  // where external data is relative to; "" if nowhere
  LoadOptions options;
  summary::Summary summary;
  ModelInfo info;
  Totals totals;
  std::optional<FrameworkCount> framework;
  std::vector<Note> notes;
};

}  // namespace hoarfrost

#endif  // HOARFROST_API_REP_H_
