// measure COMMAND ARGS...: runs the command once, its output thrown away, and prints its exit
// status, its wall and processor time in microseconds and its peak resident memory in KiB. A
// program of its own because a child's peak counts from its parent's size at the fork: measured
// from Python every command holds 12 MB.
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  const auto start = std::chrono::steady_clock::now();
  pid_t child = 0;
  if (posix_spawnp(&child, argv[1], &actions, nullptr, argv + 1, environ) != 0) return 2;
  int status = 0;
  rusage usage;
  wait4(child, &status, 0, &usage);
  const auto wall = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - start);
  const auto micros = [](const timeval& time) { return time.tv_sec * 1'000'000L + time.tv_usec; };
  std::printf("%d %jd %ld %ld\n", WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status),
              static_cast<intmax_t>(wall.count()), micros(usage.ru_utime) + micros(usage.ru_stime),
              usage.ru_maxrss);
  return 0;
}
