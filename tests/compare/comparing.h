// Models, sets and comparisons in memory.
#ifndef HOARFROST_TESTS_COMPARE_COMPARING_H_
#define HOARFROST_TESTS_COMPARE_COMPARING_H_

#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/rep.h"
#include "compare/compare_items.h"
#include "compare/diff.h"
#include "compare/match.h"
#include "compare/memory_set.h"
#include "compare/merge.h"
#include "compare/model_set.h"
#include "compare/open_set.h"
#include "compare/verify.h"
#include "freeze/freezing.h"

namespace hoarfrost::testing {

inline std::unique_ptr<compare::ModelSet> SetOf(std::string bytes,
                                                const std::string& name = "m.onnx") {
  return Value(compare::ModelSet::Read(std::make_shared<OwnedBytes>(name, std::move(bytes)), ""));
}

inline std::unique_ptr<compare::ModelSet> SetOf(const onnx::ModelProto& model) {
  return SetOf(model.SerializeAsString());
}

template <typename T>
std::string Packed(const std::vector<T>& values) {
  std::string bytes(values.size() * sizeof(T), '\0');
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

inline onnx::TensorProto& TensorOf(onnx::ModelProto& model, const std::string& name) {
  for (onnx::TensorProto& tensor : *model.mutable_graph()->mutable_initializer()) {
    if (tensor.name() == name) return tensor;
  }
  ADD_FAILURE() << "no initializer " << name;
  return *model.mutable_graph()->add_initializer();
}

// Flips one bit of a tensor in raw_data.
inline void Flip(onnx::TensorProto& tensor, size_t bit) {
  (*tensor.mutable_raw_data())[bit / 8] ^= static_cast<char>(1 << (bit % 8));
}

// All finite floats of all tensors moved by one ULP: what the shortest training would do.
inline onnx::ModelProto Trained(onnx::ModelProto model) {
  for (onnx::TensorProto& tensor : *model.mutable_graph()->mutable_initializer()) {
    if (tensor.data_type() != onnx::TensorProto::FLOAT) continue;
    for (size_t at = 0; at < tensor.raw_data().size(); at += 4) Flip(tensor, at * 8);
  }
  return model;
}

inline DiffResult DiffOf(const compare::TensorSet& a, const compare::TensorSet& b) {
  return Value(compare::Diff(a, b));
}

// "changed w", "removed x", ... in the order of the result.
inline std::vector<std::string> Words(const DiffResult& diff) {
  static const std::map<ChangeKind, std::string> kWords = {{ChangeKind::kChanged, "changed"},
                                                           {ChangeKind::kReshaped, "reshaped"},
                                                           {ChangeKind::kCast, "cast"},
                                                           {ChangeKind::kRenamed, "renamed"},
                                                           {ChangeKind::kAdded, "added"},
                                                           {ChangeKind::kRemoved, "removed"},
                                                           {ChangeKind::kUnreadable, "unreadable"}};
  std::vector<std::string> words;
  for (const TensorChange& change : diff.tensors) {
    words.push_back(kWords.at(change.kind) + " " + (change.a ? change.a->name : change.b->name));
  }
  return words;
}

// "moved w", "unchanged x", ...; failures with an exclamation mark.
inline std::vector<std::string> Words(const VerifyResult& result) {
  static const std::map<FindingKind, std::string> kWords = {
      {FindingKind::kMoved, "moved"},         {FindingKind::kMissing, "missing"},
      {FindingKind::kRetyped, "retyped"},     {FindingKind::kUnreadable, "unreadable"},
      {FindingKind::kUnchanged, "unchanged"}, {FindingKind::kReshaped, "reshaped"},
      {FindingKind::kRenamed, "renamed"},     {FindingKind::kNotStored, "not stored"}};
  std::vector<std::string> words;
  for (const Finding& finding : result.findings) {
    words.push_back(kWords.at(finding.kind) + " " + finding.expected.name +
                    (finding.failure ? "!" : ""));
  }
  return words;
}

}  // namespace hoarfrost::testing

#endif  // HOARFROST_TESTS_COMPARE_COMPARING_H_
