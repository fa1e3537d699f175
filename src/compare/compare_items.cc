#include "compare/compare_items.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "compare/meter.h"
#include "onnx/onnx_pb.h"
#include "payload/dtype.h"
#include "payload/numbers.h"

namespace hoarfrost::compare {
namespace {

using onnx::TensorProto;

// Whole elements of every type, and small enough that both blocks stay in a core's cache.
constexpr size_t kBlock = size_t{192} << 10;
static_assert(kBlock % 48 == 0);

absl::Status InSet(const TensorSet& set, const absl::Status& status) {
  const std::string_view message(status.message().data(), status.message().size());
  if (message.starts_with(base::Escape(set.name()))) return status;
  return {status.code(), fmt::format("{}: {}", base::Escape(set.name()), message)};
}

bool IsNumber(int32_t dtype) {
  return dtype == TensorProto::BOOL || payload::IsInteger(dtype) || payload::IsFloat(dtype);
}

// The value of one element, so that elements of two types can stand against each other.
struct Number {
  double value = 0;
  // Of an integer also exactly, which a double does not hold beyond 2^53.
  bool negative = false;
  uint64_t magnitude = 0;
};

class NumberReader {
 public:
  explicit NumberReader(int32_t dtype)
      : form_(payload::FormOf(dtype)),
        bits_(payload::DtypeBits(dtype).value_or(8)),
        is_signed_(dtype == TensorProto::INT8 || dtype == TensorProto::INT16 ||
                   dtype == TensorProto::INT32 || dtype == TensorProto::INT64 ||
                   dtype == TensorProto::INT4 || dtype == TensorProto::INT2) {}

  bool is_float() const { return form_ != nullptr; }
  int bits() const { return bits_; }

  Number At(std::string_view packed, uint64_t i) const {
    const uint64_t pattern = payload::PatternAt(packed, i, bits_);
    if (form_ != nullptr) return {form_->Value(pattern), false, 0};
    Number number;
    number.negative = is_signed_ && (pattern >> (bits_ - 1)) != 0;
    const uint64_t ones = bits_ == 64 ? ~uint64_t{0} : (uint64_t{1} << bits_) - 1;
    number.magnitude = number.negative ? (~pattern + 1) & ones : pattern;
    number.value = static_cast<double>(number.magnitude);
    if (number.negative) number.value = -number.value;
    return number;
  }

  // Whether `here`, of this type, is what `there` becomes when it is cast to it.
  bool IsCastOf(const Number& here, const Number& there, bool there_is_float) const {
    if (is_float()) {
      if (std::isnan(here.value) || std::isnan(there.value)) {
        return std::isnan(here.value) && std::isnan(there.value);
      }
      if (form_->top == payload::FloatForm::Top::kScale) return here.value == there.value;
      return here.value == form_->Round(there.value) &&
             std::signbit(here.value) == std::signbit(there.value);
    }
    if (there_is_float) {
      return here.value == there.value && std::fabs(here.value) <= 0x1p53;
    }
    return here.magnitude == there.magnitude && here.negative == there.negative;
  }

 private:
  const payload::FloatForm* form_;
  int bits_;
  bool is_signed_;
};

// Adds up pairs of numbers of two types.
void AddPair(const Number& a, const Number& b, uint64_t i, Difference& sum) {
  if (!sum.first) sum.first = i;
  ++sum.changed;
  if (!std::isfinite(a.value) || !std::isfinite(b.value)) {
    ++sum.not_finite;
    return;
  }
  if (a.value == 0 && b.value == 0) ++sum.signed_zeros;
  sum.max_abs = std::max(sum.max_abs.value_or(0), std::fabs(a.value - b.value));
}

}  // namespace

// One of the two: a stream, and the set that it is of.
struct ItemComparer::Side {
  const TensorSet& set;
  std::unique_ptr<payload::ElementStream> stream;

  absl::StatusOr<size_t> Read(char* out, size_t n) {
    absl::StatusOr<size_t> got = stream->Read(out, n);
    if (!got.ok()) return InSet(set, got.status());
    return got;
  }

  // Exactly `n` bytes.
  absl::Status Fill(char* out, size_t n) {
    const absl::StatusOr<size_t> got = Read(out, n);
    if (!got.ok()) return got.status();
    if (*got == n) return absl::OkStatus();
    return InSet(set, absl::DataLossError("fewer elements are stored than its shape asks for"));
  }

