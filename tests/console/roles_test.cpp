#include "console/console_world.hpp"

namespace gw::console::test {

TEST_CASE("roles: each sees its own screens and is refused the others' (OPS-05)", "[console]") {
  struct Row {
    std::string_view user;
    int tasks, send, delivery, audit;
  };
  World world;
  for (const auto& row :
       {Row{"shah", 200, 200, 403, 403}, Row{"operator", 403, 403, 200, 403}, Row{"auditor", 403, 403, 403, 200}}) {
    CAPTURE(row.user);
    const auto response =
        world.post("/sign-in", "user=" + std::string{row.user} + "&password=" + query_encoded(kPassword));
    REQUIRE(response.status == 303);
    CHECK(world.get("/tasks").status == row.tasks);
    CHECK(world.get("/send").status == row.send);
    CHECK(world.get("/delivery").status == row.delivery);
    CHECK(world.get("/audit").status == row.audit);
    CHECK(world.post("/audit", "user=shah").status == row.audit);
    CHECK(world.post("/audit/verify", "").status == row.audit);
    world.post("/sign-out", "");
  }
}

TEST_CASE("roles: nobody who is not signed in gets a page or has a form carried out (OPS-05)", "[console]") {
  World world;
  for (const auto* const path : {"/", "/tasks", "/send", "/delivery", "/audit", "/nothing"}) {
    CHECK(header_value(world.get(path).headers, "Location") == "/sign-in");
  }
  CHECK(world.send("0f8fad5b-d9cb-469f-a165-70867728950e").status == 303);
  CHECK(world.tasks().empty());
}

TEST_CASE("forms: one without the session's token, or from another origin, does nothing (OPS-05)", "[console]") {
  World world;
  world.sign_in("shah");
  const auto token = world.form_token;
  world.form_token = "guessed";
  CHECK(world.send("0f8fad5b-d9cb-469f-a165-70867728950e").status == 403);
  world.form_token = token;
  world.extra[1].value = "https://evil.test";
  CHECK(world.send("0f8fad5b-d9cb-469f-a165-70867728950e").status == 403);
  world.extra[1].value = "null";
  CHECK(world.send("0f8fad5b-d9cb-469f-a165-70867728950e").status == 403);
  world.extra = {{"Host", "console.test:8445"}, {"Sec-Fetch-Site", "cross-site"}};
  CHECK(world.send("0f8fad5b-d9cb-469f-a165-70867728950e").status == 403);
  world.extra = {{"Host", "console.test:8445"}};
  CHECK(world.send("0f8fad5b-d9cb-469f-a165-70867728950e").status == 403);
  CHECK(world.tasks().empty());
}

TEST_CASE("forms: an audit is neither searched nor checked for a forged form (OPS-05)", "[console]") {
  World world;
  world.sign_in("auditor");
  world.form_token = "guessed";
  CHECK(world.post("/audit", "user=shah").status == 403);
  world.form_token = "guessed";  // the answer's own form had the right one
  CHECK(world.post("/audit/verify", "").status == 403);
}

TEST_CASE("answers: every page forbids scripts, frames and origins that are not its own, and keeping (OPS-05)",
          "[console]") {
  World world;
  for (const auto* const path : {"/sign-in", "/tasks", "/assets/console.css"}) {
    const auto response = world.get(path);
    const auto policy = header_value(response.headers, "Content-Security-Policy");
    CHECK(policy.find("default-src 'none'") != std::string_view::npos);
    CHECK(policy.find("frame-ancestors 'none'") != std::string_view::npos);
    CHECK(policy.find("unsafe") == std::string_view::npos);
    CHECK(header_value(response.headers, "X-Content-Type-Options") == "nosniff");
  }
  CHECK(header_value(world.get("/sign-in").headers, "Cache-Control") == "no-store");
  CHECK(world.request("DELETE", "/tasks").status == 405);
  CHECK(world.get("/assets/../console.css").status == 303);
}

}  // namespace gw::console::test
