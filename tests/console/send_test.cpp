#include "console/console_world.hpp"
#include "console/send_outcome.hpp"
#include "outbox/statement.hpp"

namespace gw::console::test {

namespace {
constexpr std::string_view kIdentifier = "0f8fad5b-d9cb-469f-a165-70867728950e";
}

TEST_CASE("send: a task from the console is told as received once the recipient stored it (OPS-05)", "[console]") {
  World world;
  world.sign_in("shah");
  const auto form = world.post("/send", "find=1&nhs-number=999+000+0018");
  CHECK(shows(form, "O&#39;APPLEBY, Rowan (Ms)"));
  CHECK(shows(form, "14-Jul-1945"));
  CHECK(shows(form, "999 000 0018"));
  CHECK(shows(form, R"(<option value="C33333" selected>)"));
  const auto sent = world.send(kIdentifier, "Ring her & <say> \xE2\x80\x9Chello\xE2\x80\x9D\nsoon");
  CHECK(sent.status == 200);
  CHECK(shows(sent, "Cedar Practice has stored the task."));
  CHECK(world.courier.sent == 1);
  const auto tasks = world.tasks();
  REQUIRE(tasks.size() == 1);
  CHECK(tasks[0].state == outbox::State::kDelivered);
  CHECK(tasks[0].task.sender.text() == "A11111");
  CHECK(shows(world.get("/tasks?task=" + to_text(tasks[0].task.id)),
              "Ring her &amp; &lt;say&gt; \xE2\x80\x9Chello\xE2\x80\x9D<br>soon"));
}

TEST_CASE("send: the recipient's request names the signed-in person and this organisation (OPS-05, JWT-05)",
          "[console]") {
  World world;
  world.sign_in("shah");
  world.send(kIdentifier);
  REQUIRE(world.courier.requests.size() == 1);
  const auto& headers = world.courier.requests[0].headers;
  CHECK(header_value(headers, "Ssp-From") == "200000000001");
  CHECK(header_value(headers, "Ssp-To") == "200000000003");
  const auto bearer = header_value(headers, "Authorization");
  const auto begin = bearer.find('.') + 1;
  const auto claims = base64url_decode(bearer.substr(begin, bearer.rfind('.') - begin));
  REQUIRE(claims.has_value());
  CHECK(claims->find(R"("sub":"shah")") != std::string::npos);
  CHECK(claims->find(R"("family":["Shah"])") != std::string::npos);
  CHECK(claims->find("9990000018") != std::string::npos);
}

TEST_CASE("send: what certainly failed may be sent again, and is then one task under one identifier (OPS-05, OUT-03)",
          "[console]") {
  World world;
  world.sign_in("shah");
  world.courier.answer = [] { return World::failed(); };
  const auto failed = world.send(kIdentifier);
  CHECK(shows(failed, "Not delivered"));
  CHECK(shows(failed, "Send again"));
  CHECK(shows(failed, kIdentifier));
  world.courier.answer = [] { return World::delivered(); };
  CHECK(shows(world.send(kIdentifier), "has stored the task"));
  CHECK(world.courier.sent == 2);
  CHECK(shows(world.send(kIdentifier), "has stored the task"));
  CHECK(world.courier.sent == 2);
}

TEST_CASE("send: what is in doubt is told as such, offers no sending again, and is never sent twice (OPS-05, OUT-04)",
          "[console]") {
  World world;
  world.sign_in("shah");
  world.courier.answer = [] { return World::in_doubt(); };
  const auto told = world.send(kIdentifier);
  CHECK(shows(told, "Sent, but not confirmed"));
  CHECK(shows(told, "app-outcome--doubtful"));
  CHECK(shows(told, "<li>Telephone Cedar Practice and ask whether they have it.</li>"));
  CHECK_FALSE(shows(told, "Send again"));
  CHECK(shows(world.send(kIdentifier), "Sent, but not confirmed"));
  CHECK(world.courier.sent == 1);
  CHECK(shows(world.get("/tasks"), "not confirmed"));
}

TEST_CASE("send: green is for what the recipient stored, and for nothing else (OPS-05)", "[console]") {
  World world;
  const RequestHead head;
  Visit visit{.head = head, .path = {}, .query = {}, .form = {}, .session = {}, .session_token = {}, .directory = {}};
  visit.directory = world.directory.current();
  visit.session = Session{std::make_shared<const User>(world.settings.users.front()), {}};
  const Draft draft{.from = visit.directory->by_ods("A11111"),
                    .to = visit.directory->by_ods("C33333"),
                    .patient = visit.directory->patient_by_logical_id("10"),
                    .text = "Please ring her.",
                    .identifier = std::string{kIdentifier}};
  const auto look_of = [&](Outcome outcome) {
    const Sent sent{.outcome = outcome, .trace = {}, .reasons = {}, .stored = {}};
    const auto page = outcome_page(sent, draft, visit).main.text();
    constexpr std::string_view before = R"(<div class="nhsuk-panel app-outcome)";
    const auto begin = page.find(before) + before.size();
    return page.substr(begin, page.find('"', begin) - begin);
  };
  CHECK(look_of(Outcome::kReceived).empty());
  CHECK(look_of(Outcome::kQueued) == " app-outcome--waiting");
  CHECK(look_of(Outcome::kInDoubt) == " app-outcome--doubtful");
  CHECK(look_of(Outcome::kNotDelivered) == " app-outcome--bad");
  CHECK(look_of(Outcome::kRefused) == " app-outcome--bad");
}

