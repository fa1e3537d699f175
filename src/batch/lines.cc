#include "batch/lines.h"

namespace hoarfrost::batch {

absl::StatusOr<LineReader> LineReader::Open(const std::string& path) {
  absl::StatusOr<std::unique_ptr<wire::ByteSource>> source = wire::OpenFile(path);
  if (!source.ok()) return source.status();
  return LineReader(*std::move(source));
}

bool LineReader::Next(std::string_view& line) {
  constexpr size_t kChunk = size_t{256} << 10;
  size_t searched = begin_;
  for (;;) {
    const size_t feed = buffer_.find('\n', searched);
    if (feed != std::string::npos) {
      line = std::string_view(buffer_).substr(begin_, feed + 1 - begin_);
      begin_ = feed + 1;
      offset_ += line.size();
      return true;
    }
    if (read_ == source_->size()) return false;
    buffer_.erase(0, begin_);
    begin_ = 0;
    searched = buffer_.size();
    buffer_.resize(searched + kChunk);
    const absl::StatusOr<size_t> got = source_->ReadAt(read_, buffer_.data() + searched, kChunk);
    if (!got.ok()) {
      status_ = got.status();
      buffer_.resize(searched);
      return false;
    }
    buffer_.resize(searched + *got);
    read_ += *got;
  }
}

}  // namespace hoarfrost::batch
