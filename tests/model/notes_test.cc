// What is noted of versions, domains, order and cycles.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/defs/schema.h>

#include <string>

#include "model/facts_of.h"

namespace hoarfrost::model {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kPlain[] = R"(<ir_version: 8, opset_import: ["": 17]>
g (float[2] x) => (float[2] y) { y = Neg(x) })";

TEST(Versions, APlainModelHasNoNotes) { EXPECT_THAT(FactsOf(kPlain).notes(), IsEmpty()); }

TEST(Versions, AMissingOrUnknownIrVersionIsNoted) {
  onnx::ModelProto model = testing::ParseModel(kPlain);
  model.clear_ir_version();
  EXPECT_THAT(FactsOf(model).notes(), ElementsAre(HasSubstr("no ir_version")));
  model.set_ir_version(onnx::IR_VERSION);
  EXPECT_THAT(FactsOf(model).notes(), IsEmpty());
  model.set_ir_version(onnx::IR_VERSION + 1);
  EXPECT_THAT(FactsOf(model).notes(), ElementsAre(HasSubstr("ir_version 15 is unknown")));
  model.set_ir_version(-1);
  EXPECT_THAT(FactsOf(model).notes(), ElementsAre(HasSubstr("ir_version -1")));
}

TEST(Versions, AMissingOpsetIsNotedOnceAndReadAsUnknown) {
  onnx::ModelProto model = testing::ParseModel(kPlain);
  model.clear_opset_import();
  const FactsOf facts(model);
  EXPECT_THAT(facts.notes(), ElementsAre(HasSubstr("no opset_import")));
  EXPECT_EQ(facts->opset(0, ""), 0);
}

TEST(Versions, BeforeIrVersionThreeTheOpsetIsOne) {
  onnx::ModelProto model = testing::ParseModel(kPlain);
  model.set_ir_version(2);
  model.clear_opset_import();
  const FactsOf facts(model);
  EXPECT_THAT(facts.notes(), IsEmpty());
  EXPECT_EQ(facts->opset(0, ""), 1);
}

TEST(Versions, TheNewestKnownOpsetsAreThoseOfTheOnnxLibrary) {
  for (const auto& [domain, range] :
       onnx::OpSchemaRegistry::DomainToVersionRange::Instance().Map()) {
    onnx::ModelProto model = testing::ParseModel(kPlain);
    auto& import = domain.empty() ? *model.mutable_opset_import(0) : *model.add_opset_import();
    import.set_domain(domain);
    import.set_version(range.second);
    EXPECT_THAT(FactsOf(model).notes(), IsEmpty()) << domain;
    import.set_version(range.second + 1);
    EXPECT_THAT(FactsOf(model).notes(),
                ElementsAre(AllOf(HasSubstr("opset"), HasSubstr(fmt::to_string(range.second + 1)))))
        << domain;
    import.set_version(0);
    EXPECT_THAT(FactsOf(model).notes(), ::testing::Not(IsEmpty())) << domain;
  }
}

TEST(Versions, ADomainImportedTwiceIsNotedWhereVersionsDifferAndTheHighestCounts) {
  onnx::ModelProto model = testing::ParseModel(kPlain);
  auto& again = *model.add_opset_import();
  again.set_domain("ai.onnx");
  again.set_version(17);
  EXPECT_THAT(FactsOf(model).notes(), IsEmpty());
  again.set_version(13);
  const FactsOf facts(model);
  EXPECT_THAT(facts.notes(), ElementsAre(HasSubstr("imported twice")));
  EXPECT_EQ(facts->opset(0, ""), 17);
}

