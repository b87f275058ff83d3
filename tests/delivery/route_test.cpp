#include "delivery/route.hpp"

#include <catch2/catch.hpp>
#include <string>

using gw::FaultKind;
using gw::delivery::Hosts;
using gw::delivery::route_to;

namespace {

std::string fault_of(std::string_view endpoint) {
  const auto route = route_to(endpoint, {});
  if (route) return "accepted";
  CHECK(route.error().kind == FaultKind::kInvalid);
  return route.error().detail;
}

}  // namespace

TEST_CASE("route: an endpoint URL comes apart into host, port and base path (SSP-05)", "[delivery]") {
  const auto route = route_to("https://gp.example.test:8443/B82001/DSTU2/1", {});
  REQUIRE(route.has_value());
  CHECK(route->target.host == "gp.example.test");
  CHECK(route->target.port == 8443);
  CHECK(route->target.connect_to.empty());
  CHECK(route->base_path == "/B82001/DSTU2/1");
}

TEST_CASE("route: port, path and trailing slash may be left out; the host is lower-cased, the path is not",
          "[delivery]") {
  CHECK(route_to("https://gp.example.test", {})->target.port == 443);
  CHECK(route_to("https://gp.example.test", {})->base_path.empty());
  CHECK(route_to("https://gp.example.test/", {})->base_path.empty());
  CHECK(route_to("https://gp.example.test/A/b/", {})->base_path == "/A/b");
  CHECK(route_to("https://GP.Example.TEST/A", {})->target.host == "gp.example.test");
  CHECK(route_to("https://gp.example.test/a%20b", {})->base_path == "/a%20b");
  CHECK(route_to("https://gp.example.test:65535/", {})->target.port == 65535);
  CHECK(route_to("https://1.gp-2.example.test/", {})->target.host == "1.gp-2.example.test");
}

TEST_CASE("route: the config's own address is used for its host and port alone", "[delivery]") {
  const Hosts hosts{{"gp.example.test:443", "127.0.0.1:9443"}, {"localhost:8443", "127.0.0.1:8443"}};
  CHECK(route_to("https://gp.example.test/A", hosts)->target.connect_to == "127.0.0.1:9443");
  CHECK(route_to("https://GP.example.test:443/A", hosts)->target.connect_to == "127.0.0.1:9443");
  CHECK(route_to("https://gp.example.test:444/A", hosts)->target.connect_to.empty());
  CHECK(route_to("https://localhost:8443", hosts)->target.connect_to == "127.0.0.1:8443");
}

