// Records as lines, reports while they are written, and shards.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "batch/record.h"
#include "batch/report_file.h"
#include "batch/shard.h"
#include "batch/tally.h"
#include "support/failing_ops.h"
#include "support/temp_folder.h"

namespace hoarfrost::batch {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string Message(const absl::Status& status) { return std::string(status.message()); }

TEST(Record, AFailedOneReadsBackAsItWas) {
  const std::string name = "a/\xFF\n\"m\".onnx";
  const Record record =
      FailedRecord(MakeFailedRow(name, absl::NotFoundError("gone \"now\""), "not_found"));
  EXPECT_EQ(record.line.find('\n'), record.line.size() - 1);
  const absl::StatusOr<Row> row = ReadRow(record.line);
  ASSERT_TRUE(row.ok());
  EXPECT_EQ(row->file, name);
  EXPECT_FALSE(row->ok);
  EXPECT_EQ(row->error, "gone \"now\"");
  EXPECT_EQ(row->cause, "not_found");
}

TEST(Record, OtherLinesAreNone) {
  for (const char* line : {"", "{}\n", "[1]\n", "{\"schema\":\"hoarfrost.inspect/1\"}\n",
                           "{\"schema\":\"hoarfrost.batch/1\",\"file\":\"m"}) {
    EXPECT_FALSE(ReadRow(line).ok()) << line;
  }
}

TEST(Record, ThatHoldsOddTypesIsReadWithoutThem) {
  const auto row = ReadRow(R"({"schema":"hoarfrost.batch/1","file":7,"totals":[1],"seconds":"x"})");
  ASSERT_TRUE(row.ok());
  EXPECT_EQ(row->file, "");
  EXPECT_EQ(row->totals.parameters, 0u);
}

TEST(Tally, AddsUpAndNamesTheSlowest) {
  Tally tally;
  for (int i = 0; i < 9; ++i) {
    Row row;
    row.file = std::string(1, static_cast<char>('a' + i));
    row.ok = i != 4;
    row.cause = row.ok ? "" : "damaged";
    row.seconds = i;
    row.totals.parameters = 1000;
    row.totals.statistics = i == 0 ? 5 : 0;
    tally.Add(row);
  }
  base::StringSink sink;
  tally.Write(sink);
  EXPECT_THAT(sink.text, HasSubstr("Parameters:                    8,000"));
  EXPECT_THAT(sink.text, HasSubstr("cut short or damaged"));
  EXPECT_LT(sink.text.find("8.0000 s  i"), sink.text.find("4.0000 s  e"));
  EXPECT_EQ(sink.text.find("3.0000 s"), std::string::npos);
}

class ReportFileTest : public ::testing::Test {
 protected:
  std::unique_ptr<ReportFile> Begin(const std::string& run, bool resume,
                                    wire::FileOps* ops = nullptr) {
    auto file = ReportFile::Begin(report_, run, resume, ops);
    EXPECT_TRUE(file.ok()) << file.status();
    return file.ok() ? *std::move(file) : nullptr;
  }
  static std::vector<std::string> Kept(ReportFile& file) {
    std::vector<std::string> lines;
    EXPECT_TRUE(file.Keep([&](std::string_view line) {
                      lines.emplace_back(line);
                      return true;
                    })
                    .ok());
    return lines;
  }

