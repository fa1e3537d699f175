#include "freeze/freeze.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "freeze/freezing.h"
#include "freeze/marks.h"

namespace hoarfrost::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> NamesOf(const std::vector<plan::Entry>& entries) {
  std::vector<std::string> names;
  names.reserve(entries.size());
  for (const plan::Entry& entry : entries) names.push_back(entry.name);
  return names;
}

freeze::Rewrite Rewritten(const std::string& bytes, const freeze::FreezeRequest& request) {
  return Value(freeze::Freeze(*wire::FromMemory("m.onnx", bytes), "", request));
}

std::string TextOf(const absl::Status& status) { return std::string(status.message()); }

TEST(Freeze, ADenseLayerFrozenHasNothingTrainableAndThawsToItsBytes) {
  const std::string bytes = BytesWithWeights(kDenseText);
  const std::string frozen = Value(Frozen(bytes, FreezeBy(All())));
  const summary::Totals totals = SummaryOf(frozen).totals;
  EXPECT_EQ(totals.parameters, 1010u);
  EXPECT_EQ(totals.trainable, 0u);
  EXPECT_EQ(totals.non_trainable, 1010u);
  EXPECT_EQ(totals.frozen, 1010u);
  EXPECT_EQ(Value(Thawed(frozen)), bytes);
}

TEST(Freeze, StatisticsAreNeverTrainableFrozenOrThawed) {
  const std::string bytes = BytesWithWeights(kDenseBatchNormText);
  const std::string frozen = Value(Frozen(bytes, FreezeBy(All())));
  summary::Totals totals = SummaryOf(frozen).totals;
  EXPECT_EQ(totals.parameters, 1050u);
  EXPECT_EQ(totals.trainable, 0u);
  EXPECT_EQ(totals.non_trainable, 1050u);
  EXPECT_EQ(totals.statistics, 20u);
  const std::string thawed = Value(Thawed(frozen));
  EXPECT_EQ(thawed, bytes);
  totals = SummaryOf(thawed).totals;
  EXPECT_EQ(totals.trainable, 1030u);
  EXPECT_EQ(totals.statistics, 20u);
}

// A buffer that only an update binding makes a weight: an operand of Add before any layer. Freezing
// prunes that binding, so only the plan still tells.
TEST(Freeze, ATensorThatIsAWeightOnlyByItsUpdateBindingStaysOne) {
  onnx::ModelProto model = ModelWithWeights(R"(
<ir_version: 8, opset_import: ["" : 17]>
g (float[N, 4] x) => (float[N, 3] y) <float[4] shift, float[4, 3] kernel>
{
  a = Add(x, shift)
  y = MatMul(a, kernel)
})");
  const std::string plain = model.SerializeAsString();
  onnx::TrainingInfoProto& info = *model.add_training_info();
  for (const char* key : {"shift", "kernel"}) {
    onnx::StringStringEntryProto& binding = *info.add_update_binding();
    binding.set_key(key);
    binding.set_value(std::string("new_") + key);
  }
  const std::string bytes = model.SerializeAsString();
  ASSERT_EQ(SummaryOf(plain).totals.parameters, 12u) << "the binding must be what tells";
  ASSERT_EQ(SummaryOf(bytes).totals.parameters, 16u);
  const std::string frozen = Value(Frozen(bytes, FreezeBy(All())));
  const summary::Totals totals = SummaryOf(frozen).totals;
  EXPECT_EQ(totals.parameters, 16u);
  EXPECT_EQ(totals.frozen, 16u);
  EXPECT_EQ(totals.trainable, 0u);
  EXPECT_EQ(Value(Frozen(frozen, FreezeBy(All()))), frozen);
  EXPECT_EQ(Value(Thawed(frozen)), bytes);
}

TEST(Freeze, ThePlanListsEveryTensorOnceInTheModelsOrder) {
  const freeze::Rewrite rewrite =
      Rewritten(BytesWithWeights(kDenseBatchNormText), FreezeBy(Tensors({"gamma", "beta"})));
  EXPECT_THAT(NamesOf(rewrite.plan.frozen), ElementsAre("gamma", "beta"));
  EXPECT_THAT(NamesOf(rewrite.plan.trainable), ElementsAre("kernel", "bias"));
  EXPECT_THAT(NamesOf(rewrite.plan.frozen_statistics), ElementsAre("mean", "variance"));
  EXPECT_THAT(rewrite.plan.statistics, IsEmpty());
  EXPECT_THAT(rewrite.notes, IsEmpty());
}

