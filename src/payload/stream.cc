#include "payload/stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/checked.h"
#include "base/text.h"
#include "payload/dtype.h"
#include "wire/cursor.h"

namespace hoarfrost::payload {
namespace {

using onnx::AttributeProto;
using onnx::TensorProto;
using wire::PayloadEncoding;
using wire::PayloadPart;

static_assert(std::endian::native == std::endian::little, "elements are kept little-endian");

absl::Status Shrunk() { return absl::DataLossError("the file became shorter while it was read"); }

class MemoryStream final : public ElementStream {
 public:
  explicit MemoryStream(std::string_view bytes) : rest_(bytes) {}
  absl::StatusOr<size_t> Read(char* out, size_t n) override {
    n = std::min(n, rest_.size());
    if (n > 0) std::memcpy(out, rest_.data(), n);
    rest_.remove_prefix(n);
    return n;
  }

 private:
  std::string_view rest_;
};

// Bytes that a stream owns itself.
class OwnedStream final : public ElementStream {
 public:
  explicit OwnedStream(std::string bytes) : bytes_(std::move(bytes)), stream_(bytes_) {}
  absl::StatusOr<size_t> Read(char* out, size_t n) override { return stream_.Read(out, n); }

 private:
  const std::string bytes_;
  MemoryStream stream_;
};

// Ranges of a source, which is kept open by `keep` where it is a file of its own.
class RangeStream final : public ElementStream {
 public:
  RangeStream(const wire::ByteSource& source, std::shared_ptr<const wire::ByteSource> keep,
              std::vector<wire::Span> ranges)
      : source_(source), keep_(std::move(keep)), ranges_(std::move(ranges)) {}

  absl::StatusOr<size_t> Read(char* out, size_t n) override {
    size_t done = 0;
    while (done < n && next_ < ranges_.size()) {
      wire::Span& range = ranges_[next_];
      const auto take = static_cast<size_t>(std::min<uint64_t>(n - done, range.length));
      const absl::StatusOr<size_t> got = source_.ReadAt(range.offset, out + done, take);
      if (!got.ok()) return got;
      if (*got != take) return Shrunk();
      done += take;
      range.offset += take;
      range.length -= take;
      if (range.length > 0) continue;
      ++next_;
      // Whoever opened the model looks whether it changed; nobody else knows of the data file.
      if (keep_ == nullptr || next_ < ranges_.size()) continue;
      if (absl::Status same = keep_->CheckUnchanged(); !same.ok()) return same;
    }
    return done;
  }

  bool Skip(uint64_t n) override {
    uint64_t left = 0;
    for (size_t i = next_; i < ranges_.size(); ++i) {
      left = base::SaturatingAdd(left, ranges_[i].length);
    }
    if (n >= left) return false;  // the end is for Read, which looks whether the file changed
    while (n > 0) {
      wire::Span& range = ranges_[next_];
      const uint64_t take = std::min(n, range.length);
      range.offset += take;
      range.length -= take;
      n -= take;
      if (range.length == 0) ++next_;
    }
    return true;
  }

 private:
  const wire::ByteSource& source_;
  const std::shared_ptr<const wire::ByteSource> keep_;
  std::vector<wire::Span> ranges_;
  size_t next_ = 0;
};

// How the elements of a typed field become those of raw_data.
struct FieldForm {
  size_t fixed = 0;  // bytes of a value on the wire; 0 for a varint
  size_t width = 0;  // bytes of a value in raw_data
};

FieldForm FormOf(int field, int32_t dtype) {
  switch (field) {
    case TensorProto::kFloatDataFieldNumber:
      return {4, 4};
    case TensorProto::kDoubleDataFieldNumber:
      return {8, 8};
    case TensorProto::kInt64DataFieldNumber:
      return {0, 8};
    case TensorProto::kUint64DataFieldNumber:
      return {0, dtype == TensorProto::UINT32 ? size_t{4} : size_t{8}};
    default: {
      // int32_data holds one value a field element, but the types below 8 bits byte by byte.
      const int bits = DtypeBits(dtype).value_or(32);
      return {0, bits <= 8 ? size_t{1} : static_cast<size_t>(bits) / 8};
    }
  }
}

// The parts of a typed field, value by value. The scan has checked what it did not skip; broken
// varints in what it did show here.
class FieldStream final : public ElementStream {
 public:
  FieldStream(const wire::ByteSource& source, std::vector<PayloadPart> parts, FieldForm form)
      : in_(source), parts_(std::move(parts)), form_(form) {}

