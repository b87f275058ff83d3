// Everything that this process writes to its standard error, its own log at the most verbose level included.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "base/log.hpp"
#include "support/test_pki.hpp"

namespace gw::test {

/// While it lives, standard error goes to a file. One at a time.
class LogCapture {
 public:
  LogCapture() : kept_(::dup(STDERR_FILENO)) {
    const int file = ::open(path().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    if (kept_ < 0 || file < 0 || ::dup2(file, STDERR_FILENO) < 0) throw std::runtime_error("stderr cannot be caught");
    ::close(file);
    log::start("debug");
  }
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;
  ~LogCapture() { end(); }

  /// What was written; ends the capture. What logs must have stopped.
  std::string take() {
    end();
    std::ifstream in{path(), std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

 private:
  [[nodiscard]] std::filesystem::path path() const { return folder_.path() / "stderr"; }
  void end() {
    if (kept_ < 0) return;
    log::stop();
    std::fflush(stderr);
    ::dup2(kept_, STDERR_FILENO);
    ::close(kept_);
    kept_ = -1;
  }

  TemporaryFolder folder_;
  int kept_;
};

}  // namespace gw::test
