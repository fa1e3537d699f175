// Writing a frozen or thawed model to disk: atomically, and with its external data found again.
#ifndef HOARFROST_FREEZE_SAVE_H_
#define HOARFROST_FREEZE_SAVE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "freeze/data_files.h"
#include "wire/atomic_file.h"
#include "wire/byte_source.h"
#include "wire/file_ops.h"
#include "wire/rope.h"

namespace hoarfrost::freeze {

enum class External : uint8_t {
  kAsNeeded,  // keep in the same folder, copy to another
  kKeep,
  kCopy,
};

struct SaveOptions {
  External external = External::kAsNeeded;
  wire::FileOps* ops = nullptr;  // null: the operating system
};

// What saving will do, so that it can be said before it is done: a data file may be large.
struct SavePlan {
  std::string target;
  std::string from_folder;
  std::string to_folder;
  std::vector<DataFile> data_files;
  bool copies = false;         // whether data_files are copied
  bool leaves_behind = false;  // another folder, and they are not
};

// `path` is that of the file behind the source; `model` names its data files. External data has no
// path in another folder that a model could name, so --external keep there leaves it behind.
absl::StatusOr<SavePlan> PlanSave(const onnx::ModelProto& model, const std::string& path,
                                  const std::string& target, const SaveOptions& options);

// Writes the rope over `source` to the target, which may be the file behind the source. Data files
// first, and taken back if anything fails. Permissions are the source's, and where the target is
// the source also the owner. FailedPrecondition where the source changed since it was opened.
absl::Status Save(const wire::Rope& rope, const wire::ByteSource& source, const SavePlan& plan,
                  const SaveOptions& options);

// The same with what `write` appends to the file; `contents`, which may be null, of the data files.
absl::Status Save(const std::function<absl::Status(wire::AtomicFile&)>& write,
                  const DataContents* contents, const wire::ByteSource& source,
                  const SavePlan& plan, const SaveOptions& options);

}  // namespace hoarfrost::freeze

#endif  // HOARFROST_FREEZE_SAVE_H_
