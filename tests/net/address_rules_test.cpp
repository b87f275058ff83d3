#include "net/address_rules.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>
#include <string>

#include "net/client.hpp"
#include "net/net_world.hpp"

using namespace gw;
using namespace gw::test;
using Catch::Contains;
namespace asio = net::asio;
using asio::ip::tcp;

namespace {

std::string refusal(const std::string& address, const net::AddressRules& rules = {}, bool named = false) {
  const tcp::endpoint endpoint{asio::ip::make_address(address), 443};
  return std::string{net::refusal_of_address(endpoint, rules, named).value_or("")};
}

/// What comes of opening a connection to `target` under `rules`.
Fault outcome(net::Target target, net::AddressRules rules) {
  static const TestPki pki;
  const auto tls = std::move(net::ClientTls::load(pki.files("client", pki.client)).value());
  net::IoThreads threads{1};
  threads.start();
  const net::ClientTimeouts timeouts;
  auto opened = asio::co_spawn(threads.context(0),
                               net::open_connection(threads.context(0).get_executor(), target, *tls, timeouts, rules),
                               asio::use_future)
                    .get();
  REQUIRE_FALSE(opened.has_value());
  return opened.error();
}

}  // namespace

TEST_CASE("addresses: loopback, link-local, multicast and no host are refused in every spelling (SSP-05)", "[net]") {
  for (const auto* const address :
       {"127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::127.0.0.1"}) {
    CAPTURE(address);
    CHECK_THAT(refusal(address), Contains("loopback"));
    CHECK(refusal(address, {.allow_loopback = true}).empty());
  }
  for (const auto* const address :
       {"169.254.0.1", "169.254.169.254", "fe80::1", "febf::1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe"}) {
    CAPTURE(address);
    CHECK_THAT(refusal(address, {.allow_loopback = true}), Contains("link-local"));
  }
  for (const auto* const address : {"224.0.0.1", "239.255.255.255", "ff02::1", "::ffff:224.0.0.1"}) {
    CAPTURE(address);
    CHECK_THAT(refusal(address, {.allow_loopback = true}), Contains("multicast"));
  }
  for (const auto* const address : {"0.0.0.0", "0.1.2.3", "::", "::ffff:0.0.0.0", "240.0.0.1", "255.255.255.255"}) {
    CAPTURE(address);
    CHECK_THAT(refusal(address, {.allow_loopback = true}), Contains("host"));
  }
  // A closed network's own ranges are where its systems are.
  for (const auto* const address : {"10.0.0.1", "172.16.0.1", "192.168.1.1", "192.0.2.1", "2001:db8::1", "fd00::1"}) {
    CAPTURE(address);
    CHECK(refusal(address).empty());
  }
}

TEST_CASE("addresses: our own listeners are refused whoever names them, others on this machine only by DNS (SSP-05)",
          "[net]") {
  const net::AddressRules rules{.allow_loopback = true, .own = {{asio::ip::make_address("127.0.0.1"), 443}}};
  CHECK_THAT(refusal("127.0.0.1", rules, true), Contains("listener"));
  CHECK_THAT(refusal("::ffff:127.0.0.1", rules, true), Contains("listener"));
  CHECK(refusal("127.0.0.2", rules, true).empty());
  CHECK(refusal("127.0.0.2", {}, true).empty());
  const net::AddressRules any{.allow_loopback = true, .own = {{asio::ip::make_address("0.0.0.0"), 443}}};
  CHECK_THAT(refusal("127.0.0.1", any, true), Contains("listener"));
  CHECK_THAT(refusal("127.0.0.2", any), Contains("listener"));
  CHECK(refusal("192.0.2.1", any).empty());
  const net::AddressRules other_port{.allow_loopback = true, .own = {{asio::ip::make_address("127.0.0.1"), 8444}}};
  CHECK(refusal("127.0.0.1", other_port, true).empty());
}

TEST_CASE("addresses: a name that resolves to loopback gets no connection unless that is allowed (SSP-05)", "[net]") {
  std::atomic<int> reached{0};
  {
    const ScriptedServer decoy{[&reached](BlockingPeer&) { ++reached; }};
    const auto by_dns = outcome({"localhost", decoy.port(), ""}, {});
    CHECK(by_dns.kind == FaultKind::kUnreachable);
    CHECK_THAT(by_dns.detail, Contains("localhost") && Contains("loopback"));
    // A name in the config's own table is looked up too, and judged alike.
    const auto by_table = outcome({"gp.example.test", 443, "localhost:" + std::to_string(decoy.port())}, {});
    CHECK(by_table.kind == FaultKind::kUnreachable);
    const auto own = outcome({"gp.example.test", 443, "127.0.0.1:" + std::to_string(decoy.port())},
                             {.own = {{asio::ip::make_address("127.0.0.1"), decoy.port()}}});
    CHECK_THAT(own.detail, Contains("listener"));
  }
  CHECK(reached == 0);
  const ScriptedServer allowed{[&reached](BlockingPeer&) { ++reached; }};
  const auto tried = outcome({"localhost", allowed.port(), ""}, {.allow_loopback = true});
  CHECK(tried.kind != FaultKind::kUnreachable);
  CHECK(reached == 1);
}
