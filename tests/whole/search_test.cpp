// Search and look-ups over the whole way.
#include <catch2/catch.hpp>

#include "whole/world.hpp"

using namespace gw;
using namespace gw::test;

namespace {

constexpr std::string_view kSearchOrder = "urn:nhs:names:services:gpconnect:fhir:rest:search:order";
constexpr std::string_view kSearchPatient = "urn:nhs:names:services:gpconnect:fhir:rest:search:patient";

Result<net::WireAnswer> ask(std::string below, std::string_view interaction) {
  auto& world = World::shared();
  auto request = world.practice().read_of(world.task(Way::kMailbox), std::move(below), world.now());
  set_header(request, "Ssp-InteractionID", std::string{interaction});
  return world.send(request);
}

std::size_t occurrences(const std::string& text, std::string_view what) {
  std::size_t count = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("search: what was sent is found by identifier, date and patient, page by page (ANS-09)", "[whole]") {
  auto& world = World::shared();
  auto task = world.task(Way::kMailbox);
  task.identifier = "3f2b7c1a-5a0e-4a41-9a57-0d5c2f6f8b11";
  REQUIRE(world.send(world.practice().request_of(task, world.now()))->status == 201);
  REQUIRE(world.send(world.request(Way::kMailbox))->status == 201);

  const auto one = ask("/Order?identifier=urn:ietf:rfc:3986%7Curn:uuid:" + task.identifier, kSearchOrder);
  REQUIRE(one.has_value());
  CHECK(one->status == 200);
  CHECK(occurrences(one->body, "\"fullUrl\"") == 1);

  const auto page =
      ask("/Order?patient=Patient/1&date=" + to_iso_date(london_day(world.now())) + "&_count=1", kSearchOrder);
  REQUIRE(page.has_value());
  CHECK(occurrences(page->body, "\"fullUrl\"") == 1);
  CHECK(page->body.find("\"relation\":\"next\"") != std::string::npos);
  const auto next = page->body.find("_after=");
  REQUIRE(next != std::string::npos);
  const auto second = ask(
      "/Order?patient=Patient/1&_count=1&" + page->body.substr(next, page->body.find('"', next) - next), kSearchOrder);
  REQUIRE(second.has_value());
  CHECK(occurrences(second->body, "\"fullUrl\"") == 1);
  CHECK(second->body != page->body);

  CHECK(occurrences(ask("/Order?date=lt2020", kSearchOrder)->body, "\"fullUrl\"") == 0);
  CHECK(ask("/Order?date=never", kSearchOrder)->status == 422);
}

TEST_CASE("search: a sender finds the reference for its patient before it sends (ANS-11)", "[whole]") {
  const auto found = ask("/Patient?identifier=http://fhir.nhs.net/Id/nhs-number%7C9990000018", kSearchPatient);
  REQUIRE(found.has_value());
  CHECK(found->status == 200);
  CHECK(found->body.find("/Patient/1\"") != std::string::npos);
}
