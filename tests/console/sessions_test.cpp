#include "console/sessions.hpp"

#include <catch2/catch.hpp>

namespace gw::console {

namespace {
const SteadyTime kStart{std::chrono::hours{100}};

struct Fixture {
  Settings settings;
  Users users{{{.id = "shah", .name = "Dr Amina Shah"}, {.id = "cole"}}};
  UserPtr user = users.by_id("shah");
  Sessions sessions{settings, users};
};
}  // namespace

TEST_CASE_METHOD(Fixture, "sessions: one is found by its own token alone, and ends when told (OPS-05)", "[console]") {
  const auto token = sessions.begin(user, kStart);
  const auto other = sessions.begin(user, kStart);
  REQUIRE(token != other);
  const auto found = sessions.find(token, kStart);
  REQUIRE(found.has_value());
  CHECK(found->user == user);
  CHECK(found->form_token != sessions.find(other, kStart)->form_token);
  CHECK_FALSE(sessions.find("", kStart).has_value());
  CHECK_FALSE(sessions.find(token + "a", kStart).has_value());
  sessions.end(token);
  CHECK_FALSE(sessions.find(token, kStart).has_value());
  CHECK(sessions.find(other, kStart).has_value());
}

TEST_CASE_METHOD(Fixture, "sessions: a request keeps one alive, idleness ends it (OPS-05)", "[console]") {
  const auto token = sessions.begin(user, kStart);
  const auto almost = settings.idle - seconds{1};
  CHECK(sessions.find(token, kStart + almost).has_value());
  CHECK(sessions.find(token, kStart + almost + almost).has_value());
  CHECK_FALSE(sessions.find(token, kStart + almost + almost + settings.idle).has_value());
}

TEST_CASE_METHOD(Fixture, "sessions: the longest one ends however busy it is (OPS-05)", "[console]") {
  const auto token = sessions.begin(user, kStart);
  auto at = kStart;
  for (; at < kStart + settings.session; at += settings.idle / 2) REQUIRE(sessions.find(token, at).has_value());
  CHECK_FALSE(sessions.find(token, at).has_value());
}

TEST_CASE_METHOD(Fixture, "sessions: there are never more than the limit; the one idle longest goes (OPS-05)",
                 "[console]") {
  settings.sessions = 2;
  const auto first = sessions.begin(user, kStart);
  const auto second = sessions.begin(user, kStart + seconds{1});
  REQUIRE(sessions.find(first, kStart + seconds{2}).has_value());
  const auto third = sessions.begin(user, kStart + seconds{3});
  CHECK(sessions.size() == 2);
  CHECK_FALSE(sessions.find(second, kStart + seconds{3}).has_value());
  CHECK(sessions.find(first, kStart + seconds{3}).has_value());
  CHECK(sessions.find(third, kStart + seconds{3}).has_value());
}

TEST_CASE_METHOD(Fixture, "sessions: one ends when its user is gone or changed, and another's goes on (OPS-05)",
                 "[console]") {
  const auto token = sessions.begin(user, kStart);
  const auto other = sessions.begin(users.by_id("cole"), kStart);
  users.replace({*user, {.id = "cole"}});
  CHECK(sessions.find(token, kStart).has_value());
  users.replace({{.id = "shah", .name = "Dr Amina Shah", .role = Role::kOperator}, {.id = "cole"}});
  CHECK_FALSE(sessions.find(token, kStart).has_value());
  CHECK(sessions.find(other, kStart).has_value());
  users.replace({*user});
  CHECK_FALSE(sessions.find(token, kStart).has_value());
  CHECK_FALSE(sessions.find(other, kStart).has_value());
  // A sign-in that was under way meanwhile.
  const auto late = sessions.begin(std::make_shared<const User>(User{.id = "cole"}), kStart);
  CHECK_FALSE(sessions.find(late, kStart).has_value());
}

}  // namespace gw::console