  absl::StatusOr<size_t> Read(char* out, size_t n) override {
    size_t done = 0;
    while (done < n) {
      if (held_ > 0) {  // the rest of a value that did not fit
        const size_t take = std::min(n - done, held_);
        std::memcpy(out + done, value_ + form_.width - held_, take);
        held_ -= take;
        done += take;
        continue;
      }
      if (in_.position() >= end_) {
        if (next_ == parts_.size()) break;
        const PayloadPart& part = parts_[next_++];
        in_.Seek(part.span.offset);
        end_ = part.span.offset + part.span.length;
        tagged_ = part.encoding == PayloadEncoding::kUnpacked;
        continue;
      }
      if (!ReadValue()) {
        return in_.error() == wire::WireError::kSource
                   ? in_.status()
                   : absl::DataLossError("a value in its typed field is broken");
      }
      held_ = form_.width;
    }
    return done;
  }

 private:
  bool ReadValue() {
    uint32_t tag = 0;
    if (tagged_ && !in_.ReadTag(end_, tag)) return false;
    if (form_.fixed == 0) {
      uint64_t value = 0;
      if (!in_.ReadVarint(end_, value)) return false;
      std::memcpy(value_, &value, sizeof value);
      return true;
    }
    if (!in_.Fill(form_.fixed) || in_.available() < form_.fixed) return false;
    std::memcpy(value_, in_.data(), form_.fixed);
    in_.Skip(form_.fixed);
    return true;
  }

  wire::Cursor in_;
  const std::vector<PayloadPart> parts_;
  const FieldForm form_;
  size_t next_ = 0;
  uint64_t end_ = 0;
  bool tagged_ = false;
  char value_[8] = {};
  size_t held_ = 0;
};

// Strings, each behind its length. Parts of kind kStrings hold tags, those of kBytes the content.
class StringStream final : public ElementStream {
 public:
  StringStream(const wire::ByteSource& source, std::vector<PayloadPart> parts)
      : source_(source), in_(source), parts_(std::move(parts)) {}

  absl::StatusOr<size_t> Read(char* out, size_t n) override {
    size_t done = 0;
    while (done < n) {
      if (held_ > 0) {
        const size_t take = std::min(n - done, held_);
        std::memcpy(out + done, length_ + sizeof length_ - held_, take);
        held_ -= take;
        done += take;
      } else if (content_.length > 0) {
        const auto take = static_cast<size_t>(std::min<uint64_t>(n - done, content_.length));
        const absl::StatusOr<size_t> got = source_.ReadAt(content_.offset, out + done, take);
        if (!got.ok()) return got;
        if (*got != take) return Shrunk();
        content_.offset += take;
        content_.length -= take;
        done += take;
      } else if (at_ < end_) {
        if (!Begin()) {
          return in_.error() == wire::WireError::kSource
                     ? in_.status()
                     : absl::DataLossError("a string in its typed field is broken");
        }
      } else {
        if (next_ == parts_.size()) break;
        const PayloadPart& part = parts_[next_++];
        if (part.encoding == PayloadEncoding::kBytes) {
          Hold(part.span);
        } else {
          at_ = part.span.offset;
          end_ = at_ + part.span.length;
        }
      }
    }
    return done;
  }

 private:
  bool Begin() {
    uint32_t tag = 0;
    uint64_t length = 0;
    in_.Seek(at_);
    if (!in_.ReadTag(end_, tag) || !in_.ReadLength(end_, length)) return false;
    if (length > end_ - in_.position()) return false;
    Hold({in_.position(), length});
    at_ = in_.position() + length;
    return true;
  }

