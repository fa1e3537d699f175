// External data: the keys that say where a tensor's bytes lie, and the rules for files of others.
//
// Locations come from strangers. Nothing is opened here; a location that is absolute, holds ".."
// or a NUL is not even looked at, since asking for it could already leave the model's folder.
#ifndef HOARFROST_PAYLOAD_EXTERNAL_H_
#define HOARFROST_PAYLOAD_EXTERNAL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "onnx/onnx_pb.h"

namespace hoarfrost::payload {

// The recognised keys of TensorProto.external_data, parsed.
struct ExternalKeys {
  std::string_view location;       // empty when not given
  std::optional<uint64_t> offset;  // absent when not given or not a number
  std::optional<uint64_t> length;  // likewise; and "0", which some exporters write for "all"
  std::vector<std::string> problems;
};

// Keys given twice, numbers that are not plain decimal or do not fit a file offset (2^63-1), and a
// missing location are problems; keys that the specification does not name are not.
ExternalKeys ReadExternalKeys(const onnx::TensorProto& tensor);

// Why `location` may not be followed from a model's folder; empty when it may.
std::string LocationFault(std::string_view location);

// What the file system says of a location.
struct ExternalFile {
  bool present = false;    // something is there
  bool regular = false;    // a regular file, after links
  bool looked_at = false;  // false where there is no folder, or the location may not be followed
  uint64_t size = 0;
  std::string problem;  // empty when all is well, and when the file is simply not there
};

// Looks at each location once (stat), relative to one model's folder.
class ExternalFiles {
 public:
  // See StorageInspector. With an empty directory nothing is looked at.
  ExternalFiles(std::string directory, std::string model_file);

  const ExternalFile& Look(std::string_view location);

  // Where a location leads, whether or not it may be followed.
  std::string PathOf(std::string_view location) const;

 private:
  ExternalFile Stat(const std::string& location) const;

  std::string directory_;
  std::string model_file_;
  std::string true_directory_;        // of directory_, links resolved
  std::string true_model_directory_;  // of the file behind model_file_
  absl::flat_hash_map<std::string, ExternalFile> seen_;
  std::string last_location_;  // most models have one data file
  const ExternalFile* last_ = nullptr;
};

}  // namespace hoarfrost::payload

#endif  // HOARFROST_PAYLOAD_EXTERNAL_H_
