// Holds the directory that is in force, and replaces it as a whole when its files are read again (SSP-12).
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>

#include "base/result.hpp"
#include "directory/directory.hpp"

namespace gw::directory {

/// Thread-safe. Whoever took a snapshot keeps it as long as it likes; a reload changes what the next one gets.
class DirectorySource {
 public:
  /// Reads nothing yet: until the first good reload the directory is empty. An empty `patients` path: no patient index.
  explicit DirectorySource(std::filesystem::path organisations, std::filesystem::path patients = {});

  /// Read the files and swap the new directory in. Blocks on file I/O: never call it on an io thread.
  /// Errors: kInvalid with every bad line (directory/csv.hpp); the directory that was in force stays in force.
  [[nodiscard]] Status reload();

  /// The directory in force; never null.
  [[nodiscard]] std::shared_ptr<const Directory> current() const;

 private:
  std::filesystem::path organisations_;
  std::filesystem::path patients_;
  mutable std::mutex mutex_;  ///< guards current_; held for a pointer's copy only
  std::shared_ptr<const Directory> current_ = std::make_shared<const Directory>();
};

}  // namespace gw::directory
