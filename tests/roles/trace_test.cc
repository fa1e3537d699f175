// Evidence that flows back through storage, bodies, calls and arithmetic on stored values.
#include "roles/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "roles/roles_of.h"

namespace hoarfrost::roles {
namespace {

std::vector<std::string> PathOps(const RolesOf& roles, std::string_view name) {
  std::vector<std::string> ops;
  for (const model::NodeId n : roles[name].path) {
    ops.push_back(roles.facts().nodes[static_cast<size_t>(n)].proto->op_type());
  }
  return ops;
}

TEST(Trace, SeesThroughStorageOperators) {
  const RolesOf roles(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[N, 1, 4, 4] x) => (float[N, 4, 2, 2] y)
<float16[36] w, int64[4] shape, float[1, 4] b, int64[1] axes> {
  a = Reshape(w, shape)
  c = Cast <to = 1> (a)
  d = Transpose(c)
  e = Identity(d)
  f = Squeeze(b, axes)
  [conv] y = Conv(x, e, f)
})");
  EXPECT_EQ(roles.Said("w"), "weight traced");
  EXPECT_EQ(roles.Text("w"),
            "input 1 (W) of Conv node 'conv', seen through Reshape, Cast, Transpose, Identity");
  EXPECT_THAT(PathOps(roles, "w"),
              ::testing::ElementsAre("Reshape", "Cast", "Transpose", "Identity"));
  EXPECT_EQ(roles["w"].decided_by.slot, 1);
  EXPECT_EQ(roles.Said("b"), "weight traced");
  EXPECT_EQ(roles.Said("shape"), "constant operator");
}

TEST(Trace, SeesThroughConcatSplitAndSlice) {
  const RolesOf roles(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[N, 4, 9] x) => (float[N, 4, 9] y)
<float[2, 4, 1] wa, float[6, 4, 1] wb, int64[2] parts, float[8] bias, int64[1] st, int64[1] en> {
  w = Concat <axis = 0> (wa, wb)
  q, k = Split(w, parts)
  b = Slice(bias, st, en)
  h = Conv(x, q, b)
  y = Conv(h, k)
})");
  for (const char* name : {"wa", "wb", "bias"}) EXPECT_EQ(roles.Said(name), "weight traced");
  EXPECT_EQ(roles.Said("parts"), "constant operator");
}

TEST(Trace, AStatisticRepeatedForEveryImageIsAStatistic) {
  // InstanceNorm that tracks statistics, as PyTorch writes it: all images become channels.
  const RolesOf roles(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[2, 3, 8] x) => (float[1, 6, 8] y)
<float[3] w, float[3] b, float[3] running_mean, float[3] running_var, int64[1] twice, int64[3] s> {
  a = Reshape(x, s)
  tw = Tile(w, twice)
  tb = Tile(b, twice)
  tm = Tile(running_mean, twice)
  tv = Tile(running_var, twice)
  y = BatchNormalization(a, tw, tb, tm, tv)
})");
  EXPECT_EQ(roles.Said("w"), "weight traced");
  EXPECT_EQ(roles.Said("running_mean"), "statistic traced");
  EXPECT_EQ(roles.Said("running_var"), "statistic traced");
}

TEST(Trace, QuantizedWeightsAreWeightsOfAnyWidth) {
  const RolesOf roles(R"(<ir_version: 10, opset_import: ["": 21]>
g (float[N, 3, 4, 4] x) => (float[N, 2, 4, 4] y)
<int8[2, 3, 1, 1] w, float[2] ws, int8[2] wz, int32[2] b, float[2] bs> {
  fw = DequantizeLinear <axis = 0> (w, ws, wz)
  fb = DequantizeLinear <axis = 0> (b, bs)
  y = Conv(x, fw, fb)
})");
  EXPECT_EQ(roles.Said("w"), "weight traced");
  EXPECT_EQ(roles.Said("b"), "weight traced");
  for (const char* name : {"ws", "wz", "bs"}) {
    EXPECT_EQ(roles.Said(name), "quantization operator") << name;
  }
}

TEST(Trace, IntoBranchesAndOutOfThem) {
  const RolesOf roles(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[N, 1, 4, 4] x, bool c) => (float[N, 1, 4, 4] y)
<float[1, 1, 1, 1] outer> {
  [i] w = If (c) <
    then_branch = t () => (float[1, 1, 1, 1] a) <float[1, 1, 1, 1] inner> { a = Identity(inner) },
    else_branch = e () => (float[1, 1, 1, 1] b) { b = Neg(outer) }>
  y = Conv(x, w)
})");
  EXPECT_EQ(roles.Said("inner", "i.then_branch"), "weight traced");
  EXPECT_EQ(roles.Said("outer"), "weight traced");
}

