#include "wire/rope.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace hoarfrost::wire {

void Rope::AppendRange(Span range) {
  if (range.length == 0) return;
  const bool joins = !pieces_.empty() && !pieces_.back().is_literal() &&
                     pieces_.back().source.offset + pieces_.back().source.length == range.offset;
  if (joins) {
    pieces_.back().source.length += range.length;
  } else {
    pieces_.push_back({range, {}, size_});
  }
  size_ += range.length;
}

void Rope::AppendLiteral(std::string_view bytes) {
  if (bytes.empty()) return;
  if (!pieces_.empty() && pieces_.back().is_literal()) {
    pieces_.back().literal.append(bytes);
  } else {
    pieces_.push_back({{}, std::string(bytes), size_});
  }
  size_ += bytes.size();
}

size_t Rope::PieceAt(uint64_t offset) const {
  const auto after =
      std::upper_bound(pieces_.begin(), pieces_.end(), offset,
                       [](uint64_t wanted, const Piece& piece) { return wanted < piece.begin; });
  return static_cast<size_t>(after - pieces_.begin()) - 1;
}

Rope WholeOf(const ByteSource& source) {
  Rope rope;
  rope.AppendRange({0, source.size()});
  return rope;
}

Rope Flatten(const Rope& outer, const Rope& inner) {
  Rope result;
  for (const Rope::Piece& piece : outer.pieces()) {
    if (piece.is_literal()) {
      result.AppendLiteral(piece.literal);
      continue;
    }
    uint64_t at = piece.source.offset;
    uint64_t left = piece.source.length;
    for (size_t i = inner.PieceAt(at); left > 0; ++i) {
      const Rope::Piece& below = inner.pieces()[i];
      const uint64_t skip = at - below.begin;
      const uint64_t n = std::min(left, below.length() - skip);
      if (below.is_literal()) {
        result.AppendLiteral(std::string_view(below.literal).substr(skip, n));
      } else {
        result.AppendRange({below.source.offset + skip, n});
      }
      at += n;
      left -= n;
    }
  }
  return result;
}

namespace {

class RopeSource final : public ByteSource {
 public:
  RopeSource(Rope rope, const ByteSource& base, std::string name)
      : rope_(std::move(rope)), base_(base), name_(std::move(name)) {}

  uint64_t size() const override { return rope_.size(); }
  const std::string& name() const override { return name_; }
  absl::Status CheckUnchanged() const override { return base_.CheckUnchanged(); }

  absl::StatusOr<size_t> ReadAt(uint64_t offset, char* out, size_t n) const override {
    if (offset >= rope_.size()) return size_t{0};
    n = static_cast<size_t>(std::min<uint64_t>(n, rope_.size() - offset));
    size_t done = 0;
    for (size_t i = rope_.PieceAt(offset); done < n; ++i) {
      const Rope::Piece& piece = rope_.pieces()[i];
      const uint64_t skip = offset + done - piece.begin;
      const size_t part = static_cast<size_t>(std::min<uint64_t>(n - done, piece.length() - skip));
      if (piece.is_literal()) {
        std::memcpy(out + done, piece.literal.data() + skip, part);
      } else {
        absl::StatusOr<size_t> got = base_.ReadAt(piece.source.offset + skip, out + done, part);
        if (!got.ok()) return got.status();
        if (*got < part) return done + *got;
      }
      done += part;
    }
    return done;
  }

 private:
  const Rope rope_;
  const ByteSource& base_;
  const std::string name_;
};

}  // namespace

std::unique_ptr<ByteSource> MakeRopeSource(Rope rope, const ByteSource& base, std::string name) {
  return std::make_unique<RopeSource>(std::move(rope), base, std::move(name));
}

}  // namespace hoarfrost::wire
