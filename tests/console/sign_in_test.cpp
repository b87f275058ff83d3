#include "console/console_world.hpp"

namespace gw::console::test {

TEST_CASE("sign-in: the right password begins a session whose cookie no script and no other site can use (OPS-05)",
          "[console]") {
  World world;
  CHECK(header_value(world.get("/tasks").headers, "Location") == "/sign-in");
  const auto response = world.post("/sign-in", "user=shah&password=" + query_encoded(kPassword));
  CHECK(response.status == 303);
  CHECK(header_value(response.headers, "Location") == "/tasks");
  const auto cookie = header_value(response.headers, "Set-Cookie");
  CHECK(cookie.starts_with("__Host-"));
  for (const auto* const part : {"Path=/", "Secure", "HttpOnly", "SameSite=Strict"}) {
    CHECK(cookie.find(part) != std::string_view::npos);
  }
  CHECK(shows(world.get("/tasks"), "Dr Amina Shah"));
}

TEST_CASE("sign-in: a wrong password and an unknown name are told the same (OPS-05)", "[console]") {
  World world;
  const auto wrong = world.post("/sign-in", "user=shah&password=wrong-password");
  const auto unknown = world.post("/sign-in", "user=shaw&password=wrong-password");
  CHECK(wrong.status == 401);
  CHECK(unknown.status == 401);
  CHECK(shows(wrong, "The user name or the password is not right"));
  CHECK(shows(unknown, "The user name or the password is not right"));
  for (const auto* const field : {"user", "password"}) {
    CHECK(shows(wrong, std::string{field} + R"(-error" aria-invalid="true")"));
  }
  CHECK(world.cookie.empty());
}

TEST_CASE("sign-in: what was not filled in is named, and that alone (OPS-05)", "[console]") {
  World world;
  const auto page = world.post("/sign-in", "user=shah&password=");
  CHECK(shows(page, "Enter your password"));
  CHECK_FALSE(shows(page, "Enter your user name"));
  CHECK(shows(world.post("/sign-in", "user=&password=x"), "Enter your user name"));
}

TEST_CASE("sign-in: every page says who is signed in, and for which organisation or role (OPS-05)", "[console]") {
  World world;
  world.sign_in("shah");
  CHECK(shows(world.get("/tasks"), "Dr Amina Shah, Alder &lt;Lane&gt; Surgery"));
  world.post("/sign-out", "");
  world.sign_in("operator");
  CHECK(shows(world.get("/delivery"), "Sam Field, operator"));
}

TEST_CASE("sign-in: who keeps guessing has to wait, even with the right password then (OPS-05)", "[console]") {
  World world;
  for (std::size_t i = 0; i < world.settings.sign_in_failures; ++i) {
    CHECK(world.post("/sign-in", "user=shah&password=wrong-password").status == 401);
  }
  CHECK(world.post("/sign-in", "user=shah&password=" + query_encoded(kPassword)).status == 429);
}

TEST_CASE("sign-in: a name of any length is refused without being remembered, so that guesses fill no memory (OPS-05)",
          "[console]") {
  World world;
  const std::string endless(10'000, 'x');
  for (std::size_t i = 0; i <= world.settings.sign_in_failures; ++i) {
    CHECK(world.post("/sign-in", "user=" + endless + "&password=wrong-password").status == 401);
  }
  CHECK(world.post("/sign-in", "user=shah&password=" + query_encoded(kPassword)).status == 303);
}

TEST_CASE("sign-in: signing in anew makes the session before it useless, as does signing out (OPS-05)", "[console]") {
  World world;
  world.sign_in("shah");
  const auto before = world.cookie;
  world.post("/sign-in", "user=shah&password=" + query_encoded(kPassword));
  const auto after = world.cookie;
  CHECK(after != before);
  world.cookie = before;
  CHECK(world.get("/tasks").status == 303);
  world.cookie = after;
  CHECK(world.get("/tasks").status == 200);
  world.post("/sign-out", "");
  world.cookie = after;
  CHECK(world.get("/tasks").status == 303);
}

TEST_CASE("sign-in: a client certificate that belongs to a user is enough, another's is not (OPS-05)", "[console]") {
  World world;
  auto users = world.settings.users;
  users[0].certificate = std::string(64, 'a');
  world.console->replace_users(users);
  RequestHead head{.method = "POST", .target = "/sign-in", .headers = world.extra};
  head.peer.address = "10.0.0.7:1";
  head.peer.fingerprint = std::string(64, 'b');
  exchange::test::WholeBody another{"with=certificate"};
  CHECK(world.run(world.console->handle(head, another)).status == 401);
  head.peer.fingerprint = std::string(64, 'a');
  exchange::test::WholeBody own{"with=certificate"};
  CHECK(world.run(world.console->handle(head, own)).status == 303);
  head.peer.fingerprint.clear();
  world.console->replace_users(world.settings.users);
  exchange::test::WholeBody none{"with=certificate"};
  CHECK(world.run(world.console->handle(head, none)).status == 401);
}

TEST_CASE("sign-in: who is taken from the users is out at once, and does not come in again (OPS-05)", "[console]") {
  World world;
  world.sign_in("shah");
  REQUIRE(world.get("/tasks").status == 200);
  auto users = world.settings.users;
  users.erase(users.begin());
  world.console->replace_users(users);
  CHECK(header_value(world.get("/tasks").headers, "Location") == "/sign-in");
  world.form_token.clear();
  CHECK(world.post("/sign-in", "user=shah&password=" + query_encoded(kPassword)).status == 401);
  world.sign_in("elm");
  CHECK(world.get("/tasks").status == 200);
}

}  // namespace gw::console::test
