// How a message of a skeleton finds its payload: by a number in an unknown field of its own.
//
// Genuine unknown fields are dropped by the scan, so the only ones in a skeleton are ours. A
// message that was given in parts may have collected several numbers.
#ifndef HOARFROST_WIRE_PAYLOAD_INDEX_H_
#define HOARFROST_WIRE_PAYLOAD_INDEX_H_

#include <cstdint>
#include <optional>
#include <string>

#include "google/protobuf/unknown_field_set.h"
#include "onnx/onnx_pb.h"
#include "wire/scan.h"
#include "wire/schema.h"

namespace hoarfrost::wire {

// The largest number whose tag takes two bytes; no message of onnx-ml.proto uses it.
inline constexpr uint32_t kRunField = 2047;
inline constexpr uint32_t kRunTag = MakeTag(kRunField, TagType::kVarint);

void AppendRunNumber(uint64_t run, std::string& out);

// The number that counts: the last. nullopt for a message without payload.
std::optional<uint64_t> RunNumber(const google::protobuf::UnknownFieldSet& unknown);

// Gives every TensorProto that collected several runs one that joins them, and leaves out of the
// message what together is larger than kKeepPayload.
void JoinRuns(onnx::ModelProto& model, ScanResult& scan);

}  // namespace hoarfrost::wire

#endif  // HOARFROST_WIRE_PAYLOAD_INDEX_H_
