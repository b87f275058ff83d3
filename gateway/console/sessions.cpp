#include "console/sessions.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <utility>

namespace gw::console {

std::string random_token() {
  constexpr std::size_t size = 32;
  std::array<char, size> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  return base64url_encode({bytes.data(), bytes.size()});
}

bool same_secret(std::string_view one, std::string_view other) {
  const auto left = sha256(one);
  const auto right = sha256(other);
  return sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

bool Sessions::over(const Kept& kept, SteadyTime now) const {
  return now - kept.used >= settings_.idle || now - kept.begun >= settings_.session;
}

std::string Sessions::begin(UserPtr user, SteadyTime now) {
  auto token = random_token();
  const std::lock_guard lock{mutex_};
  std::erase_if(sessions_, [&](const auto& each) { return over(each.second, now); });
  if (sessions_.size() >= settings_.sessions) {
    sessions_.erase(std::min_element(sessions_.begin(), sessions_.end(), [](const auto& one, const auto& other) {
      return one.second.used < other.second.used;
    }));
  }
  sessions_[sha256(token)] =
      Kept{.session = {.user = std::move(user), .form_token = random_token()}, .begun = now, .used = now};
  return token;
}

std::optional<Session> Sessions::find(std::string_view token, SteadyTime now) {
  const auto key = sha256(token);
  const std::lock_guard lock{mutex_};
  const auto found = sessions_.find(key);
  if (found == sessions_.end()) return std::nullopt;
  const auto user = users_.by_id(found->second.session.user->id);
  const bool as_it_was = user != nullptr && *user == *found->second.session.user;
  if (!as_it_was || over(found->second, now)) {
    sessions_.erase(found);
    return std::nullopt;
  }
  found->second.used = now;
  return found->second.session;
}

void Sessions::end(std::string_view token) {
  const auto key = sha256(token);
  const std::lock_guard lock{mutex_};
  sessions_.erase(key);
}

std::size_t Sessions::size() const {
  const std::lock_guard lock{mutex_};
  return sessions_.size();
}

}  // namespace gw::console
