// The walk over a model's wire format that leaves its payloads out: the first half of
// ReadSkeleton(), which parses what the scan gives.
#ifndef HOARFROST_WIRE_SCAN_H_
#define HOARFROST_WIRE_SCAN_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "wire/byte_source.h"
#include "wire/skeleton.h"

namespace hoarfrost::wire {

// The payload parts of one message: parts[first] to parts[first + count - 1].
struct PayloadRun {
  size_t first = 0;
  size_t count = 0;
};

struct ScanResult {
  // A serialised ModelProto. A TensorProto or AttributeProto with payload carries the number of its
  // run in a field that onnx-ml.proto does not know (payload_index.h).
  std::string bytes;
  std::vector<PayloadPart> parts;
  std::vector<PayloadRun> runs;
  // A TensorProto was given in parts, so that more than one run may belong to one message.
  bool merged = false;
};

// Errors as ReadSkeleton() gives them.
absl::StatusOr<ScanResult> Scan(const ByteSource& source);

}  // namespace hoarfrost::wire

#endif  // HOARFROST_WIRE_SCAN_H_
