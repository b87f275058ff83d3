#include "outbox/file_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

namespace gw::outbox {

namespace {

// All of one length, so that writing one over another needs no space.
constexpr std::string_view kStoppedLine = "stopped      \n";
constexpr std::string_view kRunningLine = "running      \n";
constexpr std::string_view kCommitFailedLine = "commit-failed\n";
static_assert(kStoppedLine.size() == kCommitFailedLine.size() && kRunningLine.size() == kCommitFailedLine.size());

std::string_view line_of(FileLock::LastEnd end) {
  switch (end) {
    case FileLock::LastEnd::kStopped:
      return kStoppedLine;
    case FileLock::LastEnd::kCrashed:
      return kRunningLine;
    case FileLock::LastEnd::kCommitFailed:
      return kCommitFailedLine;
  }
  return kRunningLine;
}

bool write_line(int descriptor, std::string_view line) {
  return pwrite(descriptor, line.data(), line.size(), 0) == static_cast<ssize_t>(line.size()) &&
         fdatasync(descriptor) == 0;
}

FileLock::LastEnd read_end(int descriptor) {
  std::array<char, kStoppedLine.size()> bytes{};
  const auto count = pread(descriptor, bytes.data(), bytes.size(), 0);
  const std::string_view line{bytes.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
  if (line == kCommitFailedLine) return FileLock::LastEnd::kCommitFailed;
  return line.empty() || line == kStoppedLine ? FileLock::LastEnd::kStopped : FileLock::LastEnd::kCrashed;
}

Fault system_fault(const std::filesystem::path& path, std::string_view what) {
  return fault(FaultKind::kStorage,
               fmt::format("{} {}: {}", path.string(), what, std::generic_category().message(errno)));
}

}  // namespace

Result<std::unique_ptr<FileLock>> FileLock::take(const std::filesystem::path& database, std::string_view busy) {
  const auto path = database.string() + ".lock";
  constexpr mode_t kOwnerOnly = 0600;
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerOnly);
  if (descriptor < 0) return system_fault(path, "cannot be opened");
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    auto refused = errno == EWOULDBLOCK ? fault(FaultKind::kStorage, fmt::format("{}: {}", busy, database.string()))
                                        : system_fault(path, "cannot be locked");
    ::close(descriptor);
    return refused;
  }
  const auto last_end = read_end(descriptor);
  // Until the file was checked, the mark of a failed commit stays, so that a crash on the way does not lose it.
  if (last_end != LastEnd::kCommitFailed && !write_line(descriptor, kRunningLine)) {
    auto refused = system_fault(path, "cannot be written");
    ::close(descriptor);
    return refused;
  }
  return std::unique_ptr<FileLock>(new FileLock{descriptor, last_end});
}

FileLock::~FileLock() {
  ::close(descriptor_);
}

void FileLock::write_end(LastEnd end) const {
  write_line(descriptor_, line_of(end));
}

}  // namespace gw::outbox
