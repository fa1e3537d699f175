// hoarfrost batch through its real binary.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "batch/batch_of.h"
#include "support/json_schema.h"
#include "support/run_command.h"

namespace hoarfrost::testing {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class BatchTest : public ::testing::Test {
 protected:
  CommandResult Batch(std::vector<std::string> args, int status) {
    args.insert(args.begin(), "batch");
    CommandResult result = RunCommand(args);
    EXPECT_EQ(result.status, status) << result.err;
    return result;
  }
  std::vector<std::string> FilesOf(const std::vector<json>& records) {
    std::vector<std::string> files;
    for (const json& record : records) {
      files.push_back(record["file"].get<std::string>().substr(models_.size() + 1));
    }
    return files;
  }
  std::set<std::string> Below(const std::string& folder) {
    std::set<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (!entry.is_directory()) files.insert(entry.path().string().substr(folder.size() + 1));
    }
    return files;
  }
  // Two models of one name, two broken files, and files that are no models.
  void WriteOneBad() {
    WriteModel(models_ + "/a/model.onnx", dense_);
    WriteModel(models_ + "/b/model.onnx", dense_bn_);
    WriteModel(models_ + "/b/UPPER.ONNX", dense_);
    WriteModel(models_ + "/a/broken.onnx", dense_.substr(0, 30));
    WriteModel(models_ + "/b/empty.onnx", "");
    WriteModel(models_ + "/a/._model.onnx", "resource fork");
    WriteModel(models_ + "/a/readme.txt", "text");
    WriteModel(models_ + "/a/weights.bin", "bytes");
  }

  const std::string dense_ = ParseModelBytes(kDense);
  const std::string dense_bn_ = ParseModelBytes(kDenseBatchNorm);
  TempFolder folder_;
  const std::string models_ = folder_ / "models";
  const std::string report_ = folder_ / "report.jsonl";
};

TEST_F(BatchTest, ABadFileIsAFailedRecordAndTheRestIsDone) {
  WriteOneBad();
  const CommandResult result = Batch({models_, "--report", report_}, 1);
  const std::vector<json> records = Records(ReadFile(report_));
  EXPECT_THAT(FilesOf(records), ElementsAre("a/broken.onnx", "a/model.onnx", "b/UPPER.ONNX",
                                            "b/empty.onnx", "b/model.onnx"));
  std::vector<std::string> states;
  for (const json& record : records) states.push_back(record["status"]);
  EXPECT_THAT(states, ElementsAre("failed", "ok", "ok", "failed", "ok"));
  EXPECT_EQ(records[1]["totals"]["parameters"], 1010);
  EXPECT_EQ(records[4]["totals"]["statistics"], 20);
  EXPECT_THAT(result.err, HasSubstr("a/broken.onnx: "));
  EXPECT_THAT(result.err, HasSubstr("b/empty.onnx: "));
  EXPECT_THAT(Lines(result.err), SizeIs(2));
  EXPECT_THAT(result.out, HasSubstr("Failed:                            2"));
  EXPECT_THAT(result.out, HasSubstr("Parameters:                    3,070"));
}

TEST_F(BatchTest, RecordsFollowTheirSchemaAndThatOfInspect) {
  WriteOneBad();
  const json schema = ReadSchema("batch.schema.json");
  for (const char* detail : {"--summary", "--full"}) {
    const std::vector<json> records = Records(Batch({models_, "--json", detail}, 1).out);
    EXPECT_THAT(records, SizeIs(5));
    for (json record : records) {
      EXPECT_THAT(SchemaErrors(schema, record), IsEmpty());
      const bool full = std::string(detail) == "--full" && record["status"] == "ok";
      EXPECT_EQ(record.contains("tensors"), full);
      if (!full) continue;
      for (const char* key : {"status", "seconds", "error", "cause", "evidence"}) record.erase(key);
      const std::string file = record["file"];
      record["schema"] = "hoarfrost.inspect/1";
      EXPECT_EQ(record, Records(RunCommand({"inspect", "--json", file}).out)[0]);
    }
  }
}

