// diff: what was added, removed, renamed, changed, reshaped, cast; and the graphs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "compare/comparing.h"

namespace hoarfrost::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Diff : public ::testing::Test {
 protected:
  DiffResult With(const onnx::ModelProto& other) { return DiffOf(*SetOf(model_), *SetOf(other)); }
  std::vector<float> Kernel() {
    std::vector<float> values(1000);
    std::memcpy(values.data(), TensorOf(model_, "kernel").raw_data().data(), 4000);
    return values;
  }

  onnx::ModelProto model_ = ModelWithWeights(kDenseBatchNormText);
};

TEST_F(Diff, AModelDoesNotDifferFromItself) {
  const DiffResult diff = With(model_);
  EXPECT_EQ(diff.equal, Answer::kYes);
  EXPECT_EQ(diff.equal_tensors, 6u);
  EXPECT_THAT(diff.tensors, IsEmpty());
  EXPECT_THAT(diff.operators, IsEmpty());
}

TEST_F(Diff, ChangesAreSaidWithRoleLayerAndMeasure) {
  onnx::ModelProto other = model_;
  Flip(TensorOf(other, "mean"), 32);
  const DiffResult diff = With(other);
  EXPECT_EQ(diff.equal, Answer::kNo);
  ASSERT_THAT(Words(diff), ElementsAre("changed mean"));
  EXPECT_EQ(diff.tensors[0].a->role, Role::kStatistic);
  EXPECT_EQ(diff.tensors[0].a->layer, "bn");
  EXPECT_EQ(diff.tensors[0].difference->max_ulps, 1u);
  EXPECT_EQ(diff.tensors[0].difference->first, 1u);
}

TEST_F(Diff, AddedRemovedAndRenamedGoByBytes) {
  onnx::ModelProto other = model_;
  TensorOf(other, "kernel").set_name("weight");
  TensorOf(other, "beta").set_name("shift");
  Flip(TensorOf(other, "shift"), 0);
  EXPECT_THAT(Words(With(other)), ElementsAre("renamed kernel", "removed beta", "added shift"));
}

TEST_F(Diff, TensorsWithTheSameBytesArePairedOneToOne) {
  onnx::ModelProto a = model_;
  onnx::ModelProto b = model_;
  for (const char* name : {"x1", "x2", "x3"}) {
    *a.mutable_graph()->add_initializer() = TensorOf(model_, "bias");
    a.mutable_graph()->mutable_initializer()->rbegin()->set_name(name);
  }
  for (const char* name : {"y1", "y2"}) {
    *b.mutable_graph()->add_initializer() = TensorOf(model_, "bias");
    b.mutable_graph()->mutable_initializer()->rbegin()->set_name(name);
  }
  const DiffResult diff = DiffOf(*SetOf(a), *SetOf(b));
  EXPECT_THAT(Words(diff), ElementsAre("renamed x1", "renamed x2", "removed x3"));
  EXPECT_EQ(diff.tensors[0].b->name, "y1");
  EXPECT_EQ(diff.tensors[1].b->name, "y2");
}

TEST_F(Diff, AnotherShapeSaysWhetherTheValuesAreTheSame) {
  onnx::ModelProto other = model_;
  onnx::TensorProto& kernel = TensorOf(other, "kernel");
  kernel.set_dims(0, 10);
  kernel.set_dims(1, 100);
  EXPECT_THAT(Words(With(other)), ElementsAre("reshaped kernel"));
  EXPECT_EQ(With(other).tensors[0].difference, std::nullopt);
  Flip(kernel, 0);
  EXPECT_EQ(With(other).tensors[0].difference->changed, 1u);
  kernel.add_dims(2);
  kernel.mutable_raw_data()->resize(8000);
  EXPECT_THAT(Words(With(other)), ElementsAre("reshaped kernel"));
  EXPECT_EQ(With(other).tensors[0].difference, std::nullopt);
}

TEST_F(Diff, ACastIsRoundingEitherWay) {
  onnx::ModelProto other = model_;
  onnx::TensorProto& kernel = TensorOf(other, "kernel");
  kernel.set_data_type(onnx::TensorProto::DOUBLE);
  std::vector<double> doubles;
  for (const float value : Kernel()) doubles.push_back(static_cast<double>(value));
  kernel.set_raw_data(Packed(doubles));
  EXPECT_THAT(Words(With(other)), ElementsAre("cast kernel"));
  EXPECT_THAT(Words(DiffOf(*SetOf(other), *SetOf(model_))), ElementsAre("cast kernel"));
  doubles[7] += 1.0;
  kernel.set_raw_data(Packed(doubles));
  const DiffResult diff = With(other);
  EXPECT_THAT(Words(diff), ElementsAre("changed kernel"));
  EXPECT_EQ(diff.tensors[0].difference->changed, 1u);
  EXPECT_EQ(diff.tensors[0].difference->first, 7u);
  EXPECT_NEAR(*diff.tensors[0].difference->max_abs, 1.0, 1e-6);

  // bfloat16: the upper half of a float, rounded to nearest and even.
  std::vector<float> floats(1000);
  std::vector<uint16_t> halves(1000);
  for (size_t i = 0; i < floats.size(); ++i) {
    floats[i] = std::ldexp(static_cast<float>(i * 7919 + 1), static_cast<int>(i % 60) - 30);
    uint32_t bits = 0;
    std::memcpy(&bits, &floats[i], 4);
    halves[i] = static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
  }
  onnx::ModelProto a = model_;
  TensorOf(a, "kernel").set_raw_data(Packed(floats));
  kernel.set_data_type(onnx::TensorProto::BFLOAT16);
  kernel.set_raw_data(Packed(halves));
  EXPECT_THAT(Words(DiffOf(*SetOf(a), *SetOf(other))), ElementsAre("cast kernel"));
  ++halves[999];
  kernel.set_raw_data(Packed(halves));
  EXPECT_THAT(Words(DiffOf(*SetOf(a), *SetOf(other))), ElementsAre("changed kernel"));
}

