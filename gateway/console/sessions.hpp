// Who is signed in: sessions in memory, found by a random token that only the browser keeps; of it the gateway knows a
// hash alone. A restart signs everybody out, and a change of a user whoever it is about. Must not know HTTP.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.hpp"
#include "console/settings.hpp"
#include "console/users.hpp"

namespace gw::console {

using SteadyTime = std::chrono::steady_clock::time_point;

/// What a request is told of the session it came with.
struct Session {
  UserPtr user;
  std::string form_token;  ///< must come back with every form (CSRF)
};

/// Thread-safe. Bounded by settings.sessions.
class Sessions {
 public:
  /// `settings` and `users` must outlive it.
  Sessions(const Settings& settings, const Users& users) : settings_(settings), users_(users) {}

  /// Begin one; gives its token, which is told nowhere else.
  [[nodiscard]] std::string begin(UserPtr user, SteadyTime now);
  /// The session of `token`, if it is there, its time is not over, and its user is among the users still and
  /// unchanged; the idle limit begins anew.
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
  const Users& users_;
  mutable std::mutex mutex_;
  std::map<Sha256, Kept> sessions_;
};

/// 256 random bits as text, from the system's cryptographic generator.
[[nodiscard]] std::string random_token();
/// Whether two texts are the same, in a time that tells nothing of where they differ.
[[nodiscard]] bool same_secret(std::string_view one, std::string_view other);

}  // namespace gw::console
