// Models at random: every field that ONNX has, and any spelling that the wire format allows for
// them; then, on demand, damage.
#ifndef HOARFROST_TESTS_WIRE_RANDOM_MODEL_H_
#define HOARFROST_TESTS_WIRE_RANDOM_MODEL_H_

#include <cstdint>
#include <random>
#include <string>

#include "onnx/onnx_pb.h"

namespace hoarfrost::testing {

class RandomModels {
 public:
  explicit RandomModels(uint64_t seed) : random_(seed) {}

  // Fills fields of a model at random, payloads of sizes around kKeepPayload among them.
  onnx::ModelProto Model();

  // Writes a serialised model anew: fields in another order, lengths, tags and numbers padded,
  // numbers packed or not, singular messages in parts, unknown fields and groups put in. What
  // protobuf reads from it is a legal model still.
  std::string Respell(const std::string& model);

  // Flips, cuts, inserts, repeats or overwrites some bytes.
  std::string Damage(std::string bytes);

 private:
  friend class Respeller;
  uint64_t Below(uint64_t n) { return std::uniform_int_distribution<uint64_t>(0, n - 1)(random_); }
  bool OneIn(uint64_t n) { return Below(n) == 0; }
  std::string Text(size_t size);
  std::string MetadataKey();
  void Fill(google::protobuf::Message& message, int depth);
  void FillScalar(google::protobuf::Message& message,
                  const google::protobuf::FieldDescriptor& field);

  std::mt19937_64 random_;
};

}  // namespace hoarfrost::testing

#endif  // HOARFROST_TESTS_WIRE_RANDOM_MODEL_H_
