// A batch that is killed, stopped or out of room, and goes on.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "batch/batch_of.h"
#include "support/run_command.h"

namespace hoarfrost::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

// The command as a process that can be sent signals.
class Process {
 public:
  explicit Process(std::vector<std::string> words, const std::string& err = "/dev/null",
                   rlim_t largest_file = RLIM_INFINITY) {
    words.insert(words.begin(), HOARFROST_COMMAND);
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    child_ = fork();
    if (child_ != 0) return;
    const int null = open("/dev/null", O_WRONLY);
    dup2(null, STDOUT_FILENO);
    dup2(open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
    const rlimit limit = {largest_file, largest_file};
    setrlimit(RLIMIT_FSIZE, &limit);
    execv(argv[0], argv.data());
    _exit(127);
  }

  bool HasEnded() { return ended_ || (ended_ = waitpid(child_, &status_, WNOHANG) == child_); }
  void Send(int signal) {
    if (!HasEnded()) kill(child_, signal);
  }
  // Exit status, or minus the signal that ended it.
  int Wait() {
    while (!ended_) ended_ = waitpid(child_, &status_, 0) == child_;
    return WIFEXITED(status_) ? WEXITSTATUS(status_) : -WTERMSIG(status_);
  }

 private:
  pid_t child_ = -1;
  bool ended_ = false;
  int status_ = 0;
};

class ResumeTest : public ::testing::Test {
 protected:
  ResumeTest() { WriteZoo(models_, kModels); }

  // What is there of the report while it is written.
  std::string Part() const {
    for (const std::string& name : folder_.Names()) {
      if (name.starts_with("report.jsonl.part-")) return folder_ / name;
    }
    return "";
  }
  uintmax_t PartSize() const {
    std::error_code error;
    const uintmax_t size = std::filesystem::file_size(Part(), error);
    return error ? 0 : size;
  }

  std::vector<std::string> Command(bool resume) const {
    std::vector<std::string> words = {"batch", models_, "--full", "--quiet", "--report", report_};
    if (resume) words.emplace_back("--resume");
    return words;
  }
  std::string Undisturbed() {
    EXPECT_EQ(RunCommand(Command(false)).status, 1);
    std::string text = Timeless(ReadFile(report_));
    EXPECT_THAT(Lines(text), SizeIs(kModels));
    std::filesystem::remove(report_);
    return text;
  }

  static constexpr int kModels = 700;
  TempFolder folder_;
  const std::string models_ = folder_ / "models";
  const std::string report_ = folder_ / "report.jsonl";
};

TEST_F(ResumeTest, AfterAKillAtAnyMomentTheReportIsThatOfAnUndisturbedRun) {
  const std::string expected = Undisturbed();
  constexpr int kKills = 20;
  int killed = 0;
  for (int turn = 0; turn < kKills; ++turn) {
    {
      Process process(Command(false));
      const uintmax_t enough = expected.size() * static_cast<size_t>(turn) / kKills;
      while (!process.HasEnded() && PartSize() <= enough) sched_yield();
      process.Send(SIGKILL);
      killed += process.Wait() == -SIGKILL ? 1 : 0;
    }
    ASSERT_EQ(RunCommand(Command(true)).status, 1);
    ASSERT_EQ(Timeless(ReadFile(report_)), expected) << turn;
    ASSERT_EQ(Part(), "");
    std::filesystem::remove(report_);
  }
  EXPECT_GT(killed, 0);
}

TEST_F(ResumeTest, KilledAgainAndAgainItStillComesToItsEnd) {
  const std::string expected = Undisturbed();
  for (;;) {
    Process process(Command(true));
    const uintmax_t before = PartSize();
    while (!process.HasEnded() && PartSize() <= before) sched_yield();
    process.Send(SIGKILL);
    if (process.Wait() == 1) break;
  }
  EXPECT_EQ(Timeless(ReadFile(report_)), expected);
}

TEST_F(ResumeTest, AFullDiskIsAnErrorThatSaysHowToGoOn) {
  const std::string expected = Undisturbed();
  constexpr rlim_t kRoom = 100'000;
  Process process(Command(false), folder_ / "err", kRoom);
  EXPECT_EQ(process.Wait(), 2);
  EXPECT_THAT(ReadFile(folder_ / "err"), HasSubstr("cannot write: File too large"));
  EXPECT_THAT(ReadFile(folder_ / "err"), HasSubstr("with --resume goes on with it"));
  EXPECT_FALSE(std::filesystem::exists(report_));
  const std::string part = ReadFile(Part());
  EXPECT_EQ(part.back(), '\n');
  EXPECT_EQ(Timeless(part), expected.substr(0, Timeless(part).size()));

  // Wherever a kill cuts the last line.
  const std::string name = Part();
  for (size_t cut = part.size(); cut > part.size() - 30; cut -= 3) {
    WriteFile(name, part.substr(0, cut));
    EXPECT_EQ(RunCommand(Command(true)).status, 1);
    EXPECT_EQ(Timeless(ReadFile(report_)), expected);
    std::filesystem::remove(report_);
  }
  // A record that is damaged, or that another listing would have there, is made again.
  std::string damaged = part;
  damaged[damaged.size() / 2] = '\n';
  WriteFile(name, damaged);
  EXPECT_EQ(RunCommand(Command(true)).status, 1);
  EXPECT_EQ(Timeless(ReadFile(report_)), expected);
}

TEST_F(ResumeTest, AnInterruptFinishesWhatIsInHandAndSaysHowToGoOn) {
  const std::string expected = Undisturbed();
  int status = 1;
  for (int turn = 0; turn < 20 && status == 1; ++turn) {
    Process process(Command(false), folder_ / "err");
    while (!process.HasEnded() && PartSize() == 0) sched_yield();
    process.Send(SIGINT);
    status = process.Wait();
  }
  ASSERT_EQ(status, 2) << ReadFile(folder_ / "err");
  EXPECT_THAT(ReadFile(folder_ / "err"),
              HasSubstr("of 700 models; the same command with --resume"));
  EXPECT_EQ(ReadFile(Part()).back(), '\n');
  EXPECT_EQ(RunCommand(Command(true)).status, 1);
  EXPECT_EQ(Timeless(ReadFile(report_)), expected);
}

TEST_F(ResumeTest, OtherOptionsOrFoldersAreAnotherRun) {
  Process(Command(false), "/dev/null", 50'000).Wait();
  ASSERT_NE(Part(), "");
  const CommandResult summary =
      RunCommand({"batch", models_, "--quiet", "--report", report_, "--resume"});
  EXPECT_EQ(summary.status, 2);
  EXPECT_THAT(summary.err, HasSubstr("other folders or options"));
  EXPECT_EQ(RunCommand(Command(true)).status, 1);
}

TEST_F(ResumeTest, AFinishedReportIsLeftAsItIs) {
  RunCommand(Command(false));
  const std::string report = ReadFile(report_);
  const CommandResult again = RunCommand(Command(true));
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.err, HasSubstr("is finished already"));
  EXPECT_THAT(again.out, HasSubstr("Models:                          700"));
  EXPECT_EQ(ReadFile(report_), report);
  EXPECT_THAT(folder_.Names(), SizeIs(2));
}

TEST_F(ResumeTest, WithNothingToGoOnWithItBegins) {
  EXPECT_EQ(RunCommand(Command(true)).status, 1);
  EXPECT_THAT(Lines(ReadFile(report_)), SizeIs(kModels));
}

}  // namespace
}  // namespace hoarfrost::testing
