// merge: the trainable tensors of one model in the bytes of another, and nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "compare/comparing.h"
#include "freeze/respell.h"
#include "support/failing_ops.h"
#include "support/temp_folder.h"

namespace hoarfrost::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::vector<std::string> Names(const std::vector<MergedTensor>& tensors) {
  std::vector<std::string> names;
  for (const MergedTensor& merged : tensors) names.push_back(merged.tensor.name);
  return names;
}

class Merge : public ::testing::Test {
 protected:
  absl::StatusOr<MergeResult> Into(const std::string& base, const std::string& tuned,
                                   const MergeOptions& options = {}) {
    WriteFile(folder_ / "base.onnx", base);
    WriteFile(folder_ / "tuned.onnx", tuned);
    return Files("base.onnx", "tuned.onnx", options);
  }
  absl::StatusOr<MergeResult> Files(const std::string& base, const std::string& tuned,
                                    const MergeOptions& options = {},
                                    const std::string& out = "out.onnx") {
    const auto first = compare::OpenModel(folder_ / base);
    if (!first.ok()) return first.status();
    const auto second = compare::OpenSet(folder_ / tuned);
    if (!second.ok()) return second.status();
    return compare::Merge(**first, **second, folder_ / out, options, ops_);
  }
  std::string Merged(const std::string& base, const std::string& tuned) {
    const absl::StatusOr<MergeResult> result = Into(base, tuned);
    EXPECT_TRUE(result.ok()) << result.status();
    if (!result.ok()) return "";
    const std::string bytes = ReadFile(folder_ / "out.onnx");
    EXPECT_EQ(result->bytes, bytes.size());
    return bytes;
  }

  TempFolder folder_;
  wire::FileOps* ops_ = nullptr;
  const onnx::ModelProto model_ = ModelWithWeights(kDenseBatchNormText);
  const std::string bytes_ = model_.SerializeAsString();
};

TEST_F(Merge, AModelWithItselfIsItselfInEverySpelling) {
  for (unsigned n = 0; n < 16; ++n) {
    const std::string bytes = Respell(bytes_, SpellingOf(n));
    EXPECT_EQ(Merged(bytes, bytes), bytes) << n;
  }
}

TEST_F(Merge, EverySpellingOfTheBaseKeepsAllItsOtherBytes) {
  const onnx::ModelProto tuned = Trained(model_);
  for (unsigned n = 0; n < 16; ++n) {
    const Spelling spelling = SpellingOf(n);
    // Values are as long as before, so the same model with the new ones is spelled like the base.
    EXPECT_EQ(Merged(Respell(bytes_, spelling), tuned.SerializeAsString()),
              Respell(tuned.SerializeAsString(), spelling))
        << n;
  }
}

TEST_F(Merge, OnlyWhatIsNotFrozenComes) {
  const std::string base = Value(Frozen(bytes_, FreezeBy(Layers({"dense"}))));
  onnx::ModelProto tuned = model_;
  for (const char* name : {"gamma", "mean", "variance"}) Flip(TensorOf(tuned, name), 5);
  const absl::StatusOr<MergeResult> result = Into(base, tuned.SerializeAsString());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(Names(result->merged), ElementsAre("gamma", "mean", "variance"));
  EXPECT_EQ(result->unchanged, 1u);
  const auto out = Value(compare::OpenModel(folder_ / "out.onnx"));
  const auto frozen = SetOf(base);
  EXPECT_THAT(Words(DiffOf(*frozen, *out)),
              ElementsAre("changed gamma", "changed mean", "changed variance"));
  EXPECT_THAT(Words(DiffOf(*out, *SetOf(tuned))), IsEmpty());
  EXPECT_EQ(Value(compare::Verify(*frozen, *out, {})).answer, Answer::kYes);
  // And what was frozen can still be thawed to the original with the new values.
  EXPECT_EQ(Value(Thawed(ReadFile(folder_ / "out.onnx"))), tuned.SerializeAsString());
}

TEST_F(Merge, FrozenTensorsAndStatisticsThatMovedAreRefused) {
  const std::string base = Value(Frozen(bytes_, FreezeBy(Layers({"bn"}))));
  for (const char* name : {"gamma", "mean"}) {
    onnx::ModelProto tuned = model_;
    Flip(TensorOf(tuned, name), 5);
    Flip(TensorOf(tuned, "kernel"), 5);
    const absl::Status refused = Into(base, tuned.SerializeAsString()).status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(refused.message()), HasSubstr("'" + std::string(name) + "'"));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "out.onnx"));
    const absl::StatusOr<MergeResult> kept =
        Into(base, tuned.SerializeAsString(), {.keep_frozen = true});
    ASSERT_TRUE(kept.ok()) << kept.status();
    EXPECT_THAT(Names(kept->merged), ElementsAre("kernel"));
    EXPECT_THAT(Names(kept->kept), ElementsAre(name));
    EXPECT_THAT(Words(DiffOf(*SetOf(base), *Value(compare::OpenSet(folder_ / "out.onnx")))),
                ElementsAre("changed kernel"));
    std::filesystem::remove(folder_ / "out.onnx");
  }
}

