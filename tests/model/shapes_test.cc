#include "model/shapes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "model/facts_of.h"

namespace hoarfrost::model {
namespace {

using ::testing::HasSubstr;

// "float32-like" short form: "1[2,n,?]"; "1" without a shape; "" for unknown.
std::string Text(const ValueType& type) {
  if (type.kind == TypeKind::kUnknown) return "";
  std::string text = std::to_string(type.dtype);
  if (!type.has_shape) return text;
  text += "[";
  for (const Dim& dim : type.dims) {
    if (text.back() != '[') text += ",";
    text += dim.value            ? std::to_string(*dim.value)
            : dim.symbol.empty() ? "?"
                                 : std::string(dim.symbol);
  }
  return text + "]";
}

TEST(Shapes, DeclaredOnesAreReadAndOthersUnknown) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[N, 3] x, seq(float[2]) s, optional(int64[1]) o) => (float y, float[] z)
<float[3, 4] w = {1,2,3,4,5,6,7,8,9,10,11,12}> {
  a = MatMul(x, w)
  y = Neg(a)
  z = Neg(a)
})");
  const ShapeTable shapes(*facts);
  EXPECT_EQ(Text(shapes.Of(facts.value("x"))), "1[N,3]");
  EXPECT_EQ(Text(shapes.Of(facts.value("w"))), "1[3,4]");
  EXPECT_EQ(Text(shapes.Of(facts.value("a"))), "");
  EXPECT_EQ(Text(shapes.Of(facts.value("s"))), "1[2]");
  EXPECT_EQ(shapes.Of(facts.value("s")).kind, TypeKind::kSequence);
  EXPECT_EQ(shapes.Of(facts.value("o")).kind, TypeKind::kOptional);
  EXPECT_EQ(Text(shapes.Of(kNone)), "");
}

TEST(Shapes, NegativeAndEmptyDimsAreUnknown) {
  onnx::ModelProto model = testing::ParseModel(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[N, 3] x) => (float[N, 3] y) { y = Neg(x) })");
  auto& shape = *model.mutable_graph()
                     ->mutable_input(0)
                     ->mutable_type()
                     ->mutable_tensor_type()
                     ->mutable_shape();
  shape.mutable_dim(0)->set_dim_value(-1);
  shape.mutable_dim(1)->set_dim_param("");
  shape.add_dim();
  shape.add_dim()->set_dim_param("unk__12");
  const FactsOf facts(model);
  EXPECT_EQ(Text(ShapeTable(*facts).Of(facts.value("x"))), "1[?,?,?,?]");
}

TEST(Infer, GivesEveryValueItsShape) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[N, 3] x) => (y) <float[3, 4] w = {1,2,3,4,5,6,7,8,9,10,11,12}> {
  a = MatMul(x, w)
  y = Neg(a)
})");
  ShapeTable shapes(*facts);
  ASSERT_TRUE(shapes.Infer().ok());
  EXPECT_EQ(Text(shapes.Of(facts.value("a"))), "1[N,4]");
  EXPECT_EQ(Text(shapes.Of(facts.value("y"))), "1[N,4]");
}

TEST(Infer, LeavesTheFactsAsTheyAre) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[N, 3] x) => (y) { a = Neg(x) y = Neg(a) })");
  const std::string before = facts->model().SerializeAsString();
  ShapeTable shapes(*facts);
  ASSERT_TRUE(shapes.Infer().ok());
  EXPECT_EQ(facts->model().SerializeAsString(), before);
}

TEST(Infer, UsesSmallConstantsAndDoesWithoutLargeOnes) {
  onnx::ModelProto model = testing::ParseModel(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[6, 100] x) => (y) <int64[2] shape = {3, 2}> {
  a = MatMul(x, w)
  b = Add(a, k)
  c = MatMul(b, s)
  y = Reshape(c, shape)
})");
  auto& w = *model.mutable_graph()->add_initializer();
  w.set_name("w");
  w.set_data_type(onnx::TensorProto::FLOAT);
  w.add_dims(100);
  w.add_dims(100);
  w.set_raw_data(std::string(40000, 'x'));
  auto& k = *model.mutable_graph()->add_node();
  k.set_op_type("Constant");
  k.add_output("k");
  auto& value = *k.add_attribute();
  value.set_name("value_floats");
  value.set_type(onnx::AttributeProto::FLOATS);
  for (int i = 0; i < 100; ++i) value.add_floats(1);
  // Constants come first, as nodes are inferred in order.
  for (int i = model.graph().node_size() - 1; i > 0; --i) {
    model.mutable_graph()->mutable_node()->SwapElements(i, i - 1);
  }
  auto& s = *model.mutable_graph()->add_initializer();
  s.set_name("s");
  s.set_data_type(onnx::TensorProto::FLOAT);
  s.add_dims(100);
  s.add_dims(1);
  s.set_data_location(onnx::TensorProto::EXTERNAL);
  s.add_external_data()->set_key("location");
  s.mutable_external_data(0)->set_value("nowhere.bin");
  const FactsOf facts(model);
  ShapeTable shapes(*facts);
  const absl::Status status = shapes.Infer();
  ASSERT_TRUE(status.ok()) << status.ToString();
  EXPECT_EQ(Text(shapes.Of(facts.value("a"))), "1[6,100]");
  EXPECT_EQ(Text(shapes.Of(facts.value("b"))), "1[6,100]");
  EXPECT_EQ(Text(shapes.Of(facts.value("k"))), "1[100]");
  EXPECT_EQ(Text(shapes.Of(facts.value("c"))), "1[6,1]");
  EXPECT_EQ(Text(shapes.Of(facts.value("y"))), "1[3,2]");
}

