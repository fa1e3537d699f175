// The commands freeze, thaw, plan and explain, as people run them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "freeze/freezing.h"
#include "support/json_schema.h"
#include "support/run_command.h"
#include "support/temp_folder.h"

namespace hoarfrost::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CommandTest : public ::testing::Test {
 protected:
  CommandTest() { WriteFile(model_, bytes_); }

  CommandResult Run(const std::vector<std::string>& args, int status) {
    CommandResult result = RunCommand(args);
    EXPECT_EQ(result.status, status) << result.err;
    return result;
  }

  TempFolder folder_;
  const std::string bytes_ = BytesWithWeights(kDenseBatchNormText);
  const std::string model_ = folder_ / "m.onnx";
  const std::string out_ = folder_ / "out.onnx";
};

TEST_F(CommandTest, FreezingAndThawingGivesTheOriginalFile) {
  const CommandResult frozen = Run({"freeze", model_, "--all", "-o", out_}, 0);
  EXPECT_THAT(frozen.out, HasSubstr("1,050 parameters: 0 trainable, 1,050 non-trainable "
                                    "(statistics 20, frozen 1,030)"));
  EXPECT_THAT(frozen.err, HasSubstr("ONNX Runtime training"));
  Run({"thaw", out_, "--in-place"}, 0);
  EXPECT_EQ(ReadFile(out_), bytes_);
  EXPECT_EQ(ReadFile(model_), bytes_);
  EXPECT_THAT(folder_.Names(), ElementsAre("m.onnx", "out.onnx"));
}

TEST_F(CommandTest, EverySpellingOfASelectionGivesTheSameBytes) {
  Run({"freeze", model_, "--layers", "bn", "-o", out_}, 0);
  const std::string expected = ReadFile(out_);
  const std::vector<std::vector<std::string>> spellings = {
      {"--layers=b*"},
      {"--layers", "re:bn"},
      {"--tensors", "gamma", "--tensors", "beta"},
      {"--types", "BatchNormalization"},
      {"--all", "--except", "dense"},
      {"--all", "--except", "layers:dense"},
      {"--all", "--except", "tensors:kernel", "--except", "tensors:bias"},
      {"--all", "--except", "types:Gemm"},
  };
  for (std::vector<std::string> args : spellings) {
    args.insert(args.begin(), {"freeze", model_, "-o", out_});
    Run(args, 0);
    EXPECT_TRUE(ReadFile(out_) == expected) << args.back();
  }
}

TEST_F(CommandTest, APlanIsWrittenAndApplied) {
  const std::string plan = folder_ / "plan.json";
  Run({"freeze", model_, "--layers", "bn", "-o", out_, "--plan", plan}, 0);
  const std::string expected = ReadFile(out_);
  const nlohmann::json written = nlohmann::json::parse(ReadFile(plan));
  EXPECT_THAT(SchemaErrors(ReadSchema("plan.schema.json"), written), IsEmpty());
  Run({"freeze", model_, "-o", out_, "--plan", plan}, 0);
  EXPECT_EQ(ReadFile(out_), expected);
  EXPECT_EQ(Run({"plan", out_, "--json"}, 0).out, ReadFile(plan));
  EXPECT_EQ(Run({"plan", model_, "--json", "--layers", "bn"}, 0).out, ReadFile(plan));
  EXPECT_EQ(Run({"freeze", model_, "--json", "--dry-run", "--layers", "bn"}, 0).out,
            ReadFile(plan));
  WriteFile(folder_ / "other.onnx", BytesWithWeights(kDenseText));
  const CommandResult stale =
      Run({"freeze", folder_ / "other.onnx", "--plan", plan, "--in-place"}, 2);
  EXPECT_THAT(stale.err, HasSubstr("'gamma' is not in the model"));
}

