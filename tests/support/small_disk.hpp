// A file system of its own in memory, as small as a test wants it. Only the superuser may make one.
#pragma once

#include <sys/mount.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

namespace gw::test {

class SmallDisk {
 public:
  /// At the folder `at`, which is made; of `mebibytes`.
  explicit SmallDisk(std::filesystem::path at, int mebibytes = 16) : at_(std::move(at)) {
    std::filesystem::create_directories(at_);
    const auto size = "size=" + std::to_string(mebibytes) + "m";
    made_ = ::mount("tmpfs", at_.c_str(), "tmpfs", 0, size.c_str()) == 0;
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (made_) ::umount2(at_.c_str(), MNT_DETACH);
  }

  /// False: not the superuser, or not allowed here.
  [[nodiscard]] bool made() const { return made_; }
  [[nodiscard]] const std::filesystem::path& path() const { return at_; }
  /// Write a file until only about `left_bytes` are free.
  void fill(std::int64_t left_bytes = 0) const {
    const auto free_bytes = static_cast<std::int64_t>(std::filesystem::space(at_).available);
    std::ofstream{at_ / "filler"} << std::string(static_cast<std::size_t>(free_bytes - left_bytes), 'x');
  }
  void make_room() const { std::filesystem::remove(at_ / "filler"); }
  /// From now on nothing can be written; no file may be open for that.
  [[nodiscard]] bool make_read_only() const {
    return ::mount("tmpfs", at_.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr) == 0;
  }

 private:
  std::filesystem::path at_;
  bool made_ = false;
};

}  // namespace gw::test
