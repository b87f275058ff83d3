// The file beside the database that says who owns it, and how the last owner ended. Must not know SQLite.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "base/result.hpp"

namespace gw::outbox {

/// Exclusive ownership of one outbox for the life of this object (flock on `<database>.lock`).
class FileLock {
 public:
  /// How the owner before this one ended.
  enum class LastEnd : unsigned char {
    kStopped,       ///< as it should, or there was none
    kCrashed,       ///< without a word
    kCommitFailed,  ///< a commit failed: the file needs checking
  };

  /// Errors: kStorage, when another process owns it (told as `busy`) or the file cannot be written.
  static Result<std::unique_ptr<FileLock>> take(const std::filesystem::path& database,
                                                std::string_view busy = "another gateway has this outbox open");
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

  [[nodiscard]] LastEnd last_end() const { return last_end_; }
  /// Keep for the next owner how this one ends. Needs no new space on disk. Thread-safe.
  void write_end(LastEnd end) const;

 private:
  FileLock(int descriptor, LastEnd last_end) : descriptor_(descriptor), last_end_(last_end) {}

  int descriptor_;
  LastEnd last_end_;
};

}  // namespace gw::outbox
