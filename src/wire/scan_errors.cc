// What is wrong with a file, in words: the file, the byte, the field and its place, the cause.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "wire/scanner.h"

namespace hoarfrost::wire {

bool Scanner::Fail(std::string text) {
  status_ = absl::InvalidArgumentError(fmt::format("{}: {}", base::Escape(source_.name()), text));
  return false;
}

bool Scanner::Invalid(uint64_t start, std::string_view what) {
  return Fail(fmt::format("not a valid ONNX model: at byte {}, {} {}", start, Where(), what));
}

bool Scanner::TooDeep(uint64_t start) {
  return Invalid(
      start, fmt::format("is nested deeper than the {} levels that protobuf allows", kMaxNesting));
}

// A file that was cut off shows it outside all messages: one that does not fit is not gone into.
bool Scanner::TooLong(uint64_t start, uint64_t length) {
  const uint64_t left = top().end - cursor_.position();
  if (depth_ == 0) {
    return Fail(
        fmt::format("cut off at byte {}, or damaged: {}, which starts at byte {}, is {} "
                    "bytes long, {} more than the file still holds; get the file again",
                    source_.size(), Where(), start, length, length - left));
  }
  return Invalid(
      start, fmt::format("is {} bytes long, but only {} remain of what it lies in", length, left));
}

bool Scanner::Cut(uint64_t start) {
  if (depth_ == 0) {
    return Fail(
        fmt::format("cut off at byte {}, in the middle of {}, which starts at byte {}; get "
                    "the file again",
                    source_.size(), Where(), start));
  }
  return Invalid(start, "reaches past the end of what it lies in");
}

bool Scanner::Bad(uint64_t start) {
  switch (cursor_.error()) {
    case WireError::kNone:
      break;
    case WireError::kSource:
      status_ = cursor_.status();
      return false;
    case WireError::kCut:
      return Cut(start);
    case WireError::kLongVarint:
      return Invalid(start, "has a varint of more than 10 bytes");
    case WireError::kBadTag:
      return Invalid(start, "has a tag that is no tag");
    case WireError::kLongLength:
      return Invalid(start, "has a length that is padded to more than 5 bytes");
  }
  return Invalid(start, "cannot be read");
}

// The field at hand by its path, such as "graph.node.attribute.t"; of a long one both ends.
std::string Scanner::Where() const {
  constexpr size_t kShown = 3;
  std::string path;
  for (size_t i = 1; i <= depth_; ++i) {
    if (i > kShown && i + kShown <= depth_) {
      i = depth_ - kShown;
      path += "...";
      continue;
    }
    path += FieldName(frames_[i - 1].type, frames_[i].field);
    path += '.';
  }
  const std::string_view name =
      tag_ == 0 ? "a field" : FieldName(frames_[depth_].type, TagField(tag_));
  path += name.empty() ? fmt::format("field {}", TagField(tag_)) : std::string(name);
  return path;
}

}  // namespace hoarfrost::wire
