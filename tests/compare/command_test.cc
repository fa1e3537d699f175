// The commands verify, diff and merge, as people run them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "compare/comparing.h"
#include "support/json_schema.h"
#include "support/run_command.h"
#include "support/temp_folder.h"

namespace hoarfrost::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class CompareCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    WriteFile(model_, bytes_);
    WriteFile(frozen_, Value(Frozen(bytes_, FreezeBy(Layers({"bn"})))));
    onnx::ModelProto tuned = proto_;
    for (const char* name : {"kernel", "bias"}) Flip(TensorOf(tuned, name), 0);
    WriteFile(tuned_, tuned.SerializeAsString());
    Flip(TensorOf(tuned, "mean"), 0);
    WriteFile(moved_, tuned.SerializeAsString());
  }

  CommandResult Run(const std::vector<std::string>& args, int status) {
    CommandResult result = RunCommand(args);
    EXPECT_EQ(result.status, status) << result.out << result.err;
    return result;
  }
  json RunJson(std::vector<std::string> args, int status) {
    args.push_back("--json");
    const std::string command = args[0];
    const json parsed = json::parse(Run(args, status).out, nullptr, false);
    EXPECT_FALSE(parsed.is_discarded());
    EXPECT_THAT(SchemaErrors(ReadSchema(command + ".schema.json"), parsed), IsEmpty());
    return parsed;
  }

  TempFolder folder_;
  const onnx::ModelProto proto_ = ModelWithWeights(kDenseBatchNormText);
  const std::string bytes_ = proto_.SerializeAsString();
  const std::string model_ = folder_ / "m.onnx";
  const std::string frozen_ = folder_ / "frozen.onnx";
  const std::string tuned_ = folder_ / "tuned.onnx";
  const std::string moved_ = folder_ / "moved.onnx";
  const std::string out_ = folder_ / "out.onnx";
};

TEST_F(CompareCommand, VerifyTellsByItsStatus) {
  EXPECT_THAT(Run({"verify", frozen_, tuned_}, 0).out, HasSubstr(": verified\n"));
  const CommandResult moved = Run({"verify", frozen_, moved_}, 1);
  EXPECT_THAT(moved.out, HasSubstr("NOT verified"));
  EXPECT_THAT(moved.out, HasSubstr("mean  float32 [10], statistic of bn: changed, 1 of 10 elem"));
  EXPECT_THAT(Run({"verify", model_, tuned_}, 2).err, HasSubstr("nothing is frozen"));
  const json result = RunJson({"verify", frozen_, moved_}, 1);
  EXPECT_EQ(result["verified"], "no");
  EXPECT_EQ(result["counts"]["trainable"]["changed"], 2);
  EXPECT_EQ(result["findings"][0]["kind"], "moved");
  EXPECT_EQ(result["findings"][0]["difference"]["max_ulps"], 1);
  RunJson({"verify", frozen_, frozen_}, 0);
  RunJson({"verify", frozen_, HOARFROST_TESTDATA "/trained/hand_dense_bn.ckpt"}, 0);
}

TEST_F(CompareCommand, VerifyTakesThePlanFromAFile) {
  const std::string plan = folder_ / "plan.json";
  Run({"freeze", model_, "--layers", "bn", "-o", out_, "--plan", plan}, 0);
  Run({"verify", model_, tuned_, "--plan", plan}, 0);
  Run({"verify", model_, moved_, "--plan", plan}, 1);
  WriteFile(plan, "{");
  EXPECT_THAT(Run({"verify", model_, moved_, "--plan", plan}, 2).err, HasSubstr("plan.json"));
}

TEST_F(CompareCommand, DiffTellsByItsStatus) {
  EXPECT_THAT(Run({"diff", model_, model_}, 0).out, HasSubstr("no difference in 6 tensors"));
  EXPECT_THAT(Run({"diff", model_, frozen_}, 0).out, HasSubstr("no difference"));
  const CommandResult differ = Run({"diff", model_, moved_}, 1);
  EXPECT_THAT(differ.out, HasSubstr("changed (3)"));
  const json result = RunJson({"diff", model_, moved_}, 1);
  EXPECT_EQ(result["tensors"][2]["a"]["role"], "statistic");
  EXPECT_EQ(result["graph"]["operators"].size(), 0u);
  const json other =
      RunJson({"diff", model_, HOARFROST_TESTDATA "/trained/hand_dense_bn.safetensors"}, 1);
  EXPECT_TRUE(other["graph"].is_null());
}

