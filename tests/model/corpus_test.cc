// Facts of every model in a folder (environment HOARFROST_CORPUS), against a plain walk over the
// whole parse and against the truth beside each model.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "model/facts.h"
#include "model/shapes.h"
#include "onnx/onnx_pb.h"
#include "wire/byte_source.h"
#include "wire/skeleton.h"

namespace hoarfrost::model {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> Corpus() {
  const char* folder = std::getenv("HOARFROST_CORPUS");
  std::vector<fs::path> models;
  if (folder == nullptr || !fs::exists(folder)) return models;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || entry.path().extension() != ".onnx") continue;
    fs::path truth = entry.path();
    if (fs::exists(truth.replace_extension(".truth.json"))) models.push_back(entry.path());
  }
  std::sort(models.begin(), models.end());
  return models;
}

std::string ReadAll(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Loaded {
  std::unique_ptr<wire::ByteSource> source;
  std::unique_ptr<wire::Skeleton> skeleton;
  Facts facts;
};

std::unique_ptr<Loaded> Load(const fs::path& path) {
  auto loaded = std::make_unique<Loaded>();
  auto source = wire::OpenFile(path.string());
  if (!source.ok()) return nullptr;
  loaded->source = std::move(*source);
  auto skeleton = wire::ReadSkeleton(*loaded->source);
  if (!skeleton.ok()) return nullptr;
  loaded->skeleton = std::make_unique<wire::Skeleton>(std::move(*skeleton));
  loaded->facts = BuildFacts(*loaded->skeleton, path.parent_path().string(), path.string());
  return loaded;
}

struct Counts {
  int initializers = 0;
  int64_t initializer_elements = 0;
  int constants = 0;
  int nodes = 0;
};

// The plain walk: recursive, over a whole parse.
void Walk(const onnx::GraphProto& graph, Counts& counts);
void Walk(const google::protobuf::RepeatedPtrField<onnx::NodeProto>& nodes, Counts& counts) {
  for (const onnx::NodeProto& node : nodes) {
    ++counts.nodes;
    if (node.op_type() == "Constant" && node.domain().empty()) {
      counts.constants += std::none_of(node.attribute().begin(), node.attribute().end(),
                                       [](const auto& a) { return !a.ref_attr_name().empty(); });
    }
    for (const onnx::AttributeProto& a : node.attribute()) {
      if (a.has_g()) Walk(a.g(), counts);
      for (const onnx::GraphProto& g : a.graphs()) Walk(g, counts);
    }
  }
}
void Walk(const onnx::GraphProto& graph, Counts& counts) {
  for (const onnx::TensorProto& tensor : graph.initializer()) {
    ++counts.initializers;
    int64_t n = 1;
    for (const int64_t d : tensor.dims()) n *= d;
    counts.initializer_elements += n;
  }
  Walk(graph.node(), counts);
}

// Names of types in the truth files, which are those of TensorProto.DataType.
std::string ProtoDtype(int32_t dtype) {
  return onnx::TensorProto::DataType_Name(static_cast<onnx::TensorProto::DataType>(dtype));
}

// One spelling of a scope for both sides: the truth says "/loop.body" and "function:NAME".
std::string ScopeKey(const std::string& scope) {
  if (scope.rfind("function:", 0) == 0) {
    const size_t at = scope.rfind("::");
    return at == std::string::npos ? scope : "function:" + scope.substr(at + 2);
  }
  return scope.rfind('/', 0) == 0 ? scope.substr(1) : scope;
}

TEST(Corpus, TensorsAreThoseOfAPlainWalkOverTheWholeModel) {
  const std::vector<fs::path> corpus = Corpus();
  if (corpus.empty()) GTEST_SKIP() << "HOARFROST_CORPUS names no folder of models";
  for (const fs::path& path : corpus) {
    SCOPED_TRACE(path.filename().string());
    const auto loaded = Load(path);
    ASSERT_NE(loaded, nullptr);
    onnx::ModelProto whole;
    ASSERT_TRUE(whole.ParseFromString(ReadAll(path)));
    Counts want;
    Walk(whole.graph(), want);
    for (const onnx::FunctionProto& f : whole.functions()) Walk(f.node(), want);
    for (const onnx::TrainingInfoProto& info : whole.training_info()) {
      Walk(info.initialization(), want);
      Walk(info.algorithm(), want);
    }
    Counts got;
    for (const Tensor& t : loaded->facts.tensors) {
      if (t.source == TensorSource::kConstantNode) ++got.constants;
      if (t.source != TensorSource::kInitializer) continue;
      ++got.initializers;
      got.initializer_elements += static_cast<int64_t>(t.elements);
    }
    EXPECT_EQ(got.initializers, want.initializers);
    EXPECT_EQ(got.initializer_elements, want.initializer_elements);
    EXPECT_EQ(got.constants, want.constants);
    EXPECT_EQ(loaded->facts.nodes.size(), static_cast<size_t>(want.nodes));
  }
}

TEST(Corpus, EveryRowOfTheTruthIsATensorWithItsShapeAndType) {
  const std::vector<fs::path> corpus = Corpus();
  if (corpus.empty()) GTEST_SKIP() << "HOARFROST_CORPUS names no folder of models";
  for (const fs::path& path : corpus) {
    SCOPED_TRACE(path.filename().string());
    const auto loaded = Load(path);
    ASSERT_NE(loaded, nullptr);
    std::set<std::string> have;
    for (const Tensor& t : loaded->facts.tensors) {
      std::string row = ScopeKey(loaded->facts.scopes[static_cast<size_t>(t.scope)].path) + "|" +
                        std::string(t.name) + "|" + ProtoDtype(t.dtype) + "|" +
                        std::to_string(t.elements);
      for (const int64_t d : t.dims) row += "," + std::to_string(d);
      EXPECT_TRUE(have.insert(row).second) << row;
    }
    fs::path beside = path;
    const auto truth = nlohmann::json::parse(ReadAll(beside.replace_extension(".truth.json")));
    for (const auto& t : truth["initializers"]) {
      std::string row = ScopeKey(t["where"]) + "|" + t["name"].get<std::string>() + "|" +
                        t["dtype"].get<std::string>() + "|" +
                        std::to_string(t["numel"].get<int64_t>());
      for (const auto& d : t["shape"]) row += "," + std::to_string(d.get<int64_t>());
      EXPECT_TRUE(have.contains(row)) << row;
    }
  }
}

// The plain check of names: recursive, over a whole parse, with the names of outer scopes copied.
bool NamesAreSound(const onnx::GraphProto& graph, std::set<std::string> visible) {
  std::set<std::string> produced;
  for (const auto& input : graph.input()) visible.insert(input.name());
  for (const auto& tensor : graph.initializer()) visible.insert(tensor.name());
  for (const auto& tensor : graph.sparse_initializer()) visible.insert(tensor.values().name());
  const std::set<std::string> given = visible;
  for (const onnx::NodeProto& node : graph.node()) {
    for (const std::string& name : node.output()) {
      if (name.empty()) continue;
      if (!produced.insert(name).second || given.contains(name)) return false;
      visible.insert(name);
    }
  }
  for (const onnx::NodeProto& node : graph.node()) {
    for (const std::string& name : node.input()) {
      if (!name.empty() && !visible.contains(name)) return false;
    }
    for (const onnx::AttributeProto& a : node.attribute()) {
      if (a.has_g() && !NamesAreSound(a.g(), visible)) return false;
    }
  }
  return true;
}

TEST(Corpus, RealExportsWhoseNamesAreSoundHaveNoWarnings) {
  const std::vector<fs::path> corpus = Corpus();
  if (corpus.empty()) GTEST_SKIP() << "HOARFROST_CORPUS names no folder of models";
  size_t sound = 0;
  for (const fs::path& path : corpus) {
    SCOPED_TRACE(path.filename().string());
    const auto loaded = Load(path);
    ASSERT_NE(loaded, nullptr);
    onnx::ModelProto whole;
    ASSERT_TRUE(whole.ParseFromString(ReadAll(path)));
    std::string warnings;
    for (const Note& note : loaded->facts.notes) {
      if (note.severity == Severity::kWarning) warnings += note.text + "\n";
    }
    const bool names = NamesAreSound(whole.graph(), {});
    sound += names;
    EXPECT_EQ(warnings.empty(), names) << warnings;
  }
  EXPECT_GE(sound * 100, corpus.size() * 95);
}

TEST(Corpus, UsesAndFlowsReadTheSameBothWays) {
  const std::vector<fs::path> corpus = Corpus();
  if (corpus.empty()) GTEST_SKIP() << "HOARFROST_CORPUS names no folder of models";
  for (const fs::path& path : corpus) {
    SCOPED_TRACE(path.filename().string());
    const auto loaded = Load(path);
    ASSERT_NE(loaded, nullptr);
    const Facts& facts = loaded->facts;
    size_t uses = 0;
    std::multiset<std::vector<int32_t>> out;
    std::multiset<std::vector<int32_t>> in;
    for (ValueId v = 0; v < static_cast<ValueId>(facts.values.size()); ++v) {
      for (const Use& use : facts.uses(v)) {
        ASSERT_EQ(facts.inputs(use.node)[static_cast<size_t>(use.slot)], v);
        ++uses;
      }
      for (const Flow& f : facts.flows(v)) out.insert({v, f.to, f.via});
      for (const Flow& f : facts.flows_into(v)) in.insert({f.to, v, f.via});
    }
    EXPECT_EQ(out, in);
    size_t operands = 0;
    for (NodeId n = 0; n < static_cast<NodeId>(facts.nodes.size()); ++n) {
      for (const ValueId v : facts.inputs(n)) operands += v != kNone;
      for (const ValueId v : facts.outputs(n)) {
        EXPECT_FALSE(v != kNone && facts.values[static_cast<size_t>(v)].dangling);
      }
    }
    EXPECT_EQ(uses, operands);
  }
}

TEST(Corpus, InferenceEndsWellOnSoundFilesAndLosesNoShape) {
  const std::vector<fs::path> corpus = Corpus();
  if (corpus.empty()) GTEST_SKIP() << "HOARFROST_CORPUS names no folder of models";
  size_t values = 0;
  size_t declared = 0;
  size_t inferred = 0;
  for (const fs::path& path : corpus) {
    SCOPED_TRACE(path.filename().string());
    const auto loaded = Load(path);
    ASSERT_NE(loaded, nullptr);
    ShapeTable shapes(loaded->facts);
    const auto count = [&] {
      size_t n = 0;
      for (size_t v = 0; v < loaded->facts.values.size(); ++v) {
        n += shapes.Of(static_cast<ValueId>(v)).has_shape;
      }
      return n;
    };
    values += loaded->facts.values.size();
    const size_t before = count();
    declared += before;
    const absl::Status status = shapes.Infer();
    const bool warned =
        std::any_of(loaded->facts.notes.begin(), loaded->facts.notes.end(),
                    [](const Note& note) { return note.severity == Severity::kWarning; });
    EXPECT_TRUE(status.ok() || warned) << status.ToString();
    const size_t after = count();
    EXPECT_GE(after, before);
    inferred += after;
  }
  std::cout << values << " values, " << declared << " with a declared shape, " << inferred
            << " after inference\n";
}

}  // namespace
}  // namespace hoarfrost::model
