// hoarfrost inspect --values through the real binary.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <limits>
#include <sstream>

#include "support/json_schema.h"
#include "support/models.h"
#include "support/onnx_text.h"
#include "support/run_command.h"
#include "support/temp_folder.h"

namespace hoarfrost::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class InspectValues : public ::testing::Test {
 protected:
  void SetUp() override {
    onnx::ModelProto model = ParseModel(kDense);
    for (onnx::TensorProto& tensor : *model.mutable_graph()->mutable_initializer()) {
      if (tensor.name() != "bias") continue;
      tensor.clear_float_data();
      float values[10] = {1, 2, 3, 4, 5, 6, 7, 8, std::numeric_limits<float>::quiet_NaN(), 9};
      tensor.set_raw_data(std::string(reinterpret_cast<const char*>(values), sizeof values));
    }
    WriteFile(model_, model.SerializeAsString());
  }

  TempFolder folder_;
  const std::string model_ = folder_ / "m.onnx";
};

TEST_F(InspectValues, JsonHoldsThemByTensor) {
  const CommandResult result = RunCommand({"inspect", "--values", "--json", model_});
  EXPECT_EQ(result.status, 0);
  const json parsed = json::parse(result.out, nullptr, false);
  EXPECT_THAT(SchemaErrors(ReadSchema("inspect.schema.json"), parsed), IsEmpty());
  for (const json& tensor : parsed["tensors"]) {
    const json& values = tensor["values"];
    if (tensor["name"] == "bias") {
      EXPECT_EQ(values["min"], 1);
      EXPECT_EQ(values["max"], 9);
      EXPECT_EQ(values["mean"], 5);
      EXPECT_EQ(values["nan"], 1);
      EXPECT_EQ(values["count"], 10);
    } else {
      EXPECT_EQ(values["zeros"], 1000);
    }
  }
  EXPECT_THAT(result.out, HasSubstr("1 parameter tensor holds NaN or infinities: 'bias' (1 NaN)"));
  EXPECT_THAT(result.out, HasSubstr("1 parameter tensor is all zero: 'kernel'"));
}

TEST_F(InspectValues, TheTableIsByTensor) {
  const CommandResult result = RunCommand({"inspect", "--values", model_});
  EXPECT_EQ(result.status, 0);
  for (const char* text :
       {"bias", "1 NaN", "all zero", "100%", "Total params:", "Warning: values"}) {
    EXPECT_THAT(result.out, HasSubstr(text));
  }
  EXPECT_THAT(RunCommand({"inspect", "--by", "tensor", model_}).out, Not(HasSubstr("Remarks")));
}

TEST_F(InspectValues, CsvAndMarkdownHaveColumnsForThem) {
  const std::string csv = RunCommand({"inspect", "--values", "--csv", model_}).out;
  std::istringstream lines(csv);
  std::string heading;
  std::getline(lines, heading);
  EXPECT_THAT(heading, HasSubstr(",min,max,mean,std,zeros,subnormals,nan,inf,digest,same_as,"));
  EXPECT_THAT(csv, HasSubstr(",1,9,5,"));
  EXPECT_THAT(RunCommand({"inspect", "--values", "--markdown", model_}).out,
              HasSubstr(" all zero |"));
}

TEST_F(InspectValues, RowsAreSortedByValuesAsNumbers) {
  const std::string out = RunCommand({"inspect", "--values", "--sort", "max", model_}).out;
  EXPECT_LT(out.find("bias"), out.find("kernel"));
}

TEST_F(InspectValues, StandardInputHasValuesToo) {
  EXPECT_THAT(RunCommand({"inspect", "--values", "--json", "-"}, {.input = ReadFile(model_)}).out,
              HasSubstr(R"("nan":1)"));
}

TEST_F(InspectValues, MissingDataIsANoteAndDone) {
  onnx::ModelProto model = ParseModel(kDense);
  onnx::TensorProto& tensor = *model.mutable_graph()->mutable_initializer(0);
  tensor.clear_float_data();
  tensor.clear_raw_data();
  tensor.set_data_location(onnx::TensorProto::EXTERNAL);
  auto* entry = tensor.add_external_data();
  entry->set_key("location");
  entry->set_value("absent.bin");
  WriteFile(model_, model.SerializeAsString());
  const CommandResult result = RunCommand({"inspect", "--values", "--json", model_});
  EXPECT_EQ(result.status, 0);
  const json parsed = json::parse(result.out, nullptr, false);
  EXPECT_THAT(SchemaErrors(ReadSchema("inspect.schema.json"), parsed), IsEmpty());
  EXPECT_TRUE(parsed["tensors"][0]["values"].contains("error"));
  EXPECT_THAT(result.out, HasSubstr("could not be read"));
  EXPECT_THAT(RunCommand({"inspect", "--values", model_}).out, HasSubstr("not read"));
}

TEST_F(InspectValues, OtherRowsAndPagesAreRefused) {
  for (const char* by : {"layer", "operator", "dtype"}) {
    const CommandResult result = RunCommand({"inspect", "--values", "--by", by, model_});
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(result.err, HasSubstr("--by tensor only"));
  }
  EXPECT_EQ(RunCommand({"inspect", "--values", "--html", "-", model_}).status, 2);
}

TEST_F(InspectValues, EveryPublicModelFitsTheSchema) {
  const json schema = ReadSchema("inspect.schema.json");
  std::vector<std::string> args = {"inspect", "--json", "--values"};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(HOARFROST_TESTDATA)) {
    if (entry.path().extension() == ".onnx") args.push_back(entry.path().string());
  }
  ASSERT_GT(args.size(), 3U) << "no models in testdata";
  std::istringstream lines(RunCommand(args).out);
  size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const json parsed = json::parse(line, nullptr, false);
    ASSERT_FALSE(parsed.is_discarded()) << line.substr(0, 200);
    EXPECT_THAT(SchemaErrors(schema, parsed), IsEmpty()) << parsed["file"];
  }
  EXPECT_GT(count, 0u);
}

}  // namespace
}  // namespace hoarfrost::testing