TEST_F(CompareCommand, MergeWritesWhatIsTrained) {
  EXPECT_THAT(Run({"merge", frozen_, tuned_, "-o", out_}, 0).out, HasSubstr("2 of 2 tensors"));
  Run({"verify", frozen_, out_}, 0);
  Run({"diff", out_, tuned_}, 0);
  const json result = RunJson({"merge", frozen_, tuned_, "-o", out_}, 0);
  EXPECT_EQ(result["merged"].size(), 2u);
  EXPECT_EQ(result["bytes"], std::filesystem::file_size(out_));
  EXPECT_THAT(Run({"merge", frozen_, moved_, "-o", out_}, 2).err, HasSubstr("--keep-frozen"));
  EXPECT_EQ(RunJson({"merge", frozen_, moved_, "-o", out_, "--keep-frozen"}, 0)["kept"].size(), 1u);
}

TEST_F(CompareCommand, LongListsAreCutUnlessAskedFor) {
  onnx::ModelProto many = proto_;
  onnx::ModelProto other = proto_;
  for (int i = 0; i < 30; ++i) {
    for (onnx::ModelProto* model : {&many, &other}) {
      *model->mutable_graph()->add_initializer() = TensorOf(many, "bias");
      model->mutable_graph()->mutable_initializer()->rbegin()->set_name("x" + std::to_string(i));
    }
    Flip(TensorOf(other, "x" + std::to_string(i)), 0);
  }
  WriteFile(model_, many.SerializeAsString());
  WriteFile(tuned_, other.SerializeAsString());
  EXPECT_THAT(Run({"diff", model_, tuned_}, 1).out, HasSubstr("and 20 more"));
  EXPECT_THAT(Run({"diff", model_, tuned_, "--all"}, 1).out, HasSubstr("x29 "));
}

TEST_F(CompareCommand, WhatCannotBeDoneIsStatusTwo) {
  const std::string absent = folder_ / "absent.onnx";
  const std::vector<std::vector<std::string>> cases = {
      {"verify"},
      {"verify", frozen_},
      {"verify", frozen_, absent},
      {"verify", absent, frozen_},
      {"verify", frozen_, tuned_, "--plan", absent},
      {"verify", HOARFROST_TESTDATA "/trained/hand_dense_bn.ckpt", tuned_},
      {"diff"},
      {"diff", model_},
      {"diff", model_, absent},
      {"diff", folder_.path(), model_},
      {"merge", frozen_, tuned_},
      {"merge", frozen_, "-o", out_},
      {"merge", frozen_, tuned_, "-o", frozen_},
      {"merge", frozen_, absent, "-o", out_},
      {"merge", frozen_, tuned_, "-o", folder_ / "none/out.onnx"},
  };
  for (const std::vector<std::string>& args : cases) {
    const CommandResult result = Run(args, 2);
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_THAT(result.err, StartsWith("hoarfrost: ")) << args[0];
    EXPECT_FALSE(std::filesystem::exists(out_));
  }
}

// What inspect refuses is refused here with the same words.
TEST_F(CompareCommand, BrokenModelsAreRefusedAsByInspect) {
  const std::string hostile = HOARFROST_TESTDATA "/hostile";
  size_t refused = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(hostile)) {
    if (!entry.is_regular_file() || entry.path().extension() != ".onnx") continue;
    const std::string path = entry.path().string();
    const CommandResult inspect = RunCommand({"inspect", "--json", path});
    const CommandResult diff = RunCommand({"diff", path, model_});
    const CommandResult itself = RunCommand({"diff", path, path});
    const CommandResult merge = RunCommand({"merge", path, path, "-o", out_});
    if (inspect.status == 2) {
      ++refused;
      // Of a zip archive there is more to say than that it is no model.
      const std::string words = inspect.err.substr(0, inspect.err.size() - 1);
      EXPECT_THAT(diff.err, StartsWith(words));
      EXPECT_THAT(itself.err, StartsWith(words));
      EXPECT_THAT(merge.err, StartsWith(words));
      EXPECT_EQ(diff.status, 2) << path;
    } else {
      EXPECT_TRUE(diff.status == 0 || diff.status == 1 || diff.status == 2) << path;
      EXPECT_TRUE(itself.status == 0 || itself.status == 2) << path << itself.out;
      EXPECT_TRUE(merge.status == 0 || merge.status == 2) << path << merge.err;
    }
  }
  EXPECT_GT(refused, 0u);
}

}  // namespace
}  // namespace hoarfrost::testing
