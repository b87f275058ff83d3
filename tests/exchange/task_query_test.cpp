// What a search's parameters ask the outbox for.
#include "exchange/doubt.hpp"
#include "exchange/exchange_world.hpp"
#include "exchange/search_tasks.hpp"

using namespace gw;
using namespace gw::exchange;
using namespace gw::exchange::test;

namespace {

fhir::Checked<outbox::Query> query_of(const std::string& parameters) {
  const std::string target = "/B82001/DSTU2/1/Order?" + parameters;
  const auto url = parse_url(target);
  REQUIRE(url.has_value());
  Caller caller;
  caller.url = *url;
  caller.directory = make_directory();
  caller.sender = caller.directory->by_ods("A11111");
  caller.recipient = caller.directory->by_ods("B82001");
  caller.base = "https://hub.example.test/B82001/DSTU2/1";
  return task_query(caller);
}

Instant at(std::string_view text) {
  return parse_fhir_datetime(text).value().instant.value();
}

}  // namespace

TEST_CASE("search: it is always limited to the recipient's delivered tasks that the caller may see (ANS-09)",
          "[exchange]") {
  const auto query = query_of("colour=blue&source=Organization/9");
  REQUIRE(query.has_value());
  CHECK(query->state == outbox::State::kDelivered);
  REQUIRE(query->requester.has_value());
  CHECK(query->requester->organisation == "A11111");
  CHECK(query->requester->reference == "Organization/1");
  CHECK(query->requester->acts_for.empty());
  CHECK_FALSE(query->party.has_value());
  CHECK(query->recipient == "B82001");
}

TEST_CASE("search: references are given as id, relative or under the base (ANS-09)", "[exchange]") {
  for (const std::string value : {"10", "Patient/10", "https://hub.example.test/B82001/DSTU2/1/Patient/10"}) {
    CHECK(query_of("patient=" + value)->subject == "Patient/10");
    CHECK(query_of("subject=" + value)->subject == "Patient/10");
  }
  CHECK(query_of("target=2")->target == "Organization/2");
}

TEST_CASE("search: dates of any precision, with each prefix, are ranges in Europe/London (ANS-09)", "[exchange]") {
  const auto from = at("2026-07-01T23:00:00Z");  // midnight in British Summer Time
  const auto before = at("2026-07-02T23:00:00Z");
  CHECK(query_of("date=2026-07-02")->dated_from == from);
  CHECK(query_of("date=eq2026-07-02")->dated_before == before);
  CHECK(query_of("date=ge2026-07-02")->dated_from == from);
  CHECK(query_of("date=gt2026-07-02")->dated_from == before);
  CHECK(query_of("date=lt2026-07-02")->dated_before == from);
  CHECK(query_of("date=le2026-07-02")->dated_before == before);
  CHECK(query_of("date=ne2026-07-02")->dated_outside);
  CHECK(query_of("date=2026-12")->dated_before == at("2027-01-01T00:00:00Z"));
  CHECK(query_of("date=2026")->dated_from == at("2026-01-01T00:00:00Z"));
  const auto both = query_of("date=ge2026-07-02&date=lt2026-07-03");
  CHECK(both->dated_from == from);
  CHECK(both->dated_before == before);
}

TEST_CASE("search: a parameter that cannot be read is refused by name with 422 (ANS-09)", "[exchange]") {
  for (const std::string parameters : {"date=yesterday", "date=xx2026", "date=", "date=ne2026&date=2026", "_count=0",
                                       "_count=many", "_id=1", "identifier=", "identifier=system%7C"}) {
    CAPTURE(parameters);
    const auto query = query_of(parameters);
    REQUIRE_FALSE(query.has_value());
    CHECK(verdict_on(query).starts_with("422 INVALID_PARAMETER value"));
    const auto refusal = query.error();
    CHECK(parameters.starts_with(refusal.issues.front().location));
  }
}

TEST_CASE("search: an identifier is read as FHIR escapes it, which is how this gateway asks others (ANS-09, OUT-04)",
          "[exchange]") {
  outbox::NewTask task;
  task.identifier_system = R"(urn:a|b)";
  task.identifier_value = R"(1,2$3\4\)";
  const auto query = query_of(*search_for(task));
  REQUIRE(query.has_value());
  CHECK(query->identifier_system.value() == *task.identifier_system);
  CHECK(query->identifier_value.value() == *task.identifier_value);
  CHECK(query_of("identifier=s%7Ca%7Cb")->identifier_value == "a|b");  // a bar that nobody escaped
}

TEST_CASE("search: identifier, _id and _count reach the outbox (ANS-09)", "[exchange]") {
  const auto query =
      query_of("identifier=urn:ietf:rfc:3986%7Curn:uuid:1&_id=0000000000010&_count=7&_after=0000000000001");
  REQUIRE(query.has_value());
  CHECK(query->identifier_system == "urn:ietf:rfc:3986");
  CHECK(query->identifier_value == "urn:uuid:1");
  CHECK(query->id == task_id_from("0000000000010"));
  CHECK(query->after == task_id_from("0000000000001"));
  CHECK(query->count == 7);
  CHECK(query_of("_count=1000000")->count == outbox::kMaxPage);
}
