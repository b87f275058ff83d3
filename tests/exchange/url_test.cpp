#include "exchange/url.hpp"

#include <catch2/catch.hpp>
#include <string>

using gw::exchange::parse_query;
using gw::exchange::parse_url;

namespace {

int status_of(std::string_view target) {
  const auto url = parse_url(target);
  if (url) return 200;
  REQUIRE(url.error().issues.size() == 1);
  CHECK_FALSE(url.error().issues.front().diagnostics.empty());
  CHECK(url.error().issues.front().rule == "SSP-05");
  return url.error().status;
}

}  // namespace

TEST_CASE("url: the direct form names organisation, base and resource (SSP-05)", "[exchange]") {
  const auto url = parse_url("/B82001/DSTU2/1/Order");
  REQUIRE(url.has_value());
  CHECK_FALSE(url->proxied);
  CHECK(url->ods == "B82001");
  CHECK(url->base == "/B82001/DSTU2/1");
  CHECK(url->resource == "Order");
  CHECK(url->id.empty());
  CHECK(url->version.empty());
  CHECK(url->query.empty());
}

TEST_CASE("url: the proxied form has the provider's URL, scheme included, as its base (SSP-05)", "[exchange]") {
  const auto url = parse_url("/https://provider.example.test:8443/C33333/DSTU2/1/Order");
  REQUIRE(url.has_value());
  CHECK(url->proxied);
  CHECK(url->ods == "C33333");
  CHECK(url->base == "https://provider.example.test:8443/C33333/DSTU2/1");
  CHECK(url->resource == "Order");
}

TEST_CASE("url: one segment may stand between major version and resource, and belongs to the base (SSP-05)",
          "[exchange]") {
  const auto direct = parse_url("/B82001/DSTU2/1/gpconnect/Order/abc");
  REQUIRE(direct.has_value());
  CHECK(direct->base == "/B82001/DSTU2/1/gpconnect");
  CHECK(direct->resource == "Order");
  CHECK(direct->id == "abc");

  const auto proxied = parse_url("/https://provider.example.test/C33333/DSTU2/1/gpconnect/metadata");
  REQUIRE(proxied.has_value());
  CHECK(proxied->base == "https://provider.example.test/C33333/DSTU2/1/gpconnect");
  CHECK(proxied->resource == "metadata");

  CHECK(status_of("/B82001/DSTU2/1/one/two/Order") == 404);
}

TEST_CASE("url: the base itself has no resource, and a major version may have many digits (SSP-05)", "[exchange]") {
  const auto url = parse_url("/B82001/DSTU2/12");
  REQUIRE(url.has_value());
  CHECK(url->base == "/B82001/DSTU2/12");
  CHECK(url->resource.empty());
}

TEST_CASE("url: id and version come out of an instance URL (SSP-05)", "[exchange]") {
  const auto instance = parse_url("/B82001/DSTU2/1/Order/0123abc-D.9");
  REQUIRE(instance.has_value());
  CHECK(instance->id == "0123abc-D.9");
  CHECK(instance->version.empty());

  const auto version = parse_url("/B82001/DSTU2/1/Order/abc/_history/3?_format=xml");
  REQUIRE(version.has_value());
  CHECK(version->id == "abc");
  CHECK(version->version == "3");
  CHECK(version->query == "_format=xml");
}

TEST_CASE("url: what is below an instance is _history and one version, nothing else (SSP-05)", "[exchange]") {
  CHECK(status_of("/B82001/DSTU2/1/Order/abc/_history") == 404);
  CHECK(status_of("/B82001/DSTU2/1/Order/abc/_History/1") == 404);
  CHECK(status_of("/B82001/DSTU2/1/Order/abc/_history/1/2") == 404);
  CHECK(status_of("/B82001/DSTU2/1/Order/abc/history/1") == 404);
  CHECK(status_of("/B82001/DSTU2/1/Order/_history/1") == 404);
}

TEST_CASE("url: an id is 1 to 64 letters, digits, hyphens and dots (SSP-05)", "[exchange]") {
  const std::string base = "/B82001/DSTU2/1/Order/";
  CHECK(status_of(base + std::string(64, 'a')) == 200);
  CHECK(status_of(base + std::string(65, 'a')) == 404);
  CHECK(status_of(base + "a_b") == 404);
  CHECK(status_of(base + "a;b=c") == 404);
  CHECK(status_of(base + "abc/_history/a_b") == 404);
  CHECK(status_of(base + "abc/_history/" + std::string(65, '1')) == 404);
}

TEST_CASE("url: case matters in every part (SSP-05, ANS-08)", "[exchange]") {
  CHECK(status_of("/B82001/dstu2/1/Order") == 404);
  CHECK(status_of("/B82001/Dstu2/1/Order") == 404);
  CHECK(status_of("/B82001/DSTU2/1/order") == 404);
  CHECK(status_of("/B82001/DSTU2/1/ORDER") == 404);
  CHECK(status_of("/B82001/DSTU2/1/gpconnect/order") == 404);
  CHECK(status_of("/B82001/DSTU2/1/Metadata") == 404);
  CHECK(status_of("/HTTPS://provider.example.test/C33333/DSTU2/1/Order") != 200);
  REQUIRE(parse_url("/b82001/DSTU2/1/Order").has_value());
  CHECK(parse_url("/b82001/DSTU2/1/Order")->ods == "b82001");
}

