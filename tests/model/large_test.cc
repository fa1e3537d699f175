// Models of a size and depth that would end a recursive or quadratic walk.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "model/facts_of.h"

namespace hoarfrost::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

onnx::ModelProto Empty() {
  onnx::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(17);
  model.mutable_graph()->add_input()->set_name("v0");
  return model;
}

void AddNeg(onnx::GraphProto& graph, const std::string& from, const std::string& to) {
  onnx::NodeProto& node = *graph.add_node();
  node.set_op_type("Neg");
  node.add_input(from);
  node.add_output(to);
}

std::string V(int i) { return "v" + std::to_string(i); }

constexpr int kLong = 100'000;

TEST(Large, AChainOfManyNodes) {
  onnx::ModelProto model = Empty();
  for (int i = 0; i < kLong; ++i) AddNeg(*model.mutable_graph(), V(i), V(i + 1));
  model.mutable_graph()->add_output()->set_name(V(kLong));
  const FactsOf facts(model);
  EXPECT_EQ(facts->nodes.size(), static_cast<size_t>(kLong));
  EXPECT_EQ(facts->values.size(), static_cast<size_t>(kLong) + 1);
  EXPECT_THAT(facts.notes(), IsEmpty());
}

TEST(Large, ACycleOfManyNodes) {
  onnx::ModelProto model = Empty();
  for (int i = 0; i < kLong; ++i) {
    AddNeg(*model.mutable_graph(), "c" + std::to_string(i), "c" + std::to_string((i + 1) % kLong));
  }
  EXPECT_THAT(FactsOf(model).notes(), ElementsAre(HasSubstr("cycle of 100000 nodes")));
}

TEST(Large, AChainInReverseOrder) {
  onnx::ModelProto model = Empty();
  for (int i = kLong; i > 0; --i) AddNeg(*model.mutable_graph(), V(i - 1), V(i));
  EXPECT_THAT(FactsOf(model).notes(), ElementsAre(HasSubstr("topological order")));
}

TEST(Large, BranchesNestedTwentyDeepWithACaptureAtTheBottom) {
  onnx::ModelProto model = Empty();
  onnx::GraphProto* graph = model.mutable_graph();
  std::string path;
  for (int depth = 0; depth < 20; ++depth) {
    onnx::NodeProto& node = *graph->add_node();
    node.set_op_type("If");
    node.set_name("if" + std::to_string(depth));
    node.add_input("v0");
    node.add_output("o" + std::to_string(depth));
    path += (path.empty() ? "" : "/") + node.name() + ".then_branch";
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name("then_branch");
    attribute.set_type(onnx::AttributeProto::GRAPH);
    graph = attribute.mutable_g();
  }
  AddNeg(*graph, "v0", "deep");
  const FactsOf facts(model);
  ASSERT_EQ(facts->scopes.size(), 21u);
  EXPECT_EQ(facts->scopes.back().path, path);
  EXPECT_EQ(facts->uses(facts.value("v0")).size(), 21u);
  EXPECT_THAT(facts.notes(), IsEmpty());
}

TEST(Large, FunctionsThatDoubleFortyTimesAreFortyBodies) {
  onnx::ModelProto model = Empty();
  model.add_opset_import()->set_domain("l");
  model.mutable_opset_import(1)->set_version(1);
  const auto call = [](onnx::NodeProto& node, int function, const std::string& from,
                       const std::string& to) {
    node.set_domain("l");
    node.set_op_type("F" + std::to_string(function));
    node.add_input(from);
    node.add_output(to);
  };
  call(*model.mutable_graph()->add_node(), 1, "v0", "y");
  for (int i = 1; i <= 40; ++i) {
    onnx::FunctionProto& f = *model.add_functions();
    f.set_domain("l");
    f.set_name("F" + std::to_string(i));
    f.add_input("a");
    f.add_output("c");
    if (i == 40) {
      onnx::NodeProto& node = *f.add_node();
      node.set_op_type("Neg");
      node.add_input("a");
      node.add_output("c");
      continue;
    }
    call(*f.add_node(), i + 1, "a", "b");
    call(*f.add_node(), i + 1, "b", "c");
  }
  const FactsOf facts(model);
  EXPECT_EQ(facts->scopes.size(), 41u);
  EXPECT_EQ(facts->nodes.size(), 1u + 39 * 2 + 1);
  EXPECT_EQ(facts->flows_into(facts.value("a", "function:l::F40")).size(), 2u);
  EXPECT_THAT(facts.notes(), IsEmpty());
}

TEST(Large, AChainOfManyFunctions) {
  constexpr int kFunctions = 20'000;
  onnx::ModelProto model = Empty();
  model.add_opset_import()->set_domain("l");
  model.mutable_opset_import(1)->set_version(1);
  for (int i = 0; i < kFunctions; ++i) {
    onnx::FunctionProto& f = *model.add_functions();
    f.set_domain("l");
    f.set_name("F" + std::to_string(i));
    onnx::NodeProto& node = *f.add_node();
    node.set_domain("l");
    node.set_op_type("F" + std::to_string((i + 1) % kFunctions));
  }
  EXPECT_THAT(FactsOf(model).notes(), ElementsAre(HasSubstr("cycle")));
  model.mutable_functions(kFunctions - 1)->clear_node();
  EXPECT_THAT(FactsOf(model).notes(), IsEmpty());
}

TEST(Large, AGraphInEveryNode) {
  constexpr int kGraphs = 20'000;
  onnx::ModelProto model = Empty();
  for (int i = 0; i < kGraphs; ++i) {
    onnx::NodeProto& node = *model.mutable_graph()->add_node();
    node.set_op_type("If");
    node.set_name("twin");
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name("then_branch");
    AddNeg(*attribute.mutable_g(), "v0", "n");
  }
  const FactsOf facts(model);
  EXPECT_EQ(facts->scopes.size(), static_cast<size_t>(kGraphs) + 1);
  EXPECT_EQ(facts->uses(facts.value("v0")).size(), static_cast<size_t>(kGraphs));
  EXPECT_EQ(facts->scopes[2].path, "twin[1].then_branch");
}

}  // namespace
}  // namespace hoarfrost::model
