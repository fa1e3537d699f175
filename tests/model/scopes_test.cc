// Scopes, values, and what names mean.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "model/facts_of.h"

namespace hoarfrost::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kChain[] = R"(<ir_version: 8, opset_import: ["": 17]>
g (float[2] x) => (float[2] y) <float[2] w = {1, 2}> {
  [first] a = Add(x, w)
  [second] y = Mul(a, w)
})";

TEST(Values, EveryDefinitionIsOneValueWithItsProducerAndUses) {
  const FactsOf facts(kChain);
  EXPECT_EQ(facts->values.size(), 4u);
  const Value& x = facts[facts.value("x")];
  EXPECT_TRUE(x.is_input);
  EXPECT_EQ(x.producer, kNone);
  EXPECT_NE(x.info, nullptr);
  const Value& a = facts[facts.value("a")];
  EXPECT_EQ(a.producer, facts.node("Add"));
  EXPECT_EQ(a.output, 0);
  EXPECT_FALSE(a.is_input || a.is_output || a.dangling);
  EXPECT_TRUE(facts[facts.value("y")].is_output);
  EXPECT_NE(facts[facts.value("y")].info, nullptr);
  EXPECT_THAT(facts.uses(facts.value("w")), ElementsAre("Add:1", "Mul:1"));
  EXPECT_THAT(facts.uses(facts.value("y")), IsEmpty());
  EXPECT_THAT(facts.notes(), IsEmpty());
}

TEST(Values, AValueReadTwiceByOneNodeHasTwoUses) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[2] x) => (float[2] y) { y = Mul(x, x) })");
  EXPECT_THAT(facts.uses(facts.value("x")), ElementsAre("Mul:0", "Mul:1"));
}

TEST(Values, OptionalOperandsLeftOutAreNone) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[2] x, float[1] hi) => (float[2] y) {
  y = Clip(x, "", hi)
  d, "" = Dropout(x)
})");
  EXPECT_THAT(facts->inputs(facts.node("Clip")),
              ElementsAre(facts.value("x"), kNone, facts.value("hi")));
  EXPECT_THAT(facts->outputs(facts.node("Dropout")), ElementsAre(facts.value("d"), kNone));
}

TEST(Values, AnInitializerAndAnInputOfOneNameAreOneValue) {
  const FactsOf facts(R"(<ir_version: 3, opset_import: ["": 7]>
g (float[2] x, float[2] w) => (float[2] y) <float[2] w = {1, 2}> { y = Add(x, w) })");
  EXPECT_EQ(facts->values.size(), 3u);
  const Value& w = facts[facts.value("w")];
  EXPECT_TRUE(w.is_input);
  EXPECT_NE(w.tensor, kNone);
  EXPECT_THAT(facts.notes(), IsEmpty());
}

TEST(Values, AnInitializerThatIsAnOutputIsBoth) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17]>
g () => (float[2] w) <float[2] w = {1, 2}> {})");
  EXPECT_TRUE(facts[facts.value("w")].is_output);
  EXPECT_NE(facts[facts.value("w")].tensor, kNone);
}

constexpr char kNested[] = R"(<ir_version: 8, opset_import: ["": 17]>
g (bool c, float[2] x) => (float[2] y) <float[2] w = {1, 2}, float[2] s = {1, 2}> {
  [outer] y = If (c) <
    then_branch = t () => (float[2] ty) {
      [inner] ty = If (c) <
        then_branch = tt () => (float[2] tty) <float[2] s = {3, 4}> {
          p = Mul(x, w)
          tty = Add(p, s)
        },
        else_branch = te () => (float[2] tey) { tey = Identity(w) }>
    },
    else_branch = e () => (float[2] ey) { ey = Add(x, s) }>
})";

TEST(Scopes, PathsNameTheNodesAndAttributesOnTheWay) {
  const FactsOf facts(kNested);
  std::vector<std::string> paths;
  for (const Scope& s : facts->scopes) paths.push_back(s.path);
  EXPECT_THAT(paths, ElementsAre("", "outer.then_branch", "outer.else_branch",
                                 "outer.then_branch/inner.then_branch",
                                 "outer.then_branch/inner.else_branch"));
  EXPECT_EQ(facts->scopes[3].parent, 1);
  EXPECT_EQ(facts->scopes[3].owner, facts.node("If", "outer.then_branch"));
  EXPECT_EQ(facts->scopes[3].root, 0);
  EXPECT_EQ(facts->scopes[3].kind, ScopeKind::kSubgraph);
  EXPECT_EQ(facts->scopes[0].kind, ScopeKind::kMain);
  EXPECT_THAT(facts->subgraphs(facts.node("If")), ElementsAre(1, 2));
  EXPECT_THAT(facts->subgraphs(facts.node("Mul", "outer.then_branch/inner.then_branch")),
              IsEmpty());
}

