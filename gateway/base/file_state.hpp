// What tells a file from the one that stood there before, without reading it.
#pragma once

#include <cstdint>
#include <filesystem>

namespace gw {

/// All zero where there is no such file, or none that may be looked at. The time of the last change alone is not
/// enough: a file may be replaced by one that bears the same.
struct FileState {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t bytes = 0;
  std::int64_t written_ns = 0;  ///< last change of the content
  std::int64_t changed_ns = 0;  ///< last change of anything, the name included

  friend bool operator==(const FileState&, const FileState&) = default;
};

/// Blocks for a look at the file system. Thread-safe.
FileState file_state(const std::filesystem::path& file);

}  // namespace gw