TEST(Infer, AShapeWhoseBytesWereLeftOutGivesNoWrongAnswer) {
  onnx::ModelProto model = testing::ParseModel(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[6] x, float[2] z) => (y, v) { y = Reshape(x, shape) v = Neg(z) })");
  auto& shape = *model.mutable_graph()->add_initializer();
  shape.set_name("shape");
  shape.set_data_type(onnx::TensorProto::INT64);
  shape.add_dims(100);  // 800 bytes
  shape.set_raw_data(std::string(800, '\1'));
  const FactsOf facts(model);
  ShapeTable shapes(*facts);
  ASSERT_TRUE(shapes.Infer().ok());
  const ValueType y = shapes.Of(facts.value("y"));
  EXPECT_FALSE(y.has_shape && y.dims.size() != 100) << Text(y);
  EXPECT_EQ(Text(shapes.Of(facts.value("v"))), "1[2]");
}

TEST(Infer, ReachesIntoSubgraphs) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17]>
g (bool c, float[2, 3] x) => (y) {
  [i] y = If (c) <then_branch = t () => (u) { p = Transpose(x) u = Neg(p) },
                  else_branch = e () => (v) { v = Transpose(x) }>
})");
  ShapeTable shapes(*facts);
  ASSERT_TRUE(shapes.Infer().ok());
  EXPECT_EQ(Text(shapes.Of(facts.value("p", "i.then_branch"))), "1[3,2]");
  EXPECT_EQ(Text(shapes.Of(facts.value("y"))), "1[3,2]");
}

TEST(Infer, PassesByWhatItDoesNotKnow) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[2, 3] x) => (y) {
  a = strange.Op(x)
  b = Neg(x)
  c = MatMul(x, x)
  y = Transpose(b)
})");
  ShapeTable shapes(*facts);
  EXPECT_TRUE(shapes.Infer().ok());
  EXPECT_EQ(Text(shapes.Of(facts.value("y"))), "1[3,2]");
  EXPECT_EQ(Text(shapes.Of(facts.value("a"))), "");
}

TEST(Infer, SeesThroughFunctionCalls) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17, "local": 1]>
g (float[2, 3] x) => (y) { y = local.f(x) }
<domain: "local", opset_import: ["": 17]>
f (a) => (b) { b = Transpose(a) })");
  ShapeTable shapes(*facts);
  ASSERT_TRUE(shapes.Infer().ok());
  EXPECT_EQ(Text(shapes.Of(facts.value("y"))), "1[3,2]");
}

onnx::ModelProto Doubling(int functions, int calls) {
  onnx::ModelProto model = testing::ParseModel(R"(<ir_version: 8, opset_import: ["": 17, "l": 1]>
g (float[2, 3] x) => (y, z) { y = l.F0(x) z = Transpose(x) })");
  for (int i = 0; i < functions; ++i) {
    onnx::FunctionProto& f = *model.add_functions();
    f.set_domain("l");
    f.set_name("F" + std::to_string(i));
    f.add_input("v0");
    f.add_output("v" + std::to_string(calls));
    f.add_opset_import()->set_version(17);
    f.add_opset_import()->set_domain("l");
    f.mutable_opset_import(1)->set_version(1);
    for (int k = 0; k < calls; ++k) {
      onnx::NodeProto& node = *f.add_node();
      node.set_op_type(i + 1 < functions ? "F" + std::to_string(i + 1) : "Neg");
      if (i + 1 < functions) node.set_domain("l");
      node.add_input("v" + std::to_string(k));
      node.add_output("v" + std::to_string(k + 1));
    }
  }
  return model;
}

TEST(Infer, CallsThatExpandOrNestBeyondMeasureAreLeftOut) {
  for (const auto& [functions, calls] :
       {std::pair(40, 2), std::pair(10000, 1), std::pair(5, 1000)}) {
    const FactsOf facts(Doubling(functions, calls));
    ShapeTable shapes(*facts);
    const absl::Status status = shapes.Infer();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(Text(shapes.Of(facts.value("y"))), "");
    EXPECT_EQ(Text(shapes.Of(facts.value("z"))), "1[3,2]");
  }
  const FactsOf facts(Doubling(5, 2));
  ShapeTable shapes(*facts);
  EXPECT_TRUE(shapes.Infer().ok());
  EXPECT_EQ(Text(shapes.Of(facts.value("y"))), "1[2,3]");
}

TEST(Infer, FunctionsThatCallEachOtherAreLeftOut) {
  onnx::ModelProto model = Doubling(2, 1);
  *model.mutable_functions(1)->mutable_node(0)->mutable_op_type() = "F0";
  *model.mutable_functions(1)->mutable_node(0)->mutable_domain() = "l";
  const FactsOf facts(model);
  ShapeTable shapes(*facts);
  EXPECT_THAT(shapes.Infer().ToString(), HasSubstr("cycle"));
  EXPECT_EQ(Text(shapes.Of(facts.value("z"))), "1[3,2]");
}

TEST(Infer, DeclaredShapesThatContradictDoNotEndIt) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[2, 3] x) => (float[7] y, z) { y = Neg(x) z = Transpose(x) })");
  ShapeTable shapes(*facts);
  (void)shapes.Infer();
  EXPECT_EQ(Text(shapes.Of(facts.value("z"))), "1[3,2]");
}

}  // namespace
}  // namespace hoarfrost::model