  static absl::StatusOr<Side> Open(const TensorSet& set, size_t i) {
    auto stream = set.Open(i);
    if (!stream.ok()) return InSet(set, stream.status());
    return Side{set, *std::move(stream)};
  }
  static absl::StatusOr<Side> OpenIndices(const TensorSet& set, size_t i) {
    auto stream = set.OpenIndices(i);
    if (!stream.ok()) return InSet(set, stream.status());
    return Side{set, *std::move(stream)};
  }
};

ItemComparer::ItemComparer()
    : block_a_(std::make_unique<char[]>(kBlock)), block_b_(std::make_unique<char[]>(kBlock)) {}

absl::StatusOr<Likeness> ItemComparer::Compare(const TensorSet& a, size_t i, const TensorSet& b,
                                               size_t j, bool in_full) {
  const Item& x = a.items()[i];
  const Item& y = b.items()[j];
  Likeness likeness;
  likeness.same_dtype = x.dtype == y.dtype;
  likeness.same_shape = x.dims == y.dims;
  const uint64_t elements = x.stored.value_or(x.elements);
  if (x.elements != y.elements || x.stored != y.stored) return likeness;
  if (!likeness.same_dtype && !(IsNumber(x.dtype) && IsNumber(y.dtype))) return likeness;
  if (x.stored) {
    const absl::StatusOr<bool> same = SameIndices(a, i, b, j);
    if (!same.ok()) return same.status();
    if (!*same) return likeness;
  }
  likeness.comparable = true;
  absl::StatusOr<Side> side_a = Side::Open(a, i);
  if (!side_a.ok()) return side_a.status();
  absl::StatusOr<Side> side_b = Side::Open(b, j);
  if (!side_b.ok()) return side_b.status();
  absl::StatusOr<std::optional<Difference>> difference =
      !likeness.same_dtype ? CompareCast(*side_a, x.dtype, *side_b, y.dtype, elements)
      : x.dtype == TensorProto::STRING
          ? CompareStrings(*side_a, *side_b, elements)
          : CompareNumbers(*side_a, *side_b, x.dtype, elements, in_full);
  if (!difference.ok()) return difference.status();
  likeness.difference = *std::move(difference);
  return likeness;
}

absl::StatusOr<std::optional<Difference>> ItemComparer::CompareNumbers(Side& a, Side& b,
                                                                       int32_t dtype,
                                                                       uint64_t elements,
                                                                       bool in_full) {
  Meter meter(dtype, elements);
  uint64_t left = payload::PackedBytes(dtype, elements).value_or(0);
  for (uint64_t offset = 0; left > 0;) {
    const auto n = static_cast<size_t>(std::min<uint64_t>(left, kBlock));
    if (absl::Status filled = a.Fill(block_a_.get(), n); !filled.ok()) return filled;
    if (absl::Status filled = b.Fill(block_b_.get(), n); !filled.ok()) return filled;
    if (std::memcmp(block_a_.get(), block_b_.get(), n) != 0) {
      meter.Add(block_a_.get(), block_b_.get(), n, offset);
      if (!in_full && meter.result().changed > 0) return std::optional(meter.result());
    }
    offset += n;
    left -= n;
  }
  // Nothing may follow; asking is what shows that a typed field holds too much.
  char more = 0;
  for (Side* side : {&a, &b}) {
    if (const absl::StatusOr<size_t> got = side->Read(&more, 1); !got.ok()) return got.status();
  }
  return meter.result().changed > 0 ? std::optional(meter.result()) : std::nullopt;
}

absl::StatusOr<std::optional<Difference>> ItemComparer::CompareCast(Side& a, int32_t dtype_a,
                                                                    Side& b, int32_t dtype_b,
                                                                    uint64_t elements) {
  const NumberReader reader_a(dtype_a);
  const NumberReader reader_b(dtype_b);
  constexpr uint64_t kAtOnce = kBlock / 8;  // elements, a multiple of 8
  Difference sum;
  sum.elements = elements;
  for (uint64_t done = 0; done < elements;) {
    const uint64_t count = std::min(elements - done, kAtOnce);
    const auto bytes_a = static_cast<size_t>(*payload::PackedBytes(dtype_a, count));
    const auto bytes_b = static_cast<size_t>(*payload::PackedBytes(dtype_b, count));
    if (absl::Status filled = a.Fill(block_a_.get(), bytes_a); !filled.ok()) return filled;
    if (absl::Status filled = b.Fill(block_b_.get(), bytes_b); !filled.ok()) return filled;
    for (uint64_t i = 0; i < count; ++i) {
      const Number x = reader_a.At({block_a_.get(), bytes_a}, i);
      const Number y = reader_b.At({block_b_.get(), bytes_b}, i);
      if (reader_b.IsCastOf(y, x, reader_a.is_float()) ||
          reader_a.IsCastOf(x, y, reader_b.is_float())) {
        continue;
      }
      AddPair(x, y, done + i, sum);
    }
    done += count;
  }
  return sum.changed > 0 ? std::optional(sum) : std::nullopt;
}

absl::StatusOr<std::optional<Difference>> ItemComparer::CompareStrings(Side& a, Side& b,
                                                                       uint64_t elements) {
  // Each string is 8 bytes of length and its content; a field may hold fewer than the shape says.
  Difference sum;
  sum.elements = elements;
  for (uint64_t i = 0;; ++i) {
    uint64_t lengths[2] = {0, 0};
    size_t got[2] = {0, 0};
    Side* const sides[2] = {&a, &b};
    for (const size_t s : {0, 1}) {
      char head[8];
      const absl::StatusOr<size_t> read = sides[s]->Read(head, sizeof head);
      if (!read.ok()) return read.status();
      got[s] = *read;
      if (*read == sizeof head) std::memcpy(&lengths[s], head, sizeof head);
    }
    if (got[0] == 0 && got[1] == 0) break;
    bool same = got[0] == got[1] && lengths[0] == lengths[1];
    // Both are read to their ends, wherever they begin to differ.
    while (lengths[0] > 0 || lengths[1] > 0) {
      size_t n[2];
      char* const blocks[2] = {block_a_.get(), block_b_.get()};
      for (const size_t s : {0, 1}) {
        n[s] = static_cast<size_t>(std::min<uint64_t>(lengths[s], kBlock));
        if (absl::Status filled = sides[s]->Fill(blocks[s], n[s]); !filled.ok()) return filled;
        lengths[s] -= n[s];
      }
      same = same && n[0] == n[1] && std::memcmp(blocks[0], blocks[1], n[0]) == 0;
    }
    if (same) continue;
    if (!sum.first) sum.first = i;
    ++sum.changed;
  }
  return sum.changed > 0 ? std::optional(sum) : std::nullopt;
}

absl::StatusOr<bool> ItemComparer::SameIndices(const TensorSet& a, size_t i, const TensorSet& b,
                                               size_t j) {
  absl::StatusOr<Side> side_a = Side::OpenIndices(a, i);
  if (!side_a.ok()) return side_a.status();
  absl::StatusOr<Side> side_b = Side::OpenIndices(b, j);
  if (!side_b.ok()) return side_b.status();
  return SameBytes(*side_a, *side_b);
}

absl::StatusOr<bool> ItemComparer::SameBytes(Side& a, Side& b) {
  while (true) {
    const absl::StatusOr<size_t> x = a.Read(block_a_.get(), kBlock);
    if (!x.ok()) return x.status();
    const absl::StatusOr<size_t> y = b.Read(block_b_.get(), kBlock);
    if (!y.ok()) return y.status();
    if (*x != *y || std::memcmp(block_a_.get(), block_b_.get(), *x) != 0) return false;
    if (*x < kBlock) return true;
  }
}

absl::StatusOr<std::string> ItemComparer::Hash(const TensorSet& set, size_t i) {
  absl::StatusOr<Side> side = Side::Open(set, i);
  if (!side.ok()) return side.status();
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(),
                                                                       &XXH3_freeState);
  if (state == nullptr) return absl::ResourceExhaustedError("no memory for a hash");
  XXH3_128bits_reset(state.get());
  while (true) {
    const absl::StatusOr<size_t> got = side->Read(block_a_.get(), kBlock);
    if (!got.ok()) return got.status();
    XXH3_128bits_update(state.get(), block_a_.get(), *got);
    if (*got < kBlock) break;
  }
  const XXH128_hash_t hash = XXH3_128bits_digest(state.get());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace hoarfrost::compare