TEST(Freeze, AHalfFrozenBatchNormalizationIsAWarningAndItsStatisticsMayMove) {
  const freeze::Rewrite rewrite =
      Rewritten(BytesWithWeights(kDenseBatchNormText), FreezeBy(Tensors({"gamma"})));
  EXPECT_THAT(NamesOf(rewrite.plan.statistics), ElementsAre("mean", "variance"));
  EXPECT_THAT(rewrite.plan.frozen_statistics, IsEmpty());
  ASSERT_EQ(rewrite.notes.size(), 1u);
  EXPECT_EQ(rewrite.notes[0].severity, model::Severity::kWarning);
  EXPECT_THAT(rewrite.notes[0].text, HasSubstr("half frozen"));
}

TEST(Freeze, TwoStepsGiveTheBytesOfOne) {
  const std::string bytes = BytesWithWeights(kDenseBatchNormText);
  const std::string once = Value(Frozen(bytes, FreezeBy(Tensors({"kernel", "bias", "gamma"}))));
  const std::string first = Value(Frozen(bytes, FreezeBy(Tensors({"gamma"}))));
  EXPECT_EQ(Value(Frozen(first, FreezeBy(Tensors({"kernel", "bias"})))), once);
  const std::string second = Value(Frozen(bytes, FreezeBy(Tensors({"bias"}))));
  EXPECT_EQ(Value(Frozen(second, FreezeBy(Tensors({"kernel", "gamma"})))), once);
  EXPECT_EQ(Value(Frozen(once, FreezeBy(Tensors({"gamma"})))), once);
}

TEST(Freeze, ThawingAPartIsFreezingTheRest) {
  const std::string bytes = BytesWithWeights(kDenseBatchNormText);
  const std::string all = Value(Frozen(bytes, FreezeBy(All())));
  EXPECT_EQ(Value(Thawed(all, ThawBy(Tensors({"kernel", "bias"})))),
            Value(Frozen(bytes, FreezeBy(Tensors({"gamma", "beta"})))));
  EXPECT_EQ(Value(Thawed(all, ThawBy(All()))), bytes);
}

TEST(Freeze, ThawingGivesTodaysValues) {
  std::string bytes = BytesWithWeights(kDenseText);
  std::string frozen = Value(Frozen(bytes, FreezeBy(All())));
  // A trainer writes the bias anew, in place.
  const std::string bias = ModelWithWeights(kDenseText).graph().initializer(1).raw_data();
  const std::string trained(bias.size(), 'T');
  frozen.replace(frozen.find(bias), bias.size(), trained);
  bytes.replace(bytes.find(bias), bias.size(), trained);
  EXPECT_EQ(Value(Thawed(frozen)), bytes);
}

TEST(Freeze, InitializersLeaveTheInputsAndAnOldFileIsRaisedToIrFour) {
  for (const int64_t ir : {3, 4, 8}) {
    const onnx::ModelProto model = WithInitializersAsInputs(ModelWithWeights(kDenseText), ir);
    const std::string bytes = model.SerializeAsString();
    const freeze::Rewrite rewrite = Rewritten(bytes, FreezeBy(All()));
    const std::string frozen = Value(Frozen(bytes, FreezeBy(All())));
    onnx::ModelProto result;
    ASSERT_TRUE(result.ParseFromString(frozen));
    ASSERT_EQ(result.graph().input_size(), 1);
    EXPECT_EQ(result.graph().input(0).name(), "x");
    EXPECT_EQ(result.ir_version(), std::max<int64_t>(ir, 4));
    std::string notes;
    for (const model::Note& note : rewrite.notes) notes += note.text + "\n";
    EXPECT_THAT(notes, HasSubstr("callers can no longer feed"));
    if (ir < 4) {
      EXPECT_THAT(notes, HasSubstr("raised from 3 to 4"));
    }
    EXPECT_EQ(Value(Thawed(frozen)), bytes);
  }
}

