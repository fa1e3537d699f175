#include "base/isolate.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>

#include "base/text.h"

namespace hoarfrost::base {
namespace {

// What the child says first; a child that died early says nothing.
enum Verdict : char { kDone = 'd', kThrew = 't', kNoMemory = 'm' };
constexpr char kWhole = '.';  // what it says last

uint64_t AddressSpace() {
  unsigned long pages = 0;
  if (std::FILE* statm = std::fopen("/proc/self/statm", "re")) {
    if (std::fscanf(statm, "%lu", &pages) != 1) pages = 0;
    std::fclose(statm);
  }
  return uint64_t{pages} * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

void Limit(int resource, uint64_t most) {
  rlimit limit{};
  if (getrlimit(resource, &limit) != 0) return;
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, most);
  setrlimit(resource, &limit);
}

void Confine(const IsolationLimits& limits) {
#ifdef __linux__
  prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
  for (const int s : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGXCPU, SIGINT, SIGTERM}) {
    std::signal(s, SIG_DFL);
  }
  Limit(RLIMIT_CORE, 0);
  Limit(RLIMIT_CPU, static_cast<uint64_t>(limits.seconds.count()));
  if (const uint64_t held = AddressSpace(); held > 0) Limit(RLIMIT_AS, held + limits.memory);
  if (const int null = open("/dev/null", O_RDWR | O_CLOEXEC); null >= 0) {
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
  }
}

void WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) _exit(1);
    bytes.remove_prefix(static_cast<size_t>(n));
  }
}

[[noreturn]] void RunChild(int fd, const IsolationLimits& limits,
                           const std::function<std::string()>& work) {
  Confine(limits);
  Verdict verdict = kDone;
  std::string said;
  try {
    said = work();
  } catch (const std::bad_alloc&) {
    verdict = kNoMemory;
  } catch (const std::exception& e) {
    verdict = kThrew;
    said = e.what();
  }
  WriteAll(fd, {reinterpret_cast<const char*>(&verdict), 1});
  WriteAll(fd, said);
  WriteAll(fd, {&kWhole, 1});
  _exit(0);
}

// All that the child writes; false where it did not end in time.
bool ReadAll(int fd, std::chrono::seconds most, std::string& out) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + most;
  std::array<char, 65536> block;
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
    if (left <= 0) return false;
    pollfd waiting{fd, POLLIN, 0};
    const int ready = poll(&waiting, 1, static_cast<int>(std::min<int64_t>(left, 1 << 30)));
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    const ssize_t n = read(fd, block.data(), block.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return true;
    out.append(block.data(), static_cast<size_t>(n));
  }
}

}  // namespace

absl::StatusOr<std::string> RunIsolated(std::string_view what, const IsolationLimits& limits,
                                        const std::function<std::string()>& work) {
  std::array<int, 2> ends{};
  const auto no_process = [&] {
    return absl::InternalError(fmt::format(
        "{} needs a process of its own, and none could be made: {}", what, std::strerror(errno)));
  };
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return no_process();
  const pid_t child = fork();
  if (child == 0) RunChild(ends[1], limits, work);
  close(ends[1]);
  if (child < 0) {
    const auto status = no_process();
    close(ends[0]);
    return status;
  }
  std::string said;
  // A child that waits instead of working uses no processor time.
  const bool ended = ReadAll(ends[0], limits.seconds * 2, said);
  close(ends[0]);
  if (!ended) kill(child, SIGKILL);
  int exit = 0;
  while (waitpid(child, &exit, 0) < 0 && errno == EINTR) {
  }
  const int fatal = WIFSIGNALED(exit) ? WTERMSIG(exit) : 0;
  if (!ended || fatal == SIGXCPU) {
    return absl::ResourceExhaustedError(
        fmt::format("{} was stopped after {} seconds", what, limits.seconds.count()));
  }
  const bool whole = said.size() >= 2 && said.back() == kWhole;
  if (whole && said.front() == kDone) return said.substr(1, said.size() - 2);
  if (whole && said.front() == kThrew) {
    return absl::InternalError(fmt::format(
        "{} broke off: {}", what, Quote(std::string_view(said).substr(1, said.size() - 2), 400)));
  }
  if (fatal == SIGKILL || (whole && said.front() == kNoMemory)) {
    return absl::ResourceExhaustedError(
        fmt::format("{} ran out of the {} it is given", what, HumanBytes(limits.memory)));
  }
  return absl::InternalError(fmt::format("{} crashed", what));
}

}  // namespace hoarfrost::base
