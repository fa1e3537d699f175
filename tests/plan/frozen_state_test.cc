#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "plan/plan.h"
#include "support/models.h"
#include "support/onnx_text.h"
#include "wire/byte_source.h"
#include "wire/skeleton.h"

namespace hoarfrost::plan {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// The frozen state of a model, with names for ids.
struct State {
  explicit State(const onnx::ModelProto& model) {
    const std::string bytes = model.SerializeAsString();
    auto skeleton = wire::ReadSkeleton(*wire::FromMemory("<test>", bytes));
    EXPECT_TRUE(skeleton.ok()) << skeleton.status().ToString();
    if (!skeleton.ok()) return;
    const model::Facts facts = model::BuildFacts(*skeleton, "");
    state = ReadFrozenState(facts);
    for (size_t t = 0; t < facts.tensors.size(); ++t) {
      if (state.frozen[t]) frozen.emplace_back(facts.tensors[t].name);
      if (state.stated_outside[t]) outside.emplace_back(facts.tensors[t].name);
    }
  }
  std::string note() const { return state.notes.empty() ? "" : state.notes[0].text; }

  FrozenState state;
  std::vector<std::string> frozen;
  std::vector<std::string> outside;
};

onnx::ModelProto WithPlan(const std::string& json) {
  onnx::ModelProto model = testing::ParseModel(testing::kDenseBatchNorm);
  auto* property = model.add_metadata_props();
  property->set_key(std::string(kPlanKey));
  property->set_value(json);
  return model;
}

onnx::ModelProto WithFrozen(std::vector<Entry> entries) {
  Plan plan;
  plan.frozen = std::move(entries);
  return WithPlan(ToJson(plan));
}

TEST(FrozenState, IsEmptyWithoutAPlan) {
  const State state(testing::ParseModel(testing::kDense));
  EXPECT_THAT(state.frozen, IsEmpty());
  EXPECT_THAT(state.outside, IsEmpty());
  EXPECT_THAT(state.state.notes, IsEmpty());
  EXPECT_FALSE(state.state.plan.has_value());
}

TEST(FrozenState, IsWhatThePlanSays) {
  const State state(WithFrozen({{"gamma", "", "float32", {10}}, {"bias", "", "float32", {10}}}));
  EXPECT_THAT(state.frozen, UnorderedElementsAre("bias", "gamma"));
  EXPECT_THAT(state.state.notes, IsEmpty());
  EXPECT_TRUE(state.state.plan.has_value());
}

TEST(FrozenState, NotesEntriesThatAreNotThereOrHaveAnotherShape) {
  const State state(WithFrozen({{"gone", "", "float32", {10}},
                                {"bias", "elsewhere", "float32", {10}},
                                {"kernel", "", "float32", {10, 100}}}));
  EXPECT_THAT(state.frozen, IsEmpty());
  EXPECT_THAT(state.note(), HasSubstr("'gone'"));
  EXPECT_THAT(state.note(), HasSubstr("2 of its tensors are not there"));
  EXPECT_THAT(state.note(), HasSubstr("another shape"));
  EXPECT_THAT(state.note(), HasSubstr("'kernel'"));
}

TEST(FrozenState, SurvivesAConversionToAnotherType) {
  const State state(WithFrozen({{"bias", "", "float16", {10}}}));
  EXPECT_THAT(state.frozen, ElementsAre("bias"));
  EXPECT_THAT(state.note(), HasSubstr("another element type: 'bias'"));
}

TEST(FrozenState, APlanThatCannotBeReadIsANote) {
  const State state(WithPlan("{\"schema\":"));
  EXPECT_THAT(state.frozen, IsEmpty());
  EXPECT_THAT(state.note(), HasSubstr("hoarfrost.plan"));
  EXPECT_THAT(state.note(), HasSubstr("no valid JSON"));
}

TEST(FrozenState, MatchesTensorsInTheirScope) {
  onnx::ModelProto model = testing::ParseModel(R"(
<ir_version: 8, opset_import: ["" : 17]>
g (bool c, float[3] x) => (float[3] y)
<float[3] w = {1, 2, 3}>
{
  [choose] y = If(c) <
    then_branch = t () => (float[3] a) <float[3] w = {4, 5, 6}> { a = Mul(x, w) },
    else_branch = e () => (float[3] b) { b = Mul(x, w) }>
})");
  Plan plan;
  plan.frozen = {{"w", "choose.then_branch", "float32", {3}}};
  auto* property = model.add_metadata_props();
  property->set_key(std::string(kPlanKey));
  property->set_value(ToJson(plan));
  const State state(model);
  ASSERT_EQ(state.frozen.size(), 1u);
  EXPECT_FALSE(state.state.frozen[0]);  // the main graph's comes first
}

TEST(FrozenState, WhatNoTrainingStepUpdatesIsStatedToBeOutside) {
  onnx::ModelProto model = testing::ParseModel(testing::kDense);
  auto* binding = model.add_training_info()->add_update_binding();
  binding->set_key("kernel");
  binding->set_value("kernel_new");
  EXPECT_THAT(State(model).outside, ElementsAre("bias"));
}

TEST(FrozenState, TrainingInfoThatOnlyInitializesStatesNothing) {
  onnx::ModelProto model = testing::ParseModel(testing::kDense);
  auto* binding = model.add_training_info()->add_initialization_binding();
  binding->set_key("kernel");
  binding->set_value("kernel_start");
  EXPECT_THAT(State(model).outside, IsEmpty());
}

}  // namespace
}  // namespace hoarfrost::plan
