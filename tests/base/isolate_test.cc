#include "base/isolate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <stdexcept>
#include <string>

namespace hoarfrost::base {
namespace {

using ::testing::HasSubstr;

constexpr IsolationLimits kRoomy = {.memory = uint64_t{1} << 30,
                                    .seconds = std::chrono::seconds(60)};

TEST(Isolate, GivesBackWhatTheWorkReturns) {
  std::string bytes(3'000'000, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7);
  const auto answer = RunIsolated("work", kRoomy, [&] { return bytes; });
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(*answer, bytes);
  EXPECT_EQ(*RunIsolated("work", kRoomy, [] { return std::string(); }), "");
}

TEST(Isolate, TheWorkChangesNothingHere) {
  int touched = 0;
  ASSERT_TRUE(RunIsolated("work", kRoomy, [&] { return std::to_string(++touched); }).ok());
  EXPECT_EQ(touched, 0);
}

TEST(Isolate, WhatIsThrownComesBackAsAnError) {
  const auto answer = RunIsolated(
      "work", kRoomy, []() -> std::string { throw std::runtime_error("no\x1b[31m luck"); });
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(answer.status().message(), HasSubstr("work broke off"));
  EXPECT_THAT(answer.status().message(), HasSubstr("luck"));
  EXPECT_EQ(answer.status().message().find('\x1b'), absl::string_view::npos);
}

TEST(Isolate, ACrashIsAnErrorAndNotTheEnd) {
  for (const int s : {SIGSEGV, SIGABRT, SIGILL}) {
    const auto answer = RunIsolated("work", kRoomy, [s]() -> std::string {
      raise(s);
      return "";
    });
    EXPECT_EQ(answer.status().code(), absl::StatusCode::kInternal);
    EXPECT_THAT(answer.status().message(), HasSubstr("work crashed"));
  }
}

TEST(Isolate, AnEndInTheMiddleIsNoAnswer) {
  const auto answer = RunIsolated("work", kRoomy, []() -> std::string { _exit(0); });
  EXPECT_THAT(answer.status().message(), HasSubstr("work crashed"));
}

TEST(Isolate, MemoryBeyondTheLimitIsRefused) {
  const auto answer = RunIsolated("work", kRoomy, [] { return std::string(size_t{2} << 30, 'x'); });
#ifdef __SANITIZE_ADDRESS__
  EXPECT_FALSE(answer.ok());  // its allocator ends the process rather than throw
#else
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(answer.status().message(), HasSubstr("1.00 GB"));
#endif
}

TEST(Isolate, WorkWithoutEndIsStopped) {
  volatile bool forever = true;
  const auto answer = RunIsolated("work", {.memory = 1 << 20, .seconds = std::chrono::seconds(1)},
                                  [&]() -> std::string {
                                    while (forever) {
                                    }
                                    return "";
                                  });
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(answer.status().message(), HasSubstr("stopped after 1 seconds"));
}

}  // namespace
}  // namespace hoarfrost::base