TEST(Scopes, CapturesThroughTwoLevelsAreUsesOfTheOuterValue) {
  const FactsOf facts(kNested);
  EXPECT_THAT(facts.uses(facts.value("w")),
              ElementsAre("outer.then_branch/inner.then_branch/Mul:1",
                          "outer.then_branch/inner.else_branch/Identity:0"));
  EXPECT_THAT(facts.notes(), IsEmpty());
}

TEST(Scopes, AnInnerDefinitionShadowsAnOuterOne) {
  const FactsOf facts(kNested);
  const std::string inner = "outer.then_branch/inner.then_branch";
  EXPECT_THAT(facts.uses(facts.value("s")), ElementsAre("outer.else_branch/Add:1"));
  EXPECT_THAT(facts.uses(facts.value("s", inner)), ElementsAre(inner + "/Add:1"));
  EXPECT_EQ(facts->Resolve(facts.scope(inner), "s"), facts.value("s", inner));
  EXPECT_EQ(facts->Resolve(facts.scope("outer.then_branch"), "s"), facts.value("s"));
  EXPECT_EQ(facts->TensorsNamed("s").size(), 2u);
}

TEST(Scopes, ResolvingFindsNothingForAnUnknownOrInnerName) {
  const FactsOf facts(kNested);
  EXPECT_EQ(facts->Resolve(0, "p"), kNone);
  EXPECT_EQ(facts->Resolve(0, "no such name"), kNone);
  EXPECT_EQ(facts->Resolve(0, ""), kNone);
}

TEST(Scopes, UnnamedNodesAreNamedByOperatorAndPlace) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17]>
g (bool c, float[2] x) => (float[2] y) {
  a = Abs(x)
  y = If (c) <then_branch = t () => (float[2] u) { u = Neg(x) },
              else_branch = e () => (float[2] v) { v = Neg(a) }>
})");
  EXPECT_EQ(facts->scopes[1].path, "If[1].then_branch");
  EXPECT_EQ(facts->scopes[2].path, "If[1].else_branch");
}

TEST(Scopes, TwinNodesStillHaveScopesOfTheirOwn) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17]>
g (bool c, float[2] x) => (float[2] y) {
  [same] a = If (c) <then_branch = t () => (float[2] u) { u = Neg(x) },
                     else_branch = e () => (float[2] v) { v = Neg(x) }>
  [same] y = If (c) <then_branch = t () => (float[2] u) { u = Neg(a) },
                     else_branch = e () => (float[2] v) { v = Neg(a) }>
})");
  EXPECT_EQ(facts->scopes[1].path, "same.then_branch");
  EXPECT_EQ(facts->scopes[3].path, "same[1].then_branch");
  EXPECT_THAT(facts.uses(facts.value("a")),
              ElementsAre("same[1].then_branch/Neg:0", "same[1].else_branch/Neg:0"));
}

TEST(Scopes, GraphsAttributesAreNumbered) {
  onnx::ModelProto model = testing::ParseModel(kChain);
  auto& attribute = *model.mutable_graph()->mutable_node(0)->add_attribute();
  attribute.set_name("bodies");
  for (int i = 0; i < 2; ++i) {
    auto& node = *attribute.add_graphs()->add_node();
    node.set_op_type("Neg");
    node.add_input("w");
    node.add_output("z");
  }
  const FactsOf facts(model);
  EXPECT_EQ(facts->scopes[1].path, "first.bodies[0]");
  EXPECT_EQ(facts->scopes[2].path, "first.bodies[1]");
  // Captures hold for an operator that nobody knows, too.
  EXPECT_THAT(facts.uses(facts.value("w")),
              ElementsAre("Add:1", "Mul:1", "first.bodies[0]/Neg:0", "first.bodies[1]/Neg:0"));
}

TEST(Scopes, InputsAndOutputsAreListedInOrder) {
  const FactsOf facts(kNested);
  EXPECT_THAT(facts->scope_inputs(0), ElementsAre(facts.value("c"), facts.value("x")));
  EXPECT_THAT(facts->scope_outputs(0), ElementsAre(facts.value("y")));
  const std::string then = "outer.then_branch";
  EXPECT_THAT(facts->scope_inputs(facts.scope(then)), IsEmpty());
  EXPECT_THAT(facts->scope_outputs(facts.scope(then)), ElementsAre(facts.value("ty", then)));
}

TEST(Scopes, NodesOfAScopeAreOneRange) {
  const FactsOf facts(kNested);
  for (size_t s = 0; s < facts->scopes.size(); ++s) {
    const Scope& scope = facts->scopes[s];
    for (int i = 0; i < scope.node_count; ++i) {
      const Node& node = facts->nodes[static_cast<size_t>(scope.first_node + i)];
      EXPECT_EQ(node.scope, static_cast<ScopeId>(s));
      EXPECT_EQ(node.index, i);
    }
  }
}