TEST_CASE("send: a form that was used for one task does not send another (OPS-05, OUT-03)", "[console]") {
  World world;
  world.sign_in("shah");
  world.send(kIdentifier);
  const auto other = world.send(kIdentifier, "Something else.");
  CHECK(shows(other, "Not delivered: it was refused"));
  CHECK_FALSE(shows(other, R"(name="identifier" value="0f8fad5b)"));
  CHECK(world.courier.sent == 1);
}

TEST_CASE("send: a form with mistakes is shown again with each of them, and nothing is sent (OPS-05)", "[console]") {
  World world;
  world.sign_in("shah");
  CHECK(shows(world.post("/send", "find=1&nhs-number=999000001"), "Enter an NHS number of 10 digits"));
  CHECK(shows(world.post("/send", "find=1&nhs-number=9990000019"), "check digit of this NHS number is wrong"));
  CHECK(shows(world.post("/send", "find=1&nhs-number=9990004129"), "nobody with this NHS number"));
  const auto empty = world.post("/send", "nhs-number=9990000018&to=D44444&type=9&text=+");
  for (const auto* const sentence :
       {"Choose the organisation", "Choose whether action is needed", "Enter the details of the task"}) {
    CHECK(shows(empty, sentence));
  }
  for (const auto* const field : {"to", "type-1", "text"})
    CHECK(shows(empty, std::string{field} + R"(-error" aria-invalid="true")"));
  const std::string long_text(world.settings.text_characters + 1, 'x');
  CHECK(shows(world.post("/send", "nhs-number=9990000018&to=C33333&type=1&text=" + long_text), "characters or fewer"));
  CHECK(world.tasks().empty());
}

TEST_CASE("send: an organisation whose system is another one cannot send from here (OPS-05, TLS-04)", "[console]") {
  World world;
  world.sign_in("elm");
  CHECK(world.get("/send").status == 403);
  CHECK(world.send(kIdentifier).status == 403);
  CHECK(world.tasks().empty());
}

TEST_CASE("send: every console request is on record with who made it (OPS-05, AUD-01)", "[console]") {
  World world;
  world.sign_in("shah");
  world.send(kIdentifier);
  world.get("/delivery");
  world.outbox->stop();
  auto connection = outbox::Connection::open(world.files.path("outbox.db"), outbox::Connection::Access::kReadOnly);
  REQUIRE(connection.has_value());
  const auto console = (*connection)
                           ->value_of(
                               "SELECT group_concat(outcome, '; ') FROM (SELECT outcome FROM audit WHERE kind = "
                               "'console' AND user_id = 'shah' "
                               "AND organisation = 'A11111' ORDER BY seq)");
  REQUIRE(console.has_value());
  CHECK(*console == "sign in; list tasks; send task: received; refused: role, /delivery");
  const auto wire = (*connection)
                        ->value_of(
                            "SELECT count(*) FROM audit WHERE kind = 'request' AND user_id = '111222333444' AND "
                            "peer_address = '_console'");
  REQUIRE(wire.has_value());
  CHECK(*wire == "1");
}

}  // namespace gw::console::test
