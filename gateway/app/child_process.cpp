#include "app/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

extern char** environ;  // NOLINT(readability-redundant-declaration)

namespace gw::app {

namespace {

/// A pipe whose ends close themselves.
struct Pipe {
  Pipe() {
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) ends = {-1, -1};
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    for (const int end : ends) {
      if (end >= 0) ::close(end);
    }
  }
  void close_writing() { ::close(std::exchange(ends[1], -1)); }
  std::array<int, 2> ends{-1, -1};
};

constexpr int kReadyFd = 3;

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

Result<pid_t> spawn(std::vector<std::string> words, std::vector<std::string> environment, int ready,
                    const std::filesystem::path& log) {
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ready, kReadyFd);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  for (char** variable = environ; *variable != nullptr; ++variable) environment.emplace_back(*variable);
  const auto arguments = pointers_to(words);
  const auto variables = pointers_to(environment);
  pid_t pid = -1;
  const int error = posix_spawn(&pid, arguments.front(), &actions, nullptr, arguments.data(), variables.data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return fault(FaultKind::kIo, "cannot run " + words.front());
  return pid;
}

enum class Readiness : unsigned char { kReady, kEnded, kTooSlow };

Readiness await_ready(int fd, milliseconds patience) {
  pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
  if (::poll(&waiting, 1, static_cast<int>(patience.count())) <= 0) return Readiness::kTooSlow;
  std::array<char, 16> word{};
  return ::read(fd, word.data(), word.size()) > 0 ? Readiness::kReady : Readiness::kEnded;
}

}  // namespace

ChildProcess::ChildProcess(ChildProcess&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  if (this != &other) {
    kill();
    pid_ = std::exchange(other.pid_, -1);
  }
  return *this;
}

ChildProcess::~ChildProcess() {
  kill();
}

Result<ChildProcess> ChildProcess::serve(const std::filesystem::path& program, const std::filesystem::path& config,
                                         const std::filesystem::path& log, milliseconds patience,
                                         const std::vector<std::string>& environment) {
  Pipe ready;
  auto pid = spawn({program.string(), "serve", "--config", config.string(), "--ready-fd", std::to_string(kReadyFd)},
                   environment, ready.ends[1], log);
  if (!pid) return pid.error();
  ready.close_writing();
  ChildProcess child;
  child.pid_ = *pid;
  switch (await_ready(ready.ends[0], patience)) {
    case Readiness::kReady:
      return child;
    case Readiness::kEnded:
      return fault(FaultKind::kClosed, "it ended at once; its log is " + log.string());
    case Readiness::kTooSlow:
      break;
  }
  return fault(FaultKind::kTimeout, "it did not become ready; its log is " + log.string());
}

int ChildProcess::stop() {
  if (pid_ > 0) ::kill(pid_, SIGTERM);
  return wait();
}

int ChildProcess::kill() {
  if (pid_ > 0) ::kill(pid_, SIGKILL);
  return wait();
}

int ChildProcess::wait() {
  if (pid_ <= 0) return 0;
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace gw::app
