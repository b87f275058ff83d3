// The Authorization header and the token's outer form.
#include <catch2/catch.hpp>

#include "payload.hpp"

using namespace gw;
using test::has;
using test::Payload;

namespace {

fhir::Checked<spine::Token> read(const Headers& headers) {
  const RequestHead head{.method = "POST", .target = "/", .headers = headers, .peer = {}};
  return spine::read_token(head, *spine::find_interaction(test::kCreateOrder), test::kNow);
}

fhir::Checked<spine::Token> check(const std::string& jwt) {
  return spine::check_token(jwt, *spine::find_interaction(test::kCreateOrder), test::kNow);
}

/// A good token with another header.
std::string with_header(const std::string& json) {
  const auto jwt = Payload{}.jwt();
  return base64url_encode(json) + jwt.substr(jwt.find('.'));
}

std::string with_payload(const std::string& text) {
  const auto jwt = Payload{}.jwt();
  return jwt.substr(0, jwt.find('.') + 1) + text + '.';
}

/// Refused with 400 and the challenge `error`; gives the diagnostics.
std::string refused(const fhir::Checked<spine::Token>& checked, const std::string& error,
                    std::string_view rule = "JWT-01") {
  REQUIRE_FALSE(checked.has_value());
  const auto& refusal = checked.error();
  CHECK(refusal.status == 400);
  REQUIRE_FALSE(refusal.issues.empty());
  CHECK(refusal.issues[0].code == fhir::ErrorCode::kBadRequest);
  CHECK(refusal.issues[0].rule == rule);
  const auto challenge = header_value(refusal.headers, "WWW-Authenticate");
  CHECK(challenge.starts_with("Bearer error=\"" + error + "\", error_description=\""));
  CHECK(std::count(challenge.begin(), challenge.end(), '"') == 4);
  return refusal.issues[0].diagnostics;
}

}  // namespace

TEST_CASE("bearer: the scheme is case-insensitive, and spaces before the token are taken (JWT-01)", "[spine]") {
  const std::string scheme = GENERATE(as<std::string>{}, "Bearer ", "bearer ", "BEARER   ");
  CHECK(test::issues_of(read({{"authorization", scheme + Payload{}.jwt()}})).empty());
}

TEST_CASE("bearer: a header that is missing, doubled or of another scheme is an invalid_request (JWT-01)", "[spine]") {
  const auto jwt = Payload{}.jwt();
  CHECK(has(refused(read({}), "invalid_request"), "Authorization is missing"));
  CHECK(has(refused(read({{"Authorization", "Bearer " + jwt}, {"authorization", "Bearer " + jwt}}), "invalid_request"),
            "2 times"));
  for (const std::string value : {"", "Basic dTpw", "Bearer", "Bearer ", "Bearer a.b.c d", "Bearer a.b.c,Bearer"}) {
    INFO(value);
    refused(read({{"Authorization", value}}), "invalid_request");
  }
  refused(read({{"Authorization", jwt}}), "invalid_request");
}

TEST_CASE("token: it has three parts, of which the last is empty (JWT-01)", "[spine]") {
  const auto jwt = Payload{}.jwt();
  CHECK(has(refused(check(jwt.substr(0, jwt.size() - 1)), "invalid_token"), "has 2 parts"));
  CHECK(has(refused(check(jwt + "."), "invalid_token"), "has 4 parts"));
  CHECK(has(refused(check("abc"), "invalid_token"), "has 1 part;"));
  CHECK(has(refused(check(jwt + "c2ln"), "invalid_token"), "must be empty"));
  CHECK(has(refused(check(".."), "invalid_token"), "header is empty"));
  CHECK(has(refused(check(with_payload("")), "invalid_token"), "payload is empty"));
}

TEST_CASE("token: the header says alg none and typ JWT, and nothing else (JWT-01)", "[spine]") {
  for (const std::string good : {R"({"typ":"JWT","alg":"none"})", R"({ "alg" : "none" })"}) {
    CHECK(test::issues_of(check(with_header(good))).empty());
  }
  for (const std::string bad :
       {R"({})", R"([])", R"("none")", R"({"typ":"JWT"})", R"({"alg":null,"typ":"JWT"})", R"({"alg":"","typ":"JWT"})",
        R"({"alg":"none","typ":"jwt"})", R"({"alg":"none","typ":1})", R"({"alg":"none","typ":"JWT","kid":"1"})",
        R"({"alg":"none","alg":"none","typ":"JWT"})", R"({"alg":"none","typ":"JWT"}x)", "none"}) {
    INFO(bad);
    refused(check(with_header(bad)), "invalid_token");
  }
}

TEST_CASE("token: another alg than none is refused by name (JWT-06)", "[spine]") {
  for (const std::string alg : {"RS256", "None", "NONE", "HS256"}) {
    CHECK(has(refused(check(with_header(R"({"alg":")" + alg + R"(","typ":"JWT"})")), "invalid_token", "JWT-06"),
              '\'' + alg + '\''));
  }
}

TEST_CASE("token: padding is tolerated, other strays in base64url are not (JWT-01)", "[spine]") {
  const std::string json = test::kPayload;
  for (std::size_t blanks = 0; blanks < 3; ++blanks) {
    auto text = base64url_encode(json + std::string(blanks, ' '));
    text.append((4 - text.size() % 4) % 4, '=');
    CHECK(test::issues_of(check(with_payload(text))).empty());
  }
  CHECK(has(refused(check(with_payload("ab+/")), "invalid_token"), "plain base64"));
  for (const std::string bad : {"a", "ab\n", "ab!d", "a=bc", "ab\xC3\xA9"}) {
    INFO(bad);
    refused(check(with_payload(bad)), "invalid_token");
  }
}

TEST_CASE("token: the payload is one strict JSON object (JWT-01)", "[spine]") {
  const std::string good = test::kPayload;
  for (const std::string& bad :
       {std::string{"[]"}, std::string{"\"x\""}, std::string{"{"}, good + "x", "x" + good,
        std::string{"{\"a\":1,\"a\":1}"}, std::string{"{\"iss\":'x'}"}, std::string{"\xFF"},
        std::string{"\xEF\xBB\xBF"} + good, std::string(200, '['), std::string{"{\"a\":"} + std::string(8000, '[')}) {
    INFO(bad);
    refused(check(with_payload(base64url_encode(bad))), "invalid_token");
  }
  refused(check(with_payload(base64url_encode(std::string{"{}\0", 3}))), "invalid_token");
}

TEST_CASE("token: its size is bounded (JWT-01)", "[spine]") {
  const auto checked = check(with_payload(std::string(20'000, 'a')));
  CHECK(has(refused(checked, "invalid_token"), "at most 16384"));
  CHECK(checked.error().issues[0].type == fhir::IssueType::kTooLong);
}

TEST_CASE("token: no refusal gives the token back (JWT-07)", "[spine]") {
  Payload payload;
  payload.set("/aud", "\"wrong\"").set("/sub", "\"9990000018\"");
  const auto jwt = payload.jwt();
  const auto text = test::issues_of(payload.check());
  CHECK_FALSE(has(text, jwt.substr(0, 30)));
  CHECK_FALSE(has(text, "9990000018"));
}
