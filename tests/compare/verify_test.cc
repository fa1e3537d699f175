// verify: one flipped bit in anything frozen is found; what may move is not asked for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "compare/comparing.h"

namespace hoarfrost::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

VerifyResult Verified(const compare::ModelSet& frozen, const compare::TensorSet& tuned,
                      bool partial = false) {
  VerifyOptions options;
  options.partial = partial;
  return Value(compare::Verify(frozen, tuned, options));
}

class Verify : public ::testing::Test {
 protected:
  // The BatchNormalization is frozen: gamma and beta, and its statistics.
  const onnx::ModelProto model_ = ModelWithWeights(kDenseBatchNormText);
  const std::string bytes_ = Value(Frozen(model_.SerializeAsString(), FreezeBy(Layers({"bn"}))));
  const std::unique_ptr<compare::ModelSet> frozen_ = SetOf(bytes_);

  onnx::ModelProto WellTrained() const {
    onnx::ModelProto tuned = model_;
    for (const char* name : {"kernel", "bias"}) Flip(TensorOf(tuned, name), 0);
    return tuned;
  }
};

TEST_F(Verify, TheFrozenModelItselfPassesWithWarningsOnly) {
  const VerifyResult result = Verified(*frozen_, *frozen_);
  EXPECT_EQ(result.answer, Answer::kYes);
  EXPECT_THAT(Words(result), ElementsAre("unchanged kernel", "unchanged bias"));
  EXPECT_EQ(result.frozen.identical, 2u);
  EXPECT_EQ(result.frozen_statistics.identical, 2u);
}

TEST_F(Verify, ATrainedModelPassesWhateverItsNodesAreCalled) {
  onnx::ModelProto tuned = WellTrained();
  for (onnx::NodeProto& node : *tuned.mutable_graph()->mutable_node()) node.set_name("other");
  const VerifyResult result = Verified(*frozen_, *SetOf(tuned));
  EXPECT_EQ(result.answer, Answer::kYes);
  EXPECT_THAT(Words(result), ElementsAre());
  EXPECT_EQ(result.trainable.changed, 2u);
}

TEST_F(Verify, EveryFlippedBitOfAnythingFrozenIsFound) {
  for (const char* name : {"gamma", "beta", "mean", "variance"}) {
    const size_t bits = TensorOf(const_cast<onnx::ModelProto&>(model_), name).raw_data().size() * 8;
    for (size_t bit = 0; bit < bits; ++bit) {
      onnx::ModelProto tuned = WellTrained();
      Flip(TensorOf(tuned, name), bit);
      const VerifyResult result = Verified(*frozen_, *SetOf(tuned));
      ASSERT_EQ(result.answer, Answer::kNo) << name << " " << bit;
      ASSERT_EQ(result.findings.size(), 1u);
      EXPECT_EQ(result.findings[0].kind, FindingKind::kMoved);
      EXPECT_EQ(result.findings[0].expected.name, name);
      EXPECT_EQ(result.findings[0].difference->changed, 1u);
      EXPECT_EQ(result.findings[0].difference->first, bit / 32);
    }
  }
}

TEST_F(Verify, WhatIsMissingFailsUnlessTheOtherIsPartial) {
  onnx::ModelProto tuned = WellTrained();
  auto& initializers = *tuned.mutable_graph()->mutable_initializer();
  for (int i = initializers.size(); i-- > 0;) {
    const std::string& name = initializers[i].name();
    if (name == "gamma" || name == "bias" || name == "mean") initializers.DeleteSubrange(i, 1);
  }
  const auto set = SetOf(tuned);
  EXPECT_EQ(Verified(*frozen_, *set).answer, Answer::kNo);
  EXPECT_THAT(Words(Verified(*frozen_, *set)),
              ElementsAre("missing bias!", "missing gamma!", "missing mean!"));
  EXPECT_EQ(Verified(*frozen_, *set, true).answer, Answer::kYes);
  EXPECT_THAT(Words(Verified(*frozen_, *set, true)),
              ElementsAre("not stored bias", "not stored gamma", "not stored mean"));
}

TEST_F(Verify, AFrozenTensorUnderAnotherNameIsFoundByItsBytes) {
  onnx::ModelProto tuned = WellTrained();
  TensorOf(tuned, "gamma").set_name("gamma_renamed");
  EXPECT_EQ(Verified(*frozen_, *SetOf(tuned)).answer, Answer::kYes);
  EXPECT_THAT(Words(Verified(*frozen_, *SetOf(tuned))), ElementsAre("renamed gamma"));
  Flip(TensorOf(tuned, "gamma_renamed"), 3);
  EXPECT_THAT(Words(Verified(*frozen_, *SetOf(tuned))), ElementsAre("missing gamma!"));
}

