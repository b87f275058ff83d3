// Interactions that are no tasks pass through as streams (SSP-06); every answer forbids storing (ANS-07).
#include <catch2/catch.hpp>
#include <fstream>
#include <future>
#include <sstream>

#include "proxy/proxy_world.hpp"

using namespace gw;
using namespace gw::test;
using Catch::Contains;

namespace {

/// Bytes that tell their place: no piece can be lost, doubled or moved unnoticed.
std::string pattern(std::size_t size) {
  std::string text(size, ' ');
  std::uint32_t state = 12345;
  for (auto& c : text) {
    state = state * 1664525U + 1013904223U;
    c = static_cast<char>(state >> 24U);
  }
  return text;
}

std::string in_chunks(std::string_view body, std::initializer_list<std::size_t> sizes) {
  std::ostringstream out;
  out << std::hex << std::uppercase;
  while (!body.empty()) {
    for (const auto size : sizes) {
      const auto piece = body.substr(0, size);
      if (piece.empty()) break;
      out << "00" << piece.size() << "\r\n" << piece << "\r\n";
      body.remove_prefix(piece.size());
    }
  }
  out << "0\r\n\r\n";
  return out.str();
}

std::string body_of(const std::string& message) {
  const auto at = message.find("\r\n\r\n");
  return at == std::string::npos ? std::string{} : message.substr(at + 4);
}

std::string head_of(const std::string& message) {
  return message.substr(0, message.find("\r\n\r\n"));
}

/// The lines of a head after its first, in order, without what the gateway says of the sender's rate (SSP-07).
std::string lines_after_first(const std::string& message) {
  auto head = head_of(message) + "\r\n";
  for (auto at = head.find("\r\nX-Rate-Limit-"); at != std::string::npos; at = head.find("\r\nX-Rate-Limit-")) {
    head.erase(at, head.find("\r\n", at + 2) - at);
  }
  return head.substr(head.find("\r\n") + 2);
}

/// A sanitizer keeps what was freed, so that memory tells nothing under it.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryTells = false;
#else
constexpr bool kMemoryTells = true;
#endif

/// A line of /proc/self/status, in kB.
long memory_kb(const std::string& name) {
  std::ifstream in{"/proc/self/status"};
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(name + ":")) return std::stol(line.substr(name.size() + 1));
  }
  return 0;
}

}  // namespace

