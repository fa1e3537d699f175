// The lines of a file of any size, one after the other.
#ifndef HOARFROST_BATCH_LINES_H_
#define HOARFROST_BATCH_LINES_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "wire/byte_source.h"

namespace hoarfrost::batch {

class LineReader {
 public:
  static absl::StatusOr<LineReader> Open(const std::string& path);

  // The next line with its line feed, valid until the next call. False at the end, where what
  // follows the last line feed is no line, and where reading failed.
  bool Next(std::string_view& line);

  const absl::Status& status() const { return status_; }
  uint64_t offset() const { return offset_; }  // where the next line begins
  bool at_end() const { return offset_ == source_->size(); }

 private:
  explicit LineReader(std::unique_ptr<wire::ByteSource> source) : source_(std::move(source)) {}

  std::unique_ptr<wire::ByteSource> source_;
  absl::Status status_;
  uint64_t offset_ = 0;
  std::string buffer_;  // of the file from read_ - buffer_.size()
  size_t begin_ = 0;    // of the next line in the buffer
  uint64_t read_ = 0;
};

}  // namespace hoarfrost::batch

#endif  // HOARFROST_BATCH_LINES_H_
