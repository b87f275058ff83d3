// Some readers take a file: the input as one.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "fuzz/target.hpp"

namespace gw::fuzz {

/// In memory, gone with this object.
class InputFile {
 public:
  explicit InputFile(std::string_view text) : descriptor_(memfd_create("input", 0)) {
    demand(descriptor_ >= 0 && write(descriptor_, text.data(), text.size()) == static_cast<ssize_t>(text.size()),
           "the machine has memory for an input");
  }
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  ~InputFile() { close(descriptor_); }
  [[nodiscard]] std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

}  // namespace gw::fuzz