TEST(Trace, LoopCarriedWeightsAndStatesAreToldApart) {
  const RolesOf roles(R"(<ir_version: 8, opset_import: ["": 17]>
g (int64 n, bool c, float[4, 4] x, float[4] start) => (float[4, 4] y) <float[4, 4] w, float[4] g, float[4, 4] h0> {
  [l] wf, gf, y = Loop (n, c, w, g, h0) <
    body = b (int64 i, bool ci, float[4, 4] win, float[4] gin, float[4, 4] hin) =>
        (bool co, float[4, 4] wout, float[4] gout, float[4, 4] hout) {
      co = Identity(ci)
      wout = Identity(win)
      gout = Identity(gin)
      m = Gemm(x, win, gin)
      hout = Add(m, hin) }>
})");
  EXPECT_EQ(roles.Said("w"), "weight traced");
  EXPECT_EQ(roles.Said("g"), "weight traced");
  EXPECT_EQ(roles.Said("h0"), "constant assumed");
}

TEST(Trace, ThroughCallsOfFunctions) {
  const RolesOf roles(R"(<ir_version: 8, opset_import: ["": 17, "local": 1]>
g (float[N, 4] x) => (float[N, 4] y) <float[4, 4] w1, float[4] b1, float[4, 4] w2, float[4] b2> {
  h = local.Dense(x, w1, b1)
  y = local.Dense(h, w2, b2)
}
<opset_import: ["": 17], domain: "local">
Dense (a, w, b) => (o) {
  t = Transpose(w)
  o = Gemm(a, t, b)
})");
  for (const char* name : {"w1", "b1", "w2", "b2"}) EXPECT_EQ(roles.Said(name), "weight traced");
}

TEST(Trace, AFunctionThatOverridesAnOperatorCountsByItsBody) {
  const RolesOf roles(R"(<ir_version: 8, opset_import: ["": 17, "local": 1]>
g (float[N, 4] x) => (float[N, 4] y) <float[4, 4] w, float[4] p, float[4] q> {
  h = MatMul(x, w)
  y = local.BatchNormalization(h, p, p, p, q)
}
<opset_import: ["": 17], domain: "local">
BatchNormalization (a, s, b, m, p) => (o) {
  t = Mul(a, s)
  o = Add(t, p)
})");
  EXPECT_EQ(roles.Role("q"), "weight");
}

TEST(Trace, WeightOfWeightNormalisation) {
  // w = g * v / |v|: what is learned are g and v.
  const RolesOf roles(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[N, 3, 8] x) => (float[N, 6, 8] y) <float[6, 1, 1] g, float[6, 3, 1] v> {
  norm = ReduceL2 <axes = [1, 2]> (v)
  unit = Div(v, norm)
  w = Mul(unit, g)
  y = Conv(x, w)
})");
  EXPECT_EQ(roles.Role("v"), "weight");
  EXPECT_EQ(roles.Role("g"), "weight");
}

TEST(Trace, OneNumberSpreadOverChannelsIsNoWeight) {
  const RolesOf roles(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[N, 3, 8] x) => (float[N, 3, 8] y) <float one, float zero, int64[1] three> {
  s = Expand(one, three)
  b = Expand(zero, three)
  y = InstanceNormalization(x, s, b)
})");
  EXPECT_EQ(roles.Role("one"), "constant");
  EXPECT_EQ(roles.Role("zero"), "constant");
}

TEST(Trace, CyclesEnd) {
  onnx::ModelProto model = testing::ParseModel(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[N, 4] x) => (float[N, 4] y) <float[4, 4] w> {
  a = Add(w, b)
  b = Identity(a)
  y = MatMul(x, b)
})");
  const RolesOf roles(model);
  EXPECT_EQ(roles.Role("w"), "weight");
}

TEST(Trace, LongChainsAndHubsCostLinearTime) {
  onnx::ModelProto model = testing::ParseModel(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[N, 4] x) => (float[N, 4] y) <float[4, 4] w, float[4, 4] hub> { y = Gemm(x, last) })");
  onnx::GraphProto& graph = *model.mutable_graph();
  constexpr int kLength = 100000;
  std::string before = "w";
  for (int i = 0; i < kLength; ++i) {
    onnx::NodeProto& n = *graph.add_node();
    n.set_op_type(i % 2 == 0 ? "Transpose" : "Identity");
    n.add_input(before);
    before = i + 1 == kLength ? "last" : "c" + std::to_string(i);
    n.add_output(before);
    onnx::NodeProto& h = *graph.add_node();
    h.set_op_type("Identity");
    h.add_input("hub");
    h.add_output("h" + std::to_string(i));
    onnx::NodeProto& m = *graph.add_node();
    m.set_op_type("Gemm");
    m.add_input("x");
    m.add_input("h" + std::to_string(i));
    m.add_output("m" + std::to_string(i));
  }
  const RolesOf roles(model);
  EXPECT_EQ(roles.Said("w"), "weight traced");
  EXPECT_EQ(roles["w"].path.size(), kLongestPath);
  EXPECT_EQ(roles.Said("hub"), "weight traced");
}

}  // namespace
}  // namespace hoarfrost::roles
