#include "exchange/relay.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "exchange/exchange_world.hpp"

using namespace gw;
using namespace gw::exchange;

namespace {

/// "Name: value" of every header, a line each.
std::string lines_of(const Headers& headers) {
  std::string lines;
  for (const auto& header : headers) lines += header.name + ": " + header.value + '\n';
  return lines;
}

delivery::Route route_with(std::string base_path) {
  delivery::Route route;
  route.target.host = "provider.example.test";
  route.base_path = std::move(base_path);
  return route;
}

std::string target_of(const std::string& target, std::string base_path = "/C33333/DSTU2/1") {
  RequestHead head;
  head.method = "GET";
  head.target = target;
  const auto url = parse_url(head.target);
  REQUIRE(url.has_value());
  return relayed_request(head, *url, route_with(std::move(base_path)), {}).target;
}

net::WireRequest relayed(const Headers& headers, std::string_view body = {}) {
  RequestHead head;
  head.method = "POST";
  head.target = "/C33333/DSTU2/1/Order";
  head.headers = headers;
  head.peer.address = "[2001:db8::7]:50123";
  const auto url = parse_url(head.target);
  REQUIRE(url.has_value());
  return relayed_request(head, *url, route_with("/C33333/DSTU2/1"), body);
}

}  // namespace

TEST_CASE("relay: end-to-end headers go on in order, casing and repeats kept (SSP-06)", "[exchange]") {
  const Headers headers{{"ssp-TRACEID", "t"}, {"Accept", "a"}, {"X-One", "1"},
                        {"accept", "b"},      {"X-ONE", "2"},  {"Empty", ""}};
  CHECK(lines_of(end_to_end(headers)) == lines_of(headers));
}

TEST_CASE("relay: hop-by-hop and framing headers stay behind, whatever their case (SSP-06)", "[exchange]") {
  for (const auto* const name :
       {"Connection", "keep-alive", "Proxy-Authenticate", "PROXY-AUTHORIZATION", "Proxy-Connection", "te", "Trailer",
        "Upgrade", "Transfer-Encoding", "content-length", "Host", "Expect"}) {
    INFO(name);
    CHECK(lines_of(end_to_end({{"A", "1"}, {name, "x"}, {"B", "2"}})) == "A: 1\nB: 2\n");
  }
}

TEST_CASE("relay: headers that Connection names stay behind (SSP-06)", "[exchange]") {
  const auto kept = [](std::string connection) {
    return lines_of(
        end_to_end({{"X-One", "1"}, {"Connection", std::move(connection)}, {"x-two", "2"}, {"X-Three", "3"}}));
  };
  CHECK(kept("close") == "X-One: 1\nx-two: 2\nX-Three: 3\n");
  CHECK(kept("x-one") == "x-two: 2\nX-Three: 3\n");
  CHECK(kept("close, X-One ,X-TWO") == "X-Three: 3\n");
  CHECK(kept("close,\tX-One\t,\t X-Two") == "X-Three: 3\n");
  CHECK(kept(",,X-One,") == "x-two: 2\nX-Three: 3\n");
  CHECK(kept("X-On") == "X-One: 1\nx-two: 2\nX-Three: 3\n");
  CHECK(lines_of(end_to_end({{"Connection", "close"}, {"X-One", "1"}, {"connection", "X-One"}})).empty());
}

TEST_CASE("relay: the recipient gets verb, headers and body as sent, and Forwarded (SSP-06)", "[exchange]") {
  const std::string body = "{ \"resourceType\" : \"Order\" }\n";
  const auto request = relayed({{"Host", "hub.example.test"},
                                {"Ssp-TraceID", "t"},
                                {"Authorization", "Bearer x.y."},
                                {"Content-Length", "31"},
                                {"Accept-Encoding", "gzip"}},
                               body);
  CHECK(request.method == "POST");
  CHECK(request.body == body);
  CHECK(request.body.data() == body.data());
  CHECK(lines_of(request.headers) ==
        "Ssp-TraceID: t\nAuthorization: Bearer x.y.\nAccept-Encoding: gzip\n"
        "Forwarded: for=\"[2001:db8::7]:50123\";host=\"hub.example.test\";proto=https\n");
}

