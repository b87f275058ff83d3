// Passwords, kept as libsodium's Argon2id hashes. Checking one takes a tenth of a second and 64 MB on purpose, so it is
// done on a thread of its own, one after the other, never on an io thread. Must not know who signs in.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "base/result.hpp"

namespace gw::console {

namespace asio = boost::asio;

/// The shortest password that hash_password takes, in characters.
inline constexpr std::size_t kLeastPassword = 10;
/// And the longest that is looked at, in bytes.
inline constexpr std::size_t kMostPassword = 1024;

/// For the configuration. Blocks. Errors: kInvalid (too short or too long), kInternal (no memory for it).
[[nodiscard]] Result<std::string> hash_password(const std::string& password);
/// Whether `text` is what hash_password gives.
[[nodiscard]] bool is_password_hash(const std::string& text);
/// libsodium is ready after this; any number of times, from any thread. Faults: kInternal.
[[nodiscard]] Status start_sodium();

class Passwords {
 public:
  /// At most `waiting` checks wait; beyond it kOverloaded.
  explicit Passwords(std::size_t waiting);
  Passwords(const Passwords&) = delete;
  Passwords& operator=(const Passwords&) = delete;
  /// Waits for the check under way.
  ~Passwords();

  /// Whether `password` is the one that `hash` was made of. An empty hash is no password's, and takes as long to find
  /// out. Resumes on the caller's executor. Faults: kOverloaded, kClosed.
  asio::awaitable<Result<bool>> matches(std::string hash, std::string password);

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace gw::console
