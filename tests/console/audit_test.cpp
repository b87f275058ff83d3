#include "console/audit_request.hpp"
#include "console/console_world.hpp"
#include "console/words.hpp"

namespace gw::console::test {

namespace {

/// A task sent by Dr Shah about Ms O'Appleby; then the auditor is signed in.
void send_and_audit(World& world) {
  world.sign_in("shah");
  world.send("0f8fad5b-d9cb-469f-a165-70867728950e");
  world.post("/sign-out", "");
  world.sign_in("auditor");
}

std::vector<outbox::AuditEntry> all_records(const World& world) {
  std::vector<outbox::AuditEntry> found;
  auto view = outbox::AuditView::open(world.store.path);
  REQUIRE(view.has_value());
  const auto keep = [&found](const outbox::AuditEntry& entry) {
    found.push_back(entry);
    return true;
  };
  REQUIRE((*view)->read({}, keep).has_value());
  return found;
}

}  // namespace

TEST_CASE("audit: an auditor finds what was done about a patient, and by whom (OPS-05, AUD-03)", "[console]") {
  World world;
  send_and_audit(world);
  const auto found = world.post("/audit", "patient=999+000+0018");
  CHECK(found.status == 200);
  CHECK(shows(found, "Dr Amina Shah"));
  CHECK(shows(found, "send task: received"));
  CHECK(shows(found, "999 000 0018"));
  CHECK_FALSE(shows(found, "Kim Reed</td>"));
  CHECK(shows(world.post("/audit", "patient=9990001383"), "No record matches"));
  CHECK(shows(world.post("/audit", "user=shah"), "sign in"));
  CHECK(shows(world.post("/audit", "user=shah&organisation=E55555"), "No record matches"));
  CHECK(shows(world.post("/audit", "to=2020-01-01T00%3A00"), "No record matches"));
  CHECK(shows(world.post("/audit", "from=2020-01-01T00%3A00"), "send task: received"));
  const auto id = to_text(world.tasks().front().task.id);
  CHECK(shows(world.post("/audit", "task=" + id), "send task: received"));
}

TEST_CASE("audit: every search and every check is itself on record, with what was asked for (OPS-05, AUD-01)",
          "[console]") {
  World world;
  send_and_audit(world);
  world.post("/audit", "patient=9990000018&user=Dr+Amina+Shah");
  world.post("/audit/verify", "");
  const auto records = all_records(world);
  REQUIRE(records.size() > 2);
  const auto& search = records.at(records.size() - 2).record;
  CHECK(search.outcome == "search audit: user Dr Amina Shah");
  CHECK(search.patient == "9990000018");
  CHECK(search.user_id == "auditor");
  CHECK(records.back().record.outcome.starts_with("verify audit: good, "));
}

TEST_CASE("audit: a patient's list, and a try at another organisation's task, are on record (OPS-05, AUD-01)",
          "[console]") {
  World world;
  world.sign_in("shah");
  world.send("0f8fad5b-d9cb-469f-a165-70867728950e");
  world.get("/tasks?patient=10");
  CHECK(all_records(world).back().record.patient == "9990000018");
  const auto id = world.tasks().front().task.id;
  world.post("/sign-out", "");
  world.sign_in("elm");
  CHECK(world.get("/tasks?task=" + to_text(id)).status == 404);
  const auto refused = all_records(world).back().record;
  CHECK(refused.outcome == "refused: no such task of this organisation");
  CHECK(refused.task == id);
  CHECK(refused.user_id == "elm");
}

TEST_CASE("audit: a search comes in pages of a bounded size, which go on where they ended (OPS-05)", "[console]") {
  World world;
  world.settings.audit_records = 2;
  send_and_audit(world);
  const auto first = world.post("/audit", "user=shah");
  CHECK(shows(first, "2 records, the newest first; there are older ones"));
  constexpr std::string_view name = R"(name="after" value=")";
  const auto at = first.body.find(name);
  REQUIRE(at != std::string::npos);
  const auto after = first.body.substr(at + name.size(), first.body.find('"', at + name.size()) - at - name.size());
  const auto next = world.post("/audit", "user=shah&after=" + after);
  CHECK_FALSE(shows(next, "record " + after + "<"));
  CHECK(shows(first, "record " + after + "<"));
  CHECK(shows(next, "Dr Amina Shah"));
}

TEST_CASE("audit: what cannot be searched for is named beside its field (OPS-05)", "[console]") {
  World world;
  world.sign_in("auditor");
  const auto page = world.post("/audit", "patient=12345&task=nonsense&from=yesterday&user=" + std::string(300, 'x'));
  CHECK(page.status == 400);
  for (const auto* const field : {"patient-error", "task-error", "from-error", "user-error"}) CHECK(shows(page, field));
}

TEST_CASE("audit: the check tells a good audit from one that was changed (OPS-05, AUD-02)", "[console]") {
  World world;
  send_and_audit(world);
  CHECK(shows(world.post("/audit/verify", ""), "The audit is as it was written"));
  {
    auto opened = outbox::Connection::open(world.store.path, outbox::Connection::Access::kReadWrite);
    REQUIRE(opened.has_value());
    REQUIRE((*opened)->execute("DROP TRIGGER audit_no_update").has_value());
    REQUIRE((*opened)->execute("UPDATE audit SET at = at + 1 WHERE seq = 2").has_value());
  }
  const auto page = world.post("/audit/verify", "");
  CHECK(shows(page, "The audit is not as it was written"));
  CHECK(shows(page, "record 2 was changed"));
}

TEST_CASE("audit: an unreadable store is told in words, not as an empty audit (OPS-05)", "[console]") {
  World world;
  world.sign_in("auditor");
  world.store.path = world.files.path("elsewhere.db");
  CHECK(world.post("/audit", "").status == 503);
  CHECK(world.post("/audit/verify", "").status == 503);
}

TEST_CASE("audit: a picked date and time is one of London's (OPS-05)", "[console]") {
  CHECK(text_of(*moment_from("2026-07-01T09:30")) == "01-Jul-2026 09:30:00");
  CHECK(text_of(*moment_from("2026-11-21T23:59")) == "21-Nov-2026 23:59:00");
  for (const auto* const text : {"", "2026-11-21", "2026-13-21T09:30", "2026-11-21T09:30Z", "2026-11-21 09:30"}) {
    CHECK_FALSE(moment_from(text).has_value());
  }
}

}  // namespace gw::console::test
