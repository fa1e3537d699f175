// The forms that a frozen model can be written in: what is in the file, what a later freeze makes
// of them, and what thawing by name gives back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "freeze/freezing.h"

namespace hoarfrost::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr Forms kArithmetic = {.batchnorm_arithmetic = true};
constexpr Forms kIdentity = {.dropout_identity = true};
constexpr Forms kConstants = {.constants = true};
constexpr Forms kExposed = {.expose_trainable = true};

onnx::ModelProto Parsed(const std::string& bytes) {
  onnx::ModelProto model;
  EXPECT_TRUE(model.ParseFromString(bytes));
  return model;
}

onnx::ModelProto FrozenIn(const Forms& forms, const std::string& bytes,
                          const Selection& selection = All()) {
  return Parsed(Value(Frozen(bytes, WithForms(FreezeBy(selection), forms))));
}

std::vector<std::string> Operators(const onnx::GraphProto& graph) {
  std::vector<std::string> names;
  for (const onnx::NodeProto& node : graph.node()) names.push_back(node.op_type());
  return names;
}

template <typename List>
std::vector<std::string> Names(const List& list) {
  std::vector<std::string> names;
  for (const auto& item : list) names.push_back(item.name());
  return names;
}

std::string NotesOf(const Forms& forms, const std::string& bytes, const Selection& selection) {
  const auto source = wire::FromMemory("m.onnx", bytes);
  std::string text;
  const freeze::Rewrite rewrite =
      Value(freeze::Freeze(*source, "", WithForms(FreezeBy(selection), forms)));
  for (const model::Note& note : rewrite.notes) text += note.text + "\n";
  return text;
}

// What another tool makes of a file that it loads and saves.
std::string Resaved(const std::string& bytes) {
  onnx::ModelProto model = Parsed(bytes);
  model.set_producer_name("another tool");
  return model.SerializeAsString();
}

onnx::GraphProto ByName(const std::string& bytes, std::vector<std::string>* unplaced = nullptr) {
  const auto source = wire::FromMemory("m.onnx", bytes);
  const freeze::Rewrite rewrite = Value(freeze::ThawByName(*source, ""));
  if (unplaced != nullptr) *unplaced = rewrite.unplaced;
  return Parsed(Value(BytesOf(rewrite.rope, *source))).graph();
}

TEST(Forms, ABatchNormalizationBecomesArithmeticOnItsOwnTensors) {
  const onnx::ModelProto model = FrozenIn(kArithmetic, BytesWithWeights(kDenseBatchNormText));
  EXPECT_THAT(Operators(model.graph()), ElementsAre("Gemm", "Constant", "Add", "Sqrt", "Reciprocal",
                                                    "Mul", "Mul", "Sub", "Mul", "Add"));
  const onnx::NodeProto& last = model.graph().node(9);
  EXPECT_EQ(last.name(), "bn");
  EXPECT_THAT(last.output(), ElementsAre("y"));
  EXPECT_EQ(last.attribute_size(), 0);
  EXPECT_THAT(Names(model.graph().initializer()),
              ElementsAre("kernel", "bias", "gamma", "beta", "mean", "variance"));
}

TEST(Forms, ATrainedBatchNormalizationStaysOne) {
  const onnx::ModelProto model =
      FrozenIn(kArithmetic, BytesWithWeights(kDenseBatchNormText), Layers({"dense"}));
  EXPECT_THAT(Operators(model.graph()), ElementsAre("Gemm", "BatchNormalization"));
}

TEST(Forms, FactorAndShiftAreShapedByTheRankOfTheInput) {
  const std::string text = R"(
<ir_version: 8, opset_import: ["" : 9]>
g (float[N, 3, 8, 8] x) => (float[N, 4, 8, 8] y)
<float[4, 3, 1, 1] w, float[4] s, float[4] o, float[4] m, float[4] v>
{
  c = Conv(x, w)
  r = Relu(c)
  y = BatchNormalization <epsilon = 0.25> (r, s, o, m, v)
})";
  const onnx::ModelProto model = FrozenIn(kArithmetic, BytesWithWeights(text));
  std::vector<int64_t> shape;
  float epsilon = 0;
  for (const onnx::NodeProto& node : model.graph().node()) {
    if (node.op_type() != "Constant") continue;
    const onnx::TensorProto& stored = node.attribute(0).t();
    if (stored.data_type() == onnx::TensorProto::FLOAT) {
      std::memcpy(&epsilon, stored.raw_data().data(), sizeof epsilon);
    } else {
      shape.resize(stored.raw_data().size() / sizeof(int64_t));
      std::memcpy(shape.data(), stored.raw_data().data(), stored.raw_data().size());
    }
  }
  EXPECT_EQ(epsilon, 0.25F);
  EXPECT_THAT(shape, ElementsAre(1, -1, 1, 1));
}

