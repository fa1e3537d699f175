// A mutator that knows what a model is made of: it changes fields of a parsed ModelProto by
// protobuf's reflection, so that what comes out is a model still, and different where it matters.
// Bytes alone, the fuzzer's own way, rarely get past the first length that does not add up.
#ifndef HOARFROST_TESTS_FUZZ_MUTATE_MODEL_H_
#define HOARFROST_TESTS_FUZZ_MUTATE_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <random>

#include "onnx/onnx_pb.h"

namespace hoarfrost::testing {

// Makes one change, drawn from `random`, somewhere in `model`: a field cleared, a number replaced
// by one at a border, an element repeated, dropped or moved, a message copied to another place of
// its kind, a string replaced by another one of the model (names are what connects a graph), or a
// subgraph put into a node.
void MutateModel(onnx::ModelProto& model, std::mt19937_64& random);

}  // namespace hoarfrost::testing

#endif  // HOARFROST_TESTS_FUZZ_MUTATE_MODEL_H_
