// Rules on external data: bytes that several tensors have, and bytes that none has.
//
// Files are asked for their size and not opened.
#include "payload/external.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/checked.h"
#include "base/text.h"
#include "lint/rules.h"

namespace hoarfrost::lint {
namespace {

using model::TensorId;

struct Range {
  uint64_t begin = 0;
  uint64_t end = 0;
  TensorId tensor = model::kNone;
  bool same(const Range& other) const { return begin == other.begin && end == other.end; }
};

// The ranges of every data file, by where they begin.
std::map<std::string_view, std::vector<Range>> RangesOf(const summary::Summary& model) {
  std::map<std::string_view, std::vector<Range>> files;
  for (size_t t = 0; t < model.facts.tensors.size(); ++t) {
    const model::Tensor& tensor = model.facts.tensors[t];
    const payload::Storage& storage = tensor.storage;
    if (storage.kind != payload::StorageKind::kExternal || storage.location.empty()) continue;
    const uint64_t length = storage.length.value_or(tensor.bytes);
    const uint64_t end = base::SaturatingAdd(storage.offset, length);
    files[storage.location].push_back({storage.offset, end, static_cast<TensorId>(t)});
  }
  for (auto& [location, ranges] : files) {
    std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) {
      return std::tie(a.begin, a.end, a.tensor) < std::tie(b.begin, b.end, b.tensor);
    });
  }
  return files;
}

// Whether a gap of `size` bytes before `offset` is what alignment leaves: to a power of two, at
// most the 64 KiB that some writers align to for mapping.
bool IsPadding(uint64_t size, uint64_t offset) {
  constexpr uint64_t kMost = uint64_t{1} << 16;
  const uint64_t alignment = offset & (~offset + 1);
  return size < std::min(alignment, kMost);
}

}  // namespace

void FindOverlaps(const Subject& subject, Findings& findings) {
  for (const auto& [location, ranges] : RangesOf(subject.model)) {
    std::vector<TensorId> tensors;
    const Range* far = nullptr;  // the range that reaches farthest so far
    for (const Range& range : ranges) {
      if (range.begin == range.end) continue;
      if (far != nullptr && range.begin < far->end && !range.same(*far)) {
        if (tensors.empty() || tensors.back() != far->tensor) tensors.push_back(far->tensor);
        tensors.push_back(range.tensor);
      }
      if (far == nullptr || range.end > far->end) far = &range;
    }
    if (tensors.empty()) continue;
    std::sort(tensors.begin(), tensors.end());
    tensors.erase(std::unique(tensors.begin(), tensors.end()), tensors.end());
    findings.Add(fmt::format("tensors share a part of their bytes in data file {}: {}",
                             base::Quote(location), Names(subject.model, tensors)),
                 "save the model anew from where it came: writing one tensor changes another",
                 tensors);
  }
}

void FindSameBytes(const Subject& subject, Findings& findings) {
  for (const auto& [location, ranges] : RangesOf(subject.model)) {
    for (size_t i = 0; i < ranges.size();) {
      size_t next = i + 1;
      while (next < ranges.size() && ranges[next].same(ranges[i])) ++next;
      if (next - i > 1 && ranges[i].begin < ranges[i].end) {
        std::vector<TensorId> tensors;
        for (size_t k = i; k < next; ++k) tensors.push_back(ranges[k].tensor);
        findings.Add(
            fmt::format("tensors have the same bytes of data file {}: {}; to a trainer they are "
                        "several, and drift apart",
                        base::Quote(location), Names(subject.model, tensors)),
            "freeze all of them, or tie them again after training", tensors);
      }
      i = next;
    }
  }
}

void FindOrphanBytes(const Subject& subject, Findings& findings) {
  if (subject.directory.empty()) return;
  payload::ExternalFiles files(subject.directory, subject.model.file);
  for (const auto& [location, ranges] : RangesOf(subject.model)) {
    const payload::ExternalFile& file = files.Look(location);
    if (!file.present || !file.regular) continue;
    uint64_t covered = 0;  // all before it is some tensor's, or counted
    uint64_t orphan = 0;
    for (const Range& range : ranges) {
      if (range.begin > covered && range.begin <= file.size) {
        const uint64_t gap = range.begin - covered;
        if (!IsPadding(gap, range.begin)) orphan += gap;
      }
      covered = std::max(covered, range.end);
    }
    if (file.size > covered) orphan += file.size - covered;
    if (orphan == 0) continue;
    findings.Add(
        fmt::format("{} of {} in data file {} belong to no tensor of this model",
                    base::HumanBytes(orphan), base::HumanBytes(file.size), base::Quote(location)),
        "another model may use them; else save the model with a data file of its own");
  }
}

}  // namespace hoarfrost::lint
