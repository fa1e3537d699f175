// Folders of models: which there are, and one record of each, as `hoarfrost batch` writes it.
//
//   for (const hoarfrost::FoundModel& found : *hoarfrost::FindModels({"models"})) {
//     std::cout << hoarfrost::InspectRecord(found).json << "\n";
//   }
//
// Records may be made on any threads and machines; in the order of FindModels they are the report
// of the command. docs/batch.schema.json describes them.
#ifndef HOARFROST_BATCH_H_
#define HOARFROST_BATCH_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "hoarfrost/export.h"

namespace hoarfrost {

// Patterns are those of a Selection, held against the path below the folder given and against the
// last part of it.
struct FindOptions {
  std::vector<std::string> globs = {};     // none: *.onnx in any letter case
  std::vector<std::string> excludes = {};  // files and folders to leave out
  bool hidden = false;                     // also those whose name begins with a dot
};

struct FoundModel {
  std::string file;
  std::string problem = {};  // the record, of a folder that could not be read
};

struct BatchRecord {
  std::string file;
  bool ok = false;
  std::string json;  // one object, without a line feed
};

// All models in and below `roots`, in byte order of their paths; a root that is a file is taken as
// it is. NotFound for a root that is not there, InvalidArgument for a bad pattern.
HOARFROST_EXPORT absl::StatusOr<std::vector<FoundModel>> FindModels(
    const std::vector<std::string>& roots, const FindOptions& options = {});

// Totals of the model, with `full` its layers and tensors too. What cannot be read is a record
// that says why.
HOARFROST_EXPORT BatchRecord InspectRecord(const FoundModel& model, bool full = false);

}  // namespace hoarfrost

#endif  // HOARFROST_BATCH_H_