TEST_F(BatchTest, TheReportIsTheSameWhateverTheNumberOfJobs) {
  WriteZoo(models_, 100);
  Batch({models_, "--report", report_, "--full", "--jobs", "1"}, 1);
  const std::string one = Timeless(ReadFile(report_));
  EXPECT_THAT(Lines(one), SizeIs(100));
  for (const char* jobs : {"2", "7", "64"}) {
    Batch({models_, "--report", report_, "--full", "--jobs", jobs}, 1);
    EXPECT_EQ(Timeless(ReadFile(report_)), one);
  }
  EXPECT_EQ(Timeless(Batch({models_, "--full", "--json"}, 1).out), one);
}

TEST_F(BatchTest, CsvHasARowForEachModel) {
  WriteOneBad();
  const std::vector<std::string> rows = Lines(Batch({models_, "--csv", "--quiet"}, 1).out);
  ASSERT_THAT(rows, SizeIs(6));
  EXPECT_THAT(rows[0], HasSubstr("file,status,bytes,parameters,trainable,non_trainable,"));
  EXPECT_THAT(rows[5], HasSubstr(std::string("/b/model.onnx,ok,") +
                                 std::to_string(dense_bn_.size()) + ",1050,1030,20,0,20,"));
  EXPECT_THAT(rows[1], HasSubstr("/a/broken.onnx,failed,,,,"));
}

TEST_F(BatchTest, ShardsJoinedAreTheUndividedReport) {
  WriteZoo(models_, 60);
  Batch({models_, "--report", report_}, 1);
  std::vector<std::string> join = {"--join"};
  for (const char* shard : {"3/3", "1/3", "2/3"}) {
    join.push_back(folder_ / (std::string("shard") + shard[0]));
    const CommandResult result =
        RunCommand({"batch", models_, "--report", join.back(), "--shard", shard, "--quiet"});
    EXPECT_LE(result.status, 1) << result.err;
    EXPECT_THAT(
        SchemaErrors(ReadSchema("batch.schema.json"), Records(ReadFile(join.back())).back()),
        IsEmpty());
  }
  join.insert(join.end(), {"-o", folder_ / "joined"});
  const CommandResult joined = Batch(join, 1);
  EXPECT_EQ(Timeless(ReadFile(folder_ / "joined")), Timeless(ReadFile(report_)));
  EXPECT_THAT(joined.out, HasSubstr("Models:                           60"));
  join.erase(join.begin() + 2);
  EXPECT_THAT(Batch(join, 2).err, HasSubstr("1 shard is missing: 1/3"));
}

TEST_F(BatchTest, FreezesTheWholeTreeAndLeavesTheInputAlone) {
  WriteOneBad();
  const std::string out = folder_ / "out";
  const CommandResult result = Batch(
      {models_, "--actions", "freeze", "--all", "--output", out, "--plan", "--report", report_}, 1);
  EXPECT_THAT(Below(out),
              ElementsAre("a/model.onnx", "a/model.onnx.plan.json", "b/UPPER.ONNX",
                          "b/UPPER.ONNX.plan.json", "b/model.onnx", "b/model.onnx.plan.json"));
  EXPECT_EQ(ReadFile(models_ + "/a/model.onnx"), dense_);
  const std::string alone = folder_ / "alone.onnx";
  RunCommand({"freeze", models_ + "/b/model.onnx", "--all", "-o", alone});
  EXPECT_EQ(ReadFile(out + "/b/model.onnx"), ReadFile(alone));
  const json plan = json::parse(ReadFile(out + "/b/model.onnx.plan.json"), nullptr, false);
  EXPECT_THAT(SchemaErrors(ReadSchema("plan.schema.json"), plan), IsEmpty());
  for (const json& record : Records(ReadFile(report_))) {
    EXPECT_THAT(SchemaErrors(ReadSchema("batch.schema.json"), record), IsEmpty());
  }
  const json last = Records(ReadFile(report_)).back();
  EXPECT_EQ(last["freeze"]["output"], out + "/b/model.onnx");
  EXPECT_EQ(last["freeze"]["totals"]["frozen"], 1030);
  // Again, over what is there: the same.
  Batch({models_, "--actions", "freeze", "--all", "--output", out}, 1);
  EXPECT_EQ(ReadFile(out + "/b/model.onnx"), ReadFile(alone));
}