TEST(Scopes, AnOuterValueAsABranchOutputCountsAsReadAndFlows) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17]>
g (bool c, float[2] x) => (float[2] y) <float[2] w = {1, 2}> {
  [i] y = If (c) <then_branch = t () => (float[2] w) {},
                  else_branch = e () => (float[2] v) { v = Neg(x) }>
})");
  const ValueId w = facts.value("w");
  EXPECT_TRUE(facts[w].read_elsewhere);
  EXPECT_FALSE(facts[w].is_output);
  EXPECT_THAT(facts.flows(w), ElementsAre(":y"));
  EXPECT_THAT(facts.notes(), IsEmpty());
}

TEST(Dangling, ANameThatNothingDefinesIsOneValueAndANote) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[2] x) => (float[2] y) {
  [n] a = Add(x, ghost)
  y = Mul(a, ghost)
})");
  const ValueId ghost = facts.value("ghost");
  ASSERT_NE(ghost, kNone);
  EXPECT_TRUE(facts[ghost].dangling);
  EXPECT_THAT(facts.uses(ghost), ElementsAre("Add:1", "Mul:1"));
  EXPECT_EQ(facts->Resolve(0, "ghost"), kNone);
  EXPECT_THAT(facts.notes(),
              ElementsAre("1 name is used, but defined nowhere: 'ghost' (read by Add node 'n')"));
}

TEST(Dangling, AnOutputThatNothingDefinesIsNoted) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[2] x) => (float[2] y) { z = Neg(x) })");
  EXPECT_TRUE(facts[facts.value("y")].dangling);
  EXPECT_THAT(facts.notes(), ElementsAre(HasSubstr("'y' (an output)")));
}

TEST(Dangling, AModelWithoutItsParametersHasOneNoteForAll) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[2] x) => (float[2] y) {
  [n] a = Add(x, one)
  b = Add(a, two)
  c = Add(b, three)
  y = Add(c, four)
})");
  EXPECT_THAT(facts.notes(), ElementsAre(::testing::StartsWith("4 names are used, but defined "
                                                               "nowhere: 'one' (read by Add "
                                                               "node 'n'), 'two'")));
}

TEST(Dangling, AFunctionBodySeesOnlyItself) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17, "local": 1]>
g (float[2] x) => (float[2] y) <float[2] w = {1, 2}> { y = local.f(x) }
<domain: "local", opset_import: ["": 17]>
f (a) => (b) { b = Add(a, w) })");
  EXPECT_THAT(facts.uses(facts.value("w")), IsEmpty());
  EXPECT_TRUE(facts[facts.value("w", "function:local::f")].dangling);
}

TEST(Annotations, QuantizationAnnotationsCountAsReads) {
  onnx::ModelProto model = testing::ParseModel(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[2] x) => (float[2] y) <float s = {1}, float z = {0}> { y = Neg(x) })");
  auto& annotation = *model.mutable_graph()->add_quantization_annotation();
  annotation.set_tensor_name("x");
  auto& entry = *annotation.add_quant_parameter_tensor_names();
  entry.set_key("SCALE_TENSOR");
  entry.set_value("s");
  const FactsOf facts(model);
  EXPECT_TRUE(facts[facts.value("s")].read_elsewhere);
  EXPECT_FALSE(facts[facts.value("z")].read_elsewhere);
}

TEST(Training, AlgorithmsReadTheMainGraphAndBindingsCountAsReads) {
  onnx::ModelProto model = testing::ParseModel(kChain);
  auto& info = *model.add_training_info();
  auto& step = *info.mutable_algorithm()->add_node();
  step.set_op_type("Sub");
  step.add_input("w");
  step.add_input("rate");
  step.add_output("w_new");
  auto& rate = *info.mutable_algorithm()->add_initializer();
  rate.set_name("rate");
  rate.set_data_type(onnx::TensorProto::FLOAT);
  rate.add_float_data(1);
  info.mutable_algorithm()->add_output()->set_name("w_new");
  info.mutable_initialization()->set_name("init");
  auto& binding = *info.add_update_binding();
  binding.set_key("w");
  binding.set_value("w_new");
  const FactsOf facts(model);
  EXPECT_EQ(facts->scopes[1].path, "training_info[0].initialization");
  EXPECT_EQ(facts->scopes[1].parent, kNone);
  EXPECT_EQ(facts->scopes[2].path, "training_info[0].algorithm");
  EXPECT_EQ(facts->scopes[2].kind, ScopeKind::kTraining);
  EXPECT_TRUE(facts[facts.value("w")].read_elsewhere);
  EXPECT_THAT(facts.uses(facts.value("w")),
              ElementsAre("Add:1", "Mul:1", "training_info[0].algorithm/Sub:0"));
  ASSERT_EQ(facts->TensorsNamed("rate").size(), 1u);
  EXPECT_THAT(facts.notes(), IsEmpty());
}

}  // namespace
}  // namespace hoarfrost::model