TEST_F(Verify, AnotherTypeFailsAndAnotherShapeOfTheSameBytesDoesNot) {
  onnx::ModelProto tuned = WellTrained();
  TensorOf(tuned, "gamma").add_dims(1);
  EXPECT_THAT(Words(Verified(*frozen_, *SetOf(tuned))), ElementsAre("reshaped gamma"));
  onnx::TensorProto& gamma = TensorOf(tuned, "gamma");
  gamma.set_dims(0, 5);
  gamma.mutable_raw_data()->resize(20);
  EXPECT_THAT(Words(Verified(*frozen_, *SetOf(tuned))), ElementsAre("retyped gamma!"));
  gamma.set_dims(0, 10);
  gamma.set_data_type(onnx::TensorProto::DOUBLE);
  std::vector<double> wide;
  for (size_t i = 0; i < 10; ++i) {
    float value = 0;
    std::memcpy(&value,
                TensorOf(const_cast<onnx::ModelProto&>(model_), "gamma").raw_data().data() + 4 * i,
                4);
    wide.push_back(static_cast<double>(value));
  }
  gamma.set_raw_data(Packed(wide));
  EXPECT_THAT(Words(Verified(*frozen_, *SetOf(tuned))), ElementsAre("retyped gamma!"));
}

TEST_F(Verify, BytesThatAreNotThereLeaveTheAnswerOpen) {
  onnx::ModelProto tuned = WellTrained();
  TensorOf(tuned, "gamma").mutable_raw_data()->resize(39);
  const VerifyResult open = Verified(*frozen_, *SetOf(tuned));
  EXPECT_EQ(open.answer, Answer::kUnknown);
  EXPECT_THAT(Words(open), ElementsAre("unreadable gamma"));
  EXPECT_THAT(open.findings[0].text, HasSubstr("39 bytes"));
  Flip(TensorOf(tuned, "mean"), 0);
  EXPECT_EQ(Verified(*frozen_, *SetOf(tuned)).answer, Answer::kNo);
}

TEST_F(Verify, StatisticsOfATrainedBatchNormalizationMayMove) {
  const auto frozen = SetOf(Value(Frozen(model_.SerializeAsString(), FreezeBy(Layers({"dense"})))));
  onnx::ModelProto tuned = model_;
  for (const char* name : {"gamma", "beta", "mean", "variance"}) Flip(TensorOf(tuned, name), 0);
  const VerifyResult result = Verified(*frozen, *SetOf(tuned));
  EXPECT_EQ(result.answer, Answer::kYes);
  EXPECT_THAT(Words(result), ElementsAre());
  EXPECT_EQ(result.statistics.changed, 2u);
}

TEST_F(Verify, AModelThatWasNeverFrozenNeedsAPlan) {
  const auto original = SetOf(model_);
  const auto refused = compare::Verify(*original, *original, {});
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  VerifyOptions options;
  options.plan_json = plan::ToJson(freeze::PlanOf(*frozen_->model()));
  onnx::ModelProto tuned = WellTrained();
  EXPECT_EQ(Value(compare::Verify(*original, *SetOf(tuned), options)).answer, Answer::kYes);
  Flip(TensorOf(tuned, "gamma"), 0);
  EXPECT_EQ(Value(compare::Verify(*original, *SetOf(tuned), options)).answer, Answer::kNo);
  options.plan_json = "{";
  EXPECT_FALSE(compare::Verify(*original, *original, options).ok());
}

TEST_F(Verify, TensorsInMemoryAreMatchedByName) {
  std::vector<MemoryTensor> tensors;
  const onnx::ModelProto tuned = WellTrained();
  for (const onnx::TensorProto& tensor : tuned.graph().initializer()) {
    tensors.push_back({tensor.name(),
                       "float32",
                       {tensor.dims().begin(), tensor.dims().end()},
                       tensor.raw_data()});
  }
  const auto set = Value(compare::MakeMemorySet("<state>", tensors));
  const VerifyResult result = Verified(*frozen_, *set);
  EXPECT_EQ(result.answer, Answer::kYes);
  EXPECT_EQ(result.tuned_file, "<state>");
}

}  // namespace
}  // namespace hoarfrost::testing