  void Hold(wire::Span content) {
    content_ = content;
    std::memcpy(length_, &content.length, sizeof length_);
    held_ = sizeof length_;
  }

  const wire::ByteSource& source_;
  wire::Cursor in_;
  const std::vector<PayloadPart> parts_;
  size_t next_ = 0;
  uint64_t at_ = 0;
  uint64_t end_ = 0;
  char length_[8] = {};
  size_t held_ = 0;
  wire::Span content_;
};

absl::Status WrongSize(uint64_t found, uint64_t wanted) {
  return absl::DataLossError(
      fmt::format("{} bytes are stored where its shape and type ask for {}", found, wanted));
}

// Holds a stream to the bytes that were promised.
class CountedStream final : public ElementStream {
 public:
  CountedStream(std::unique_ptr<ElementStream> stream, uint64_t wanted)
      : stream_(std::move(stream)), wanted_(wanted) {}

  absl::StatusOr<size_t> Read(char* out, size_t n) override {
    const absl::StatusOr<size_t> got = stream_->Read(out, n);
    if (!got.ok()) return got;
    read_ += *got;
    if (*got == n && read_ <= wanted_) return got;
    if (read_ != wanted_) {
      // All that is there is counted for the message.
      char rest[4096];
      while (true) {
        const absl::StatusOr<size_t> more = stream_->Read(rest, sizeof rest);
        if (!more.ok() || *more == 0) break;
        read_ += *more;
      }
      return WrongSize(read_, wanted_);
    }
    return got;
  }

