// Damaged models: whatever the scan lets through, facts of it are sound and inference ends.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "model/facts.h"
#include "model/shapes.h"
#include "onnx/onnx_pb.h"
#include "wire/byte_source.h"
#include "wire/skeleton.h"

namespace hoarfrost::model {
namespace {

std::vector<std::string> SmallModels() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(HOARFROST_TESTDATA)) {
    if (entry.path().extension() == ".onnx" && entry.is_regular_file() && entry.file_size() > 100 &&
        entry.file_size() < 20'000) {
      paths.push_back(entry.path());
    }
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> models;
  for (const auto& path : paths) {
    std::ifstream in(path, std::ios::binary);
    models.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return models;
}

// Every id that facts hand out is one of theirs, and both directions of an edge agree.
void ExpectSound(const Facts& facts) {
  const auto values = static_cast<ValueId>(facts.values.size());
  const auto nodes = static_cast<NodeId>(facts.nodes.size());
  const auto scopes = static_cast<ScopeId>(facts.scopes.size());
  const auto is_value = [&](ValueId v) { return v >= kNone && v < values; };
  size_t reads = 0;
  for (NodeId n = 0; n < nodes; ++n) {
    for (const ValueId v : facts.inputs(n)) {
      ASSERT_TRUE(is_value(v));
      reads += v != kNone;
    }
    for (const ValueId v : facts.outputs(n)) ASSERT_TRUE(is_value(v));
    for (const ScopeId s : facts.subgraphs(n)) {
      ASSERT_TRUE(s > 0 && s < scopes);
      ASSERT_EQ(facts.scopes[static_cast<size_t>(s)].owner, n);
    }
    const ScopeId calls = facts.nodes[static_cast<size_t>(n)].calls;
    ASSERT_TRUE(calls == kNone || (calls > 0 && calls < scopes));
  }
  size_t uses = 0;
  size_t out = 0;
  size_t in = 0;
  for (ValueId v = 0; v < values; ++v) {
    for (const Use& use : facts.uses(v)) {
      ASSERT_TRUE(use.node >= 0 && use.node < nodes);
      ASSERT_EQ(facts.inputs(use.node)[static_cast<size_t>(use.slot)], v);
      ++uses;
    }
    for (const Flow& flow : facts.flows(v)) ASSERT_TRUE(is_value(flow.to) && flow.to != kNone);
    out += facts.flows(v).size();
    in += facts.flows_into(v).size();
    const Value& value = facts.values[static_cast<size_t>(v)];
    ASSERT_TRUE(value.producer >= kNone && value.producer < nodes);
    ASSERT_TRUE(value.tensor == kNone ||
                facts.tensors[static_cast<size_t>(value.tensor)].value == v);
  }
  ASSERT_EQ(uses, reads);
  ASSERT_EQ(out, in);
  for (ScopeId s = 0; s < scopes; ++s) {
    for (const ValueId v : facts.scope_inputs(s)) ASSERT_TRUE(is_value(v));
    for (const ValueId v : facts.scope_outputs(s)) ASSERT_TRUE(is_value(v));
  }
}

// True where the scan took the bytes for a model.
bool Try(const std::string& bytes, bool infer) {
  const auto source = wire::FromMemory("<test>", bytes);
  auto skeleton = wire::ReadSkeleton(*source);
  if (!skeleton.ok()) return false;
  const Facts facts = BuildFacts(*skeleton, "");
  ExpectSound(facts);
  ShapeTable shapes(facts);
  if (infer) (void)shapes.Infer();
  for (ValueId v = 0; v < static_cast<ValueId>(facts.values.size()); ++v) (void)shapes.Of(v);
  return true;
}

TEST(Mutated, BytesChangedAtRandom) {
  const std::vector<std::string> models = SmallModels();
  ASSERT_FALSE(models.empty());
  std::mt19937 random(1);
  int taken = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = models[random() % models.size()];
    for (unsigned edits = 1 + random() % 4; edits > 0; --edits) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    taken += Try(bytes, round % 10 == 0);
    if (HasFatalFailure()) FAIL() << "round " << round;
  }
  EXPECT_GT(taken, 300);
}

// Names, operators, dims and integers of one place put into another, so that what comes out is a
// model that means something else.
class Shuffler {
 public:
  Shuffler(onnx::ModelProto& model, std::mt19937& random) : random_(random) {
    Collect(*model.mutable_graph());
    for (onnx::FunctionProto& f : *model.mutable_functions()) {
      for (std::string& name : *f.mutable_input()) names_.push_back(&name);
      for (std::string& name : *f.mutable_output()) names_.push_back(&name);
      for (onnx::NodeProto& node : *f.mutable_node()) Collect(node);
    }
  }