TEST(Versions, EachScopeIsReadWithTheImportsOfItsRoot) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17, "local": 1, "other": 4]>
g (bool c, float[2] x) => (float[2] y) { y = local.f(c, x) }
<domain: "local", opset_import: ["": 13, "own": 2]>
f (c, a) => (b) {
  [i] b = If (c) <then_branch = t () => (float[2] u) { u = own.Op(a) },
                  else_branch = e () => (float[2] v) { v = Neg(a) }>
})");
  EXPECT_EQ(facts->opset(0, ""), 17);
  EXPECT_EQ(facts->opset(0, "ai.onnx"), 17);
  EXPECT_EQ(facts->opset(0, "own"), 0);
  for (const char* path : {"function:local::f", "function:local::f/i.then_branch"}) {
    EXPECT_EQ(facts->opset(facts.scope(path), ""), 13);
    EXPECT_EQ(facts->opset(facts.scope(path), "own"), 2);
    // What a function does not say, its model does.
    EXPECT_EQ(facts->opset(facts.scope(path), "other"), 4);
  }
  EXPECT_THAT(facts.notes(), IsEmpty());
}

TEST(Versions, ADomainWithoutAnImportIsMentionedOnce) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[2] x) => (float[2] y) { a = strange.Op(x) y = strange.Op(a) })");
  EXPECT_THAT(facts.notes(), ElementsAre(HasSubstr("'strange'")));
  EXPECT_EQ(facts->notes[0].severity, Severity::kInfo);
}

TEST(Order, NodesOutOfOrderAreAnInformationAndStillJoined) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[2] x) => (float[2] y) {
  [late] y = Neg(a)
  [early] a = Abs(x)
})");
  EXPECT_THAT(facts.uses(facts.value("a")), ElementsAre("Neg:0"));
  ASSERT_EQ(facts->notes.size(), 1u);
  EXPECT_EQ(facts->notes[0].severity, Severity::kInfo);
  EXPECT_EQ(facts->notes[0].text,
            "nodes are not in topological order: Neg node 'late' reads 'a' before Abs node "
            "'early' gives it");
}

TEST(Order, ACycleIsAWarningThatNamesIt) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[2] x) => (float[2] y) {
  [one] a = Add(x, b)
  [two] b = Neg(a)
  [out] y = Abs(b)
})");
  ASSERT_EQ(facts->notes.size(), 1u);
  EXPECT_EQ(facts->notes[0].severity, Severity::kWarning);
  EXPECT_THAT(facts->notes[0].text,
              AllOf(HasSubstr("cycle of 2 nodes"), HasSubstr("'one'"), HasSubstr("'two'")));
}

TEST(Order, ANodeThatReadsItselfIsACycle) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[2] x) => (float[2] y) { y = Add(x, y) })");
  EXPECT_THAT(facts.notes(), ElementsAre(HasSubstr("cycle of 1 node:")));
}

TEST(Order, ACaptureMakesItsOuterNodeDepend) {
  const FactsOf unsorted(R"(<ir_version: 8, opset_import: ["": 17]>
g (bool c, float[2] x) => (float[2] y) {
  [i] y = If (c) <then_branch = t () => (float[2] u) { u = Neg(a) },
                  else_branch = e () => (float[2] v) { v = Neg(x) }>
  a = Abs(x)
})");
  EXPECT_THAT(unsorted.notes(), ElementsAre(HasSubstr("If node 'i' reads 'a' before")));
  const FactsOf cyclic(R"(<ir_version: 8, opset_import: ["": 17]>
g (bool c, float[2] x) => (float[2] y) {
  [i] y = If (c) <then_branch = t () => (float[2] u) { u = Neg(a) },
                  else_branch = e () => (float[2] v) { v = Neg(x) }>
  [k] a = Abs(y)
})");
  EXPECT_THAT(cyclic.notes(), ElementsAre(AllOf(HasSubstr("cycle"), HasSubstr("'i'"))));
}

TEST(Order, ALoopIsNoCycle) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17]>
g (int64 m, bool c, float[2] s0) => (float[2] s) {
  s = Loop (m, c, s0) <
    body = b (int64 i, bool cin, float[2] sin) => (bool cout, float[2] sout) {
      cout = Identity(cin) sout = Neg(sin) }>
})");
  EXPECT_THAT(facts.notes(), IsEmpty());
}

}  // namespace
}  // namespace hoarfrost::model
