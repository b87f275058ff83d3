#include "console/passwords.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <utility>

#include "console/sign_in_limit.hpp"
#include "support/loop.hpp"

namespace gw::console {

namespace {

const SteadyTime kStart{std::chrono::hours{100}};

}  // namespace

TEST_CASE("passwords: a hash opens to its own password alone, and is Argon2id (OPS-05)", "[console]") {
  const auto hash = hash_password("correct horse");
  REQUIRE(hash.has_value());
  CHECK(hash->starts_with("$argon2id$"));
  CHECK(is_password_hash(*hash));
  CHECK(*hash != *hash_password("correct horse"));
  gw::test::Loop loop;
  Passwords passwords{4};
  const auto opens = [&](const std::string& with, std::string password) {
    return *loop.run(passwords.matches(with, std::move(password)));
  };
  CHECK(opens(*hash, "correct horse"));
  CHECK_FALSE(opens(*hash, "correct horsf"));
  CHECK_FALSE(opens("", "correct horse"));
  CHECK_FALSE(opens(*hash, std::string(kMostPassword + 1, 'x')));
}

TEST_CASE("passwords: a short one is refused, a plain text is no hash (OPS-05)", "[console]") {
  CHECK(hash_password("too short").error().kind == FaultKind::kInvalid);
  CHECK_FALSE(is_password_hash("correct horse"));
  CHECK_FALSE(is_password_hash(""));
}

TEST_CASE("sign-in limit: after some failures one has to wait, and then may try again (OPS-05)", "[console]") {
  Settings settings;
  SignInLimit limit{settings};
  for (std::size_t i = 0; i < settings.sign_in_failures; ++i) CHECK_FALSE(limit.attempt("a", "10.0.0.1", kStart));
  const auto wait = limit.attempt("a", "10.0.0.1", kStart + seconds{1});
  REQUIRE(wait.has_value());
  CHECK(*wait == settings.sign_in_wait - seconds{1});
  CHECK_FALSE(limit.attempt("a", "10.0.0.2", kStart + seconds{1}));
  CHECK_FALSE(limit.attempt("b", "10.0.0.1", kStart + seconds{1}));
  CHECK_FALSE(limit.attempt("a", "10.0.0.1", kStart + settings.sign_in_wait));
}

TEST_CASE("sign-in limit: success forgets the failures before it (OPS-05)", "[console]") {
  Settings settings;
  SignInLimit limit{settings};
  for (int round = 0; round < 50; ++round) {
    CHECK_FALSE(limit.attempt("a", "10.0.0.1", kStart));
    limit.succeeded("a", "10.0.0.1");
  }
}

TEST_CASE("sign-in limit: neither many addresses nor many names get around it (OPS-05)", "[console]") {
  Settings settings;
  std::size_t let_in = 0;
  SignInLimit by_address{settings};
  for (int i = 0; i < 100; ++i) let_in += by_address.attempt("a", "10.0.0." + std::to_string(i), kStart) ? 0U : 1U;
  CHECK(let_in == settings.sign_in_failures * 4);
  let_in = 0;
  SignInLimit by_name{settings};
  for (int i = 0; i < 100; ++i) let_in += by_name.attempt("user" + std::to_string(i), "10.0.0.1", kStart) ? 0U : 1U;
  CHECK(let_in == settings.sign_in_failures * 4);
}

}  // namespace gw::console
