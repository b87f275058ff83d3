#include "base/log.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>
#include <thread>

TEST_CASE("log: a process that ends at once still gets its last words out, whole, while others log", "[base]") {
  std::array<int, 2> pipe{};
  REQUIRE(::pipe(pipe.data()) == 0);
  const auto child = fork();
  REQUIRE(child >= 0);
  constexpr int exit_code = 70;
  if (child == 0) {
    dup2(pipe[1], STDERR_FILENO);
    gw::log::start("info");
    for (int i = 0; i < 100; ++i) gw::log::info("before");
    std::atomic<bool> started{false};
    std::thread other{[&started] {
      for (;;) {
        gw::log::info("meanwhile");
        started = true;
        std::this_thread::yield();
      }
    }};
    while (!started) std::this_thread::yield();
    gw::log::last_words("the end", {{"cause", std::string_view{"a test"}}});
    std::_Exit(exit_code);
  }
  close(pipe[1]);
  std::string text;
  std::array<char, 4096> some{};
  for (ssize_t count = 0; (count = read(pipe[0], some.data(), some.size())) > 0;) {
    text.append(some.data(), static_cast<std::size_t>(count));
  }
  close(pipe[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == exit_code);
  CHECK(text.find("\"event\":\"the end\",\"cause\":\"a test\"}\n") != std::string::npos);
}
