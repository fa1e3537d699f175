// The elements of a tensor as a stream: however large it is, a block at a time is in memory.
//
// What comes is the canonical form of the elements, whatever field they lie in: little-endian,
// row-major, 4-bit and 2-bit types packed with the first element in the lowest bits
// (onnx-ml.proto, TensorProto.raw_data). Strings, which have no such form, come as 8 bytes of
// length and the content, one after the other.
#ifndef HOARFROST_PAYLOAD_STREAM_H_
#define HOARFROST_PAYLOAD_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "onnx/onnx_pb.h"
#include "payload/data_files.h"
#include "payload/storage.h"
#include "wire/byte_source.h"
#include "wire/skeleton.h"

namespace hoarfrost::payload {

class ElementStream {
 public:
  virtual ~ElementStream() = default;

  // Fills `out` with the next bytes; fewer than `n` only at the end, where 0 bytes follow for ever.
  // An error is final.
  virtual absl::StatusOr<size_t> Read(char* out, size_t n) = 0;

  // Passes over the next `n` bytes without reading them. False where only reading leads past them;
  // nothing was passed over then.
  virtual bool Skip(uint64_t /*n*/) { return false; }
};

// What lies behind the streams of one model; all of it must outlive them.
struct StreamSource {
  const wire::ByteSource& source;
  const wire::Skeleton& skeleton;  // read from `source`
  DataFiles& data_files;
};

// The elements of `tensor`, which lies in the skeleton. DataLoss at once or while reading where
// the bytes found are not those that shape and type ask for; the errors of DataFiles. Messages are
// clauses that name neither file nor tensor.
absl::StatusOr<std::unique_ptr<ElementStream>> OpenElements(const StreamSource& from,
                                                            const onnx::TensorProto& tensor);

// The values of a Constant node's value_float(s), value_int(s) or value_string(s).
absl::StatusOr<std::unique_ptr<ElementStream>> OpenElements(const StreamSource& from,
                                                            const onnx::AttributeProto& attribute);

// `bytes` as a stream; they must outlive it.
std::unique_ptr<ElementStream> StreamOf(std::string_view bytes);

// A range of a source as a stream. DataLoss where it does not lie within.
absl::StatusOr<std::unique_ptr<ElementStream>> StreamOf(
    std::shared_ptr<const wire::ByteSource> source, wire::Span range);

}  // namespace hoarfrost::payload

#endif  // HOARFROST_PAYLOAD_STREAM_H_