TEST(Freeze, AFileWithoutAnIrVersionComesBackWithoutOne) {
  onnx::ModelProto model = WithInitializersAsInputs(ModelWithWeights(kDenseText), 3);
  model.clear_ir_version();
  const std::string bytes = model.SerializeAsString();
  const std::string frozen = Value(Frozen(bytes, FreezeBy(All())));
  onnx::ModelProto result;
  ASSERT_TRUE(result.ParseFromString(frozen));
  EXPECT_EQ(result.ir_version(), 4);
  EXPECT_EQ(Value(Thawed(frozen)), bytes);
}

TEST(Freeze, ASharedTensorIsRefusedUnlessSomebodyDecides) {
  const std::string bytes = BytesWithWeights(kSharedText);
  for (const char* layer : {"first", "second"}) {
    const absl::Status refused = Frozen(bytes, FreezeBy(Layers({layer}))).status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(TextOf(refused), HasSubstr("'tied'"));
    EXPECT_THAT(TextOf(refused), HasSubstr("--shared"));
  }
  const auto frozen_by = [&](Selection selection, SharedTensors shared) {
    return NamesOf(Rewritten(bytes, FreezeBy(std::move(selection), shared)).plan.frozen);
  };
  EXPECT_THAT(frozen_by(Layers({"first"}), SharedTensors::kFreeze), ElementsAre("tied"));
  EXPECT_THAT(frozen_by(Layers({"first", "third"}), SharedTensors::kTrain), ElementsAre("last"));
  // Where both layers are frozen, or a person named the tensor, there is no doubt.
  EXPECT_THAT(frozen_by(Layers({"first", "second"}), SharedTensors::kRefuse), ElementsAre("tied"));
  EXPECT_THAT(frozen_by(Tensors({"tied"}), SharedTensors::kRefuse), ElementsAre("tied"));
  EXPECT_THAT(frozen_by(All(), SharedTensors::kRefuse), ElementsAre("tied", "last"));
  Selection but_second = All();
  but_second.except = {"second"};
  EXPECT_FALSE(Frozen(bytes, FreezeBy(but_second)).ok());
}

TEST(Freeze, ATensorIsSharedOnlyWhereTwoModulesReallyUseIt) {
  struct Case {
    const char* what;
    const char* text;
    const char* layer;
    bool shared;
  };
  // Names as the TorchScript exporter writes them, /a/MatMul: the path of the module, then the
  // operator. The text format takes no slashes, so they are written __ here.
  const Case cases[] = {
      {"two modules, directly",
       R"(<float[4, 4] w> {
            [__a__MatMul] h = MatMul(x, w)
            [__b__MatMul] y = MatMul(h, w) })",
       "a", true},
      {"two modules, the second through Identity",
       R"(<float[4, 4] w> {
            [__a__MatMul] h = MatMul(x, w)
            v = Identity(w)
            [__b__MatMul] y = MatMul(h, v) })",
       "a", true},
      {"two modules, the second through Identity, Transpose and Identity",
       R"(<float[4, 4] w> {
            [__a__MatMul] h = MatMul(x, w)
            u = Identity(w)
            v = Transpose(u)
            t = Identity(v)
            [__b__MatMul] y = MatMul(h, t) })",
       "b", true},
      {"one module that uses it twice",
       R"(<float[4, 4] w> {
            [__a__MatMul] h = MatMul(x, w)
            [__a__MatMul_1] y = MatMul(h, w) })",
       "a", false},
      {"one module, directly and through Identity",
       R"(<float[4, 4] w> {
            [__a__MatMul] h = MatMul(x, w)
            v = Identity(w)
            [__a__MatMul_1] y = MatMul(h, v) })",
       "a", false},
      {"a module and one of its parts",
       R"(<float[4, 4] w> {
            [__a__MatMul] h = MatMul(x, w)
            [__a__inner__MatMul] y = MatMul(h, w) })",
       "a", false},
      {"another module that only asks for its shape",
       R"(<float[4, 4] w> {
            [__a__MatMul] h = MatMul(x, w)
            [__b__Shape] s = Shape(w)
            [__b__Reshape] y = Reshape(h, s) })",
       "a", false},
  };
  for (const Case& each : cases) {
    onnx::ModelProto model = ModelWithWeights(
        std::string(R"(<ir_version: 8, opset_import: ["" : 17], producer_name: "pytorch">
g (float[4, 4] x) => (float[4, 4] y) )") +
        each.text);
    for (onnx::NodeProto& node : *model.mutable_graph()->mutable_node()) {
      node.set_name(absl::StrReplaceAll(node.name(), {{"__", "/"}}));
    }
    const std::string bytes = model.SerializeAsString();
    Selection selection = Layers({each.layer});
    const absl::StatusOr<std::string> frozen = Frozen(bytes, FreezeBy(selection));
    EXPECT_EQ(frozen.ok(), !each.shared) << each.what << ": " << frozen.status();
    if (each.shared) {
      EXPECT_THAT(TextOf(frozen.status()), HasSubstr("tensor 'w' is shared by layer")) << each.what;
    }
    // Where somebody decides, or both layers are frozen, there is no doubt left.
    EXPECT_TRUE(Frozen(bytes, FreezeBy(selection, SharedTensors::kFreeze)).ok()) << each.what;
    EXPECT_TRUE(Frozen(bytes, FreezeBy(All())).ok()) << each.what;
  }
}

