// The skeleton of a model: the ordinary generated onnx::ModelProto without its payloads.
//
// ReadSkeleton() walks the protobuf wire format of the source once, in small windows, skips every
// large payload by its length, and parses what is left into an arena. What was skipped (and where
// every payload lies, skipped or not) is kept in an index that is asked with the message itself:
//
//   auto skeleton = wire::ReadSkeleton(*source);
//   for (const onnx::TensorProto& t : skeleton->model().graph().initializer())
//     for (const wire::PayloadPart& part : skeleton->PayloadOf(t)) ...
//
// Left out of model():
//   - payload: TensorProto raw_data and AttributeProto s where longer than kKeepPayload bytes; the
//     repeated ones (the typed *_data; floats, ints, strings) where the spans of all the parts of
//     that field in that message come to more. Such a field is absent as a whole, never shortened.
//   - doc_string fields, and values of metadata_props that nobody classifies by
//   (KeepMetadataValue).
//   - all unknown fields, values that their enum does not have among them.
// model() is for reading: messages with payload carry a number in an unknown field of ours, so what
// it serialises to is no model to give to others.
//
// The scan refuses, with InvalidArgument and the byte offset: field number 0, stray or unclosed
// groups, wire types that do not exist or that a known field cannot have, lengths past the end of
// the enclosing message, varints over 10 bytes, tags over 5 bytes or 32 bits, lengths padded to
// more than the 5 bytes that protobuf reads, packed values that do not come out even, nesting
// deeper than protobuf's own limit of 100, and a file without a graph. A file of another format
// that its first bytes give away is called by its name instead. Legal oddities are accepted: packed
// and unpacked repeated fields, padded varints, unknown fields, singular messages given in parts,
// any field order. A packed payload that is left out is not looked into, so a broken varint in it
// shows only when it is read.
#ifndef HOARFROST_WIRE_SKELETON_H_
#define HOARFROST_WIRE_SKELETON_H_

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "onnx/onnx_pb.h"
#include "wire/byte_source.h"

namespace hoarfrost::wire {

// Payload content up to this many bytes stays in the skeleton: shapes, axes and scalars are needed.
inline constexpr uint64_t kKeepPayload = 256;

// A half-open range of the source, in bytes.
struct Span {
  uint64_t offset = 0;
  uint64_t length = 0;
  friend bool operator==(const Span&, const Span&) = default;
};

enum class PayloadEncoding : uint8_t {
  kBytes,     // raw_data, or an attribute's s: `span` is the content
  kPacked,    // a packed repeated scalar field: `span` is the content of one packed chunk
  kUnpacked,  // a run of adjacent unpacked elements: `span` covers tags and values
  kStrings,   // a run of adjacent bytes elements: `span` covers tags, lengths and contents
};

// One occurrence of a payload field (or one run of adjacent elements of it), in wire order.
// raw_data and s are singular: where they occur more than once, the last part counts.
struct PayloadPart {
  // `count` of a packed varint chunk of a tensor that was skipped without being read. (The `ints`
  // of an attribute are always counted: they have no shape beside them.)
  static constexpr uint64_t kUnknownCount = ~uint64_t{0};

  int field = 0;  // field number in TensorProto or AttributeProto
  PayloadEncoding encoding = PayloadEncoding::kBytes;
  bool kept = false;  // the content is in the message too; of a singular field only the last can be
  Span span;
  uint64_t count = 0;  // elements; for kBytes the length in bytes
};

class Skeleton {
 public:
  Skeleton(Skeleton&&) noexcept;
  Skeleton& operator=(Skeleton&&) noexcept;
  ~Skeleton();

  const onnx::ModelProto& model() const;

  // Bytes of the source file.
  uint64_t source_bytes() const;

  // The payload of a message that lies in model() (not in a copy of it). Empty when it has none.
  absl::Span<const PayloadPart> PayloadOf(const onnx::TensorProto& tensor) const;
  absl::Span<const PayloadPart> PayloadOf(const onnx::AttributeProto& attribute) const;

 private:
  friend class SkeletonReader;
  struct Rep;
  explicit Skeleton(std::unique_ptr<Rep> rep);
  std::unique_ptr<Rep> rep_;
};

// Errors: InvalidArgument as told above, or when what is left without payloads is 2 GiB or more;
// DataLoss and FailedPrecondition when the source shrinks or changes meanwhile; else the source's.
absl::StatusOr<Skeleton> ReadSkeleton(const ByteSource& source);

// True for a metadata_props value that stays in the skeleton. Out go stack traces
// (`pkg.torch.onnx.stack_trace`), `hoarfrost.undo`, and, for keys other than the exporter's graph
// signature and `hoarfrost.plan`, values longer than 64 KiB. The key always stays.
bool KeepMetadataValue(std::string_view key, uint64_t value_bytes);

}  // namespace hoarfrost::wire

#endif  // HOARFROST_WIRE_SKELETON_H_
