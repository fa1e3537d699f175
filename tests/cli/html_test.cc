// hoarfrost inspect --html through the real binary.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/models.h"
#include "support/onnx_text.h"
#include "support/run_command.h"
#include "support/temp_folder.h"

namespace hoarfrost::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class InspectHtml : public ::testing::Test {
 protected:
  void SetUp() override { WriteFile(model_, ParseModelBytes(kDenseBatchNorm)); }

  TempFolder folder_;
  const std::string model_ = folder_ / "model.onnx";
  const std::string page_ = folder_ / "page.html";
};

TEST_F(InspectHtml, WritesAPageAndNothingElse) {
  const CommandResult result = RunCommand({"inspect", "--html", page_, model_});
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.out, IsEmpty());
  EXPECT_THAT(result.err, IsEmpty());
  EXPECT_THAT(ReadFile(page_), StartsWith("<!doctype html>"));
  EXPECT_EQ(folder_.Names(), (std::set<std::string>{"model.onnx", "page.html"}));
}

TEST_F(InspectHtml, DashIsStandardOutput) {
  ASSERT_EQ(RunCommand({"inspect", "--html", page_, model_}).status, 0);
  const CommandResult result = RunCommand({"inspect", "--html", "-", model_});
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.out, ReadFile(page_));
}

TEST_F(InspectHtml, ReplacesAnOlderPage) {
  WriteFile(page_, "old");
  EXPECT_EQ(RunCommand({"inspect", "--html", page_, model_}).status, 0);
  EXPECT_THAT(ReadFile(page_), StartsWith("<!doctype html>"));
}

TEST_F(InspectHtml, ModelIsNoPlaceForAPage) {
  const std::string before = ReadFile(model_);
  for (const std::string& path : {model_, folder_ / "./model.onnx"}) {
    const CommandResult result = RunCommand({"inspect", "--html", path, model_});
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(result.err, HasSubstr("is the model itself"));
  }
  EXPECT_EQ(ReadFile(model_), before);
}

TEST_F(InspectHtml, DataFileOfTheModelIsNoPlaceForAPage) {
  onnx::ModelProto model = ParseModel(kDense);
  onnx::TensorProto& kernel = *model.mutable_graph()->mutable_initializer(0);
  kernel.clear_raw_data();
  kernel.clear_float_data();
  kernel.set_data_location(onnx::TensorProto::EXTERNAL);
  onnx::StringStringEntryProto& entry = *kernel.add_external_data();
  entry.set_key("location");
  entry.set_value("weights.bin");
  WriteFile(model_, model.SerializeAsString());
  const std::string data = folder_ / "weights.bin";
  WriteFile(data, std::string(4000, '\0'));
  const CommandResult result = RunCommand({"inspect", "--html", data, model_});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("is a data file of the model"));
  EXPECT_EQ(ReadFile(data).size(), 4000u);
}

TEST_F(InspectHtml, FolderThatIsNotThereIsToldByName) {
  const CommandResult result = RunCommand({"inspect", "--html", folder_ / "no/page.html", model_});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("page.html"));
}

TEST_F(InspectHtml, UnreadableModelLeavesAnOlderPageAsItIs) {
  WriteFile(model_, "no model");
  WriteFile(page_, "old");
  EXPECT_EQ(RunCommand({"inspect", "--html", page_, model_}).status, 2);
  EXPECT_EQ(ReadFile(page_), "old");
}

TEST_F(InspectHtml, RefusesWhatDoesNotGoWithIt) {
  EXPECT_THAT(RunCommand({"inspect", "--html", page_, model_, model_}).err, HasSubstr("one model"));
  EXPECT_THAT(RunCommand({"inspect", "--html", page_, "--json", model_}).err,
              HasSubstr("exclude each other"));
  EXPECT_THAT(RunCommand({"inspect", "--html", page_, "--sort", "name", model_}).err,
              HasSubstr("sorts, folds and searches by itself"));
  EXPECT_EQ(folder_.Names(), (std::set<std::string>{"model.onnx"}));
}

}  // namespace
}  // namespace hoarfrost::testing
