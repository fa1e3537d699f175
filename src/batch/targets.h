// Where in the output folder each frozen model goes.
#ifndef HOARFROST_BATCH_TARGETS_H_
#define HOARFROST_BATCH_TARGETS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "batch/find.h"

namespace hoarfrost::batch {

// InvalidArgument where the output folder is one that is read, lies in one, or holds one: a later
// run would take its own output in, or write over what it reads.
absl::Status CheckOutput(const std::vector<std::string>& roots, const std::string& output);

// Paths below the output folder, one for each of `files`: of a single root the path below it; of
// several, the last name of the root before it. InvalidArgument where two are the same.
absl::StatusOr<std::vector<std::string>> TargetsOf(const std::vector<std::string>& roots,
                                                   const std::vector<Found>& files);

}  // namespace hoarfrost::batch

#endif  // HOARFROST_BATCH_TARGETS_H_