// Two in a row, the second in training mode; `end` reads its running outputs, or does not.
std::string TwoNorms(const std::string& end) {
  return R"(<ir_version: 8, opset_import: ["" : 17]>
g (float[N, 4] x) => (float[N, 4] y, float[4] z)
<float[4] s0, float[4] o0, float[4] m0, float[4] v0,
 float[4] s1, float[4] o1, float[4] m1, float[4] v1, float[4] k>
{
  [plain] a = BatchNormalization <epsilon = 0.001, training_mode = 0> (x, s0, o0, m0, v0)
  [trains] y, rm, rv = BatchNormalization <training_mode = 1> (a, s1, o1, m1, v1)
  z = )" +
         end + "}";
}

std::string Modes(const std::string& bytes) {
  onnx::ModelProto model;
  EXPECT_TRUE(model.ParseFromString(bytes));
  std::string modes;
  for (const onnx::NodeProto& node : model.graph().node()) {
    if (node.op_type() != "BatchNormalization") continue;
    std::string mode = "none";
    for (const onnx::AttributeProto& attribute : node.attribute()) {
      if (attribute.name() == "training_mode") mode = std::to_string(attribute.i());
    }
    modes += mode + "/" + std::to_string(node.output_size()) + " ";
  }
  return modes;
}

TEST(Freeze, OnlyAFrozenBatchNormLeavesTrainingMode) {
  const std::string bytes = BytesWithWeights(TwoNorms("Abs(k)"));
  EXPECT_EQ(Modes(bytes), "0/1 1/3 ");
  EXPECT_EQ(Modes(Value(Frozen(bytes, FreezeBy(Layers({"plain"}))))), "none/1 1/3 ");
  EXPECT_EQ(Modes(Value(Frozen(bytes, FreezeBy(Layers({"trains"}))))), "none/1 none/1 ");
  // Half of its weights: not frozen.
  EXPECT_EQ(Modes(Value(Frozen(bytes, FreezeBy(Tensors({"s1"}))))), "none/1 1/3 ");
}

TEST(Freeze, ABatchNormWhoseRunningOutputsAreUsedStaysAsItIs) {
  const std::string bytes = BytesWithWeights(TwoNorms("Add(k, rm)"));
  const auto source = wire::FromMemory("m.onnx", bytes);
  const auto rewrite = freeze::Freeze(*source, "", FreezeBy(All()));
  ASSERT_TRUE(rewrite.ok()) << rewrite.status();
  EXPECT_EQ(Modes(Value(BytesOf(rewrite->rope, *source))), "none/1 1/3 ");
  std::string notes;
  for (const model::Note& note : rewrite->notes) notes += note.text + "\n";
  EXPECT_THAT(notes, HasSubstr("'trains'"));
  EXPECT_THAT(notes, HasSubstr("in training mode"));
}

