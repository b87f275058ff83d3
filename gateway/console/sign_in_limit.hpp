// Slows down whoever guesses passwords: after some failures the next attempt has to wait. Counted for a person from an
// address, and more patiently for the person and for the address alone, so that neither many addresses nor many names
// get around it, and nobody can lock another out from elsewhere with a handful of attempts. Must not know passwords.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "console/settings.hpp"

namespace gw::console {

using SteadyTime = std::chrono::steady_clock::time_point;

/// Thread-safe. Remembers at most kMost keys: beyond them the oldest failure is forgotten.
class SignInLimit {
 public:
  static constexpr std::size_t kMost = 10'000;

  /// `settings` must outlive it.
  explicit SignInLimit(const Settings& settings) : settings_(settings) {}

  /// How long `user` at `address` (without a port) still has to wait; nothing when they may try. An attempt counts as
  /// failed from here on until succeeded() is told, so that attempts at the same time do not slip through together.
  [[nodiscard]] std::optional<seconds> attempt(std::string_view user, std::string_view address, SteadyTime now);
  void succeeded(std::string_view user, std::string_view address);

 private:
  struct Failures {
    std::size_t count = 0;
    SteadyTime last;
  };
  [[nodiscard]] seconds wait_of(const std::string& key, std::size_t limit, SteadyTime now) const;
  void count(const std::string& key, SteadyTime now);

  const Settings& settings_;
  std::mutex mutex_;
  std::map<std::string, Failures> failures_;
};

}  // namespace gw::console