TEST_F(BatchTest, ASelectorThatHitsNothingInAModelFailsThatModel) {
  WriteModel(models_ + "/a.onnx", dense_);
  WriteModel(models_ + "/b.onnx", dense_bn_);
  const CommandResult result = Batch({models_, "--actions", "freeze", "--types",
                                      "BatchNormalization", "--output", folder_ / "out", "--json"},
                                     1);
  const std::vector<json> records = Records(result.out);
  EXPECT_EQ(records[0]["cause"], "selection");
  EXPECT_EQ(records[1]["freeze"]["totals"]["frozen"], 20);
  EXPECT_THAT(Below(folder_ / "out"), ElementsAre("b.onnx"));
}

TEST_F(BatchTest, ModelsThatShareADataFileAreFrozenWithIt) {
  onnx::ModelProto model = ParseModel(kDense);
  for (onnx::TensorProto& tensor : *model.mutable_graph()->mutable_initializer()) {
    tensor.clear_float_data();
    tensor.clear_raw_data();
    tensor.set_data_location(onnx::TensorProto::EXTERNAL);
    auto* location = tensor.add_external_data();
    location->set_key("location");
    location->set_value("data/weights.bin");
  }
  for (const char* name : {"/m/1.onnx", "/m/2.onnx", "/m/3.onnx"}) {
    WriteModel(models_ + name, model.SerializeAsString());
  }
  WriteModel(models_ + "/m/data/weights.bin", std::string(4000, 'w'));
  const std::vector<std::string> args = {models_,    "--actions",     "freeze", "--all",
                                         "--output", folder_ / "out", "--quiet"};
  for (int turn = 0; turn < 2; ++turn) {
    Batch(args, 0);
    EXPECT_THAT(Below(folder_ / "out"),
                ElementsAre("m/1.onnx", "m/2.onnx", "m/3.onnx", "m/data/weights.bin"));
    EXPECT_EQ(ReadFile(folder_ / "out/m/data/weights.bin"), std::string(4000, 'w'));
  }
  WriteFile(folder_ / "out/m/data/weights.bin", std::string(4000, 'v'));
  Batch(args, 1);
  EXPECT_EQ(ReadFile(folder_ / "out/m/data/weights.bin"), std::string(4000, 'v'));
}

TEST_F(BatchTest, NothingIsWrittenOutsideOfTheOutputFolder) {
  WriteModel(models_ + "/a/m.onnx", dense_);
  WriteModel(models_ + "/b.onnx", dense_);
  const std::string out = folder_ / "out";
  const std::string elsewhere = folder_ / "elsewhere";
  std::filesystem::create_directories(out);
  std::filesystem::create_directories(elsewhere);
  std::filesystem::create_directory_symlink(elsewhere, out + "/a");
  std::filesystem::create_symlink(elsewhere + "/b.onnx", out + "/b.onnx");
  const CommandResult result =
      Batch({models_, "--actions", "freeze", "--all", "--output", out, "--json"}, 1);
  for (const json& record : Records(result.out)) EXPECT_EQ(record["cause"], "refused");
  EXPECT_TRUE(std::filesystem::is_empty(elsewhere));
  for (const std::string& overlapping : {models_, models_ + "/out", folder_.path()}) {
    EXPECT_THAT(Batch({models_, "--actions", "freeze", "--all", "--output", overlapping}, 2).err,
                HasSubstr("must lie apart from"));
  }
}

TEST_F(BatchTest, SeveralRootsDoNotCollideInTheOutput) {
  WriteModel(folder_ / "x/one/m.onnx", dense_);
  WriteModel(folder_ / "x/two/m.onnx", dense_bn_);
  WriteModel(folder_ / "y/two/m.onnx", dense_);
  const std::string out = folder_ / "out";
  Batch({folder_ / "x/one", folder_ / "x/two", "--actions", "freeze", "--all", "--output", out}, 0);
  EXPECT_THAT(Below(out), ElementsAre("one/m.onnx", "two/m.onnx"));
  EXPECT_THAT(Batch({folder_ / "x/two", folder_ / "y/two", "--actions", "freeze", "--all",
                     "--output", folder_ / "out2"},
                    2)
                  .err,
              HasSubstr("would both be written to two/m.onnx"));
}