  testing::TempFolder folder_;
  const std::string report_ = folder_ / "r.jsonl";
};

TEST_F(ReportFileTest, HasItsNameOnlyWhenItIsWhole) {
  auto file = Begin("run", false);
  ASSERT_TRUE(file->Append("one\n").ok());
  ASSERT_TRUE(file->Flush(true).ok());
  EXPECT_THAT(folder_.Names(), ElementsAre("r.jsonl.part-run"));
  ASSERT_TRUE(file->Append("two\n").ok());
  ASSERT_TRUE(file->Finish().ok());
  EXPECT_THAT(folder_.Names(), ElementsAre("r.jsonl"));
  EXPECT_EQ(testing::ReadFile(report_), "one\ntwo\n");
}

TEST_F(ReportFileTest, GoesOnAfterTheLastWholeLineWhereverItWasCut) {
  const std::string whole = "one\ntwo\nthree\n";
  for (size_t cut = 0; cut <= whole.size(); ++cut) {
    testing::WriteFile(report_ + ".part-run", whole.substr(0, cut));
    auto file = Begin("run", true);
    const std::vector<std::string> kept = Kept(*file);
    const std::vector<std::string> lines = {"one\n", "two\n", "three\n"};
    for (size_t i = kept.size(); i < lines.size(); ++i) ASSERT_TRUE(file->Append(lines[i]).ok());
    ASSERT_TRUE(file->Finish().ok());
    EXPECT_EQ(testing::ReadFile(report_), whole) << cut;
  }
}

TEST_F(ReportFileTest, WhatIsNotKeptIsCutOff) {
  testing::WriteFile(report_ + ".part-run", "one\ntwo\nthree\n");
  auto file = Begin("run", true);
  ASSERT_TRUE(file->Keep([](std::string_view line) { return line == "one\n"; }).ok());
  ASSERT_TRUE(file->Append("2\n").ok());
  ASSERT_TRUE(file->Finish().ok());
  EXPECT_EQ(testing::ReadFile(report_), "one\n2\n");
}

TEST_F(ReportFileTest, LeavingsOfAnotherRunAreNotGoneOnWith) {
  testing::WriteFile(report_ + ".part-other", "one\n");
  const auto file = ReportFile::Begin(report_, "run", true);
  EXPECT_THAT(Message(file.status()), HasSubstr("other folders or options"));
  EXPECT_THAT(folder_.Names(), ElementsAre("r.jsonl.part-other"));
  Begin("run", false);
  EXPECT_THAT(folder_.Names(), ElementsAre("r.jsonl.part-run"));
}

TEST_F(ReportFileTest, TwoProcessesDoNotWriteOneReport) {
  const auto first = Begin("run", false);
  for (const bool resume : {false, true}) {
    for (const char* run : {"run", "other"}) {
      EXPECT_THAT(Message(ReportFile::Begin(report_, run, resume).status()),
                  HasSubstr("another hoarfrost batch"));
    }
  }
}

TEST_F(ReportFileTest, OnAFullDiskHoldsWholeLinesAndCanGoOn) {
  testing::FailingOps ops;
  ops.short_writes = true;
  auto file = Begin("run", false, &ops);
  ASSERT_TRUE(file->Append("one\n").ok());
  ASSERT_TRUE(file->Flush(true).ok());
  ASSERT_TRUE(file->Append("two\nthree\n").ok());
  ops.calls = 0;
  ops.fail_at = 1;  // after all but the last byte
  const absl::Status status = file->Flush(true);
  EXPECT_THAT(Message(status), HasSubstr("No space left"));
  EXPECT_EQ(testing::ReadFile(report_ + ".part-run"), "one\ntwo\n");
  file.reset();
  auto again = Begin("run", true);
  EXPECT_THAT(Kept(*again), ElementsAre("one\n", "two\n"));
}

TEST_F(ReportFileTest, IsNoDevice) {
  EXPECT_THAT(Message(ReportFile::Begin("/dev/null", "run", false).status()),
              HasSubstr("no regular file"));
}

TEST(Shard, EveryPathIsInExactlyOne) {
  for (const uint64_t of : {1, 2, 7, 100}) {
    for (const char* path : {"", "a.onnx", "b/a.onnx", "\xFF"}) {
      int holders = 0;
      for (uint64_t number = 1; number <= of; ++number) {
        holders += Shard{number, of}.Holds(path) ? 1 : 0;
      }
      EXPECT_EQ(holders, 1) << path;
    }
  }
}

TEST(Shard, IsWrittenAsOneNumberOfAnother) {
  const auto shard = ParseShard("2/8");
  ASSERT_TRUE(shard.ok());
  EXPECT_EQ(shard->number, 2u);
  EXPECT_EQ(shard->of, 8u);
  for (const char* word : {"", "2", "0/8", "9/8", "2/", "/8", "2/8/1", "-1/8", "2/8 ", "a/b"}) {
    EXPECT_FALSE(ParseShard(word).ok()) << word;
  }
}

class JoinTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& name, const std::vector<std::string>& files,
                    const ShardEnd& end) {
    std::string text;
    for (const std::string& file : files) {
      text += FailedRecord(MakeFailedRow(file, absl::NotFoundError("x"), "not_found")).line;
    }
    testing::WriteFile(folder_ / name, text + ShardEndLine(end));
    return folder_ / name;
  }
  absl::Status Join(const std::vector<std::string>& shards) {
    files_.clear();
    return batch::Join(shards, report_, [&](const Row& row, std::string_view) {
      files_.push_back(row.file);
      return true;
    });
  }

  testing::TempFolder folder_;
  const std::string report_ = folder_ / "all.jsonl";
  std::vector<std::string> files_;
};

