// Flows into, out of and around subgraph and function bodies, by the operators' definitions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "model/facts_of.h"

namespace hoarfrost::model {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

TEST(If, EachOutputComesFromBothBranches) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17]>
g (bool c, float[2] x) => (float[2] y, float[2] z) {
  [i] y, z = If (c) <
    then_branch = t () => (float[2] a, float[2] b) { a = Neg(x) b = Abs(x) },
    else_branch = e () => (float[2] d, float[2] f) { d = Exp(x) f = Log(x) }>
})");
  EXPECT_THAT(facts.flows_into(facts.value("y")),
              ElementsAre("i.then_branch:a", "i.else_branch:d"));
  EXPECT_THAT(facts.flows_into(facts.value("z")),
              ElementsAre("i.then_branch:b", "i.else_branch:f"));
  const auto flows = facts->flows(facts.value("a", "i.then_branch"));
  ASSERT_EQ(flows.size(), 1u);
  EXPECT_EQ(flows[0].via, facts.node("If"));
  EXPECT_EQ(flows[0].kind, FlowKind::kOutOfBody);
  EXPECT_THAT(facts.flows(facts.value("c")), IsEmpty());
  EXPECT_THAT(facts.uses(facts.value("c")), ElementsAre("If:0"));
}

// Loop(M, cond, state) -> (state, scan); body (i, cond, state) -> (cond, state, scan).
constexpr char kLoop[] = R"(<ir_version: 8, opset_import: ["": 17]>
g (int64 m, bool c, float[2] s0) => (float[2] s, float[n, 2] rows) {
  [l] s, rows = Loop (m, c, s0) <
    body = b (int64 i, bool cin, float[2] sin) => (bool cout, float[2] sout, float[2] row) {
      cout = Identity(cin) sout = Neg(sin) row = Abs(sin) }>
})";

TEST(Loop, StateGoesInAroundAndOutAndScansOnlyOut) {
  const FactsOf facts(kLoop);
  EXPECT_THAT(facts.flows(facts.value("m")), IsEmpty());
  EXPECT_THAT(facts.flows(facts.value("c")), ElementsAre("l.body:cin"));
  EXPECT_THAT(facts.flows(facts.value("s0")), ElementsAre("l.body:sin"));
  EXPECT_THAT(facts.flows(facts.value("cout", "l.body")), ElementsAre("l.body:cin"));
  EXPECT_THAT(facts.flows(facts.value("sout", "l.body")), ElementsAre("l.body:sin", ":s"));
  EXPECT_THAT(facts.flows(facts.value("row", "l.body")), ElementsAre(":rows"));
  EXPECT_THAT(facts.flows_into(facts.value("i", "l.body")), IsEmpty());
  EXPECT_THAT(facts.flows_into(facts.value("sin", "l.body")),
              UnorderedElementsAre(":s0", "l.body:sout"));
}

TEST(Loop, KindsTellIntoAroundAndOut) {
  const FactsOf facts(kLoop);
  EXPECT_EQ(facts->flows(facts.value("s0"))[0].kind, FlowKind::kIntoBody);
  EXPECT_EQ(facts->flows(facts.value("sout", "l.body"))[0].kind, FlowKind::kCarried);
  EXPECT_EQ(facts->flows(facts.value("sout", "l.body"))[1].kind, FlowKind::kOutOfBody);
  EXPECT_EQ(facts->flows_into(facts.value("rows"))[0].kind, FlowKind::kOutOfBody);
}

TEST(Loop, CountAndConditionMayBeLeftOut) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[2] s0) => (float[2] s) {
  [l] s = Loop ("", "", s0) <
    body = b (int64 i, bool cin, float[2] sin) => (bool cout, float[2] sout) {
      cout = Identity(cin) sout = Neg(sin) }>
})");
  EXPECT_THAT(facts.flows(facts.value("s0")), ElementsAre("l.body:sin"));
  EXPECT_THAT(facts.flows_into(facts.value("s")), ElementsAre("l.body:sout"));
}

