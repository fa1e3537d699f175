// Sets of tensors from files: safetensors, ONNX Runtime checkpoints, memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "compare/checkpoint_set.h"
#include "compare/comparing.h"
#include "compare/safetensors_set.h"
#include "support/temp_folder.h"

namespace hoarfrost::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Safetensors(const std::string& header, const std::string& data) {
  const uint64_t length = header.size();
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);
  return bytes + header + data;
}

class Sets : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<compare::TensorSet>> Open(const std::string& bytes) {
    WriteFile(folder_ / "set", bytes);
    return compare::OpenSet(folder_ / "set");
  }
  std::string Refusal(const std::string& bytes) {
    const auto set = Open(bytes);
    EXPECT_FALSE(set.ok());
    return std::string(set.status().message());
  }

  TempFolder folder_;
  const std::string trained_ = HOARFROST_TESTDATA "/trained/hand_dense_bn";
};

TEST_F(Sets, ACheckpointHoldsWhatItsTrainerGivesBack) {
  const auto checkpoint = Value(compare::OpenSet(trained_ + ".ckpt"));
  // The same state, read by ONNX Runtime and written by the safetensors library.
  const auto twin = Value(compare::OpenSet(trained_ + ".safetensors"));
  EXPECT_TRUE(checkpoint->partial());
  EXPECT_FALSE(twin->partial());
  EXPECT_EQ(checkpoint->items().size(), 4u);
  const DiffResult diff = DiffOf(*checkpoint, *twin);
  EXPECT_EQ(diff.equal, Answer::kYes);
  EXPECT_EQ(diff.equal_tensors, 4u);
  EXPECT_FALSE(diff.graphs_compared);
}

TEST_F(Sets, SafetensorsOfEveryTypeAreRead) {
  const auto set = Value(Open(Safetensors(
      R"({"__metadata__":{"format":"pt"},"b":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},)"
      R"("s":{"dtype":"I64","shape":[],"data_offsets":[4,12]},)"
      R"("e":{"dtype":"F32","shape":[0,3],"data_offsets":[12,12]}}   )",
      std::string("\1\2\3\4", 4) + Packed<int64_t>({7}))));
  ASSERT_EQ(set->items().size(), 3u);
  const auto memory = Value(
      compare::MakeMemorySet("made", {{"b", "bfloat16", {2}, "\1\2\3\4"},
                                      {"s", "int64", {}, std::string_view("\7\0\0\0\0\0\0\0", 8)},
                                      {"e", "float32", {0, 3}, ""}}));
  EXPECT_EQ(DiffOf(*set, *memory).equal, Answer::kYes);
}

TEST_F(Sets, BrokenSafetensorsAreRefusedWithTheTensorsName) {
  const auto one = [&](const std::string& entry) {
    return Refusal(Safetensors("{\"w\":" + entry + "}", std::string(16, 'x')));
  };
  EXPECT_THAT(one("3"), HasSubstr("tensor 'w'"));
  EXPECT_THAT(one(R"({"dtype":"F99","shape":[4],"data_offsets":[0,16]})"), HasSubstr("'F99'"));
  EXPECT_THAT(one(R"({"shape":[4],"data_offsets":[0,16]})"), HasSubstr("dtype"));
  EXPECT_THAT(one(R"({"dtype":"F32","shape":[-4],"data_offsets":[0,16]})"), HasSubstr("shape"));
  EXPECT_THAT(one(R"({"dtype":"F32","shape":[4611686018427387904,16],"data_offsets":[0,16]})"),
              HasSubstr("shape"));
  EXPECT_THAT(one(R"({"dtype":"F32","shape":[4],"data_offsets":[4,20]})"), HasSubstr("lie in"));
  EXPECT_THAT(one(R"({"dtype":"F32","shape":[4],"data_offsets":[16,0]})"), HasSubstr("lie in"));
  EXPECT_THAT(one(R"({"dtype":"F32","shape":[3],"data_offsets":[0,16]})"), HasSubstr("16 bytes"));
  EXPECT_THAT(one(R"({"dtype":"F32","shape":[4],"data_offsets":[0]})"), HasSubstr("offsets"));
  EXPECT_THAT(Refusal(Safetensors("{]", "")), HasSubstr("header"));
}

TEST_F(Sets, FilesOfTorchSaveAreSentToPython) {
  EXPECT_THAT(Refusal(std::string("PK\3\4", 4) + std::string(100, 'x')), HasSubstr("torch.save"));
}