TEST_CASE("url: a path of another shape is not found, and the answer shows the right form (SSP-05)", "[exchange]") {
  for (const auto* const target : {"/", "", "*", "B82001/DSTU2/1/Order", "/B82001", "/B82001/DSTU2",
                                   "/B82001/STU3/1/Order", "/B82001/DSTU2/v1/Order", "/B82001/DSTU2/Order",
                                   "/favicon.ico", "/http://provider.example.test/C33333/DSTU2/1/Order",
                                   "hub.example.test:443", "https://hub.example.test/B82001/DSTU2/1/Order"}) {
    INFO(target);
    const auto url = parse_url(target);
    REQUIRE_FALSE(url.has_value());
    CHECK((url.error().status == 404 || url.error().status == 400));
    CHECK(url.error().issues.front().diagnostics.find("DSTU2") != std::string::npos);
  }
  const auto url = parse_url("/B82001/STU3/1/Order");
  REQUIRE_FALSE(url.has_value());
  CHECK(url.error().status == 404);
  CHECK(url.error().issues.front().code == gw::fhir::ErrorCode::kNoRecordFound);
  CHECK(url.error().issues.front().type == gw::fhir::IssueType::kNotFound);
}

TEST_CASE("url: percent-encoded parts of a path are refused with 400, slashes above all (SSP-05)", "[exchange]") {
  CHECK(status_of("/B82001%2FDSTU2/1/Order") == 400);
  CHECK(status_of("/B82001/DSTU2/1/Order/a%2fb") == 400);
  CHECK(status_of("/B82001/DSTU2/1/Order/%00") == 400);
  CHECK(status_of("/%4282001/DSTU2/1/Order") == 400);
  CHECK(status_of("/https:%2F%2Fprovider.example.test/C33333/DSTU2/1/Order") == 400);
  CHECK(status_of("/B82001/DSTU2/1/Order?identifier=a%2Fb") == 200);
}

TEST_CASE("url: dot segments are refused with 400 wherever they stand, as an id too (SSP-05)", "[exchange]") {
  for (const auto* const target :
       {"/./DSTU2/1/Order", "/../DSTU2/1/Order", "/B82001/../1/Order", "/B82001/DSTU2/../Order",
        "/B82001/DSTU2/1/./Order", "/B82001/DSTU2/1/../Order", "/B82001/DSTU2/1/gpconnect/../Order",
        "/B82001/DSTU2/1/Order/.", "/B82001/DSTU2/1/Order/..", "/B82001/DSTU2/1/Order/abc/_history/..",
        "/B82001/DSTU2/1/Order/../_history/1", "/https://provider.example.test/../C33333/DSTU2/1/Order",
        "/https://../C33333/DSTU2/1/Order"}) {
    INFO(target);
    CHECK(status_of(target) == 400);
  }
  CHECK(status_of("/B82001/DSTU2/1/Order/a..b") == 200);
  CHECK(status_of("/B82001/DSTU2/1/Order?x=../..") == 200);
}

TEST_CASE("url: doubled and trailing slashes are refused with 400 (SSP-05)", "[exchange]") {
  for (const auto* const target :
       {"//B82001/DSTU2/1/Order", "/B82001//DSTU2/1/Order", "/B82001/DSTU2/1//Order", "/B82001/DSTU2/1/Order/",
        "/B82001/DSTU2/1/", "/B82001/DSTU2/1/Order/abc/_history/",
        "/https://provider.example.test//C33333/DSTU2/1/Order", "/https:///C33333/DSTU2/1/Order",
        "/https://provider.example.test/C33333/DSTU2/1/Order/"}) {
    INFO(target);
    CHECK(status_of(target) == 400);
  }
}

TEST_CASE("url: control characters, spaces and bytes beyond ASCII in a path are refused with 400 (SSP-05)",
          "[exchange]") {
  using namespace std::string_view_literals;
  CHECK(status_of("/B82\0001/DSTU2/1/Order"sv) == 400);
  CHECK(status_of("/B82001\r\n/DSTU2/1/Order") == 400);
  CHECK(status_of("/B82001 /DSTU2/1/Order") == 400);
  CHECK(status_of("/B82001\xc3\xa9/DSTU2/1/Order") == 400);
  CHECK(status_of("/B82001\x7f/DSTU2/1/Order") == 400);
}