TEST(Freeze, ThawingByNamePutsBatchNormsBack) {
  const std::string bytes = BytesWithWeights(TwoNorms("Abs(k)"));
  onnx::ModelProto model;
  ASSERT_TRUE(model.ParseFromString(Value(Frozen(bytes, FreezeBy(All())))));
  model.set_producer_name("another tool");
  const std::string rewritten = model.SerializeAsString();
  const auto source = wire::FromMemory("m.onnx", rewritten);
  const auto rewrite = freeze::ThawByName(*source, "");
  ASSERT_TRUE(rewrite.ok()) << rewrite.status();
  EXPECT_THAT(rewrite->unplaced, IsEmpty());
  EXPECT_EQ(Modes(Value(BytesOf(rewrite->rope, *source))), "0/1 1/3 ");
}

TEST(Freeze, ThawingOneOfTwoLayersThatShareATensorIsRefusedToo) {
  const std::string bytes = BytesWithWeights(kSharedText);
  const std::string all = Value(Frozen(bytes, FreezeBy(All())));
  EXPECT_FALSE(Thawed(all, ThawBy(Layers({"second"}))).ok());
  EXPECT_EQ(Value(Thawed(all, ThawBy(Layers({"second"}), SharedTensors::kTrain))),
            Value(Frozen(bytes, FreezeBy(Tensors({"last"})))));
}