TEST(Scan, StatesAreCarriedAndScannedInputsAreNot) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[2] h0, float[n, 2] xs) => (float[2] h, float[n, 2] ys) {
  [s] h, ys = Scan (h0, xs) <num_scan_inputs = 1,
    body = b (float[2] hin, float[2] x) => (float[2] hout, float[2] y) {
      hout = Add(hin, x) y = Neg(hout) }>
})");
  EXPECT_THAT(facts.flows(facts.value("h0")), ElementsAre("s.body:hin"));
  EXPECT_THAT(facts.flows(facts.value("xs")), ElementsAre("s.body:x"));
  EXPECT_THAT(facts.flows(facts.value("hout", "s.body")), ElementsAre("s.body:hin", ":h"));
  EXPECT_THAT(facts.flows(facts.value("y", "s.body")), ElementsAre(":ys"));
  EXPECT_THAT(facts.flows_into(facts.value("x", "s.body")), ElementsAre(":xs"));
}

TEST(Scan, InOpsetEightSequenceLengthsComeFirst) {
  const FactsOf facts(R"(<ir_version: 3, opset_import: ["": 8]>
g (float[1, 2] h0, float[1, n, 2] xs) => (float[1, 2] h, float[1, n, 2] ys) {
  [s] h, ys = Scan ("", h0, xs) <num_scan_inputs = 1,
    body = b (float[2] hin, float[2] x) => (float[2] hout, float[2] y) {
      hout = Add(hin, x) y = Neg(hout) }>
})");
  EXPECT_THAT(facts.flows(facts.value("h0")), ElementsAre("s.body:hin"));
  EXPECT_THAT(facts.flows(facts.value("xs")), ElementsAre("s.body:x"));
  EXPECT_THAT(facts.flows(facts.value("y", "s.body")), ElementsAre(":ys"));
}

TEST(SequenceMap, InputsAndOutputsMatchThoseOfTheBody) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17]>
g (seq(float[n]) xs, float[2] k) => (seq(float[n]) ys) {
  [m] ys = SequenceMap (xs, k) <
    body = b (float[n] x, float[2] kk) => (float[n] y) { y = Add(x, kk) }>
})");
  EXPECT_THAT(facts.flows(facts.value("xs")), ElementsAre("m.body:x"));
  EXPECT_THAT(facts.flows(facts.value("k")), ElementsAre("m.body:kk"));
  EXPECT_THAT(facts.flows_into(facts.value("ys")), ElementsAre("m.body:y"));
}

TEST(OtherOperators, TheirBodiesSeeOuterNamesAndNothingElseFlows) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17, "custom": 1]>
g (float[2] x) => (float[2] y) <float[2] w = {1, 2}> {
  [o] y = custom.Loop (x) <body = b (float[2] a) => (float[2] d) { d = Add(a, w) }>
})");
  EXPECT_THAT(facts.flows(facts.value("x")), IsEmpty());
  EXPECT_THAT(facts.flows_into(facts.value("y")), IsEmpty());
  EXPECT_THAT(facts.uses(facts.value("w")), ElementsAre("o.body/Add:1"));
}

constexpr char kTwice[] = R"(<ir_version: 8, opset_import: ["": 17, "local": 1]>
g (float[2] x) => (float[2] y) <float[2] w = {1, 2}, float[2] v = {1, 2}> {
  a = local.dense(x, w)
  y = local.dense(a, v)
}
<domain: "local", opset_import: ["": 17]>
dense (d, k) => (m) {
  c = Constant <value = float[2] {3, 4}> ()
  p = Mul(d, k)
  m = local.shift(p, c)
}
<domain: "local", opset_import: ["": 17]>
shift (d, b) => (e) { e = Add(d, b) })";

TEST(Functions, EveryBodyIsOneScopeHoweverOftenItIsCalled) {
  const FactsOf facts(kTwice);
  ASSERT_EQ(facts->scopes.size(), 3u);
  EXPECT_EQ(facts->scopes[1].path, "function:local::dense");
  EXPECT_EQ(facts->scopes[1].kind, ScopeKind::kFunction);
  EXPECT_EQ(facts->scopes[1].root, 1);
  ASSERT_EQ(facts->tensors.size(), 3u);
  EXPECT_EQ(facts->tensors[2].scope, 1);
  EXPECT_EQ(facts->tensors[2].name, "c");
  std::vector<ScopeId> calls;
  for (const Node& node : facts->nodes) calls.push_back(node.calls);
  // dense, dense; Constant, Mul, shift; Add.
  EXPECT_THAT(calls, ElementsAre(1, 1, kNone, kNone, 2, kNone));
}