TEST(Forms, HalfPrecisionIsComputedWithAsFloat) {
  const std::string text = R"(
<ir_version: 8, opset_import: ["" : 17]>
g (float16[N, 4] x) => (float16[N, 4] y) <float[4] s, float[4] o, float[4] m, float[4] v>
{ [bn] y = BatchNormalization(x, s, o, m, v) })";
  const onnx::ModelProto model = FrozenIn(kArithmetic, BytesWithWeights(text));
  const auto& nodes = model.graph().node();
  EXPECT_EQ(nodes[0].op_type(), "Cast");
  EXPECT_THAT(nodes[0].input(), ElementsAre("x"));
  const onnx::NodeProto& last = nodes[nodes.size() - 1];
  EXPECT_EQ(last.op_type(), "Cast");
  EXPECT_EQ(last.attribute(0).name(), "to");
  EXPECT_EQ(last.attribute(0).i(), onnx::TensorProto::FLOAT16);
}

TEST(Forms, ABatchNormalizationWhoseInputHasNoKnownRankStaysAndIsSaid) {
  const std::string text = R"(
<ir_version: 8, opset_import: ["" : 17, "odd" : 1]>
g (float[N, 4] x) => (float[N, 4] y) <float[4] s, float[4] o, float[4] m, float[4] v>
{
  h = odd.Unknown(x)
  [bn] k = BatchNormalization(h, s, o, m, v)
  y = odd.Unknown(k)
})";
  const std::string bytes = BytesWithWeights(text);
  EXPECT_THAT(Operators(FrozenIn(kArithmetic, bytes).graph()), Contains("BatchNormalization"));
  EXPECT_THAT(NotesOf(kArithmetic, bytes, All()), HasSubstr("'bn'"));
}

TEST(Forms, NamesMadeUpAreNoneThatAreThere) {
  const std::string text = R"(
<ir_version: 8, opset_import: ["" : 17]>
g (float[N, 4] x) => (float[N, 4] y, float[N, 4] h_scaled)
<float[4] s, float[4] o, float[4] m, float[4] v>
{
  [bn] h = BatchNormalization(x, s, o, m, v)
  [bn_factor] h_scaled = Relu(h)
  y = Relu(h_scaled)
})";
  const onnx::ModelProto model = FrozenIn(kArithmetic, BytesWithWeights(text));
  std::vector<std::string> outputs;
  std::vector<std::string> names;
  for (const onnx::NodeProto& node : model.graph().node()) {
    outputs.push_back(node.output(0));
    if (!node.name().empty()) names.push_back(node.name());
  }
  for (std::vector<std::string>* list : {&outputs, &names}) {
    const size_t before = list->size();
    std::sort(list->begin(), list->end());
    list->erase(std::unique(list->begin(), list->end()), list->end());
    EXPECT_EQ(list->size(), before);
  }
}

// Dropouts before a frozen layer, before a trained one, before the end, and with a mask in use.
constexpr const char* kDropoutsText = R"(
<ir_version: 8, opset_import: ["" : 17]>
g (float[N, 4] x) => (float[N, 4] y, bool[N, 4] mask)
<float[4, 4] a, float[4, 4] b, float[4, 4] c, float ratio, bool on>
{
  d0, unused = Dropout <seed = 3> (x, ratio, on)
  r = Relu(d0)
  h = MatMul(r, a)
  d1, mask = Dropout(h, ratio)
  i = MatMul(d1, b)
  d2 = Dropout(i)
  j = MatMul(d2, c)
  y = Dropout(j)
})";

TEST(Forms, OnlyADropoutThatFeedsFrozenLayersIsAnIdentity) {
  const onnx::ModelProto model =
      FrozenIn(kIdentity, BytesWithWeights(kDropoutsText), Tensors({"a", "b"}));
  EXPECT_THAT(Operators(model.graph()), ElementsAre("Identity", "Relu", "MatMul", "Dropout",
                                                    "MatMul", "Dropout", "MatMul", "Dropout"));
  const onnx::NodeProto& identity = model.graph().node(0);
  EXPECT_THAT(identity.input(), ElementsAre("x"));
  EXPECT_THAT(identity.output(), ElementsAre("d0"));
  EXPECT_EQ(identity.attribute_size(), 0);
  EXPECT_THAT(Operators(FrozenIn(kIdentity, BytesWithWeights(kDropoutsText)).graph()),
              ElementsAre("Identity", "Relu", "MatMul", "Dropout", "MatMul", "Identity", "MatMul",
                          "Dropout"));
}

