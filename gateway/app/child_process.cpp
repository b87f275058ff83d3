#include "app/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
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

/// `from` as descriptor `to`, open across exec.
bool put_descriptor(int from, int to) {
  return from == to ? ::fcntl(to, F_SETFD, 0) == 0 : ::dup2(from, to) >= 0;
}

/// What the child does between fork and exec: calls that are safe after a fork, and nothing else.
[[noreturn]] void become(char* const* arguments, char* const* variables, int ready, const char* log, pid_t parent) {
  constexpr int kCannotRun = 127;
  // It dies with its parent, however that ends; the parent may have ended before the kernel was asked for that.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(kCannotRun);
  // Ctrl-C is the parent's to act on.
  ::setpgid(0, 0);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int input = ::open("/dev/null", O_RDONLY);
  const int output = ::open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (ready >= 0 && !put_descriptor(ready, kReadyFd)) ::_exit(kCannotRun);
  if (put_descriptor(input, STDIN_FILENO) && put_descriptor(output, STDOUT_FILENO) &&
      put_descriptor(output, STDERR_FILENO)) {
    ::execve(arguments[0], arguments, variables);
  }
  ::_exit(kCannotRun);
}

Result<pid_t> spawn(std::vector<std::string> words, std::vector<std::string> environment, int ready,
                    const std::filesystem::path& log) {
  for (char** variable = environ; *variable != nullptr; ++variable) environment.emplace_back(*variable);
  const auto arguments = pointers_to(words);
  const auto variables = pointers_to(environment);
  const auto parent = ::getpid();
  const auto pid = ::fork();
  if (pid == 0) become(arguments.data(), variables.data(), ready, log.c_str(), parent);
  if (pid < 0) return fault(FaultKind::kIo, "cannot run " + words.front());
  return pid;
}

/// The last line that is not empty; empty when there is none.
std::string last_line(const std::filesystem::path& log) {
  std::ifstream in{log};
  std::string last;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) last = line;
  }
  return last;
}

enum class Readiness : unsigned char { kReady, kEnded, kTooSlow };

Readiness await_ready(int fd, milliseconds patience) {
  pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
  int found = 0;
  do found = ::poll(&waiting, 1, static_cast<int>(patience.count()));
  while (found < 0 && errno == EINTR);
  if (found <= 0) return Readiness::kTooSlow;
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
      return fault(FaultKind::kClosed, "it ended at once: " + last_line(log) + " (its log is " + log.string() + ")");
    case Readiness::kTooSlow:
      break;
  }
  return fault(FaultKind::kTimeout, "it did not become ready; its log is " + log.string());
}

Status ChildProcess::run(std::vector<std::string> words, const std::filesystem::path& log) {
  auto pid = spawn(std::move(words), {}, -1, log);
  if (!pid) return pid.error();
  ChildProcess child;
  child.pid_ = *pid;
  if (child.wait() != 0) return fault(FaultKind::kIo, last_line(log) + " (its log is " + log.string() + ")");
  return Done{};
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
