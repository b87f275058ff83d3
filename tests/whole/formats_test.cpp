// Wire forms over real sockets: gzip both ways, to a mailbox and through a proxy.
#include <catch2/catch.hpp>

#include "exchange/content_coding.hpp"
#include "whole/world.hpp"

using namespace gw;
using namespace gw::test;

namespace {

std::string gzipped(const std::string& plain) {
  Response carrier{.status = 200, .body = plain};
  exchange::encode_answer(carrier, {{"Accept-Encoding", "gzip"}}, 0);
  return carrier.body;
}

app::DemoClient::Request gzipped_request(World& world, Way way) {
  auto request = world.request(way);
  request.body = gzipped(request.body);
  request.headers.push_back({"Content-Encoding", "gzip"});
  return request;
}

}  // namespace

TEST_CASE("formats: a gzip task is stored as what it holds, and relayed as it came (ANS-06, SSP-06)", "[whole]") {
  const auto way = GENERATE(Way::kMailbox, Way::kRelay);
  auto& world = World::shared();
  auto request = gzipped_request(world, way);
  const auto answer = world.send(request);
  REQUIRE(answer.has_value());
  CAPTURE(answer->body);
  CHECK(answer->status == 201);
  CHECK(answer->body.find("evening clinic") != std::string::npos);
  CHECK(world.received(way == Way::kMailbox ? "hub" : "practice-b", trace_of(request)) == 1);

  // The content is the same, so the plain form is the same request again (OUT-03).
  request.body = *exchange::inflated(request.body, request.body.size() * 100);
  std::erase_if(request.headers, [](const Header& header) { return header.name == "Content-Encoding"; });
  const auto again = world.send(request);
  REQUIRE(again.has_value());
  CHECK(again->status == 201);
  CHECK(header_value(again->headers, "Location") == header_value(answer->headers, "Location"));
  CHECK(world.received(way == Way::kMailbox ? "hub" : "practice-b", trace_of(request)) == 1);
}

TEST_CASE("formats: an answer is gzipped for who asks, once, also through a proxy (ANS-06, ANS-13)", "[whole]") {
  const auto way = GENERATE(Way::kMailbox, Way::kRelay);
  auto& world = World::shared();
  auto request = world.request(way);
  request.headers.push_back({"Accept-Encoding", "gzip"});
  const auto answer = world.send(request);
  REQUIRE(answer.has_value());
  CHECK(answer->status == 201);
  CHECK(header_count(answer->headers, "Content-Encoding") == 1);
  CHECK(header_count(answer->headers, "Vary") == 1);
  const auto plain = exchange::inflated(answer->body, std::size_t{1} << 20U);
  REQUIRE(plain.has_value());
  CHECK(plain->find("evening clinic") != std::string::npos);
}

TEST_CASE("formats: a body in gzip that is broken, another coding, or a bomb is refused and not stored (ANS-06)",
          "[whole]") {
  auto& world = World::shared();
  auto cut = gzipped_request(world, Way::kMailbox);
  cut.body.resize(cut.body.size() / 2);
  CHECK(world.send(cut)->status == 400);

  auto other = world.request(Way::kMailbox);
  other.headers.push_back({"Content-Encoding", "br"});
  const auto unsupported = world.send(other);
  CHECK(unsupported->status == 415);
  CHECK(header_value(unsupported->headers, "Accept-Encoding") == "gzip");

  auto bomb = gzipped_request(world, Way::kMailbox);
  bomb.body = gzipped(std::string(std::size_t{64} << 20U, ' '));
  const auto refused = world.send(bomb);
  CHECK(refused->status == 400);
  CHECK(refused->body.find("too-long") != std::string::npos);
  CHECK(iequals(header_value(refused->headers, "Connection"), "close"));

  for (const auto* const request : {&cut, &other, &bomb}) CHECK(world.received("hub", trace_of(*request)) == 0);
}
