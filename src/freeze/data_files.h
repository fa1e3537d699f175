// The data files of a model with external data, and taking them along to another folder.
#ifndef HOARFROST_FREEZE_DATA_FILES_H_
#define HOARFROST_FREEZE_DATA_FILES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "onnx/onnx_pb.h"
#include "wire/atomic_file.h"
#include "wire/byte_source.h"
#include "wire/file_ops.h"

namespace hoarfrost::freeze {

struct DataFile {
  std::string location;  // as the model names it, relative to its folder
  bool present = false;
  uint64_t bytes = 0;
  std::string problem;  // why it may not be followed; see payload::ExternalFiles
};

// Each location that a tensor anywhere in the model names, once, in the order met. Asks the file
// system for sizes; opens nothing.
std::vector<DataFile> DataFilesOf(const onnx::ModelProto& model, const std::string& folder,
                                  const std::string& model_file);

// What a data file's copy is to hold where that is not all the same bytes.
class DataContents {
 public:
  virtual ~DataContents() = default;
  virtual bool Changes(const std::string& location) const = 0;
  // The whole of the new file; `source` is the old one.
  virtual absl::Status Write(const std::string& location, const wire::ByteSource& source,
                             wire::AtomicFile& copy) const = 0;
};

// Copies of data files in another folder, taken back unless Keep() is called.
class CopiedData {
 public:
  // Holes are kept, and no file is ever replaced: AlreadyExists where a name is taken by a file
  // with other bytes; one with the same bytes is taken for the copy. A file that is not there is
  // left out; one that may not be followed is FailedPrecondition. `contents` may be null.
  static absl::StatusOr<CopiedData> Copy(const std::vector<DataFile>& files,
                                         const std::string& from, const std::string& to,
                                         wire::FileOps* ops, const DataContents* contents);

  CopiedData(CopiedData&&) noexcept = default;
  CopiedData& operator=(CopiedData&&) = delete;
  ~CopiedData();

  void Keep() { made_.clear(); }

 private:
  CopiedData() = default;
  absl::Status CopyOne(const DataFile& file, const std::string& from, const std::string& to,
                       wire::FileOps* ops, const DataContents* contents);
  absl::Status MakeFolders(const std::string& location, const std::string& to);

  std::vector<std::string> made_;  // files and folders, in the order made
};

}  // namespace hoarfrost::freeze

#endif  // HOARFROST_FREEZE_DATA_FILES_H_