TEST(Freeze, WhatCannotBeThawedSaysWhy) {
  const std::string bytes = BytesWithWeights(kDenseText);
  const absl::Status never = Thawed(bytes).status();
  EXPECT_EQ(never.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(TextOf(never), HasSubstr("never frozen"));
  const std::string frozen = Value(Frozen(bytes, FreezeBy(Tensors({"bias"}))));
  EXPECT_THAT(TextOf(Thawed(frozen, ThawBy(Tensors({"kernel"}))).status()),
              HasSubstr("nothing that is selected is frozen"));
}

TEST(Freeze, ARewrittenFileIsToldApartAndNamesItsProducer) {
  const std::string frozen =
      Value(Frozen(WithInitializersAsInputs(ModelWithWeights(kDenseText), 3).SerializeAsString(),
                   FreezeBy(All())));
  onnx::ModelProto model;
  ASSERT_TRUE(model.ParseFromString(frozen));
  model.set_producer_name("another tool");
  model.set_producer_version("2.1");
  std::string rewritten = model.SerializeAsString();
  for (const absl::Status& status :
       {Thawed(rewritten).status(), Frozen(rewritten, FreezeBy(All())).status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(TextOf(status), HasSubstr("rewritten since it was frozen, by another tool 2.1"));
    EXPECT_THAT(TextOf(status), HasSubstr("--by-name"));
  }
  // A structural byte changed in place is a rewrite too: here a letter of a node's name.
  std::string touched = frozen;
  touched[touched.find("dense")] = 'D';
  EXPECT_THAT(TextOf(Thawed(touched).status()), HasSubstr("its digest differs"));
  // So is a change of the plan or of the undo data itself.
  for (const char* word : {"\"frozen\":[{", "\"original\":["}) {
    touched = frozen;
    touched[touched.find(word) + 12] ^= 1;
    EXPECT_EQ(Thawed(touched).status().code(), absl::StatusCode::kFailedPrecondition) << word;
  }
}

TEST(Freeze, AStalePlanListsWhatDoesNotFit) {
  const freeze::Rewrite rewrite = Rewritten(BytesWithWeights(kDenseText), FreezeBy(All()));
  freeze::FreezeRequest request;
  request.plan = rewrite.plan;
  request.plan->frozen[0].shape = {7};
  request.plan->frozen[1].name = "gone";
  const absl::Status stale = Frozen(BytesWithWeights(kDenseText), request).status();
  EXPECT_EQ(stale.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(TextOf(stale), HasSubstr("'kernel' has shape [100, 10], in the plan [7]"));
  EXPECT_THAT(TextOf(stale), HasSubstr("'gone' is not in the model"));
}

TEST(Freeze, APlanAppliedGivesTheBytesOfTheSelectionItCameFrom) {
  const std::string bytes = BytesWithWeights(kDenseBatchNormText);
  freeze::FreezeRequest request;
  request.plan = Rewritten(bytes, FreezeBy(Layers({"bn"}))).plan;
  EXPECT_EQ(Value(Frozen(bytes, request)), Value(Frozen(bytes, FreezeBy(Layers({"bn"})))));
}

TEST(Freeze, FreezingAllSaysWhatStopsOnAModelWithNothingToTrain) {
  const freeze::Rewrite rewrite = Rewritten(BytesWithWeights(kDenseText), FreezeBy(All()));
  ASSERT_EQ(rewrite.notes.size(), 1u);
  EXPECT_THAT(rewrite.notes[0].text, HasSubstr("ONNX Runtime training"));
}

TEST(Freeze, ThePlanAndUndoAreTheLastTwoEntries) {
  const std::string frozen = Value(Frozen(BytesWithWeights(kDenseText), FreezeBy(All())));
  const auto source = wire::FromMemory("m", frozen);
  const freeze::Marks marks = Value(freeze::FindMarks(*source));
  EXPECT_TRUE(marks.as_written(frozen.size()));
  onnx::ModelProto model;
  ASSERT_TRUE(model.ParseFromString(frozen));
  ASSERT_EQ(model.metadata_props_size(), 2);
  EXPECT_EQ(model.metadata_props(0).key(), "hoarfrost.plan");
  EXPECT_EQ(model.metadata_props(1).key(), "hoarfrost.undo");
}

TEST(ThawByName, RestoresInputsAndVersionAfterAnotherToolWroteTheFileAnew) {
  const onnx::ModelProto original = WithInitializersAsInputs(ModelWithWeights(kDenseText), 3);
  onnx::ModelProto model;
  ASSERT_TRUE(model.ParseFromString(Value(Frozen(original.SerializeAsString(), FreezeBy(All())))));
  model.set_producer_name("another tool");
  model.set_doc_string("written anew");
  const std::string rewritten = model.SerializeAsString();
  const auto source = wire::FromMemory("m", rewritten);
  const freeze::Rewrite rewrite = Value(freeze::ThawByName(*source, ""));
  EXPECT_THAT(rewrite.unplaced, IsEmpty());
  onnx::ModelProto restored;
  ASSERT_TRUE(restored.ParseFromString(Value(BytesOf(rewrite.rope, *source))));
  EXPECT_EQ(restored.metadata_props_size(), 0);
  restored.set_producer_name("a test");
  restored.clear_doc_string();
  EXPECT_EQ(restored.SerializeAsString(), original.SerializeAsString());
}

TEST(ThawByName, ListsWhatItCouldNotPlace) {
  const onnx::ModelProto original = WithInitializersAsInputs(ModelWithWeights(kDenseText), 3);
  onnx::ModelProto model;
  ASSERT_TRUE(model.ParseFromString(Value(Frozen(original.SerializeAsString(), FreezeBy(All())))));
  model.set_ir_version(10);
  model.mutable_graph()->mutable_initializer(0)->set_name("renamed");
  model.mutable_graph()->mutable_node(0)->set_input(1, "renamed");
  const std::string rewritten = model.SerializeAsString();
  const auto source = wire::FromMemory("m", rewritten);
  const freeze::Rewrite rewrite = Value(freeze::ThawByName(*source, ""));
  EXPECT_THAT(rewrite.unplaced,
              ElementsAre(HasSubstr("frozen tensor 'kernel'"), HasSubstr("graph input 'kernel'"),
                          HasSubstr("IR version 3")));
  onnx::ModelProto restored;
  ASSERT_TRUE(restored.ParseFromString(Value(BytesOf(rewrite.rope, *source))));
  EXPECT_EQ(restored.metadata_props_size(), 0);
  ASSERT_EQ(restored.graph().input_size(), 2);
  EXPECT_EQ(restored.graph().input(1).name(), "bias");
}

TEST(ThawByName, AFileThatWasNotRewrittenIsThawedExactly) {
  const std::string bytes = BytesWithWeights(kDenseText);
  const std::string frozen = Value(Frozen(bytes, FreezeBy(All())));
  const auto source = wire::FromMemory("m", frozen);
  EXPECT_EQ(Value(BytesOf(Value(freeze::ThawByName(*source, "")).rope, *source)), bytes);
  EXPECT_EQ(freeze::ThawByName(*wire::FromMemory("m", bytes), "").status().code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace hoarfrost::testing
