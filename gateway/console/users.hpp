// Who may sign in, as the configuration said when it was read last. Must not know sessions or HTTP.
#pragma once

#include <algorithm>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "console/settings.hpp"

namespace gw::console {

using UserPtr = std::shared_ptr<const User>;

/// Thread-safe. What it gives stays as it is, also when others take its place.
class Users {
 public:
  explicit Users(std::vector<User> users) { replace(std::move(users)); }

  void replace(std::vector<User> users) {
    std::vector<UserPtr> fresh;
    fresh.reserve(users.size());
    for (auto& user : users) fresh.push_back(std::make_shared<const User>(std::move(user)));
    const std::lock_guard lock{mutex_};
    users_.swap(fresh);
  }
  /// The first that `is_it` holds for; null: there is none.
  template <class Predicate>
  [[nodiscard]] UserPtr find(Predicate is_it) const {
    const std::lock_guard lock{mutex_};
    const auto found =
        std::find_if(users_.begin(), users_.end(), [&](const UserPtr& user) { return is_it(std::as_const(*user)); });
    return found == users_.end() ? nullptr : *found;
  }
  [[nodiscard]] UserPtr by_id(std::string_view id) const {
    return find([id](const User& user) { return user.id == id; });
  }

 private:
  mutable std::mutex mutex_;
  std::vector<UserPtr> users_;
};

}  // namespace gw::console