TEST_CASE("relay: Forwarded of earlier proxies stays, ours comes after it (SSP-06)", "[exchange]") {
  const auto request = relayed({{"Forwarded", "for=192.0.2.1"}, {"Host", "hub.example.test"}});
  REQUIRE(request.headers.size() == 2);
  CHECK(request.headers[0].value == "for=192.0.2.1");
  CHECK(request.headers[1].name == "Forwarded");
}

TEST_CASE("relay: a hostile Host cannot end the quotes of Forwarded (SSP-06)", "[exchange]") {
  const auto request = relayed({{"Host", "a\";for=\"192.0.2.66\\"}});
  REQUIRE(request.headers.size() == 1);
  CHECK(request.headers[0].value == "for=\"[2001:db8::7]:50123\";host=\"a\\\";for=\\\"192.0.2.66\\\\\";proto=https");
}

TEST_CASE("relay: what stands below the base goes on byte for byte, in the direct form (SSP-06)", "[exchange]") {
  CHECK(target_of("/C33333/DSTU2/1/Order") == "/C33333/DSTU2/1/Order");
  CHECK(target_of("/C33333/DSTU2/1/Order?a=%2f+x&&b=?c#/..") == "/C33333/DSTU2/1/Order?a=%2f+x&&b=?c#/..");
  CHECK(target_of("/C33333/DSTU2/1/Order?") == "/C33333/DSTU2/1/Order?");
  CHECK(target_of("/C33333/DSTU2/1/Order/abc/_history/2?_format=xml") ==
        "/C33333/DSTU2/1/Order/abc/_history/2?_format=xml");
  CHECK(target_of("/C33333/DSTU2/1/metadata") == "/C33333/DSTU2/1/metadata");
  CHECK(target_of("/C33333/DSTU2/1/Order?x=/C33333/DSTU2/1") == "/C33333/DSTU2/1/Order?x=/C33333/DSTU2/1");
}

TEST_CASE("relay: the recipient's own base path replaces the sender's (SSP-06)", "[exchange]") {
  CHECK(target_of("/C33333/DSTU2/1/Order/abc", "/fhir/C33333/DSTU2/1") == "/fhir/C33333/DSTU2/1/Order/abc");
  CHECK(target_of("/C33333/DSTU2/1/Order", "") == "/Order");
}

TEST_CASE("relay: what stands below the base goes on byte for byte, in the proxied form (SSP-06)", "[exchange]") {
  const std::string base = "/https://provider.example.test:8443/C33333/DSTU2/1";
  CHECK(target_of(base + "/Order?a=%2f&b=" + base) == "/C33333/DSTU2/1/Order?a=%2f&b=" + base);
  CHECK(target_of(base + "/gpconnect/Order/abc", "/C33333/DSTU2/1/gpconnect") == "/C33333/DSTU2/1/gpconnect/Order/abc");
}

TEST_CASE("relay: the recipient's answer comes back with its status, headers and body (ANS-13, SSP-06)", "[exchange]") {
  net::WireAnswer answer;
  answer.status = 201;
  answer.headers = {{"Location", "https://provider.example.test:8443/C33333/DSTU2/1/Order/9/_history/1"},
                    {"etag", "W/\"1\""},
                    {"Last-Modified", "Sat, 21 Nov 2026 09:00:00 GMT"},
                    {"Content-Type", "application/json+fhir;charset=UTF-8"},
                    {"Content-Encoding", "gzip"},
                    {"Transfer-Encoding", "chunked"},
                    {"Connection", "keep-alive, X-Hop"},
                    {"X-Hop", "1"},
                    {"Date", "Sat, 21 Nov 2026 09:00:00 GMT"},
                    {"X-Own", "kept"}};
  answer.body = std::string{"\x1f\x8b\0bytes", 8};
  answer.complete = true;
  const auto response = passed_on(answer);
  CHECK(response.status == 201);
  CHECK(response.body == answer.body);
  CHECK_FALSE(response.close);
  CHECK(lines_of(response.headers) ==
        "Location: https://provider.example.test:8443/C33333/DSTU2/1/Order/9/_history/1\netag: W/\"1\"\n"
        "Last-Modified: Sat, 21 Nov 2026 09:00:00 GMT\nContent-Type: application/json+fhir;charset=UTF-8\n"
        "Content-Encoding: gzip\nDate: Sat, 21 Nov 2026 09:00:00 GMT\nX-Own: kept\n");
}