TEST(Forms, ADropoutThatMayHaveDroppedIsAWarning) {
  onnx::ModelProto model = ModelWithWeights(kDropoutsText);
  onnx::TensorProto& on = *model.mutable_graph()->mutable_initializer(4);
  ASSERT_EQ(on.name(), "on");
  const auto notes_with = [&](const char value) {
    on.set_raw_data(std::string(1, value));
    return NotesOf(kIdentity, model.SerializeAsString(), All());
  };
  EXPECT_THAT(notes_with('\1'), HasSubstr("1 Dropout ('d0') in training mode"));
  EXPECT_THAT(notes_with('\1'), HasSubstr("changes the model's results"));
  EXPECT_THAT(notes_with('\0'), Not(HasSubstr("training mode")));
  // What is not stored, callers say.
  model.mutable_graph()->mutable_initializer()->DeleteSubrange(4, 1);
  onnx::ValueInfoProto& input = *model.mutable_graph()->add_input();
  input.set_name("on");
  input.mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::BOOL);
  EXPECT_THAT(NotesOf(kIdentity, model.SerializeAsString(), All()),
              HasSubstr("changes the model's results"));
}

TEST(Forms, FrozenTensorsAreConstantsBeforeEveryOtherNode) {
  const std::string bytes = BytesWithWeights(kDenseBatchNormText);
  const onnx::ModelProto original = Parsed(bytes);
  const onnx::ModelProto model = FrozenIn(kConstants, bytes, Layers({"bn"}));
  EXPECT_THAT(Names(model.graph().initializer()), ElementsAre("kernel", "bias"));
  EXPECT_THAT(Operators(model.graph()), ElementsAre("Constant", "Constant", "Constant", "Constant",
                                                    "Gemm", "BatchNormalization"));
  for (int i = 0; i < 4; ++i) {
    const onnx::NodeProto& node = model.graph().node(i);
    const onnx::TensorProto& tensor = original.graph().initializer(i + 2);
    EXPECT_THAT(node.output(), ElementsAre(tensor.name()));
    EXPECT_EQ(node.attribute(0).name(), "value");
    EXPECT_EQ(node.attribute(0).t().SerializeAsString(), tensor.SerializeAsString());
  }
}

TEST(Forms, AnInitializerOfABranchThatHidesAnotherStaysOne) {
  const std::string text = R"(
<ir_version: 8, opset_import: ["" : 17]>
g (float[N, 2] x, bool c) => (float[N, 2] y) <float[2, 2] w>
{
  y = If (c) <
    then_branch = t () => (float[N, 2] p) { p = MatMul(x, w) },
    else_branch = e () => (float[N, 2] q) { q = MatMul(x, own) }>
})";
  onnx::ModelProto model = ModelWithWeights(text);
  onnx::NodeProto& node = *model.mutable_graph()->mutable_node(0);
  for (onnx::AttributeProto& attribute : *node.mutable_attribute()) {
    const bool hides = attribute.name() == "then_branch";
    onnx::TensorProto& tensor = *attribute.mutable_g()->add_initializer();
    tensor = model.graph().initializer(0);
    tensor.set_name(hides ? "w" : "own");
  }
  const onnx::ModelProto frozen = FrozenIn(kConstants, model.SerializeAsString());
  for (const onnx::NodeProto& after : frozen.graph().node()) {
    for (const onnx::AttributeProto& attribute : after.attribute()) {
      if (!attribute.has_g()) continue;
      const bool hides = attribute.name() == "then_branch";
      EXPECT_EQ(attribute.g().initializer_size(), hides ? 1 : 0);
      EXPECT_EQ(attribute.g().node(0).op_type(), hides ? "MatMul" : "Constant");
    }
  }
}

TEST(Forms, ValuesWrittenIntoConstantsComeBackAsInitializers) {
  const std::string bytes = BytesWithWeights(kDenseText);
  std::string frozen = Value(Frozen(bytes, WithForms(FreezeBy(All()), kConstants)));
  const std::string old_bias = Parsed(bytes).graph().initializer(1).raw_data();
  const std::string new_bias(old_bias.size(), '\x3f');
  const size_t at = frozen.find(old_bias);
  ASSERT_NE(at, std::string::npos);
  frozen.replace(at, new_bias.size(), new_bias);
  std::string expected = bytes;
  expected.replace(bytes.find(old_bias), new_bias.size(), new_bias);
  EXPECT_EQ(Value(Thawed(frozen)), expected);
}