TEST_F(Diff, IntegersOfAnotherWidthAreTheSameWhereTheirValuesAre) {
  const auto make = [](int32_t dtype, const std::string& bytes, int64_t elements) {
    onnx::ModelProto model = ModelWithWeights(kDenseText);
    onnx::TensorProto& tensor = *model.mutable_graph()->add_initializer();
    tensor.set_name("n");
    tensor.set_data_type(dtype);
    tensor.add_dims(elements);
    tensor.set_raw_data(bytes);
    return SetOf(model);
  };
  const int64_t large = (int64_t{1} << 53) + 1;
  const auto longs = make(onnx::TensorProto::INT64, Packed<int64_t>({-3, 5, large}), 3);
  const auto ints = make(onnx::TensorProto::INT32, Packed<int32_t>({-3, 5, 1}), 3);
  const auto same = make(onnx::TensorProto::UINT64, Packed<uint64_t>({~uint64_t{2}, 5, 0}), 3);
  const auto doubles =
      make(onnx::TensorProto::DOUBLE, Packed<double>({-3, 5, static_cast<double>(large)}), 3);
  EXPECT_EQ(DiffOf(*longs, *ints).tensors[0].difference->first, 2u);
  // -3 and 2^64 - 3 have the same bits and are not the same.
  EXPECT_EQ(DiffOf(*longs, *same).tensors[0].difference->first, 0u);
  EXPECT_THAT(Words(DiffOf(*longs, *doubles)), ElementsAre("cast n"));
}

TEST_F(Diff, StringsAreComparedOneByOne) {
  const auto make = [](const std::vector<std::string>& strings) {
    onnx::ModelProto model = ModelWithWeights(kDenseText);
    onnx::TensorProto& tensor = *model.mutable_graph()->add_initializer();
    tensor.set_name("words");
    tensor.set_data_type(onnx::TensorProto::STRING);
    tensor.add_dims(static_cast<int64_t>(strings.size()));
    for (const std::string& text : strings) tensor.add_string_data(text);
    return SetOf(model);
  };
  const std::string longer(300'000, 'x');
  const auto a = make({"", "ab", "c", longer, "end"});
  EXPECT_EQ(DiffOf(*a, *make({"", "ab", "c", longer, "end"})).equal, Answer::kYes);
  const DiffResult diff = DiffOf(*a, *make({"a", "b", "c", longer + "x", "end"}));
  ASSERT_THAT(Words(diff), ElementsAre("changed words"));
  EXPECT_EQ(diff.tensors[0].difference->changed, 3u);
  EXPECT_EQ(diff.tensors[0].difference->first, 0u);
  EXPECT_EQ(diff.tensors[0].difference->max_abs, std::nullopt);
}

TEST_F(Diff, ScopesThatRenamedNodesOpenAreTheSameScopes) {
  const auto make = [](const std::string& node) {
    return SetOf(ModelWithWeights(R"(
<ir_version: 8, opset_import: ["" : 17]>
g (bool c, float[N, 4] x) => (float[N, 4] y)
{
  [)" + node + R"(] y = If(c) <then_branch = t () => (float[N, 4] p)
    <float[4] inner = {1, 2, 3, 4}> { p = Add(x, inner) },
    else_branch = e () => (float[N, 4] q) { q = Identity(x) }>
})"));
  };
  EXPECT_THAT(Words(DiffOf(*make("one"), *make("two"))), IsEmpty());
}

TEST_F(Diff, GraphsDifferInCountsInputsAndOutputs) {
  onnx::ModelProto other = WithInitializersAsInputs(model_, 8);
  onnx::NodeProto& node = *other.mutable_graph()->add_node();
  node.set_op_type("Relu");
  node.set_domain("custom");
  node.add_input("y");
  node.add_output("z");
  other.mutable_graph()->mutable_output(0)->mutable_type()->mutable_tensor_type()->set_elem_type(
      onnx::TensorProto::FLOAT16);
  const DiffResult diff = With(other);
  EXPECT_EQ(diff.equal, Answer::kNo);
  EXPECT_THAT(Words(diff), IsEmpty());
  ASSERT_EQ(diff.operators.size(), 1u);
  EXPECT_EQ(diff.operators[0].domain, "custom");
  EXPECT_EQ(diff.operators[0].b, 1u);
  EXPECT_EQ(diff.inputs.size(), 6u);
  EXPECT_EQ(diff.inputs[0].b, "float32 [100, 10]");
  ASSERT_EQ(diff.outputs.size(), 1u);
  EXPECT_EQ(diff.outputs[0].a, "float32 [N, 10]");
  EXPECT_EQ(diff.outputs[0].b, "float16 [N, 10]");
}

TEST_F(Diff, UnreadableBytesLeaveTheAnswerOpenUnlessSomethingElseDiffers) {
  onnx::ModelProto other = model_;
  TensorOf(other, "bias").mutable_raw_data()->resize(3);
  EXPECT_EQ(With(other).equal, Answer::kUnknown);
  EXPECT_THAT(With(other).tensors[0].text, HasSubstr("3 bytes"));
  Flip(TensorOf(other, "mean"), 0);
  EXPECT_EQ(With(other).equal, Answer::kNo);
}

}  // namespace
}  // namespace hoarfrost::testing