TEST_CASE("url: a proxied provider stays in the base as written, so only an exact registration can match it (SSP-05)",
          "[exchange]") {
  const auto base_of = [](std::string_view target) -> std::string {
    const auto url = parse_url(target);
    return url ? std::string{url->base} : std::string{"refused"};
  };
  CHECK(base_of("/https://user:pw@provider.example.test/C33333/DSTU2/1/Order") ==
        "https://user:pw@provider.example.test/C33333/DSTU2/1");
  CHECK(base_of("/https://[::1]:8443/C33333/DSTU2/1/Order") == "https://[::1]:8443/C33333/DSTU2/1");
  CHECK(base_of("/https://[::ffff:127.0.0.1]/C33333/DSTU2/1/Order") == "https://[::ffff:127.0.0.1]/C33333/DSTU2/1");
  CHECK(base_of("/https://Provider.example.test/C33333/DSTU2/1/Order") ==
        "https://Provider.example.test/C33333/DSTU2/1");
  CHECK(base_of("/https://provider.example.test:/C33333/DSTU2/1/Order") ==
        "https://provider.example.test:/C33333/DSTU2/1");
}

TEST_CASE("url: the query begins at the first question mark and is kept undecoded (SSP-05)", "[exchange]") {
  const auto url = parse_url("/B82001/DSTU2/1/Order?a=1%20b&c=?//..");
  REQUIRE(url.has_value());
  CHECK(url->query == "a=1%20b&c=?//..");
  CHECK(parse_url("/B82001/DSTU2/1?x")->query == "x");
  CHECK(parse_url("/B82001/DSTU2/1/Order?")->query.empty());
}

TEST_CASE("query: parameters come decoded and in order, repeats and empty values kept (ANS-09)", "[exchange]") {
  const auto parameters = parse_query("b=1&a=x%2Fy+z&b=%C3%A9&flag&empty=&&c=d=e");
  REQUIRE(parameters.has_value());
  using Pair = std::pair<std::string, std::string>;
  CHECK(*parameters ==
        std::vector<Pair>{{"b", "1"}, {"a", "x/y z"}, {"b", "\xc3\xa9"}, {"flag", ""}, {"empty", ""}, {"c", "d=e"}});
  REQUIRE(parse_query("").has_value());
  CHECK(parse_query("")->empty());
  CHECK(parse_query("%61=1")->front().first == "a");
}

TEST_CASE("query: broken percent-encodings and encoded NULs are refused with 400", "[exchange]") {
  for (const auto* const query : {"a=%", "a=%2", "a=%zz", "a=%2g", "%=1", "a=1&b=%f", "a=%00", "a%00b=1"}) {
    INFO(query);
    const auto parameters = parse_query(query);
    REQUIRE_FALSE(parameters.has_value());
    CHECK(parameters.error().status == 400);
    CHECK(parameters.error().issues.front().code == gw::fhir::ErrorCode::kBadRequest);
  }
}

TEST_CASE("url: an operation or a compartment's type may end the path, and nothing after it (SSP-05, SSP-06)",
          "[exchange]") {
  const auto operation = parse_url("/B82001/DSTU2/1/Patient/$gpc.getcarerecord?x=1");
  REQUIRE(operation.has_value());
  CHECK(operation->resource == "Patient");
  CHECK(operation->id.empty());
  CHECK(operation->below == "$gpc.getcarerecord");
  const auto of_one = parse_url("/B82001/DSTU2/1/Organization/7/$gpc.getschedule");
  REQUIRE(of_one.has_value());
  CHECK(of_one->id == "7");
  CHECK(of_one->below == "$gpc.getschedule");
  const auto compartment = parse_url("/B82001/DSTU2/1/Patient/2/Appointment");
  REQUIRE(compartment.has_value());
  CHECK(compartment->below == "Appointment");
  CHECK(status_of("/B82001/DSTU2/1/Patient/$gpc.getcarerecord/more") == 404);
  CHECK(status_of("/B82001/DSTU2/1/Patient/2/Appointment/3") == 404);
  CHECK(status_of("/B82001/DSTU2/1/Patient/2/appointment") == 404);
}

TEST_CASE("url: the direct form names the registered endpoint's major version and segment (SSP-05)", "[exchange]") {
  const auto serves = [](std::string_view target, std::string_view endpoint) {
    const auto url = parse_url(target);
    REQUIRE(url.has_value());
    return is_service_of(*url, endpoint);
  };
  const std::string_view endpoint = "https://provider.example.test/fhir/B82001/DSTU2/1/gpconnect";
  CHECK(serves("/B82001/DSTU2/1/gpconnect/Order", endpoint));
  CHECK_FALSE(serves("/B82001/DSTU2/1/Order", endpoint));
  CHECK_FALSE(serves("/B82001/DSTU2/1/gpconnec/Order", endpoint));
  CHECK_FALSE(serves("/B82001/DSTU2/2/gpconnect/Order", endpoint));
  CHECK(serves("/B82001/DSTU2/1/Order", "https://provider.example.test/B82001/DSTU2/1/"));
  CHECK_FALSE(serves("/B82001/DSTU2/11/Order", "https://provider.example.test/B82001/DSTU2/1"));
  CHECK(serves("/B82001/DSTU2/1/Order", "https://provider.example.test/orders"));
}