TEST(Forms, TrainableInitializersAreInputsAndFrozenOnesAreNot) {
  const onnx::ModelProto plain = ModelWithWeights(kDenseBatchNormText);
  for (const onnx::ModelProto& model : {plain, WithInitializersAsInputs(plain, 8)}) {
    const onnx::ModelProto frozen = FrozenIn(kExposed, model.SerializeAsString(), Layers({"bn"}));
    EXPECT_THAT(Names(frozen.graph().input()), ElementsAre("x", "kernel", "bias"));
    const onnx::TypeProto::Tensor& type = frozen.graph().input(1).type().tensor_type();
    EXPECT_EQ(type.elem_type(), onnx::TensorProto::FLOAT);
    EXPECT_EQ(type.shape().dim(0).dim_value(), 100);
  }
}

TEST(Forms, ALaterFreezeKeepsThemAndRefusesOthers) {
  const std::string bytes = BytesWithWeights(kDenseBatchNormText);
  const std::string once = Value(Frozen(bytes, WithForms(FreezeBy(All()), kArithmetic)));
  const std::string part = Value(Frozen(bytes, WithForms(FreezeBy(Layers({"bn"})), kArithmetic)));
  EXPECT_EQ(Value(Frozen(part, FreezeBy(All()))), once);
  EXPECT_EQ(Value(Frozen(part, WithForms(FreezeBy(All()), kArithmetic))), once);
  const absl::Status refused = Frozen(part, WithForms(FreezeBy(All()), kConstants)).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("frozen without --constants"));
  EXPECT_EQ(Value(Thawed(once, ThawBy(Layers({"dense"})))), part);
}

TEST(Forms, APlanCarriesThem) {
  const std::string bytes = BytesWithWeights(kDenseBatchNormText);
  const std::string frozen = Value(Frozen(bytes, WithForms(FreezeBy(All()), kArithmetic)));
  freeze::FreezeRequest request;
  request.plan = Value(freeze::PlanOf(*wire::FromMemory("m.onnx", frozen), ""));
  EXPECT_EQ(Value(Frozen(bytes, request)), frozen);
}

TEST(Forms, ThawingByNameTakesThemBack) {
  const onnx::ModelProto norm = ModelWithWeights(kDenseBatchNormText);
  const onnx::ModelProto dropouts = ModelWithWeights(kDropoutsText);
  const struct {
    onnx::ModelProto model;
    Selection part;
  } cases[] = {{norm, Tensors({"gamma", "beta"})},
               {WithInitializersAsInputs(norm, 3), Tensors({"gamma", "beta"})},
               {dropouts, Tensors({"a", "b"})}};
  for (const auto& [model, part] : cases) {
    for (const Forms& forms : {kArithmetic, kIdentity, kConstants, kExposed}) {
      for (const Selection& selection : {All(), part}) {
        const std::string frozen =
            Value(Frozen(model.SerializeAsString(), WithForms(FreezeBy(selection), forms)));
        std::vector<std::string> unplaced;
        onnx::GraphProto got = ByName(Resaved(frozen), &unplaced);
        EXPECT_THAT(unplaced, IsEmpty());
        onnx::GraphProto expected = model.graph();
        for (onnx::GraphProto* graph : {&got, &expected}) {
          // Those that were constants come last: among initializers the order has no meaning.
          auto& list = *graph->mutable_initializer();
          std::sort(list.pointer_begin(), list.pointer_end(),
                    [](const auto* a, const auto* b) { return a->name() < b->name(); });
        }
        EXPECT_EQ(got.DebugString(), expected.DebugString());
      }
    }
  }
}

TEST(Forms, AnotherToolsChangesToANodeAreNotUndone) {
  const std::string frozen =
      Value(Frozen(BytesWithWeights(kDenseBatchNormText), WithForms(FreezeBy(All()), kArithmetic)));
  onnx::ModelProto model = Parsed(frozen);
  model.mutable_graph()->mutable_node(9)->set_op_type("Sub");
  std::vector<std::string> unplaced;
  EXPECT_THAT(Operators(ByName(model.SerializeAsString(), &unplaced)), Contains("Reciprocal"));
  EXPECT_THAT(unplaced, ElementsAre(HasSubstr("BatchNormalization that puts out 'y'")));
}

}  // namespace
}  // namespace hoarfrost::testing
