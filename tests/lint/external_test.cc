// Rules on external data, with data files of a known size.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lint/findings_of.h"
#include "support/temp_folder.h"

namespace hoarfrost::lint {
namespace {

using summary::Summary;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Place {
  uint64_t offset;
  int64_t floats;
};

class External : public ::testing::Test {
 protected:
  // A model with tensors t0, t1, ... of floats at these places of a data file of `size` bytes.
  Summary Model(const std::vector<Place>& places, size_t size) {
    onnx::ModelProto model;
    model.set_ir_version(8);
    model.add_opset_import()->set_version(17);
    onnx::GraphProto& graph = *model.mutable_graph();
    graph.set_name("g");
    for (size_t i = 0; i < places.size(); ++i) {
      onnx::TensorProto& tensor = *graph.add_initializer();
      tensor.set_name("t" + std::to_string(i));
      tensor.set_data_type(onnx::TensorProto::FLOAT);
      tensor.add_dims(places[i].floats);
      tensor.set_data_location(onnx::TensorProto::EXTERNAL);
      Say(tensor, "location", "data.bin");
      Say(tensor, "offset", std::to_string(places[i].offset));
      Say(tensor, "length", std::to_string(4 * places[i].floats));
    }
    testing::WriteFile(folder_ / "data.bin", std::string(size, '\0'));
    testing::WriteFile(folder_ / "model.onnx", model.SerializeAsString());
    const auto source = wire::OpenFile(folder_ / "model.onnx");
    auto summary = summary::Summarize(**source, folder_.path(), {});
    EXPECT_TRUE(summary.ok());
    return *std::move(summary);
  }

  std::vector<Finding> Found(const Summary& model, const std::string& rule) {
    return FindingsOf(model, rule, folder_.path());
  }

  static void Say(onnx::TensorProto& tensor, const std::string& key, const std::string& value) {
    onnx::StringStringEntryProto& entry = *tensor.add_external_data();
    entry.set_key(key);
    entry.set_value(value);
  }

  testing::TempFolder folder_;
};

TEST_F(External, FileThatIsAllTensorsIsWell) {
  const Summary model = Model({{0, 10}, {40, 10}}, 80);
  for (const char* rule : {"external-orphan", "external-overlap", "same-bytes"}) {
    EXPECT_THAT(Found(model, rule), IsEmpty()) << rule;
  }
}

TEST_F(External, BytesAfterTheLastTensorAreOrphans) {
  const Summary model = Model({{0, 10}}, 100);
  const auto findings = Found(model, "external-orphan");
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_THAT(findings[0].text, HasSubstr("60.00 B of 100.00 B"));
  EXPECT_THAT(findings[0].text, HasSubstr("'data.bin'"));
}

TEST_F(External, BytesBetweenTensorsAreOrphansUnlessTheyAlign) {
  EXPECT_THAT(Found(Model({{0, 10}, {4096, 10}}, 4136), "external-orphan"), IsEmpty());
  EXPECT_THAT(Found(Model({{0, 10}, {64, 10}}, 104), "external-orphan"), IsEmpty());
  // 4,104 is a multiple of 8 and of no higher power of two.
  EXPECT_THAT(Found(Model({{0, 10}, {4104, 10}}, 4144), "external-orphan"), SizeIs(1));
  // More than a page and more than the 64 KiB that anybody aligns to.
  EXPECT_THAT(Found(Model({{0, 10}, {1 << 20, 10}}, (1 << 20) + 40), "external-orphan"), SizeIs(1));
}

TEST_F(External, TensorsThatShareAPartOfTheirBytesAreAnError) {
  const Summary model = Model({{0, 10}, {20, 10}, {60, 5}}, 80);
  const auto findings = Found(model, "external-overlap");
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].severity, Severity::kError);
  EXPECT_THAT(NamesIn(model, findings[0]), ElementsAre("t0", "t1"));
}

TEST_F(External, TensorInsideAnEarlierOneIsFoundThoughAnotherLiesBetween) {
  const Summary model = Model({{0, 100}, {0, 2}, {200, 2}}, 400);
  const auto findings = Found(model, "external-overlap");
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_THAT(NamesIn(model, findings[0]), ElementsAre("t0", "t1", "t2"));
}

TEST_F(External, TensorsWithTheSameBytesAreToldApartFromOverlaps) {
  const Summary model = Model({{0, 10}, {0, 10}, {40, 10}}, 80);
  EXPECT_THAT(Found(model, "external-overlap"), IsEmpty());
  const auto findings = Found(model, "same-bytes");
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_THAT(NamesIn(model, findings[0]), ElementsAre("t0", "t1"));
}

}  // namespace
}  // namespace hoarfrost::lint
