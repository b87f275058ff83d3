// Who is signed in: sessions in memory, found by a random token that only the browser keeps; of it the gateway knows a
// hash alone. A restart signs everybody out. Must not know HTTP.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.hpp"
#include "console/settings.hpp"

namespace gw::console {

using SteadyTime = std::chrono::steady_clock::time_point;

/// What a request is told of the session it came with.
struct Session {
  const User* user = nullptr;  ///< of the settings, which outlive it
  std::string form_token;      ///< must come back with every form (CSRF)
};

/// Thread-safe. Bounded by settings.sessions.
class Sessions {
 public:
  /// `settings` must outlive it.
  explicit Sessions(const Settings& settings) : settings_(settings) {}

  /// Begin one; gives its token, which is told nowhere else.
  [[nodiscard]] std::string begin(const User& user, SteadyTime now);
  /// The session of `token`, if it is there and its time is not over; the idle limit begins anew.
  [[nodiscard]] std::optional<Session> find(std::string_view token, SteadyTime now);
  void end(std::string_view token);
  [[nodiscard]] std::size_t size() const;

 private:
  struct Kept {
    Session session;
    SteadyTime begun;
    SteadyTime used;
  };
  [[nodiscard]] bool over(const Kept& kept, SteadyTime now) const;

  const Settings& settings_;
  mutable std::mutex mutex_;
  std::map<Sha256, Kept> sessions_;
};

/// 256 random bits as text, from the system's cryptographic generator.
[[nodiscard]] std::string random_token();
/// Whether two texts are the same, in a time that tells nothing of where they differ.
[[nodiscard]] bool same_secret(std::string_view one, std::string_view other);

}  // namespace gw::console