  void Edit() {
    switch (random_() % 5) {
      case 0:
        return Swap(names_);
      case 1:
        return Swap(operators_);
      case 2:
        return Swap(integers_);
      case 3:
        if (!integers_.empty()) *Pick(integers_) = kOddNumbers[random_() % std::size(kOddNumbers)];
        return;
      default:
        if (!names_.empty()) *Pick(names_) = *Pick(names_);
        return;
    }
  }

 private:
  static constexpr int64_t kOddNumbers[] = {0,  -1,      1,       2,         -2,
                                            31, 1 << 20, 1 << 30, INT64_MAX, INT64_MIN};

  template <typename T>
  T* Pick(const std::vector<T*>& all) {
    return all[random_() % all.size()];
  }
  template <typename T>
  void Swap(const std::vector<T*>& all) {
    if (!all.empty()) std::swap(*Pick(all), *Pick(all));
  }
  void Collect(onnx::TensorProto& tensor) {
    for (int64_t& d : *tensor.mutable_dims()) integers_.push_back(&d);
  }
  void Collect(onnx::ValueInfoProto& info) { names_.push_back(info.mutable_name()); }
  void Collect(onnx::NodeProto& node) {
    for (std::string& name : *node.mutable_input()) names_.push_back(&name);
    for (std::string& name : *node.mutable_output()) names_.push_back(&name);
    operators_.push_back(node.mutable_op_type());
    for (onnx::AttributeProto& a : *node.mutable_attribute()) {
      for (int64_t& i : *a.mutable_ints()) integers_.push_back(&i);
      if (a.has_t()) Collect(*a.mutable_t());
      if (a.has_g()) Collect(*a.mutable_g());
    }
  }
  void Collect(onnx::GraphProto& graph) {
    for (onnx::TensorProto& tensor : *graph.mutable_initializer()) {
      names_.push_back(tensor.mutable_name());
      Collect(tensor);
    }
    for (onnx::ValueInfoProto& info : *graph.mutable_input()) Collect(info);
    for (onnx::ValueInfoProto& info : *graph.mutable_output()) Collect(info);
    for (onnx::ValueInfoProto& info : *graph.mutable_value_info()) Collect(info);
    for (onnx::NodeProto& node : *graph.mutable_node()) Collect(node);
  }

  std::mt19937& random_;
  std::vector<std::string*> names_;
  std::vector<std::string*> operators_;
  std::vector<int64_t*> integers_;
};

TEST(Mutated, NamesOperatorsAndNumbersPutElsewhere) {
  const std::vector<std::string> models = SmallModels();
  std::mt19937 random(2);
  int taken = 0;
  for (int round = 0; round < 3000; ++round) {
    onnx::ModelProto model;
    if (!model.ParseFromString(models[random() % models.size()])) continue;
    if (!model.has_graph()) continue;
    Shuffler shuffler(model, random);
    for (unsigned edits = 1 + random() % 8; edits > 0; --edits) shuffler.Edit();
    taken += Try(model.SerializeAsString(), round % 10 == 0);
    if (HasFatalFailure()) FAIL() << "round " << round;
  }
  EXPECT_GT(taken, 2500);
}

}  // namespace
}  // namespace hoarfrost::model
