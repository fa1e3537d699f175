// The data files of one model, opened to be read: by the rules for files of others.
#ifndef HOARFROST_PAYLOAD_DATA_FILES_H_
#define HOARFROST_PAYLOAD_DATA_FILES_H_

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "payload/external.h"
#include "wire/byte_source.h"

namespace hoarfrost::payload {

// Keeps the last few files open, since a model may have one for every tensor. Thread-safe.
class DataFiles {
 public:
  // See StorageInspector. With an empty directory there are no files to be found.
  DataFiles(std::string directory, std::string model_file)
      : look_(std::move(directory), std::move(model_file)) {}

  // InvalidArgument for a location that may not be followed, NotFound where nothing is there.
  absl::StatusOr<std::shared_ptr<const wire::ByteSource>> Open(std::string_view location);

 private:
  struct Opened {
    std::string location;
    std::shared_ptr<const wire::ByteSource> source;
  };

  std::mutex mutex_;  // of all below
  ExternalFiles look_;
  std::vector<Opened> opened_;  // the oldest first
};

}  // namespace hoarfrost::payload

#endif  // HOARFROST_PAYLOAD_DATA_FILES_H_
