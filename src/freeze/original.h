// A model as it was before it was frozen, read from a file that may be frozen.
#ifndef HOARFROST_FREEZE_ORIGINAL_H_
#define HOARFROST_FREEZE_ORIGINAL_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "freeze/marks.h"
#include "plan/plan.h"
#include "summary/summary.h"
#include "wire/byte_source.h"
#include "wire/rope.h"

namespace hoarfrost::freeze {

struct Original {
  wire::Rope rope;                           // its bytes, over those of the file
  std::unique_ptr<wire::ByteSource> source;  // the same, to be read
  std::optional<plan::Plan> plan;            // what the file says is frozen; nullopt: never frozen
  std::unique_ptr<summary::Summary> model;
};

// `file` must outlive the result. FailedPrecondition where the file carries the marks of a frozen
// one but was rewritten since; the message names what wrote it.
absl::StatusOr<Original> ReadOriginal(const wire::ByteSource& file, const std::string& directory);

// The bytes alone, of a file that has the marks of a frozen one.
absl::StatusOr<wire::Rope> RestoreOriginal(const wire::ByteSource& file, const Marks& marks);

// The plan of a file that carries one; the last where there are several.
absl::StatusOr<plan::Plan> ReadPlan(const wire::ByteSource& file, const Marks& marks);

}  // namespace hoarfrost::freeze

#endif  // HOARFROST_FREEZE_ORIGINAL_H_
