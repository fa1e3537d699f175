#include "freeze/digest.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "base/text.h"
#include "wire/field_scan.h"
#include "wire/schema.h"

namespace hoarfrost::freeze {
namespace {

using wire::MessageType;

// Messages that a TensorProto can lie in, however deep; the others are hashed as they come.
bool MayHoldTensors(MessageType message) {
  switch (message) {
    case MessageType::kModel:
    case MessageType::kGraph:
    case MessageType::kNode:
    case MessageType::kAttribute:
    case MessageType::kTensor:
    case MessageType::kSparseTensor:
    case MessageType::kTrainingInfo:
    case MessageType::kFunction:
      return true;
    default:
      return false;
  }
}

// onnx-ml.proto: TensorProto float_data, int32_data, string_data, int64_data, raw_data, double_data
// and uint64_data.
bool HoldsValues(uint64_t field) {
  return (field >= 4 && field <= 7) || (field >= 9 && field <= 11);
}

class Digester {
 public:
  explicit Digester(const wire::ByteSource& source)
      : scan_(source), state_(XXH3_createState(), XXH3_freeState) {
    XXH3_128bits_reset(state_.get());
  }

  absl::Status Add(uint64_t length) {
    struct Frame {
      MessageType message;
      uint64_t at;
      uint64_t end;
    };
    std::vector<Frame> stack = {{MessageType::kModel, 0, length}};
    wire::FieldAt field;
    while (!stack.empty()) {
      Frame& frame = stack.back();
      if (frame.at == frame.end) {
        stack.pop_back();
        continue;
      }
      absl::Status read = scan_.Read(frame.at, frame.end, field);
      if (!read.ok()) return read;
      frame.at = field.end;
      const wire::FieldRule known =
          wire::FieldOf(frame.message, static_cast<uint32_t>(field.number));
      if (frame.message == MessageType::kTensor && HoldsValues(field.number)) {
        if (absl::Status hashed = HashUpTo(field.content); !hashed.ok()) return hashed;
        hashed_ = field.end;
      } else if (known.kind == wire::FieldKind::kMessage && field.type == wire::WireType::kBytes &&
                 MayHoldTensors(known.message)) {
        stack.push_back({known.message, field.content, field.end});
      }
    }
    return HashUpTo(length);
  }

  std::string Finish(std::string_view more) {
    XXH3_128bits_update(state_.get(), more.data(), more.size());
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state_.get()));
    std::string text;
    for (const unsigned char byte : canonical.digest) text += fmt::format("{:02x}", byte);
    return text;
  }

 private:
  absl::Status HashUpTo(uint64_t end) {
    constexpr uint64_t kChunk = uint64_t{64} << 10;
    while (hashed_ < end) {
      buffer_.clear();
      const uint64_t n = std::min(kChunk, end - hashed_);
      if (absl::Status read = scan_.ReadBytes({hashed_, n}, buffer_); !read.ok()) return read;
      XXH3_128bits_update(state_.get(), buffer_.data(), buffer_.size());
      hashed_ += n;
    }
    return absl::OkStatus();
  }

  wire::FieldScan scan_;
  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state_;
  std::string buffer_;
  uint64_t hashed_ = 0;  // bytes before it are hashed or left out
};

}  // namespace

absl::StatusOr<std::string> DigestOf(const wire::ByteSource& source, uint64_t length,
                                     std::string_view more) {
  Digester digester(source);
  if (absl::Status added = digester.Add(length); !added.ok()) return added;
  return digester.Finish(more);
}

}  // namespace hoarfrost::freeze
