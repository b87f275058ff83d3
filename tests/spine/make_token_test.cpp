#include <catch2/catch.hpp>

#include "payload.hpp"

using namespace gw;
using test::issues_of;

namespace {

spine::Token full_token() {
  spine::Token token;
  token.issuer = "https://sender.example.nhs.uk";
  token.user_id = "7";
  token.user_sds_id = "G1";
  token.user_name = "Dr Ada Mary O'Jones \"the\" Smith-\u00c9";
  token.user_role = "R0260";
  token.scope = "patient/*.write";
  token.device = "Front Desk 2.0";
  token.organisation = OdsCode{"A12345"};
  token.organisation_name = "The \\ Surgery";
  token.organisation_id = "9";
  token.patient = NhsNumber{"9990000018"};
  token.issued_at = Instant{seconds{test::kIssued}};
  return token;
}

fhir::Checked<spine::Token> check(const spine::Token& token, std::string_view interaction = test::kCreateOrder) {
  return spine::check_token(spine::make_token(token), *spine::find_interaction(interaction), test::kNow);
}

}  // namespace

TEST_CASE("make_token: what it writes is read back the same (JWT-01 to JWT-05)", "[spine]") {
  const auto token = full_token();
  const auto read = check(token);
  INFO(issues_of(read));
  REQUIRE(read.has_value());
  CHECK(read->issuer == token.issuer);
  CHECK(read->user_id == token.user_id);
  CHECK(read->user_sds_id == token.user_sds_id);
  CHECK(read->user_name == token.user_name);
  CHECK(read->user_role == token.user_role);
  CHECK(read->scope == token.scope);
  CHECK(read->device == token.device);
  CHECK(read->organisation == token.organisation);
  CHECK(read->organisation_name == token.organisation_name);
  CHECK(read->organisation_id == token.organisation_id);
  CHECK(read->patient == token.patient);
  CHECK(read->issued_at == token.issued_at);
  CHECK(read->expires_at == token.issued_at + seconds{300});
}

TEST_CASE("make_token: without a patient the record is an organisation (JWT-03)", "[spine]") {
  auto token = full_token();
  token.patient.reset();
  token.scope = "organization/*.read";
  auto read = check(token, test::kReadMetadata);
  REQUIRE(read.has_value());
  CHECK(read->record_organisation == token.organisation);
  token.record_organisation = OdsCode{"B12345"};
  read = check(token, test::kReadMetadata);
  REQUIRE(read.has_value());
  CHECK(read->record_organisation->text() == "B12345");
}

TEST_CASE("make_token: a short name and bare fields still make a token that is accepted", "[spine]") {
  auto token = full_token();
  token.user_name = "Ada";
  token.user_sds_id.clear();
  token.organisation_id.clear();
  token.organisation_name.clear();
  token.device.clear();
  const auto read = check(token);
  INFO(issues_of(read));
  REQUIRE(read.has_value());
  CHECK(read->user_sds_id == "7");
}

TEST_CASE("make_token: milliseconds are dropped, for the claims are whole seconds (JWT-02)", "[spine]") {
  auto token = full_token();
  token.issued_at += milliseconds{999};
  const auto read = check(token);
  REQUIRE(read.has_value());
  CHECK(read->issued_at == Instant{seconds{test::kIssued}});
}