TEST_F(BatchTest, BadUsageIsStatusTwoAndWritesNothing) {
  WriteModel(models_ + "/m.onnx", dense_);
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {models_, "--csv", "--json"},
      {models_, "--full", "--summary"},
      {models_, "--jobs", "0"},
      {models_, "--actions", "frieze"},
      {models_, "--resume"},
      {models_, "--shard", "1/2"},
      {models_, "--shard", "3/2", "--report", report_},
      {models_, "--layers", "x"},
      {models_, "--plan"},
      {models_, "-o", report_},
      {models_, "--actions", "freeze", "--all"},
      {models_, "--actions", "freeze", "--output", folder_ / "out"},
      {models_, "--actions", "freeze", "--all", "--output", folder_ / "out", "--external", "x"},
      {models_, "--glob", "["},
      {models_, "--join"},
      {models_ + "/no", "--report", report_},
      {models_, "--report", folder_ / "no/report.jsonl"},
      {models_, "--report", "/dev/null"},
  };
  for (std::vector<std::string> args : wrong) {
    const CommandResult result = Batch(args, 2);
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_THAT(result.err, Not(IsEmpty()));
    EXPECT_THAT(folder_.Names(), ElementsAre("models"));
  }
  EXPECT_THAT(Batch({models_, "--actions", "frieze"}, 2).err, HasSubstr("did you mean 'freeze'?"));
}

TEST_F(BatchTest, AClosedPipeAndAFullDiskAreErrors) {
  WriteZoo(models_, 20);
  EXPECT_THAT(RunCommand({"batch", models_, "--json"}, {.cut_pipe = true}).err,
              HasSubstr("standard output failed (Broken pipe)"));
  EXPECT_EQ(RunCommand({"batch", models_, "--json"}, {.cut_pipe = true}).status, 2);
  EXPECT_EQ(RunCommand({"batch", models_, "--csv"}, {.out_path = "/dev/full"}).status, 2);
  // The table alone is no loss: the report is whole.
  const CommandResult result =
      RunCommand({"batch", models_, "--report", report_, "--quiet"}, {.cut_pipe = true});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(Lines(ReadFile(report_)), SizeIs(20));
}

TEST_F(BatchTest, FilesThatCannotBeReadAreFailedRecords) {
  WriteModel(models_ + "/m.onnx", dense_);
  std::filesystem::create_symlink("gone", models_ + "/link.onnx");
  std::filesystem::create_symlink("/dev/null", models_ + "/device.onnx");
  const std::vector<json> records = Records(Batch({models_, "--json"}, 1).out);
  EXPECT_THAT(FilesOf(records), ElementsAre("device.onnx", "link.onnx", "m.onnx"));
  EXPECT_EQ(records[0]["cause"], "invalid");
  EXPECT_EQ(records[1]["cause"], "not_found");
}

TEST_F(BatchTest, AnEmptyFolderIsAnEmptyReportAndANote) {
  std::filesystem::create_directories(models_);
  EXPECT_THAT(Batch({models_, "--report", report_}, 0).err, HasSubstr("found no model"));
  EXPECT_EQ(ReadFile(report_), "");
}

TEST(BatchCorpus, TheWholeCorpusHasNoFailedRecord) {
  const char* corpus = std::getenv("HOARFROST_CORPUS");
  if (corpus == nullptr) GTEST_SKIP() << "HOARFROST_CORPUS is not set";
  const CommandResult result = RunCommand({"batch", corpus, "--json", "--full"});
  EXPECT_EQ(result.status, 0) << result.err.substr(0, 2000);
  EXPECT_GT(Lines(result.out).size(), 0u);
  const json schema = ReadSchema("batch.schema.json");
  for (const json& record : Records(result.out)) {
    ASSERT_THAT(SchemaErrors(schema, record), IsEmpty()) << record["file"];
  }
}

}  // namespace
}  // namespace hoarfrost::testing