TEST_F(JoinTest, PutsRecordsInOrderWhateverTheOrderOfShards) {
  const std::string one = Write("1", {"a", "d"}, {{1, 3}, "r", 2});
  const std::string two = Write("2", {}, {{2, 3}, "r", 0});
  const std::string three = Write("3", {"b", "c", "e"}, {{3, 3}, "r", 3});
  ASSERT_TRUE(Join({three, one, two}).ok());
  EXPECT_THAT(files_, ElementsAre("a", "b", "c", "d", "e"));
  const std::string text = testing::ReadFile(report_);
  ASSERT_TRUE(Join({one, two, three}).ok());
  EXPECT_EQ(testing::ReadFile(report_), text);
  EXPECT_EQ(text.find("batch-shard"), std::string::npos);
}

TEST_F(JoinTest, RefusesByNameWhatDoesNotBelongTogether) {
  const std::string one = Write("1", {"a"}, {{1, 2}, "r", 1});
  const std::string two = Write("2", {"b"}, {{2, 2}, "r", 1});
  const std::string again = Write("again", {"b"}, {{2, 2}, "r", 1});
  const std::string foreign = Write("foreign", {"b"}, {{2, 2}, "s", 1});
  const std::string of_three = Write("of_three", {"b"}, {{2, 3}, "r", 1});
  const std::string short_of_one = Write("short", {}, {{2, 2}, "r", 1});
  EXPECT_THAT(Message(Join({one})), HasSubstr("1 shard is missing: 2/2"));
  EXPECT_THAT(Message(Join({one, two, again})), HasSubstr("again: is shard 2/2, as "));
  EXPECT_THAT(Message(Join({one, foreign})), HasSubstr("foreign: is a shard of another run"));
  EXPECT_THAT(Message(Join({one, of_three})), HasSubstr("of_three: is a shard of another run"));
  EXPECT_THAT(Message(Join({one, short_of_one})), HasSubstr("short: says that it has 1"));
  EXPECT_FALSE(std::filesystem::exists(report_));
}

TEST_F(JoinTest, RefusesAShardThatIsCutAnywhere) {
  const std::string one = Write("1", {"a"}, {{1, 1}, "r", 1});
  const std::string whole = testing::ReadFile(one);
  for (size_t cut = 0; cut < whole.size(); ++cut) {
    testing::WriteFile(one, whole.substr(0, cut));
    EXPECT_THAT(Message(Join({one})), HasSubstr("1: is no finished report")) << cut;
  }
  EXPECT_THAT(Message(Join({folder_ / "none"})), HasSubstr("none"));
  EXPECT_FALSE(std::filesystem::exists(report_));
}

}  // namespace
}  // namespace hoarfrost::batch
