// New values in the place of old ones: of a model and its data files only the payloads change.
//
//   before   ... 4a <len> OLD VALUES ... 22 <len> <varints of the old> ...
//   after    ... 4a <len> NEW VALUES ... 22 <len> <varints of the new> ...
//
// raw_data, packed floats and external data are as long with any values: their content is replaced
// where it lies, streamed from the set that has the new one. The rest, varints and unpacked values,
// becomes one packed field that is made in memory, and the lengths around it are mended.
#ifndef HOARFROST_COMPARE_REWRITE_PAYLOAD_H_
#define HOARFROST_COMPARE_REWRITE_PAYLOAD_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "compare/model_set.h"
#include "compare/tensor_set.h"
#include "wire/atomic_file.h"
#include "wire/splice.h"

namespace hoarfrost::compare {

class PayloadRewrite {
 public:
  // Both must outlive the rewrite.
  PayloadRewrite(const ModelSet& base, const TensorSet& tuned) : base_(base), tuned_(tuned) {}

  // Item i of the base gets the values of item j of the tuned set, which has its type and shape.
  absl::Status Replace(size_t i, size_t j);

  // After the last Replace(). FailedPrecondition where bytes that change in a data file are those
  // of another tensor too.
  absl::Status Prepare();

  bool ChangesDataFile(const std::string& location) const { return data_.contains(location); }
  bool changes_data_files() const { return !data_.empty(); }

  // Bytes of the new model file.
  uint64_t size() const;

  // The bytes of the new model file, or data file; `source` has the old ones.
  absl::Status WriteModel(wire::AtomicFile& file) const;
  absl::Status WriteDataFile(const std::string& location, const wire::ByteSource& source,
                             wire::AtomicFile& file) const;

 private:
  // A place of the old file that gets the next bytes of an item of the tuned set.
  struct Patch {
    wire::Span old;
    size_t item = 0;    // of the base
    size_t values = 0;  // of the tuned set
  };

  absl::Status Encode(size_t i, size_t j);
  absl::StatusOr<std::string> ReadAll(size_t j) const;
  absl::Status CheckShared();
  absl::Status Write(const std::vector<wire::Change>& changes, const std::vector<Patch>& patches,
                     const wire::ByteSource& source, wire::AtomicFile& file) const;

  const ModelSet& base_;
  const TensorSet& tuned_;
  std::vector<Patch> model_;
  std::map<std::string, std::vector<Patch>> data_;  // by location
  std::vector<wire::Edit> edits_;
  std::vector<wire::Change> changes_;
};

}  // namespace hoarfrost::compare

#endif  // HOARFROST_COMPARE_REWRITE_PAYLOAD_H_
