#include "payload/data_files.h"

#include <fmt/format.h>

#include "base/text.h"

namespace hoarfrost::payload {

absl::StatusOr<std::shared_ptr<const wire::ByteSource>> DataFiles::Open(std::string_view location) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const Opened& file : opened_) {
    if (file.location == location) return file.source;
  }
  const ExternalFile& found = look_.Look(location);
  if (!found.problem.empty()) return absl::InvalidArgumentError(found.problem);
  if (!found.present) {
    return absl::NotFoundError(
        location.empty() ? std::string("its data is external, but names no file")
                         : fmt::format("its data file {} is missing", base::Quote(location)));
  }
  auto source = wire::OpenFile(look_.PathOf(location));
  if (!source.ok()) return source.status();
  constexpr size_t kMostOpen = 16;
  if (opened_.size() == kMostOpen) opened_.erase(opened_.begin());
  opened_.push_back({std::string(location), *std::move(source)});
  return opened_.back().source;
}

}  // namespace hoarfrost::payload
