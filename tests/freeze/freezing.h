// Freezing and thawing in memory, and models for it.
#ifndef HOARFROST_TESTS_FREEZE_FREEZING_H_
#define HOARFROST_TESTS_FREEZE_FREEZING_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "freeze/freeze.h"
#include "summary/summary.h"
#include "support/onnx_text.h"
#include "wire/byte_source.h"
#include "wire/rope.h"

namespace hoarfrost::testing {

// A model in ONNX text whose declared values without a producer become initializers: in the list
// after the outputs, `float[10] bias` is one of ten floats. Values differ from tensor to tensor.
inline onnx::ModelProto ModelWithWeights(std::string_view text) {
  onnx::ModelProto model = ParseModel(text);
  onnx::GraphProto& graph = *model.mutable_graph();
  uint32_t seed = 1;
  for (const onnx::ValueInfoProto& value : graph.value_info()) {
    onnx::TensorProto& tensor = *graph.add_initializer();
    tensor.set_name(value.name());
    tensor.set_data_type(value.type().tensor_type().elem_type());
    int64_t elements = 1;
    for (const auto& dim : value.type().tensor_type().shape().dim()) {
      tensor.add_dims(dim.dim_value());
      elements *= dim.dim_value();
    }
    const int64_t size = tensor.data_type() == onnx::TensorProto::FLOAT   ? 4
                         : tensor.data_type() == onnx::TensorProto::INT64 ? 8
                                                                          : 1;
    std::string bytes(static_cast<size_t>(elements * size), '\0');
    for (char& byte : bytes) {
      seed = seed * 1664525 + 1013904223;
      byte = static_cast<char>(seed >> 26);  // small: floats stay finite
    }
    tensor.set_raw_data(bytes);
  }
  graph.clear_value_info();
  return model;
}

inline std::string BytesWithWeights(std::string_view text) {
  return ModelWithWeights(text).SerializeAsString();
}

// The same with every initializer listed as a graph input too.
inline onnx::ModelProto WithInitializersAsInputs(onnx::ModelProto model, int64_t ir_version) {
  model.set_ir_version(ir_version);
  onnx::GraphProto& graph = *model.mutable_graph();
  for (const onnx::TensorProto& tensor : graph.initializer()) {
    onnx::ValueInfoProto& input = *graph.add_input();
    input.set_name(tensor.name());
    auto& type = *input.mutable_type()->mutable_tensor_type();
    type.set_elem_type(tensor.data_type());
    for (const int64_t dim : tensor.dims()) type.mutable_shape()->add_dim()->set_dim_value(dim);
  }
  return model;
}

inline absl::StatusOr<std::string> BytesOf(const wire::Rope& rope, const wire::ByteSource& base) {
  const auto source = wire::MakeRopeSource(rope, base, "result");
  std::string bytes(source->size(), '\0');
  absl::StatusOr<size_t> got = source->ReadAt(0, bytes.data(), bytes.size());
  if (!got.ok()) return got.status();
  return bytes;
}

inline absl::StatusOr<std::string> Frozen(const std::string& bytes,
                                          const freeze::FreezeRequest& request) {
  const auto source = wire::FromMemory("m.onnx", bytes);
  absl::StatusOr<freeze::Rewrite> rewrite = freeze::Freeze(*source, "", request);
  if (!rewrite.ok()) return rewrite.status();
  return BytesOf(rewrite->rope, *source);
}

inline absl::StatusOr<std::string> Thawed(const std::string& bytes,
                                          const freeze::ThawRequest& request = {}) {
  const auto source = wire::FromMemory("m.onnx", bytes);
  absl::StatusOr<freeze::Rewrite> rewrite = freeze::Thaw(*source, "", request);
  if (!rewrite.ok()) return rewrite.status();
  return BytesOf(rewrite->rope, *source);
}

inline freeze::FreezeRequest FreezeBy(Selection selection,
                                      SharedTensors shared = SharedTensors::kRefuse) {
  freeze::FreezeRequest request;
  request.selection = std::move(selection);
  request.shared = shared;
  return request;
}

inline freeze::FreezeRequest WithForms(freeze::FreezeRequest request, const Forms& forms) {
  request.forms = forms;
  return request;
}

inline freeze::ThawRequest ThawBy(Selection selection,
                                  SharedTensors shared = SharedTensors::kRefuse) {
  freeze::ThawRequest request;
  request.selection = std::move(selection);
  request.shared = shared;
  return request;
}

inline Selection All() {
  Selection selection;
  selection.all = true;
  return selection;
}
inline Selection Layers(std::vector<std::string> patterns) {
  Selection selection;
  selection.layers = std::move(patterns);
  return selection;
}
inline Selection Tensors(std::vector<std::string> patterns) {
  Selection selection;
  selection.tensors = std::move(patterns);
  return selection;
}

// Fails the test where there is an error.
template <typename T>
T Value(absl::StatusOr<T> result) {
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? *std::move(result) : T();
}

inline summary::Summary SummaryOf(const std::string& bytes) {
  return Value(summary::Summarize(*wire::FromMemory("m.onnx", bytes), "", {}));
}

// Ten units on 100 inputs, 1,010 parameters, and a BatchNormalization of ten features: 40 more, of
// which mean and variance, 20, are statistics.
inline constexpr const char* kDenseText = R"(
<ir_version: 8, opset_import: ["" : 17], producer_name: "a test">
g (float[N, 100] x) => (float[N, 10] y)
<float[100, 10] kernel, float[10] bias>
{ [dense] y = Gemm(x, kernel, bias) })";

inline constexpr const char* kDenseBatchNormText = R"(
<ir_version: 8, opset_import: ["" : 17]>
g (float[N, 100] x) => (float[N, 10] y)
<float[100, 10] kernel, float[10] bias,
 float[10] gamma, float[10] beta, float[10] mean, float[10] variance>
{
  [dense] h = Gemm(x, kernel, bias)
  [bn] y = BatchNormalization(h, gamma, beta, mean, variance)
})";

// Two layers that share one tensor through an Identity, and one more behind them.
inline constexpr const char* kSharedText = R"(
<ir_version: 8, opset_import: ["" : 17]>
g (float[N, 4] x) => (float[N, 4] y)
<float[4, 4] tied, float[4, 4] last>
{
  [first] a = MatMul(x, tied)
  again = Identity(tied)
  [second] b = MatMul(a, again)
  [third] y = MatMul(b, last)
})";

}  // namespace hoarfrost::testing

#endif  // HOARFROST_TESTS_FREEZE_FREEZING_H_