TEST_CASE("route: what could lead a request astray is refused with the reason (SSP-05)", "[delivery]") {
  struct Case {
    std::string_view endpoint;
    std::string_view reason;
  };
  const auto bad = GENERATE(values<Case>({
      {"", "https://"},
      {"http://gp.example.test/A", "https://"},
      {"HTTPS://gp.example.test/A", "https://"},
      {"gp.example.test/A", "https://"},
      {" https://gp.example.test/A", "https://"},
      {"https:/gp.example.test", "https://"},
      {"file:///etc/passwd", "https://"},
      {"https://", "host is empty"},
      {"https:///A", "host is empty"},
      {"https://:443/A", "host is empty"},
      {"https://user@gp.example.test/A", "user information"},
      {"https://user:pw@gp.example.test/A", "user information"},
      {"https://gp.example.test@evil.test/A", "user information"},
      {"https://gp.example.test:443@evil.test/", "user information"},
      {"https://gp.example.test?x=1", "query"},
      {"https://gp.example.test/A?", "query"},
      {"https://gp.example.test/A#", "fragment"},
      {"https://gp.example.test#@evil.test", "fragment"},
      {"https://gp.example.test\\@evil.test/", "a character"},
      {"https://evil.test\\.gp.example.test/", "a character"},
      {"https://gp.example.test/A\\B", "a character"},
      {"https://127.0.0.1/A", "IP address"},
      {"https://127.1/A", "IP address"},
      {"https://2130706433/A", "IP address"},
      {"https://0x7f000001/A", "IP address"},
      {"https://0x7f.0.0.0x1/A", "IP address"},
      {"https://gp.example.0X1/A", "IP address"},
      {"https://017700000001/A", "IP address"},
      {"https://169.254.169.254/latest", "IP address"},
      {"https://[::1]/A", "IP address"},
      {"https://[::ffff:127.0.0.1]:443/A", "IP address"},
      {"https://localhost/A", "this machine itself"},
      {"https://LOCALHOST:8443/A", "this machine itself"},
      {"https://a.localhost/A", "this machine itself"},
      {"https://gp.example.test./A", "empty label"},
      {"https://.gp.example.test/A", "empty label"},
      {"https://gp..example.test/A", "empty label"},
      {"https://-gp.example.test/A", "hyphen"},
      {"https://gp-.example.test/A", "hyphen"},
      {"https://gp_1.example.test/A", "letters, digits, hyphens"},
      {"https://gp%2eexample.test/A", "letters, digits, hyphens"},
      {"https://g\xC3\xBC.example.test/A", "letters, digits, hyphens"},
      {"https://gp example.test/A", "letters, digits, hyphens"},
      {"https://*.example.test/A", "letters, digits, hyphens"},
      {"https://gp.example.test:/A", "port"},
      {"https://gp.example.test:0/A", "port"},
      {"https://gp.example.test:0443/A", "port"},
      {"https://gp.example.test:65536/A", "port"},
      {"https://gp.example.test:99999/A", "port"},
      {"https://gp.example.test:443443/A", "port"},
      {"https://gp.example.test:-1/A", "port"},
      {"https://gp.example.test:+443/A", "port"},
      {"https://gp.example.test:443:443/A", "port"},
      {"https://gp.example.test:4a3/A", "port"},
      {"https://gp.example.test/../A", "dot segment"},
      {"https://gp.example.test/A/..", "dot segment"},
      {"https://gp.example.test/A/./B", "dot segment"},
      {"https://gp.example.test/A//B", "empty segment"},
      {"https://gp.example.test//", "empty segment"},
      {"https://gp.example.test/A%2fB", "encoded slash"},
      {"https://gp.example.test/A%2FB", "encoded slash"},
      {"https://gp.example.test/A%5cB", "encoded slash"},
      {"https://gp.example.test/A%00B", "control character"},
      {"https://gp.example.test/A%0d%0aB", "control character"},
      {"https://gp.example.test/A%7f", "control character"},
      {"https://gp.example.test/%2e%2e/A", "encoded dot"},
      {"https://gp.example.test/A%252fB", "encoded twice"},
      {"https://gp.example.test/A%", "hexadecimal"},
      {"https://gp.example.test/A%2", "hexadecimal"},
      {"https://gp.example.test/A%zz", "hexadecimal"},
      {"https://gp.example.test/A B", "a character"},
      {"https://gp.example.test/A\r\nHost: evil.test", "a character"},
      {"https://gp.example.test/A<B", "a character"},
      {"https://gp.example.test/\xC3\xBC", "a character"},
  }));
  CAPTURE(bad.endpoint);
  CHECK_THAT(fault_of(bad.endpoint), Catch::Contains(std::string(bad.reason)));
}

TEST_CASE("route: NUL, over-long labels, names and URLs are refused", "[delivery]") {
  const std::string nul("https://gp.example.test/A\0B", 27);
  CHECK_THAT(fault_of(nul), Catch::Contains("a character"));
  CHECK_THAT(fault_of(std::string("https://gp\0.example.test", 24)), Catch::Contains("letters, digits"));
  CHECK(fault_of("https://" + std::string(63, 'a') + ".test") == "accepted");
  CHECK_THAT(fault_of("https://" + std::string(64, 'a') + ".test"), Catch::Contains("63"));
  std::string longest;
  for (int i = 0; i < 63; ++i) longest += "abc.";
  CHECK(fault_of("https://" + longest + "a") == "accepted");
  CHECK_THAT(fault_of("https://" + longest + "ab"), Catch::Contains("253"));
  CHECK_THAT(fault_of("https://gp.example.test/" + std::string(2048, 'a')), Catch::Contains("2048"));
}

TEST_CASE("route: a fault repeats no user information, no query and no control characters", "[delivery]") {
  CHECK_THAT(fault_of("https://user:secret@gp.example.test/A"), !Catch::Contains("secret"));
  CHECK_THAT(fault_of("http://user:secret@gp.example.test/A"), !Catch::Contains("secret"));
  CHECK_THAT(fault_of("https://gp.example.test/A?key=secret"), !Catch::Contains("secret"));
  CHECK_THAT(fault_of("https://gp.example.test/\n\x1B[2J"), !Catch::Contains("\n") && !Catch::Contains("\x1B"));
}