 private:
  const std::unique_ptr<ElementStream> stream_;
  const uint64_t wanted_;
  uint64_t read_ = 0;
};

absl::StatusOr<std::unique_ptr<ElementStream>> Range(const wire::ByteSource& source,
                                                     std::shared_ptr<const wire::ByteSource> keep,
                                                     wire::Span span) {
  if (span.offset > source.size() || span.length > source.size() - span.offset) {
    return absl::DataLossError(
        fmt::format("its data (offset {}, length {}) goes past the end of "
                    "{}, which has {} bytes",
                    span.offset, span.length, base::Quote(source.name()), source.size()));
  }
  source.ExpectFullRead();
  return std::make_unique<RangeStream>(source, std::move(keep), std::vector<wire::Span>{span});
}

std::unique_ptr<ElementStream> Values(const StreamSource& from, std::vector<PayloadPart> parts,
                                      FieldForm form) {
  const bool as_raw = form.fixed != 0 && std::all_of(parts.begin(), parts.end(), [](const auto& p) {
                        return p.encoding == PayloadEncoding::kPacked;
                      });
  if (!as_raw) return std::make_unique<FieldStream>(from.source, std::move(parts), form);
  std::vector<wire::Span> ranges;
  for (const PayloadPart& part : parts) ranges.push_back(part.span);
  from.source.ExpectFullRead();
  return std::make_unique<RangeStream>(from.source, nullptr, std::move(ranges));
}

absl::StatusOr<std::unique_ptr<ElementStream>> OpenExternal(const StreamSource& from,
                                                            const TensorProto& tensor,
                                                            uint64_t bytes) {
  const ExternalKeys keys = ReadExternalKeys(tensor);
  // Where they lie is in doubt: bytes from a guessed place are worse than none.
  if (!keys.problems.empty()) return absl::DataLossError(keys.problems.front());
  auto file = from.data_files.Open(keys.location);
  if (!file.ok()) return file.status();
  if (keys.length && *keys.length != bytes) return WrongSize(*keys.length, bytes);
  const wire::ByteSource& source = **file;
  return Range(source, *std::move(file), {keys.offset.value_or(0), bytes});
}

}  // namespace

std::unique_ptr<ElementStream> StreamOf(std::string_view bytes) {
  return std::make_unique<MemoryStream>(bytes);
}

absl::StatusOr<std::unique_ptr<ElementStream>> StreamOf(
    std::shared_ptr<const wire::ByteSource> source, wire::Span range) {
  const wire::ByteSource& file = *source;
  return Range(file, std::move(source), range);
}

absl::StatusOr<std::unique_ptr<ElementStream>> OpenElements(const StreamSource& from,
                                                            const TensorProto& tensor) {
  const std::optional<uint64_t> elements = ElementCount(tensor.dims());
  if (!elements) return absl::DataLossError("its dims are no count of elements");
  const int32_t dtype = tensor.data_type();
  const std::optional<uint64_t> wanted = PackedBytes(dtype, *elements);
  if (!wanted && dtype != TensorProto::STRING) {
    return absl::UnimplementedError(
        fmt::format("elements of type {} have no fixed size", DtypeName(dtype)));
  }
  if (tensor.data_location() == TensorProto::EXTERNAL) {
    if (!wanted) return absl::UnimplementedError("strings cannot lie in an external file");
    return OpenExternal(from, tensor, *wanted);
  }
  const PayloadPart* raw = nullptr;  // singular: the last one counts
  std::vector<PayloadPart> typed;
  for (const PayloadPart& part : from.skeleton.PayloadOf(tensor)) {
    if (part.field == TensorProto::kRawDataFieldNumber) {
      raw = part.span.length > 0 ? &part : nullptr;
    } else if ((part.encoding == PayloadEncoding::kStrings) == !wanted) {
      typed.push_back(part);
    }
  }
  if (!wanted) {
    if (raw != nullptr)
      return absl::DataLossError("strings lie in raw_data, which cannot hold them");
    return std::make_unique<StringStream>(from.source, std::move(typed));
  }
  if (raw != nullptr) {
    if (raw->span.length != *wanted) return WrongSize(raw->span.length, *wanted);
    return Range(from.source, nullptr, raw->span);
  }
  if (typed.empty()) return std::make_unique<CountedStream>(StreamOf(std::string_view()), *wanted);
  const int field = typed.front().field;
  std::erase_if(typed, [&](const PayloadPart& part) { return part.field != field; });
  return std::make_unique<CountedStream>(Values(from, std::move(typed), FormOf(field, dtype)),
                                         *wanted);
}

absl::StatusOr<std::unique_ptr<ElementStream>> OpenElements(const StreamSource& from,
                                                            const AttributeProto& attribute) {
  const std::string_view name = attribute.name();
  const auto bytes_of = [](auto value) {
    std::string bytes(sizeof value, '\0');
    std::memcpy(bytes.data(), &value, sizeof value);
    return std::make_unique<OwnedStream>(std::move(bytes));
  };
  if (name == "value_float") return bytes_of(attribute.f());
  if (name == "value_int") return bytes_of(attribute.i());
  const int field = name == "value_floats"    ? AttributeProto::kFloatsFieldNumber
                    : name == "value_ints"    ? AttributeProto::kIntsFieldNumber
                    : name == "value_string"  ? AttributeProto::kSFieldNumber
                    : name == "value_strings" ? AttributeProto::kStringsFieldNumber
                                              : 0;
  std::vector<PayloadPart> parts;
  for (const PayloadPart& part : from.skeleton.PayloadOf(attribute)) {
    if (part.field == field) parts.push_back(part);
  }
  if (field == AttributeProto::kFloatsFieldNumber) {
    return Values(from, std::move(parts), {4, 4});
  }
  if (field == AttributeProto::kIntsFieldNumber) {
    return Values(from, std::move(parts), {0, 8});
  }
  if (field == AttributeProto::kSFieldNumber && parts.size() > 1) {
    parts.erase(parts.begin(), parts.end() - 1);  // singular: the last one counts
  }
  if (field != 0) return std::make_unique<StringStream>(from.source, std::move(parts));
  return absl::UnimplementedError(
      fmt::format("the attribute {} holds no elements", base::Quote(name)));
}

}  // namespace hoarfrost::payload
