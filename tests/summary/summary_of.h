// The summary of a model for tests.
#ifndef HOARFROST_TESTS_SUMMARY_SUMMARY_OF_H_
#define HOARFROST_TESTS_SUMMARY_SUMMARY_OF_H_

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "onnx/onnx_pb.h"
#include "summary/summary.h"
#include "support/onnx_text.h"
#include "wire/byte_source.h"

namespace hoarfrost::summary {

inline Summary SummaryOf(const onnx::ModelProto& model, const Options& options = {}) {
  const std::string bytes = model.SerializeAsString();
  absl::StatusOr<Summary> summary = Summarize(*wire::FromMemory("<test>", bytes), "", options);
  EXPECT_TRUE(summary.ok()) << summary.status().ToString();
  return summary.ok() ? *std::move(summary) : Summary();
}

// Of a model in ONNX text.
inline Summary SummaryOf(std::string_view text, const Options& options = {}) {
  return SummaryOf(testing::ParseModel(text), options);
}

inline model::TensorId TensorNamed(const Summary& summary, std::string_view name) {
  for (size_t t = 0; t < summary.facts.tensors.size(); ++t) {
    if (summary.facts.tensors[t].name == name) return static_cast<model::TensorId>(t);
  }
  ADD_FAILURE() << "no tensor " << name;
  return 0;
}

inline const LayerRow& RowNamed(const Summary& summary, std::string_view path) {
  for (const LayerRow& row : summary.rows) {
    if (row.layer != model::kNone &&
        summary.layers.layers[static_cast<size_t>(row.layer)].path == path) {
      return row;
    }
  }
  ADD_FAILURE() << "no layer " << path;
  static const LayerRow none;
  return none;
}

}  // namespace hoarfrost::summary

#endif  // HOARFROST_TESTS_SUMMARY_SUMMARY_OF_H_
