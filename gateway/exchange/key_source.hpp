// Holds the keys that signed tokens are checked with, and replaces them as a whole when their file is read again
// (JWT-06).
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>

#include "base/result.hpp"
#include "spine/token_keys.hpp"

namespace gw::exchange {

/// Thread-safe. Whoever took a set keeps it as long as it likes; a reload changes what the next one gets.
class KeySource {
 public:
  /// Reads nothing yet: until the first good reload there is no key. An empty `path`: there never is one.
  explicit KeySource(std::filesystem::path path) : path_(std::move(path)) {}

  /// Read the file and swap the new keys in. Blocks on file I/O: never call it on an io thread.
  /// Faults: kNotFound, kInvalid, beginning with "the token keys' file"; the keys that were in force stay in force.
  [[nodiscard]] Status reload();

  /// The keys in force; never null.
  [[nodiscard]] std::shared_ptr<const spine::TokenKeys> current() const;

 private:
  std::filesystem::path path_;
  mutable std::mutex mutex_;  ///< guards current_; held for a pointer's copy only
  std::shared_ptr<const spine::TokenKeys> current_ = std::make_shared<const spine::TokenKeys>();
};

}  // namespace gw::exchange
