// What two readers could read differently is refused before anybody else reads it (ANS-08), and no host outside the
// directory can be made to receive a byte (SSP-05). Over real TLS, in both URL forms.
#include <catch2/catch.hpp>
#include <string>
#include <tuple>
#include <vector>

#include "proxy/proxy_world.hpp"

using namespace gw;
using namespace gw::test;
using Catch::Contains;

namespace {

const std::string kChunked = "Transfer-Encoding: chunked\r\n";
const std::string kLength = "Content-Length: 2\r\n";
const std::string kNext = "GET /smuggled HTTP/1.1\r\nHost: hub.example.test\r\n\r\n";

struct Attempt {
  const char* what;
  /// The bytes to send, of a head without its empty line.
  std::function<std::string(const std::string& head)> bytes;
  const char* issue = "invalid";
};

std::string without_line(std::string head, const std::string& name) {
  const auto at = head.find("\r\n" + name) + 2;
  return head.erase(at, head.find("\r\n", at) + 2 - at);
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

/// Adds header lines, then a body.
std::function<std::string(const std::string&)> lines(std::string headers, std::string body) {
  return [headers = std::move(headers), body = std::move(body)](const std::string& head) {
    return head + headers + "\r\n" + body;
  };
}

std::vector<Attempt> attempts() {
  using namespace std::string_literals;
  std::vector<Attempt> all{
      {"Content-Length before Transfer-Encoding", lines(kLength + kChunked, "0\r\n\r\n")},
      {"Transfer-Encoding before Content-Length", lines(kChunked + kLength, "0\r\n\r\n")},
      {"two different Content-Lengths", lines(kLength + "Content-Length: 3\r\n", "{} ")},
      {"two equal Content-Lengths", lines(kLength + kLength, "{}")},
      {"a list as Content-Length", lines("Content-Length: 2, 2\r\n", "{}")},
      {"a signed Content-Length", lines("Content-Length: +2\r\n", "{}")},
      {"a hexadecimal Content-Length", lines("Content-Length: 0x2\r\n", "{}")},
      {"an endless Content-Length", lines("Content-Length: 99999999999999999999999\r\n", "{}")},
      {"an empty Content-Length", lines("Content-Length:\r\n", "{}")},
      {"white space before the colon", lines("Content-Length : 2\r\n", "{}")},
      {"a Content-Length beside an unknown Transfer-Encoding", lines(kLength + "Transfer-Encoding: x\r\n", "{}")},
      {"a Content-Length beside a Transfer-Encoding before a blank",
       lines(kLength + "Transfer-Encoding : chunked\r\n", "0\r\n\r\n")},
      {"a Content-Length beside a Transfer-Encoding before a tab",
       lines(kLength + "Transfer-Encoding\t: chunked\r\n", "0\r\n\r\n")},
      {"a Content-Length beside a folded Transfer-Encoding",
       lines(kLength + "Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n")},
      {"a Transfer-Encoding after a bare LF", lines(kLength + "X: 1\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")},
      {"a Transfer-Encoding after a bare CR", lines(kLength + "X: 1\rTransfer-Encoding: chunked\r\n", "0\r\n\r\n")},
      {"a NUL in the name of Transfer-Encoding", lines(kLength + "Transfer-Encoding\0: chunked\r\n"s, "0\r\n\r\n")},
      {"an empty Transfer-Encoding", lines("Transfer-Encoding:\r\n" + kLength, "{}")},
      {"Transfer-Encoding twice", lines(kChunked + kChunked, "0\r\n\r\n")},
      {"a folded header", lines("X-Long: a\r\n b\r\n" + kLength, "{}")},
      {"a folded first header", lines(" X: 1\r\n" + kLength, "{}")},
      {"a line without a colon", lines("X-Long\r\n" + kLength, "{}")},
      {"a bare LF between headers", lines("X-One: 1\nX-Two: 2\r\n" + kLength, "{}")},
      {"a bare LF at the end of the head", [](const std::string& head) { return head + kLength + "\n{}"; }},
      {"a bare LF at the end of the request line",
       [](const std::string& head) { return replaced(head, "HTTP/1.1\r\n", "HTTP/1.1\n") + kLength + "\r\n{}"; }},
      {"bare LFs alone",
       [](const std::string& head) {
         auto bare = head + kLength + "\r\n";
         std::erase(bare, '\r');
         return bare + "{}";
       }},
      {"a bare CR in a value", lines("X-One: 1\rX-Two: 2\r\n" + kLength, "{}")},
      {"a NUL in a value", lines("X-One: 1\0\r\n"s + kLength, "{}")},
      {"a NUL in a name", lines("X-\0One: 1\r\n"s + kLength, "{}")},
      {"a NUL in the target", [](const std::string& head) { return replaced(head, " HTTP/", "\0 HTTP/"s) + "\r\n"; }},
      {"a control character in a value", lines("X-One: \x01\r\n" + kLength, "{}")},
      {"a head that is too large", lines("X-Long: " + std::string(20'000, 'x') + "\r\n" + kLength, "{}"), "too-long"},
      {"too many headers",
       [](const std::string& head) {
         std::string many = head;
         for (int i = 0; i < 100; ++i) many += "X: 1\r\n";
         return many + "\r\n";
       },
       "too-long"},
      {"a target that is too long",
       [](const std::string& head) {
         return replaced(head, " HTTP/", "?" + std::string(5000, 'x') + " HTTP/") + "\r\n";
       },
       "too-long"},
      {"a chunked body in HTTP/1.0",
       [](const std::string& head) { return replaced(head, "HTTP/1.1", "HTTP/1.0") + kChunked + "\r\n0\r\n\r\n"; }},
      {"a body in HTTP/1.0",
       [](const std::string& head) { return replaced(head, "HTTP/1.1", "HTTP/1.0") + kLength + "\r\n{}"; }},
      {"HTTP/1.2", [](const std::string& head) { return replaced(head, "HTTP/1.1", "HTTP/1.2") + "\r\n"; }},
      {"http in lower case", [](const std::string& head) { return replaced(head, "HTTP/1.1", "http/1.1") + "\r\n"; }},
      {"two spaces in the request line",
       [](const std::string& head) { return replaced(head, " HTTP/", "  HTTP/") + "\r\n"; }},
      {"a tab in the request line",
       [](const std::string& head) { return replaced(head, " HTTP/", "\tHTTP/") + "\r\n"; }},
      {"no Host", [](const std::string& head) { return without_line(head, "Host") + kLength + "\r\n{}"; }},
      {"two Hosts", lines("Host: other.example.test\r\n" + kLength, "{}")},
      {"two equal Hosts", lines("Host: hub.example.test\r\n" + kLength, "{}")},
      {"a Host with a path",
       [](const std::string& head) {
         return replaced(head, "hub.example.test", "hub.example.test/x") + kLength + "\r\n{}";
       }},
      {"an announced trailer", lines("Trailer: Ssp-From\r\n" + kChunked, "0\r\n\r\n")},
      {"TE", lines("TE: trailers\r\n" + kLength, "{}")},
      {"an upgrade", lines("Connection: upgrade\r\nUpgrade: h2c\r\n" + kLength, "{}")},
      {"an envelope header made hop-by-hop", lines("Connection: Ssp-From\r\n" + kLength, "{}")},
      {"an unknown expectation", lines("Expect: 200-ok\r\n" + kLength, "{}")},
  };
  for (const auto* const coding : {"gzip", "gzip, chunked", "chunked, chunked", "chunked, identity", "identity",
                                   "xchunked", "chunked;q=1", "\"chunked\"",
                                   "\x0b"
                                   "chunked",
                                   "chun\tked"}) {
    all.push_back({coding, lines("Transfer-Encoding: " + std::string{coding} + "\r\n", "0\r\n\r\n")});
  }
  return all;
}

/// Found only when the body is read.
std::vector<Attempt> attempts_in_the_body() {
  return {
      {"a chunk extension", lines(kChunked, "2;x=y\r\n{}\r\n0\r\n\r\n")},
      {"a trailer", lines(kChunked, "2\r\n{}\r\n0\r\nSsp-From: 200000000009\r\n\r\n")},
      {"a chunk that ends with a bare LF", lines(kChunked, "2\n{}\r\n0\r\n\r\n")},
      {"a chunk longer than its size", lines(kChunked, "2\r\n{}}\r\n0\r\n\r\n")},
      {"a chunk size with a sign", lines(kChunked, "+2\r\n{}\r\n0\r\n\r\n")},
      {"a chunk size with a prefix", lines(kChunked, "0x2\r\n{}\r\n0\r\n\r\n")},
      {"a chunk size with white space", lines(kChunked, "2 \r\n{}\r\n0\r\n\r\n")},
      {"an endless chunk size", lines(kChunked, "ffffffffffffffffff\r\n{}\r\n0\r\n\r\n")},
  };
}

/// A task that is over the limit of a body, told at once, or found only while it is read.
std::vector<Attempt> attempts_over_the_limit() {
  constexpr std::size_t kLimit = std::size_t{1} << 20U;
  const auto over = std::to_string(kLimit + 1);
  return {
      {"by its length", lines("Content-Length: " + over + "\r\n", "{}"), "too-long"},
      {"by a length that nobody has", lines("Content-Length: 999999999999999999\r\n", "{}"), "too-long"},
      {"in one chunk", lines(kChunked, "100001\r\n" + std::string(kLimit + 1, ' ') + "\r\n0\r\n\r\n"), "too-long"},
  };
}

/// Every answer has one Date.
std::size_t answers_in(const std::string& all) {
  std::size_t count = 0;
  for (auto at = all.find("\r\nDate: "); at != std::string::npos; at = all.find("\r\nDate: ", at + 1)) ++count;
  return count;
}

std::string sent(const ProxyWorld& world, const std::string& bytes) {
  auto sender = world.sender();
  sender.send(bytes + kNext);
  return sender.receive_to_end();
}

}  // namespace

TEST_CASE("smuggling: every ambiguous head is answered 400 and closed, and no recipient gets a byte (ANS-08)",
          "[proxy]") {
  const ProxyWorld world{[](BlockingPeer&) {}};
  for (const auto base : {kDirect, kProxied}) {
    for (const auto interaction : {kCreateOrder, kCareRecord}) {
      const auto target = std::string{base} + (interaction == kCreateOrder ? "/Order" : "/Patient/$gpc.getcarerecord");
      for (const auto& attempt : attempts()) {
        CAPTURE(attempt.what, target);
        const auto all = sent(world, attempt.bytes(world.head("POST", target, interaction)));
        CHECK_THAT(all, Catch::StartsWith("HTTP/1.1 400 ") && Contains("Connection: close") && Contains("ANS-08"));
        CHECK_THAT(all, Contains("\"BAD_REQUEST\"") && Contains(std::string{"\"code\":\""} + attempt.issue + '"'));
        CHECK(answers_in(all) == 1);
      }
    }
  }
  CHECK(world.reached() == 0);
}

TEST_CASE("smuggling: a body whose chunks are broken is answered 400 and closed, and no recipient gets a byte (ANS-08)",
          "[proxy]") {
  const ProxyWorld world{[](BlockingPeer&) {}};
  for (const auto base : {kDirect, kProxied}) {
    for (const auto interaction : {kCreateOrder, kCareRecord}) {
      const auto target = std::string{base} + (interaction == kCreateOrder ? "/Order" : "/Patient/$gpc.getcarerecord");
      for (const auto& attempt : attempts_in_the_body()) {
        CAPTURE(attempt.what, target);
        const auto head = world.head("POST", target, interaction) + "Content-Type: application/json+fhir\r\n";
        const auto all = sent(world, attempt.bytes(head));
        CHECK_THAT(all, Catch::StartsWith("HTTP/1.1 400 ") && Contains("Connection: close"));
        CHECK(answers_in(all) == 1);
      }
    }
  }
  CHECK(world.reached() == 0);
}

TEST_CASE("smuggling: a body over its limit is answered 400 and closed, and no recipient gets a byte (ANS-08)",
          "[proxy]") {
  const ProxyWorld world{[](BlockingPeer&) {}};
  for (const auto base : {kDirect, kProxied}) {
    for (const auto& attempt : attempts_over_the_limit()) {
      CAPTURE(attempt.what, base);
      const auto head = world.head("POST", std::string{base} + "/Order", kCreateOrder);
      const auto all = sent(world, attempt.bytes(head + "Content-Type: application/json+fhir\r\n"));
      CHECK_THAT(all, Catch::StartsWith("HTTP/1.1 400 ") && Contains("Connection: close"));
      CHECK_THAT(all, Contains("\"BAD_REQUEST\"") && Contains("\"code\":\"too-long\""));
      CHECK(answers_in(all) == 1);
    }
  }
  CHECK(world.reached() == 0);
}

TEST_CASE("proxy: no target makes the gateway open a connection to a host outside the directory (SSP-05)", "[proxy]") {
  std::atomic<int> decoy_reached{0};
  const ScriptedServer decoy{[&decoy_reached](BlockingPeer&) { ++decoy_reached; }, 1000};
  const ProxyWorld world{[](BlockingPeer&) {}};
  const auto evil = "127.0.0.1:" + std::to_string(decoy.port());
  const auto port = std::to_string(decoy.port());
  const std::string path = "/C33333/DSTU2/1";
  const std::string good = "provider.example.test:8443";
  for (const auto& target : {"/https://" + evil + path,
                             "/https://localhost:" + port + path,
                             "/https://[::1]:" + port + path,
                             "/https://[::ffff:127.0.0.1]:" + port + path,
                             "/https://[0:0:0:0:0:0:0:1]:" + port + path,
                             "/https://[::1%25lo]:" + port + path,
                             "/https://[::7f00:1]:" + port + path,
                             "/https://[::1]@" + good + path,
                             "/https://::1:" + port + path,
                             "/https://[v1.x]:" + port + path,
                             "/https://2130706433:" + port + path,
                             "/https://0x7f.1:" + port + path,
                             "/https://" + good + "@" + evil + path,
                             "/https://" + evil + "@" + good + path,
                             "/https://" + good + "%40" + evil + path,
                             "/https://" + good + "%2f@" + evil + path,
                             "/https://" + evil + "%2f" + good + path,
                             "/https://" + good + "\\@" + evil + path,
                             "/https://" + evil + "#" + good + path,
                             "/https://" + evil + "?" + good + path,
                             "/https://" + good + "/../" + evil + path,
                             "/https://" + good + "/C33333/DSTU2/1/../../../" + evil + path,
                             "/https://" + good + "/C33333/DSTU2/1/https://" + evil + path,
                             "/http://" + evil + path,
                             "/https:%2f%2f" + evil + path,
                             "/https%3A//" + evil + path,
                             "/https:/" + evil + path,
                             "/https:///" + evil + path,
                             "/https:\\\\" + evil + path,
                             "/C33333%2fDSTU2/1/https://" + evil + path,
                             "/%2f" + evil + path,
                             "/%2e%2e/" + evil + path,
                             "/https://provider.example.test:" + port + path,
                             "/https://provider.example.test.:8443" + path,
                             "/HTTPS://" + evil + path,
                             "//" + evil + path,
                             "///" + evil + path,
                             "/..//" + evil + path,
                             "https://" + evil + path,
                             "http://" + evil + path,
                             "https://" + evil + "/https://" + good + path,
                             "@" + evil + path,
                             evil}) {
    for (const auto& [verb, end, interaction] :
         {std::tuple{"POST", "/Order", kCreateOrder}, std::tuple{"POST", "/Patient/$gpc.getcarerecord", kCareRecord},
          std::tuple{"GET", "/Appointment/7", kReadAppointment}}) {
      CAPTURE(target, interaction);
      auto sender = world.sender();
      REQUIRE(sender.send(world.head(verb, target + end, interaction) +
                          "Content-Length: 2\r\nConnection: close\r\n\r\n{}"));
      const auto answer = sender.receive_to_end();
      const bool refused = answer.starts_with("HTTP/1.1 400 ") || answer.starts_with("HTTP/1.1 404 ") ||
                           answer.starts_with("HTTP/1.1 501 ");
      CHECK(refused);
    }
  }
  // Nor does it make a tunnel.
  {
    auto sender = world.sender();
    REQUIRE(sender.send(world.head("CONNECT", evil, kCreateOrder) + "Connection: close\r\n\r\n"));
    CHECK_THAT(sender.receive_to_end(), Catch::StartsWith("HTTP/1.1 4"));
  }
  // Neither Host nor any header routes.
  for (const auto* const header :
       {"X-Forwarded-Host: ", "Forwarded: host=", "X-Original-URL: https://", "Location: https://"}) {
    auto sender = world.sender();
    REQUIRE(sender.send(world.head("POST", "/Z99999/DSTU2/1/Order", kCreateOrder) + header + evil +
                        "\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"));
    CHECK_THAT(sender.receive_to_end(), Catch::StartsWith("HTTP/1.1 404 "));
  }
  CHECK(decoy_reached == 0);
  CHECK(world.reached() == 0);
}

TEST_CASE("proxy: a redirect from the recipient is passed on and never followed (SSP-05)", "[proxy]") {
  std::atomic<int> decoy_reached{0};
  const ScriptedServer decoy{[&decoy_reached](BlockingPeer&) { ++decoy_reached; }, 1000};
  const auto location = "https://127.0.0.1:" + std::to_string(decoy.port()) + "/C33333/DSTU2/1/Appointment/7";
  const auto* const status = GENERATE("301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent");
  CAPTURE(status);
  const ProxyWorld world{[&](BlockingPeer& peer) {
    peer.receive_until("\r\n\r\n");
    peer.send("HTTP/1.1 " + std::string{status} + "\r\nLocation: " + location + "\r\nRefresh: 0;url=" + location +
              "\r\nAlt-Svc: h2=\":" + std::to_string(decoy.port()) + "\"\r\nContent-Length: 0\r\n\r\n");
  }};
  auto sender = world.sender();
  REQUIRE(sender.send(world.head("GET", std::string{kDirect} + "/Appointment/7", kReadAppointment) + "\r\n"));
  CHECK_THAT(sender.receive_answer(), Catch::StartsWith("HTTP/1.1 3") && Contains("Location: " + location));
  CHECK(decoy_reached == 0);
  CHECK(world.reached() == 1);
}