TEST_F(Merge, AnotherShapeOrTypeIsRefusedAndWhatIsNotThereStays) {
  onnx::ModelProto tuned = Trained(model_);
  onnx::TensorProto& kernel = TensorOf(tuned, "kernel");
  kernel.set_dims(0, 10);
  kernel.set_dims(1, 100);
  EXPECT_THAT(std::string(Into(bytes_, tuned.SerializeAsString()).status().message()),
              HasSubstr("'kernel' is float32 [100, 10], there float32 [10, 100]"));
  kernel.set_dims(0, 100);
  kernel.set_dims(1, 10);
  kernel.set_data_type(onnx::TensorProto::INT32);
  EXPECT_THAT(std::string(Into(bytes_, tuned.SerializeAsString()).status().message()),
              HasSubstr("there int32"));
  kernel.set_name("elsewhere");
  const absl::StatusOr<MergeResult> result = Into(bytes_, tuned.SerializeAsString());
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_EQ(result->missing.size(), 1u);
  EXPECT_EQ(result->missing[0].name, "kernel");
  for (onnx::TensorProto& tensor : *tuned.mutable_graph()->mutable_initializer()) {
    tensor.set_name("no_" + tensor.name());
  }
  EXPECT_EQ(Into(bytes_, tuned.SerializeAsString()).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(Merge, ACheckpointAndItsTwinGiveTheSameFile) {
  const std::string trained = HOARFROST_TESTDATA "/trained/hand_dense_bn";
  const auto base = Value(compare::OpenModel(HOARFROST_TESTDATA "/handmade/hand_dense_bn.onnx"));
  for (const char* kind : {".ckpt", ".safetensors"}) {
    const auto tuned = Value(compare::OpenSet(trained + kind));
    const absl::StatusOr<MergeResult> result =
        compare::Merge(*base, *tuned, folder_ / kind, {}, nullptr);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_THAT(Names(result->merged), ElementsAre("w", "b"));
    EXPECT_EQ(result->missing.size(), 2u);  // the statistics, which it was not told of
    const auto out = Value(compare::OpenSet(folder_ / kind));
    EXPECT_THAT(Words(DiffOf(*out, *tuned)), ElementsAre("removed mean", "removed var"));
  }
  EXPECT_EQ(ReadFile(folder_ / ".ckpt"), ReadFile(folder_ / ".safetensors"));
}

// The ways that typed fields, Constant nodes, subgraphs and attributes hold trained values.
class MergeStorage : public Merge {
 protected:
  // The base with its tensor in another form, which `trained` has too, with other values.
  void Check(const onnx::ModelProto& base, const onnx::ModelProto& trained) {
    const std::string merged = Merged(base.SerializeAsString(), trained.SerializeAsString());
    onnx::ModelProto out;
    ASSERT_TRUE(out.ParseFromString(merged));
    EXPECT_THAT(Words(DiffOf(*SetOf(out), *SetOf(trained))), IsEmpty());
    EXPECT_EQ(out.SerializeAsString(), trained.SerializeAsString());
  }
};

TEST_F(MergeStorage, FloatDataIsReplacedInPlace) {
  onnx::ModelProto base = model_;
  onnx::TensorProto& kernel = TensorOf(base, "kernel");
  kernel.clear_raw_data();
  onnx::ModelProto trained = base;
  for (int i = 0; i < 1000; ++i) {
    kernel.add_float_data(static_cast<float>(i));
    TensorOf(trained, "kernel").add_float_data(static_cast<float>(i) + 0.5f);
  }
  Check(base, trained);
}

TEST_F(MergeStorage, HalvesAsVarintsGetTheLengthsTheyNeed) {
  onnx::ModelProto base = model_;
  onnx::TensorProto& kernel = TensorOf(base, "kernel");
  kernel.set_data_type(onnx::TensorProto::FLOAT16);
  kernel.clear_raw_data();
  onnx::ModelProto trained = base;
  for (int i = 0; i < 1000; ++i) {
    kernel.add_int32_data(i % 100);                                       // one byte each
    TensorOf(trained, "kernel").add_int32_data(0x3c00 + i % 3 * 0x4000);  // two or three
  }
  Check(base, trained);
  Check(trained, base);
}

TEST_F(MergeStorage, ConstantNodesInSubgraphsAndFunctionsAreFound) {
  onnx::ModelProto base = ModelWithWeights(R"(
<ir_version: 8, opset_import: ["" : 17, "local" : 1]>
g (bool c, float[N, 4] x) => (float[N, 4] y)
{
  k = Constant <value = float[4, 4] {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7}> ()
  a = MatMul(x, k)
  b = If(c) <then_branch = t () => (float[N, 4] p)
    { w = Constant <value = float[4, 4] {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7}> ()
      p = MatMul(a, w) },
    else_branch = e () => (float[N, 4] q) { q = Identity(a) }>
  y = local.F(b)
}
<domain: "local", opset_import: ["" : 17]>
F (i) => (o)
{
  v = Constant <value = float[4, 4] {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7}> ()
  o = MatMul(i, v)
})");
  onnx::ModelProto trained = base;
  const auto values = [](onnx::NodeProto& node) -> onnx::TensorProto& {
    return *node.mutable_attribute(0)->mutable_t();
  };
  const auto each = [&](onnx::ModelProto& model, const auto& change) {
    onnx::GraphProto& graph = *model.mutable_graph();
    change(values(*graph.mutable_node(0)));
    change(values(*graph.mutable_node(2)->mutable_attribute(0)->mutable_g()->mutable_node(0)));
    change(values(*model.mutable_functions(0)->mutable_node(0)));
  };
  each(trained, [](onnx::TensorProto& tensor) {
    for (float& value : *tensor.mutable_float_data()) value += 0.25f;
  });
  Check(base, trained);
  // And as halves in varints, which makes every length around them another.
  const auto halves = [](int32_t by) {
    return [by](onnx::TensorProto& tensor) {
      tensor.clear_float_data();
      tensor.set_data_type(onnx::TensorProto::FLOAT16);
      for (int i = 0; i < 16; ++i) tensor.add_int32_data(by * (i + 1));
    };
  };
  each(base, halves(1));
  each(trained, halves(0x0f01));
  Check(base, trained);
}

TEST_F(MergeStorage, UnpackedAndSplitFieldsBecomeOnePackedField) {
  onnx::ModelProto base = ModelWithWeights(R"(
<ir_version: 8, opset_import: ["" : 17]>
g (float[N, 2] x) => (float[N, 2] y) <float[2, 2] w> { y = MatMul(x, w) })");
  onnx::TensorProto& w = TensorOf(base, "w");
  w.clear_raw_data();
  onnx::ModelProto trained = base;
  for (const float value : {1.5f, 2.5f, 3.5f, 4.5f}) TensorOf(trained, "w").add_float_data(value);
  // Two values unpacked, then a chunk of two; tag 4 with wire types 5 and 2.
  const std::string one = Packed<float>({1.0f});
  const std::string odd = "\x25" + one + "\x25" + one + "\x22\x08" + one + one;
  std::string bytes = base.SerializeAsString();
  const size_t end = bytes.find("\x42\x01w");  // the tensor's name
  ASSERT_NE(end, std::string::npos);
  bytes.insert(end, odd);
  // The two lengths around it: the tensor's and the graph's, one byte each.
  const size_t tensor = bytes.rfind('\x2a', end);
  bytes[tensor + 1] = static_cast<char>(bytes[tensor + 1] + static_cast<char>(odd.size()));
  const size_t graph = bytes.find('\x3a');
  bytes[graph + 1] = static_cast<char>(bytes[graph + 1] + static_cast<char>(odd.size()));
  onnx::ModelProto out;
  ASSERT_TRUE(out.ParseFromString(bytes));
  ASSERT_EQ(TensorOf(out, "w").float_data_size(), 4);
  EXPECT_EQ(Merged(bytes, bytes), bytes);
  ASSERT_TRUE(out.ParseFromString(Merged(bytes, trained.SerializeAsString())));
  EXPECT_EQ(out.SerializeAsString(), trained.SerializeAsString());
}

TEST_F(MergeStorage, ExternalDataIsWrittenAnewInTheOutputsFolder) {
  onnx::ModelProto base = model_;
  std::string data;
  for (onnx::TensorProto& tensor : *base.mutable_graph()->mutable_initializer()) {
    const std::string offset = std::to_string(data.size());
    data += tensor.raw_data() + "between";
    const std::string length = std::to_string(tensor.raw_data().size());
    tensor.clear_raw_data();
    tensor.set_data_location(onnx::TensorProto::EXTERNAL);
    for (const auto& [key, text] : std::vector<std::pair<std::string, std::string>>{
             {"location", "w.bin"}, {"offset", offset}, {"length", length}}) {
      auto& entry = *tensor.add_external_data();
      entry.set_key(key);
      entry.set_value(text);
    }
  }
  WriteFile(folder_ / "base.onnx", base.SerializeAsString());
  WriteFile(folder_ / "w.bin", data);
  onnx::ModelProto tuned = model_;
  Flip(TensorOf(tuned, "gamma"), 0);
  WriteFile(folder_ / "tuned.onnx", tuned.SerializeAsString());
  // Beside the base it would have to replace the base's own data.
  EXPECT_THAT(std::string(Files("base.onnx", "tuned.onnx").status().message()),
              HasSubstr("another folder"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "out.onnx"));
  std::filesystem::create_directory(folder_ / "out");
  const auto result = Files("base.onnx", "tuned.onnx", {}, "out/m.onnx");
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->data_files, ElementsAre("w.bin"));
  EXPECT_EQ(ReadFile(folder_ / "w.bin"), data);
  EXPECT_EQ(ReadFile(folder_ / "out/m.onnx"), base.SerializeAsString());
  std::string expected = data;
  expected[4000 + 7 + 40 + 7] ^= 1;  // behind kernel and bias
  EXPECT_EQ(ReadFile(folder_ / "out/w.bin"), expected);
  EXPECT_THAT(Words(DiffOf(*Value(compare::OpenSet(folder_ / "out/m.onnx")), *SetOf(tuned))),
              IsEmpty());
  // A data file that is there already is never replaced.
  EXPECT_EQ(Files("base.onnx", "tuned.onnx", {}, "out/again.onnx").status().code(),
            absl::StatusCode::kAlreadyExists);
  // Nothing changes: the data may stay where it is.
  WriteFile(folder_ / "tuned.onnx", bytes_);
  ASSERT_TRUE(Files("base.onnx", "tuned.onnx").ok());
  EXPECT_EQ(ReadFile(folder_ / "out.onnx"), base.SerializeAsString());

  // Two tensors in one place: as long as both get the same.
  for (onnx::TensorProto& tensor : *base.mutable_graph()->mutable_initializer()) {
    if (tensor.name() != "beta") continue;
    tensor.mutable_external_data(1)->set_value(std::to_string(4000 + 7 + 40 + 7));
  }
  WriteFile(folder_ / "base.onnx", base.SerializeAsString());
  WriteFile(folder_ / "tuned.onnx", tuned.SerializeAsString());
  std::filesystem::remove_all(folder_ / "out");
  std::filesystem::create_directory(folder_ / "out");
  EXPECT_THAT(std::string(Files("base.onnx", "tuned.onnx", {}, "out/m.onnx").status().message()),
              HasSubstr("share bytes"));
  TensorOf(tuned, "beta").set_raw_data(TensorOf(tuned, "gamma").raw_data());
  WriteFile(folder_ / "tuned.onnx", tuned.SerializeAsString());
  ASSERT_TRUE(Files("base.onnx", "tuned.onnx", {}, "out/m.onnx").ok());
  EXPECT_EQ(ReadFile(folder_ / "out/w.bin"), expected);
}

TEST_F(Merge, TheOutputIsNoneOfTheInputs) {
  WriteFile(folder_ / "base.onnx", bytes_);
  WriteFile(folder_ / "tuned.onnx", Trained(model_).SerializeAsString());
  std::filesystem::create_symlink("base.onnx", folder_ / "link.onnx");
  for (const char* out : {"base.onnx", "tuned.onnx", "link.onnx"}) {
    EXPECT_EQ(Files("base.onnx", "tuned.onnx", {}, out).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(ReadFile(folder_ / "base.onnx"), bytes_);
}

TEST_F(Merge, AFailureAtAnyCallLeavesWhatWasThere) {
  WriteFile(folder_ / "base.onnx", bytes_);
  WriteFile(folder_ / "tuned.onnx", Trained(model_).SerializeAsString());
  WriteFile(folder_ / "out.onnx", "as it was");
  for (int call = 0;; ++call) {
    FailingOps ops;
    ops.fail_at = call;
    ops_ = &ops;
    const absl::StatusOr<MergeResult> result = Files("base.onnx", "tuned.onnx");
    if (ops.failed.empty()) {
      EXPECT_TRUE(result.ok()) << result.status();
      EXPECT_GT(call, 3);
      break;
    }
    EXPECT_THAT(folder_.Names(), UnorderedElementsAre("base.onnx", "tuned.onnx", "out.onnx"));
    // Bringing the folder to disk comes last: the file is there by then.
    if (!result.ok() && ops.failed != "SyncFolder") {
      EXPECT_EQ(ReadFile(folder_ / "out.onnx"), "as it was") << ops.failed;
    }
    WriteFile(folder_ / "out.onnx", "as it was");
  }
}

}  // namespace
}  // namespace hoarfrost::testing
