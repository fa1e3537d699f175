// Which files of some folders are models: found by name, in an order of their own.
//
//   batch::FindOptions options;
//   absl::StatusOr<std::vector<batch::Found>> files = batch::Find({"models"}, options);
#ifndef HOARFROST_BATCH_FIND_H_
#define HOARFROST_BATCH_FIND_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace hoarfrost::batch {

// Patterns (base/pattern.h) are held against the path below the folder that was given and against
// the last part of it; either may match.
struct FindOptions {
  std::vector<std::string> globs = {};     // what to take; none: *.onnx in any letter case
  std::vector<std::string> excludes = {};  // what to leave out; of a folder, all that is in it
  bool hidden = false;                     // also files and folders whose name begins with a dot
};

struct Found {
  std::string file;      // the root as given, then the path below it
  size_t root = 0;       // which of the roots
  size_t below = 0;      // where in `file` the path below the root begins
  absl::Status problem;  // of a folder that could not be read: why

  std::string_view relative() const { return std::string_view(file).substr(below); }
};

// All models in and below `roots`, each path once, in byte order of `file`. A root that is a file
// is taken whatever its name.
//
// Links to files and to folders are followed. Each folder is read once, whatever leads to it, so
// loops end; where several ways do, the one without links names it. Links that lead nowhere, and
// devices and pipes of a fitting name, are in the result, and opening them says what they are.
//
// NotFound for a root that is not there, InvalidArgument for a bad pattern.
absl::StatusOr<std::vector<Found>> Find(const std::vector<std::string>& roots,
                                        const FindOptions& options);

}  // namespace hoarfrost::batch

#endif  // HOARFROST_BATCH_FIND_H_