TEST_F(CommandTest, APlanIsToldInATrainersWordsBeforeAndAfterFreezing) {
  Run({"freeze", model_, "--layers", "bn", "-o", out_}, 0);
  const std::string expected =
      "{\"requires_grad\":[\"kernel\",\"bias\"],\"frozen_params\":[\"gamma\",\"beta\"]}\n";
  EXPECT_EQ(Run({"plan", out_, "--for", "ort"}, 0).out, expected);
  EXPECT_EQ(Run({"plan", model_, "--for", "ort", "--layers", "bn"}, 0).out, expected);
  EXPECT_EQ(Run({"plan", out_, "--for", "names"}, 0).out, "kernel\nbias\n");
  const nlohmann::json torch = nlohmann::json::parse(Run({"plan", out_, "--for", "torch"}, 0).out);
  EXPECT_EQ(torch["onnx2torch"]["frozen"], nlohmann::json({"bn.weight", "bn.bias"}));
  EXPECT_EQ(torch["onnx2pytorch"]["eval"], nlohmann::json::array({"BatchNormalization_y"}));
  EXPECT_THAT(Run({"plan", out_, "--for", "jax"}, 2).err, HasSubstr("ort, torch, names"));
}

TEST_F(CommandTest, JsonSaysWhatWasDone) {
  const CommandResult result = Run({"freeze", model_, "--layers", "bn", "-o", out_, "--json"}, 0);
  const nlohmann::json json = nlohmann::json::parse(result.out);
  EXPECT_EQ(json["schema"], "hoarfrost.freeze/1");
  EXPECT_EQ(json["output"], out_);
  EXPECT_EQ(json["totals"]["frozen"], 20);
  EXPECT_EQ(json["totals"]["trainable"], 1010);
  EXPECT_EQ(json["before"]["trainable"], 1030);
  EXPECT_EQ(json["skipped"]["statistics"], 2);
}

TEST_F(CommandTest, WhatCannotBeDoneIsStatusTwoAndWritesNothing) {
  const std::vector<std::vector<std::string>> cases = {
      {"freeze", model_},
      {"freeze", model_, "-o", out_},
      {"freeze", model_, "--all"},
      {"freeze", model_, "--all", "-o", out_, "--in-place"},
      {"freeze", model_, "--layers", "dens", "-o", out_},
      {"freeze", model_, "--tensors", "mean", "-o", out_},
      {"freeze", model_, "--all", "-o", out_, "--shared", "maybe"},
      {"freeze", model_, "--all", "-o", folder_ / "none/out.onnx"},
      {"freeze", model_, "--all", "-o", folder_.path()},
      {"thaw", model_, "-o", out_},
      {"thaw", model_, "-o", out_, "--by-name"},
      {"plan", folder_ / "none.onnx"},
      {"explain", model_},
      {"explain", model_, "gama"},
  };
  for (const std::vector<std::string>& args : cases) {
    const CommandResult result = Run(args, 2);
    EXPECT_FALSE(result.err.empty());
    EXPECT_THAT(folder_.Names(), ElementsAre("m.onnx"));
    EXPECT_EQ(ReadFile(model_), bytes_);
  }
  EXPECT_THAT(Run({"freeze", model_, "--layers", "dens", "-o", out_}, 2).err,
              HasSubstr("did you mean 'dense'?"));
  EXPECT_THAT(Run({"explain", model_, "gama"}, 2).err, HasSubstr("'gamma'"));
}

TEST_F(CommandTest, ExplainSaysRoleReasonUsersStorageAndWhetherFrozen) {
  Run({"freeze", model_, "--layers", "bn", "-o", out_}, 0);
  const std::string text = Run({"explain", out_, "gamma", "mean", "kernel"}, 0).out;
  for (const char* part : {"weight", "statistic", "BatchNormalization 'bn', input 1",
                           "Gemm 'dense', input 1", "hoarfrost.plan", "raw_data"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  const nlohmann::json json =
      nlohmann::json::parse(Run({"explain", out_, "gamma", "--json"}, 0).out);
  EXPECT_EQ(json["tensor"]["role"], "weight");
  EXPECT_EQ(json["frozen"]["frozen"], true);
  EXPECT_EQ(json["users"][0]["node"], "bn");
  EXPECT_EQ(json["users"][0]["input"], 1);
}

}  // namespace
}  // namespace hoarfrost::testing
