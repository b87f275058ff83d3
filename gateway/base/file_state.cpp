#include "base/file_state.hpp"

#include <sys/stat.h>

namespace gw {

namespace {

std::int64_t ns_of(const timespec& time) {
  constexpr std::int64_t ns_a_second = 1'000'000'000;
  return time.tv_sec * ns_a_second + time.tv_nsec;
}

}  // namespace

FileState file_state(const std::filesystem::path& file) {
  struct stat found {};
  if (::stat(file.c_str(), &found) != 0) return {};
  return {.device = found.st_dev,
          .inode = found.st_ino,
          .bytes = found.st_size,
          .written_ns = ns_of(found.st_mtim),
          .changed_ns = ns_of(found.st_ctim)};
}

}  // namespace gw
