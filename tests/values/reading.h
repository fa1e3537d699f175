// Models in memory whose values are read.
#ifndef HOARFROST_TESTS_VALUES_READING_H_
#define HOARFROST_TESTS_VALUES_READING_H_

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "onnx/onnx_pb.h"
#include "summary/summary_of.h"
#include "values/read_values.h"

namespace hoarfrost::values {

template <typename T>
std::string Packed(const std::vector<T>& values) {
  std::string bytes(values.size() * sizeof(T), '\0');
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

inline onnx::TensorProto TensorOf(const std::string& name, int32_t dtype,
                                  const std::vector<int64_t>& dims, std::string raw = "") {
  onnx::TensorProto tensor;
  tensor.set_name(name);
  tensor.set_data_type(dtype);
  for (const int64_t d : dims) tensor.add_dims(d);
  if (!raw.empty()) tensor.set_raw_data(std::move(raw));
  return tensor;
}

struct Read {
  summary::Summary summary;
  ModelValues values;

  const TensorValues& of(const std::string& name) const {
    return values.of(summary::TensorNamed(summary, name));
  }
  const Statistics& statistics(const std::string& name) const {
    static const Statistics none;
    EXPECT_EQ(of(name).error, "") << name;
    return of(name).statistics ? *of(name).statistics : none;
  }
};

inline Read ReadFrom(const onnx::ModelProto& model, const std::string& directory = "",
                     size_t threads = 0) {
  const std::string bytes = model.SerializeAsString();
  const auto source = wire::FromMemory("<test>", bytes);
  absl::StatusOr<summary::Summary> summary = summary::Summarize(*source, directory, {});
  EXPECT_TRUE(summary.ok()) << summary.status().ToString();
  if (!summary.ok()) return {};
  Read read = {*std::move(summary), {}};
  read.values = ReadValues(*source, read.summary, directory, threads);
  return read;
}

inline onnx::ModelProto ModelOf(const std::vector<onnx::TensorProto>& tensors) {
  onnx::ModelProto model;
  model.set_ir_version(10);
  for (const onnx::TensorProto& tensor : tensors) {
    *model.mutable_graph()->add_initializer() = tensor;
  }
  return model;
}

inline Read ReadFrom(const std::vector<onnx::TensorProto>& tensors,
                     const std::string& directory = "") {
  return ReadFrom(ModelOf(tensors), directory);
}

}  // namespace hoarfrost::values

#endif  // HOARFROST_TESTS_VALUES_READING_H_
