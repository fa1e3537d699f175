#include "support/run_command.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace hoarfrost::testing {
namespace {

// An unnamed file; output of any size fits without a reader in step.
int UnnamedFile() {
  std::string name = (std::filesystem::temp_directory_path() / "hoarfrost_test_XXXXXX").string();
  const int fd = mkstemp(name.data());
  EXPECT_GE(fd, 0);
  unlink(name.c_str());
  return fd;
}

std::string ReadAll(int fd) {
  std::string text;
  char chunk[1 << 16];
  lseek(fd, 0, SEEK_SET);
  for (ssize_t n = 0; (n = read(fd, chunk, sizeof chunk)) > 0;) {
    text.append(chunk, static_cast<size_t>(n));
  }
  close(fd);
  return text;
}

int FileWith(const std::string& text) {
  const int fd = UnnamedFile();
  EXPECT_EQ(write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  lseek(fd, 0, SEEK_SET);
  return fd;
}

int OutputDescriptor(const CommandOptions& options) {
  if (!options.out_path.empty()) return open(options.out_path.c_str(), O_WRONLY);
  if (!options.cut_pipe) return UnnamedFile();
  int ends[2] = {-1, -1};
  EXPECT_EQ(pipe(ends), 0);
  close(ends[0]);
  return ends[1];
}

}  // namespace

CommandResult RunCommand(const std::vector<std::string>& args, const CommandOptions& options) {
  std::vector<std::string> words = {HOARFROST_COMMAND};
  words.insert(words.end(), args.begin(), args.end());
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::vector<std::string> settings = {"PATH=/usr/bin:/bin"};
  for (const auto& [name, value] : options.environment) settings.push_back(name + "=" + value);
  std::vector<char*> environment;
  environment.reserve(settings.size() + 1);
  for (std::string& setting : settings) environment.push_back(setting.data());
  environment.push_back(nullptr);

  const int in = FileWith(options.input);
  const int out = OutputDescriptor(options);
  const int err = UnnamedFile();
  const pid_t child = fork();
  if (child == 0) {
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    if (options.close_out) close(STDOUT_FILENO);
    execve(argv[0], argv.data(), environment.data());
    _exit(127);
  }
  CommandResult result;
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  result.err = ReadAll(err);
  const bool readable = options.out_path.empty() && !options.cut_pipe;
  if (readable) {
    result.out = ReadAll(out);
  } else {
    close(out);
  }
  close(in);
  return result;
}

}  // namespace hoarfrost::testing