TEST(Functions, OperandsFlowInByPositionFromEveryCallAndResultsOut) {
  const FactsOf facts(kTwice);
  const std::string dense = "function:local::dense";
  const std::string shift = "function:local::shift";
  EXPECT_THAT(facts.flows(facts.value("w")), ElementsAre(dense + ":k"));
  EXPECT_THAT(facts.flows_into(facts.value("k", dense)), ElementsAre(":w", ":v"));
  EXPECT_THAT(facts.flows_into(facts.value("d", dense)), ElementsAre(":x", ":a"));
  EXPECT_THAT(facts.flows(facts.value("m", dense)), ElementsAre(":a", ":y"));
  EXPECT_THAT(facts.flows(facts.value("c", dense)), ElementsAre(shift + ":b"));
  EXPECT_THAT(facts.flows(facts.value("e", shift)), ElementsAre(dense + ":m"));
  EXPECT_EQ(facts->flows(facts.value("w"))[0].kind, FlowKind::kIntoCall);
  EXPECT_EQ(facts->flows(facts.value("m", dense))[0].kind, FlowKind::kOutOfCall);
  EXPECT_THAT(facts.uses(facts.value("w")), ElementsAre("dense:1"));
}

TEST(Functions, TheDefaultDomainHasTwoNames) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[2] x) => (float[2] y) { y = ai.onnx.mine(x) }
<domain: "", opset_import: ["": 17]>
mine (a) => (b) { b = Neg(a) })");
  EXPECT_EQ(facts->nodes[0].calls, 1);
}

TEST(Functions, OverloadsAreFunctionsOfTheirOwn) {
  onnx::ModelProto model = testing::ParseModel(kTwice);
  *model.add_functions() = model.functions(0);
  model.mutable_functions(2)->set_overload("v2");
  model.mutable_graph()->mutable_node(1)->set_overload("v2");
  const FactsOf facts(model);
  EXPECT_EQ(facts->nodes[0].calls, facts.scope("function:local::dense"));
  EXPECT_EQ(facts->nodes[1].calls, facts.scope("function:local::dense:v2"));
}

TEST(Functions, SubgraphsInsideABodySeeTheBodyOnly) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17, "local": 1]>
g (bool c, float[2] x) => (float[2] y) <float[2] w = {1, 2}> { y = local.f(c, x) }
<domain: "local", opset_import: ["": 17]>
f (c, a) => (b) {
  w = Constant <value = float[2] {3, 4}> ()
  [i] b = If (c) <then_branch = t () => (float[2] u) { u = Mul(a, w) },
                  else_branch = e () => (float[2] v) { v = Neg(a) }>
})");
  const std::string body = "function:local::f";
  EXPECT_EQ(facts->scopes[2].path, body + "/i.then_branch");
  EXPECT_EQ(facts->scopes[2].root, facts.scope(body));
  EXPECT_THAT(facts.uses(facts.value("w", body)), ElementsAre(body + "/i.then_branch/Mul:1"));
  EXPECT_THAT(facts.uses(facts.value("w")), IsEmpty());
}

TEST(Functions, ACycleOfCallsIsANoteAndCostsNothing) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17, "local": 1]>
g (float[2] x) => (float[2] y) { y = local.ping(x) }
<domain: "local", opset_import: ["": 17]>
ping (a) => (b) { b = local.pong(a) }
<domain: "local", opset_import: ["": 17]>
pong (a) => (b) { b = local.ping(a) })");
  EXPECT_EQ(facts->nodes.size(), 3u);
  EXPECT_THAT(facts.notes(), ElementsAre(::testing::AllOf(::testing::HasSubstr("cycle"),
                                                          ::testing::HasSubstr("'ping'"),
                                                          ::testing::HasSubstr("'pong'"))));
}

TEST(Functions, AFunctionThatCallsItselfInABranchIsACycle) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17, "local": 1]>
g (bool c, float[2] x) => (float[2] y) { y = local.f(c, x) }
<domain: "local", opset_import: ["": 17]>
f (c, a) => (b) {
  b = If (c) <then_branch = t () => (float[2] u) { u = local.f(c, a) },
              else_branch = e () => (float[2] v) { v = Neg(a) }>
})");
  EXPECT_THAT(facts.notes(), ElementsAre(::testing::HasSubstr("'f' -> 'f'")));
}

}  // namespace
}  // namespace hoarfrost::model