TEST_F(Sets, MemoryOfTheWrongSizeIsRefused) {
  const auto made = [](MemoryTensor tensor) {
    return std::string(compare::MakeMemorySet("made", {std::move(tensor)}).status().message());
  };
  EXPECT_THAT(made({"w", "float32", {2}, "1234567"}), HasSubstr("7 bytes"));
  EXPECT_THAT(made({"w", "string", {1}, ""}), HasSubstr("'string'"));
  EXPECT_THAT(made({"w", "float31", {1}, "1234"}), HasSubstr("'float31'"));
  EXPECT_THAT(made({"w", "float32", {-1}, ""}), HasSubstr("shape"));
  EXPECT_FALSE(
      compare::MakeMemorySet("made", {{"w", "int8", {1}, "x"}, {"w", "int8", {1}, "y"}}).ok());
}

// Whatever a file holds: an error, or a set whose tensors can be read to an end or an error.
void ReadThrough(const absl::StatusOr<std::unique_ptr<compare::TensorSet>>& set) {
  if (!set.ok()) return;
  compare::ItemComparer comparer;
  for (size_t i = 0; i < (*set)->items().size(); ++i) (void)comparer.Hash(**set, i);
}

TEST_F(Sets, CutFilesAndFlippedBytesAreErrorsOrOtherTensors) {
  for (const bool checkpoint : {true, false}) {
    const std::string bytes = ReadFile(trained_ + (checkpoint ? ".ckpt" : ".safetensors"));
    const auto read = [&](std::string broken) {
      const auto source = std::make_shared<OwnedBytes>("set", std::move(broken));
      ReadThrough(checkpoint ? compare::ReadCheckpoint(source, folder_.path())
                             : compare::ReadSafetensors(source));
    };
    for (size_t length = 0; length < bytes.size(); ++length) read(bytes.substr(0, length));
    // The tables of a checkpoint lie at both ends.
    for (size_t i = 0; i < 1200; ++i) {
      const size_t at = i < 600 ? i : bytes.size() - 1 - (i - 600);
      for (const int value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
        std::string broken = bytes;
        broken[at] = static_cast<char>(value);
        read(std::move(broken));
      }
    }
  }
}

// Values with no other spelling in a file than these: the same element stream from all of them.
TEST_F(Sets, EverySpellingOfATensorIsTheSameTensor) {
  onnx::ModelProto raw = ModelWithWeights(kDenseText);
  onnx::TensorProto& kernel = TensorOf(raw, "kernel");
  onnx::ModelProto typed = raw;
  onnx::TensorProto& fields = TensorOf(typed, "kernel");
  for (size_t at = 0; at < kernel.raw_data().size(); at += 4) {
    float value = 0;
    std::memcpy(&value, kernel.raw_data().data() + at, 4);
    fields.add_float_data(value);
  }
  fields.clear_raw_data();
  onnx::ModelProto constant = raw;
  onnx::NodeProto node;
  node.set_op_type("Constant");
  node.add_output("kernel");
  onnx::AttributeProto& value = *node.add_attribute();
  value.set_name("value");
  value.set_type(onnx::AttributeProto::TENSOR);
  *value.mutable_t() = kernel;
  value.mutable_t()->clear_name();
  onnx::GraphProto& graph = *constant.mutable_graph();
  for (int i = 0; i < graph.initializer_size(); ++i) {
    if (graph.initializer(i).name() == "kernel") graph.mutable_initializer()->DeleteSubrange(i, 1);
  }
  *graph.add_node() = node;
  graph.mutable_node()->SwapElements(0, graph.node_size() - 1);

  onnx::ModelProto external = raw;
  onnx::TensorProto& outside = TensorOf(external, "kernel");
  WriteFile(folder_ / "w.bin", "12345678" + kernel.raw_data());
  outside.clear_raw_data();
  outside.set_data_location(onnx::TensorProto::EXTERNAL);
  for (const auto& [key, text] :
       std::vector<std::pair<std::string, std::string>>{{"location", "w.bin"}, {"offset", "8"}}) {
    auto& entry = *outside.add_external_data();
    entry.set_key(key);
    entry.set_value(text);
  }
  WriteFile(folder_ / "raw", raw.SerializeAsString());
  const auto first = Value(compare::OpenSet(folder_ / "raw"));
  for (const onnx::ModelProto& other :
       {typed, constant, external, WithInitializersAsInputs(raw, 8)}) {
    WriteFile(folder_ / "other", other.SerializeAsString());
    const auto second = Value(compare::OpenSet(folder_ / "other"));
    const DiffResult diff = DiffOf(*first, *second);
    EXPECT_THAT(Words(diff), ElementsAre());
    EXPECT_EQ(diff.equal_tensors, 2u);
    // And where one bit of it moved, all of them tell.
    onnx::ModelProto moved = raw;
    Flip(TensorOf(moved, "kernel"), 17);
    EXPECT_THAT(Words(DiffOf(*SetOf(moved), *second)), ElementsAre("changed kernel"));
  }
}

}  // namespace
}  // namespace hoarfrost::testing