TEST_CASE("relay over sockets: chunked both ways, not a byte, header, casing or order is changed (SSP-06)", "[proxy]") {
  const auto asked = pattern(100'000);
  const auto told = pattern(150'000);
  std::promise<std::string> seen;
  const ProxyWorld world{[&](BlockingPeer& peer) {
    auto request = peer.receive_until("\r\n\r\n");
    request += peer.receive_until("\r\n0\r\n\r\n");
    seen.set_value(request);
    peer.send(
        "HTTP/1.1 200 Fine\r\nX-oDD: 2\r\ndate: Sat, 21 Nov 2026 09:00:00 GMT\r\ncache-CONTROL: max-age=60\r\n"
        "Connection: x-hop, keep-alive\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nx-Odd: 1\r\nTransfer-Encoding: "
        "chunked\r\nContent-Type: application/json+fhir\r\nServer: theirs\r\n\r\n" +
        in_chunks(told, {1, 7, 4000, 70'000}));
  }};
  const auto url = GENERATE(kDirect, kProxied);
  auto sender = world.sender();
  // The sender's distributed trace goes on as it is, too (OPS-03).
  const std::string trace =
      "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\ntracestate: vendor=1\r\n";
  const auto head = world.head("POST", std::string{url} + "/Patient/$gpc.getcarerecord?a=%2F+b&&c", kCareRecord);
  REQUIRE(sender.send(head +
                      "X-ODD: b\r\nConnection: X-hop\r\nx-HOP: 1\r\nAccept-Encoding: gzip\r\nx-odd:   a  \r\n"
                      "Transfer-Encoding: chunked\r\nX-empty:\r\n" +
                      trace + "\r\n" + in_chunks(asked, {3, 1, 20'000, 555})));
  const auto request = seen.get_future().get();
  const auto answer = sender.receive_until("\r\n0\r\n\r\n");

  CHECK(request.starts_with("POST /C33333/DSTU2/1/Patient/$gpc.getcarerecord?a=%2F+b&&c HTTP/1.1\r\n"));
  // The envelope as it was sent, after our Host.
  const auto envelope = head.substr(head.find("ssp-TRACEID"));
  const auto lines = lines_after_first(request);
  const auto forwarded = lines.find("Forwarded: for=\"127.0.0.1:");
  REQUIRE(forwarded != std::string::npos);
  CHECK(lines.substr(0, forwarded) == "Host: provider.example.test:8443\r\n" + envelope +
                                          "X-ODD: b\r\nAccept-Encoding: gzip\r\nx-odd: a\r\nX-empty: \r\n" + trace);
  CHECK_THAT(lines.substr(forwarded), Catch::EndsWith(";host=\"hub.example.test\";proto=https\r\n"
                                                      "Transfer-Encoding: chunked\r\n"));
  const auto received = dechunked(body_of(request));
  CHECK(received.complete);
  CHECK((received.body == asked));

  CHECK(head_of(answer).starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(lines_after_first(answer) ==
        "X-oDD: 2\r\ndate: Sat, 21 Nov 2026 09:00:00 GMT\r\ncache-CONTROL: max-age=60\r\nx-Odd: 1\r\n"
        "Content-Type: application/json+fhir\r\nServer: theirs\r\nCache-Control: no-store\r\n"
        "Strict-Transport-Security: max-age=31536000\r\nTransfer-Encoding: chunked\r\n");
  const auto returned = dechunked(body_of(answer));
  CHECK(returned.complete);
  CHECK((returned.body == told));
}

TEST_CASE("relay over sockets: a length stays a length both ways, and both connections serve the next request (SSP-06)",
          "[proxy]") {
  const auto asked = pattern(90'000);
  const auto told = pattern(40'000);
  std::string seen;
  const ProxyWorld world{[&](BlockingPeer& peer) {
    for (int i = 0; i < 2; ++i) {
      const auto head = peer.receive_until("\r\n\r\n");
      std::string body;
      while (body.size() < asked.size()) {
        const auto more = peer.receive();
        if (more.empty()) return;
        body += more;
      }
      seen +=
          head_of(head).find("\r\nContent-Length: 90000") != std::string::npos && body == asked ? "whole " : "broken ";
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(told.size()) + "\r\n\r\n" + told);
    }
  }};
  auto sender = world.sender();
  for (int i = 0; i < 2; ++i) {
    REQUIRE(sender.send(world.head("POST", std::string{kDirect} + "/Patient/$gpc.getcarerecord", kCareRecord) +
                        "Content-Length: " + std::to_string(asked.size()) + "\r\n\r\n" + asked));
    const auto answer = sender.receive_answer();
    CHECK_THAT(head_of(answer), Contains("Content-Length: 40000") && !Contains("chunked"));
    CHECK((body_of(answer) == told));
  }
  CHECK(seen == "whole whole ");
  CHECK(world.reached() == 1);
}

TEST_CASE("relay over sockets: an answer that ends with its connection is whole only if TLS was ended (SSP-06)",
          "[proxy]") {
  const bool cut = GENERATE(false, true);
  const ProxyWorld world{[&](BlockingPeer& peer) {
    peer.receive_until("\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nup to the end");
    if (!cut) peer.end_tls();
  }};
  auto sender = world.sender();
  REQUIRE(sender.send(world.head("GET", std::string{kDirect} + "/Appointment/7", kReadAppointment) +
                      "Connection: close\r\n\r\n"));
  const auto answer = sender.receive_to_end();
  CHECK_THAT(answer, Contains("Transfer-Encoding: chunked"));
  CHECK(dechunked(body_of(answer)).body == "up to the end");
  CHECK(dechunked(body_of(answer)).complete == !cut);
  CHECK(sender.ended_in_order() == !cut);
}

TEST_CASE("relay over sockets: an answer that breaks off is never a whole message to the sender (SSP-06)", "[proxy]") {
  const std::string framing =
      GENERATE("Content-Length: 100\r\n\r\nhalf of", "Transfer-Encoding: chunked\r\n\r\n7\r\nhalf of\r\n",
               "Transfer-Encoding: chunked\r\n\r\n7\r\nhalf of\r\nnonsense");
  CAPTURE(framing);
  const bool in_order = GENERATE(false, true);
  const ProxyWorld world{[&](BlockingPeer& peer) {
    peer.receive_until("\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\n" + framing);
    if (in_order) peer.end_tls();
  }};
  auto sender = world.sender();
  REQUIRE(sender.send(world.head("GET", std::string{kDirect} + "/Appointment/7", kReadAppointment) + "\r\n"));
  const auto answer = sender.receive_to_end();
  CHECK_THAT(answer, Catch::StartsWith("HTTP/1.1 200 OK") && Contains("half of") && !Contains("\r\n0\r\n"));
  CHECK_FALSE(sender.ended_in_order());
}

TEST_CASE("relay over sockets: an answer that stands still, or never ends, is broken off at its limit (SSP-06, SSP-07)",
          "[proxy]") {
  const bool drips = GENERATE(false, true);
  const auto adjust = [drips](app::Config& config) {
    config.delivery.timeouts.stall = milliseconds{drips ? 10'000 : 200};
    config.delivery.timeouts.stream = milliseconds{drips ? 500 : 60'000};
  };
  std::promise<void> cut;
  const ProxyWorld world{[&](BlockingPeer& peer) {
                           peer.receive_until("\r\n\r\n");
                           peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
                           while (drips && peer.send("1\r\nx\r\n")) {
                           }
                           peer.receive_to_end();
                           cut.set_value();
                         },
                         adjust};
  auto sender = world.sender();
  REQUIRE(sender.send(world.head("GET", std::string{kDirect} + "/Appointment/7", kReadAppointment) + "\r\n"));
  const auto answer = sender.receive_to_end();
  CHECK_THAT(answer, Catch::StartsWith("HTTP/1.1 200 OK") && Contains("half"));
  CHECK_FALSE(dechunked(body_of(answer)).complete);
  CHECK_FALSE(sender.ended_in_order());
  CHECK(cut.get_future().wait_for(seconds{10}) == std::future_status::ready);
}

TEST_CASE("relay over sockets: a request that breaks off is refused, and the recipient never has it whole (SSP-06)",
          "[proxy]") {
  std::promise<void> half;
  std::promise<std::string> seen;
  const ProxyWorld world{[&](BlockingPeer& peer) {
    const auto head = peer.receive_until("half");
    half.set_value();
    seen.set_value(head + peer.receive_to_end());
  }};
  auto sender = world.sender();
  REQUIRE(sender.send(world.head("POST", std::string{kDirect} + "/Patient/$gpc.getcarerecord", kCareRecord) +
                      "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"));
  half.get_future().wait();
  REQUIRE(sender.send("nonsense"));
  const auto answer = sender.receive_to_end();
  CHECK_THAT(answer, Catch::StartsWith("HTTP/1.1 400") && Contains("hexadecimal") && Contains("Connection: close"));
  CHECK_FALSE(dechunked(body_of(seen.get_future().get())).complete);
}

TEST_CASE("relay over sockets: an answer before the request's end ends the request and reaches the sender (SSP-06)",
          "[proxy]") {
  const ProxyWorld world{[&](BlockingPeer& peer) {
    peer.receive_until("\r\n\r\n");
    peer.send("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
    peer.end_tls();
  }};
  auto sender = world.sender();
  REQUIRE(sender.send(world.head("POST", std::string{kDirect} + "/Patient/$gpc.getcarerecord", kCareRecord) +
                      "Content-Length: 1000000\r\n\r\n"));
  const std::string piece(1000, 'x');
  for (int i = 0; i < 1000 && sender.send(piece); ++i) {
  }
  const auto answer = sender.receive_to_end();
  // The recipient's connection may be reset under our writing before its answer was read; then the sender is told so.
  const bool told = answer.starts_with("HTTP/1.1 413") || answer.starts_with("HTTP/1.1 502");
  CHECK(told);
}

TEST_CASE("relay over sockets: 100 MB pass through in bounded memory, as fast as the sender takes them (SSP-06)",
          "[proxy]") {
  constexpr std::size_t kPieces = 1600;
  const auto piece = pattern(64 * 1024);
  std::promise<bool> stuck;
  const ProxyWorld world{[&](BlockingPeer& peer) {
    peer.receive_until("\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kPieces * piece.size()) + "\r\n\r\n");
    bool told = false;
    for (std::size_t i = 0; i < kPieces; ++i) {
      if (!told && !peer.takes_more()) {
        told = true;
        stuck.set_value(true);
      }
      if (!peer.send(piece)) break;
    }
    if (!told) stuck.set_value(false);
  }};
  auto sender = world.sender();
  REQUIRE(sender.send(world.head("GET", std::string{kDirect} + "/Appointment/7", kReadAppointment) + "\r\n"));
  // Nothing is read here until the recipient can send no more: what is on its way by then is all that anybody holds.
  const auto before = memory_kb("VmRSS");
  CHECK(stuck.get_future().get());
  const auto held = memory_kb("VmRSS") - before;
  sender.receive_until("\r\n\r\n");
  std::size_t total = 0;
  bool same = true;
  for (auto more = sender.receive(); !more.empty(); more = sender.receive()) {
    for (const auto c : more) same = same && c == piece[total++ % piece.size()];
    if (total == kPieces * piece.size()) break;
  }
  CHECK(total == kPieces * piece.size());
  CHECK(same);
  constexpr long kMostKb = 8 * 1024;
  CHECK((!kMemoryTells || held < kMostKb));
  CHECK((!kMemoryTells || memory_kb("VmRSS") - before < kMostKb));
}

TEST_CASE("relay over sockets: a mailbox serves tasks only; other interactions get 501 (SSP-06)", "[proxy]") {
  const ProxyWorld world{[](BlockingPeer&) {}};
  auto sender = world.sender();
  REQUIRE(sender.send(world.head("POST", std::string{kMailbox} + "/Patient/$gpc.getcarerecord", kCareRecord) +
                      "Content-Length: 2\r\n\r\n{}"));
  CHECK_THAT(sender.receive_answer(), Catch::StartsWith("HTTP/1.1 501") && Contains("NOT_IMPLEMENTED"));
  CHECK(world.reached() == 0);
}
