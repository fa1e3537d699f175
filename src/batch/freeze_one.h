// Freezing one model of a batch into the output folder.
#ifndef HOARFROST_BATCH_FREEZE_ONE_H_
#define HOARFROST_BATCH_FREEZE_ONE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/json_writer.h"
#include "batch/task.h"
#include "freeze/freeze.h"
#include "wire/byte_source.h"

namespace hoarfrost::batch {

struct Frozen {
  std::string output;
  std::string plan_file;  // "" where none was asked for
  uint64_t bytes = 0;     // of the output
  freeze::Rewrite rewrite;
  freeze::SavePlan save;
};

// Writes `source` frozen to `target` below order.output, folders made as needed. Nothing outside
// of that folder is written: FailedPrecondition where a link stands on the way. An output that is
// there is replaced.
absl::StatusOr<Frozen> FreezeOne(const wire::ByteSource& source, const FreezeOrder& order,
                                 std::string_view target);

// "freeze": what was done, into a record that is open.
void WriteFrozen(const Frozen& frozen, base::JsonWriter& json);

}  // namespace hoarfrost::batch

#endif  // HOARFROST_BATCH_FREEZE_ONE_H_
