#include "net/head_check.hpp"

#include <catch2/catch.hpp>
#include <string>

using gw::net::check_request_head;
using gw::net::HeadLimits;
using gw::net::HeadScan;
using gw::net::ProtocolFault;
using gw::net::scan_head;

namespace {

std::string post_with(const std::string& headers) {
  return "POST /Task HTTP/1.1\r\nHost: gateway.example\r\n" + headers + "\r\n";
}

struct Refused {
  const char* name;
  std::string head;
  const char* because;  ///< part of the detail
};

const Refused kRefused[] = {
    {"Content-Length with Transfer-Encoding", post_with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), "both"},
    {"Transfer-Encoding with Content-Length", post_with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), "both"},
    {"two lengths", post_with("Content-Length: 5\r\nContent-Length: 6\r\n"), "more than one Content-Length"},
    {"two equal lengths", post_with("Content-Length: 5\r\nContent-Length: 5\r\n"), "more than one Content-Length"},
    {"a list of lengths", post_with("Content-Length: 5, 5\r\n"), "decimal digits"},
    {"a signed length", post_with("Content-Length: +5\r\n"), "decimal digits"},
    {"a negative length", post_with("Content-Length: -1\r\n"), "decimal digits"},
    {"a hexadecimal length", post_with("Content-Length: 0x5\r\n"), "decimal digits"},
    {"an empty length", post_with("Content-Length:\r\n"), "decimal digits"},
    {"an overflowing length", post_with("Content-Length: 18446744073709551616\r\n"), "larger than"},
    {"Transfer-Encoding gzip", post_with("Transfer-Encoding: gzip\r\n"), "exactly"},
    {"Transfer-Encoding gzip, chunked", post_with("Transfer-Encoding: gzip, chunked\r\n"), "exactly"},
    {"Transfer-Encoding chunked, identity", post_with("Transfer-Encoding: chunked, identity\r\n"), "exactly"},
    {"Transfer-Encoding xchunked", post_with("Transfer-Encoding: xchunked\r\n"), "exactly"},
    {"Transfer-Encoding in quotes", post_with("Transfer-Encoding: \"chunked\"\r\n"), "exactly"},
    {"empty Transfer-Encoding", post_with("Transfer-Encoding:\r\n"), "exactly"},
    {"two Transfer-Encodings", post_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), "more than"},
    {"Transfer-Encoding with a vertical tab", post_with("Transfer-Encoding:\vchunked\r\n"), "control character"},
    {"space before the colon", post_with("Transfer-Encoding : chunked\r\n"), "line 3 of the head has white space"},
    {"tab before the colon", post_with("Content-Length\t: 5\r\n"), "white space before its colon"},
    {"folded header", post_with("X-A: 1\r\n Transfer-Encoding: chunked\r\n"), "folded"},
    {"header folded with a tab", post_with("X-A: 1\r\n\tb\r\n"), "folded"},
    {"header without a colon", post_with("Transfer-Encoding\r\n"), "no colon"},
    {"header without a name", post_with(": chunked\r\n"), "no header name"},
    {"control character in a name", post_with("X\x01: a\r\n"), "no name may have"},
    {"NUL in a value", post_with(std::string{"X-A: a\0b\r\n", 10}), "control character"},
    {"bare CR in a value", post_with("X-A: a\rContent-Length: 5\r\n"), "control character"},
    {"DEL in a value", post_with("X-A: \x7F\r\n"), "control character"},
    {"missing Host", "GET / HTTP/1.1\r\n\r\n", "Host header is missing"},
    {"two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "more than one Host"},
    {"empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", "empty"},
    {"Host that is no host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "not a host name"},
    {"two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", "more than one Host"},
    {"HTTP/1.0 with Transfer-Encoding", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.0"},
    {"HTTP/1.0 with a body", "POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\n", "HTTP/1.1 requests only"},
    {"HTTP/0.9", "GET /\r\n\r\n", "request line"},
    {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\n", "HTTP/1.1"},
    {"lower-case version", "GET / http/1.1\r\nHost: a\r\n\r\n", "capitals"},
    {"two spaces in the request line", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "percent-encoded"},
    {"tab in the request line", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", "request line"},
    {"space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", "percent-encoded"},
    {"fragment in the target", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", "percent-encoded"},
    {"non-ASCII target", "GET /\xC3\xA9 HTTP/1.1\r\nHost: a\r\n\r\n", "percent-encoded"},
    {"method that is no token", "GE(T / HTTP/1.1\r\nHost: a\r\n\r\n", "token"},
    {"relative target", "GET a HTTP/1.1\r\nHost: a\r\n\r\n", "slash"},
    {"absolute target of another host", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", "authority"},
    {"CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", "CONNECT"},
    {"Upgrade", post_with("Connection: upgrade\r\nUpgrade: h2c\r\n"), "Upgrade"},
    {"Trailer", post_with("Transfer-Encoding: chunked\r\nTrailer: Ssp-From\r\n"), "trailers"},
    {"TE", post_with("TE: trailers\r\n"), "TE header"},
    {"Connection that takes off a header", post_with("Connection: close, Authorization\r\n"), "names Authorization"},
    {"another expectation", post_with("Expect: 200-ok\r\nContent-Length: 1\r\n"), "100-continue"},
};

}  // namespace

TEST_CASE("head check: every head that two readers could read differently is refused, and told why (ANS-08)", "[net]") {
  for (const auto& refused : kRefused) {
    DYNAMIC_SECTION(refused.name) {
      const auto checked = check_request_head(refused.head, HeadLimits{});
      REQUIRE_FALSE(checked.has_value());
      CHECK(checked.error().fault == ProtocolFault::kMalformed);
      CHECK_THAT(checked.error().detail, Catch::Contains(refused.because));
    }
  }
}

TEST_CASE("head check: a usual request passes with its headers in order and their casing kept (ANS-08)", "[net]") {
  const auto checked = check_request_head(
      "POST /GP/DSTU2/1/Task?_x=%20 HTTP/1.1\r\nhost: gateway.example:8443\r\nSsp-From: 1\r\nX:  two words \r\n"
      "Content-Length: 12\r\n\r\n",
      HeadLimits{});
  REQUIRE(checked.has_value());
  CHECK(checked->method == "POST");
  CHECK(checked->target == "/GP/DSTU2/1/Task?_x=%20");
  REQUIRE(checked->headers.size() == 4);
  CHECK(checked->headers[1].name == "Ssp-From");
  CHECK(checked->headers[2].value == "two words");
  CHECK(checked->framing.content_length == 12U);
  CHECK(checked->keep_alive);
}

TEST_CASE("head check: what RFC 7230 allows is allowed (ANS-08)", "[net]") {
  CHECK(check_request_head(post_with("Transfer-Encoding: Chunked\r\n"), HeadLimits{})->framing.chunked);
  CHECK(check_request_head(post_with("Expect: 100-Continue\r\nContent-Length: 1\r\n"), HeadLimits{})->expects_continue);
  CHECK_FALSE(check_request_head(post_with("Connection: x, Close\r\n"), HeadLimits{})->keep_alive);
  CHECK_FALSE(check_request_head("GET / HTTP/1.0\r\n\r\n", HeadLimits{})->keep_alive);
  CHECK(check_request_head("GET https://a/b?c HTTP/1.1\r\nHost: A\r\n\r\n", HeadLimits{})->target == "/b?c");
  CHECK(check_request_head("GET http://a HTTP/1.1\r\nHost: a\r\n\r\n", HeadLimits{})->target == "/");
  CHECK(check_request_head("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", HeadLimits{})->target == "*");
  CHECK(check_request_head("GET /https://b.example/x HTTP/1.1\r\nHost: a\r\n\r\n", HeadLimits{})->target ==
        "/https://b.example/x");
}

TEST_CASE("head check: a head beyond the limits is told as too large, not as malformed", "[net]") {
  const auto long_target =
      check_request_head("GET /" + std::string(100, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", {50, 64});
  REQUIRE_FALSE(long_target.has_value());
  CHECK(long_target.error().fault == ProtocolFault::kHeadTooLarge);
  const auto many = check_request_head("GET / HTTP/1.1\r\nHost: a\r\nB: 1\r\nC: 2\r\n\r\n", {50, 2});
  REQUIRE_FALSE(many.has_value());
  CHECK(many.error().fault == ProtocolFault::kHeadTooLarge);
  CHECK(check_request_head("GET / HTTP/1.1\r\nHost: a\r\nB: 1\r\n\r\n", {50, 2}).has_value());
}

TEST_CASE("head scan: the end is found wherever the bytes were cut, and bare line feeds are seen (ANS-08)", "[net]") {
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  for (std::size_t cut = 0; cut < head.size(); ++cut) {
    const auto first = scan_head(std::string_view{head}.substr(0, cut), 0);
    REQUIRE(first.state == HeadScan::State::kIncomplete);
    const auto second = scan_head(head + "rest", first.scanned);
    REQUIRE(second.state == HeadScan::State::kComplete);
    CHECK(second.size == head.size());
  }
  CHECK(scan_head("GET / HTTP/1.1\nHost: a\n\n", 0).state == HeadScan::State::kBareLineFeed);
  CHECK(scan_head("GET / HTTP/1.1\r\nHost: a\r\n\n", 0).state == HeadScan::State::kBareLineFeed);
  CHECK(scan_head("\n", 0).state == HeadScan::State::kBareLineFeed);
}
