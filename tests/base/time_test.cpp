#include "base/time.hpp"

#include <catch2/catch.hpp>

using namespace gw;
using namespace std::chrono;

namespace {
Instant at(std::string_view text) {
  return parse_fhir_datetime(text).value().instant.value();
}
}  // namespace

TEST_CASE("time: a London day begins an hour before UTC's in summer", "[base]") {
  CHECK(to_iso_date(london_day(at("2026-07-01T22:59:59.999Z"))) == "2026-07-01");
  CHECK(to_iso_date(london_day(at("2026-07-01T23:00:00Z"))) == "2026-07-02");
}

TEST_CASE("time: a London day is UTC's in winter", "[base]") {
  CHECK(to_iso_date(london_day(at("2026-12-01T23:59:59Z"))) == "2026-12-01");
  CHECK(to_iso_date(london_day(at("2026-12-02T00:00:00Z"))) == "2026-12-02");
}

TEST_CASE("time: the midnight after a day on which the clocks change is 23 or 25 hours away", "[base]") {
  CHECK(london_midnight_after(at("2026-03-29T00:00:00Z")) - at("2026-03-29T00:00:00Z") == 23h);
  CHECK(london_midnight_after(at("2026-10-24T23:00:00Z")) - at("2026-10-24T23:00:00Z") == 25h);
}

TEST_CASE("time: instants are written in UTC to the millisecond", "[base]") {
  CHECK(to_iso8601(at("2026-11-21T02:03:04.5+01:00")) == "2026-11-21T01:03:04.500Z");
  CHECK(to_http_date(at("2026-11-21T01:02:03Z")) == "Sat, 21 Nov 2026 01:02:03 GMT");
}

TEST_CASE("time: an HTTP date is read back, and nothing else is", "[base]") {
  CHECK(parse_http_date("Sat, 21 Nov 2026 01:02:03 GMT") == at("2026-11-21T01:02:03Z"));
  for (const auto* const text : {"", "Fri, 21 Nov 2026 01:02:03 GMT", "Sat, 21 Nov 2026 01:02:03", "2026-11-21",
                                 "Sat, 21 Nov 2026 01:02:03 GMT "}) {
    CAPTURE(text);
    CHECK_FALSE(parse_http_date(text).has_value());
  }
}

TEST_CASE("time: each precision of a FHIR dateTime is told apart", "[base]") {
  using P = DateTime::Precision;
  CHECK(parse_fhir_datetime("2026")->precision == P::kYear);
  CHECK(parse_fhir_datetime("2026-11")->precision == P::kMonth);
  CHECK(parse_fhir_datetime("2026-11-21")->precision == P::kDay);
  CHECK(parse_fhir_datetime("2026-11-21T01:02:03+14:00")->precision == P::kInstant);
}

TEST_CASE("time: a dateTime that breaks the lexical form or names no real day is nothing", "[base]") {
  const auto* text =
      GENERATE("", "0000", "26", "2026-", "2026-13", "2026-00", "2026-02-29", "2026-11-31", "2026-11-21T",
               "2026-11-21T10:00Z", "2026-11-21T24:00:00Z", "2026-11-21T10:00:00", "2026-11-21T10:00:60Z",
               "2026-11-21T10:00:00.Z", "2026-11-21T10:00:00+14:01", "2026-11-21T10:00:00+1:00", "2026-11-21t10:00:00Z",
               " 2026", "2026-11-21T10:00:00Z ", "2026-11-21 10:00:00Z");
  CAPTURE(text);
  CHECK_FALSE(parse_fhir_datetime(text).has_value());
}
