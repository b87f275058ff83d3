// Faults until the answer's head is there.
#include "fault/recipient_rows.hpp"

#include <openssl/ssl.h>

#include <utility>

#include "fault/recipient_acts.hpp"

namespace gw::test {

namespace {

using outbox::State;

CertificateWish named(std::string name) {
  CertificateWish wish;
  wish.common_name = name;
  wish.dns_names = {std::move(name)};
  return wish;
}

CertificateWish provider_wish() {
  return named("provider.example.test");
}

/// Meets the gateway with this certificate, and reads what it says then.
Act meets_with(std::function<Identity(ProxyWorld&)> identity) {
  return [identity = std::move(identity)](Visit& visit) {
    visit.peer.accept_tls(identity(*visit.world), &visit.world->ca());
    visit.seen += visit.peer.receive_to_end();
  };
}

/// Wants certificates of another authority than the gateway's.
Act wants_others(int tls_version) {
  return [tls_version](Visit& visit) {
    const TestCa other{"Other Root"};
    visit.peer.accept_tls(visit.world->provider(), &other, tls_version);
    visit.seen += visit.peer.receive_to_end();
  };
}

std::vector<RecipientRow> certificate_rows() {
  const auto refused = [](const char* fault, std::function<Identity(ProxyWorld&)> identity) {
    return RecipientRow{.fault = fault,
                        .act = meets_with(std::move(identity)),
                        .told = 502,
                        .issue = "transient",
                        .state = State::kFailed,
                        .bare = true};
  };
  auto revoked = refused("a revoked certificate", [](auto& world) { return world.provider(); });
  revoked.before = [](ProxyWorld& world) {
    world.revoke(world.provider());
    world.gateway().reload();
  };
  return {
      std::move(revoked),
      refused("a certificate of another FQDN",
              [](auto& world) { return world.ca().issue(named("other.example.test")); }),
      refused("a certificate that names the FQDN in its CN and another in its SAN",
              [](auto& world) {
                auto wish = named("other.example.test");
                wish.common_name = "provider.example.test";
                return world.ca().issue(wish);
              }),
      refused("a certificate of a domain below the FQDN",
              [](auto& world) { return world.ca().issue(named("x.provider.example.test")); }),
      refused("an expired certificate",
              [](auto& world) {
                auto wish = provider_wish();
                wish.valid_from_days = -30;
                wish.valid_to_days = -1;
                return world.ca().issue(wish);
              }),
      refused("a certificate of tomorrow",
              [](auto& world) {
                auto wish = provider_wish();
                wish.valid_from_days = 1;
                return world.ca().issue(wish);
              }),
      refused("a certificate of an authority that nobody trusts",
              [](auto&) { return TestCa{"Nobody's Root"}.issue(provider_wish()); }),
      refused("a certificate that vouches for itself", [](auto&) { return self_signed(provider_wish()); }),
      refused("a certificate for clients alone",
              [](auto& world) {
                auto wish = provider_wish();
                wish.usage = "clientAuth";
                return world.ca().issue(wish);
              }),
  };
}

std::vector<RecipientRow> early_rows() {
  std::vector<RecipientRow> rows{
      doubtful("201 before it had the task", says_early(std::string{kStored})),
      doubtful("200 before it had the task", says_early(whole(200))),
      {.fault = "422 before it had the task",
       .act = says_early(whole(422)),
       .told = 422,
       .issue = "",
       .state = State::kRejected},
      {.fault = "503 before it had the task",
       .act = says_early(whole(503)),
       .told = 503,
       .issue = "",
       .state = State::kFailed},
      doubtful("302 before it had the task", says_early(whole(302, "", "Location: /elsewhere\r\n"))),
      delivered("100 before it had the task, then all as it should be",
                [](Visit& visit) {
                  visit.seen += visit.peer.receive_until("\r\n\r\n");
                  visit.answer("HTTP/1.1 100 Continue\r\n\r\n");
                  visit.read_request();
                  visit.answer(kStored);
                  visit.outwait();
                }),
  };
  for (auto& row : rows) row.large = true;
  return rows;
}

}  // namespace

const std::vector<RecipientRow>& rows_before_the_request() {
  static const auto all = [] {
    const auto failed = [](const char* fault, Act act, int told, std::string_view issue) {
      return RecipientRow{
          .fault = fault, .act = std::move(act), .told = told, .issue = issue, .state = State::kFailed, .bare = true};
    };
    auto silent = failed(
        "silence in place of a handshake", [](Visit& visit) { visit.outwait(); }, 504, "timeout");
    silent.limits = [](app::Config& config) { config.delivery.timeouts.tls = kShort; };
    auto half = failed(
        "half a handshake, then silence",
        [](Visit& visit) {
          visit.peer.receive();
          visit.peer.send_bare(std::string_view{"\x16\x03\x03\x00\x7a\x02", 6});
          visit.outwait();
        },
        504, "timeout");
    half.limits = silent.limits;
    std::vector<RecipientRow> rows{
        failed(
            "reset at connect", [](Visit& visit) { visit.peer.reset(); }, 502, "transient"),
        failed(
            "closed at connect", [](Visit&) {}, 502, "transient"),
        std::move(silent),
        std::move(half),
        failed(
            "reset in the handshake",
            [](Visit& visit) {
              visit.peer.receive();
              visit.peer.reset();
            },
            502, "transient"),
        failed(
            "a greeting in place of a handshake",
            [](Visit& visit) {
              visit.peer.send_bare("220 mail.example.test ESMTP\r\n");
              visit.outwait();
            },
            502, "transient"),
        failed(
            "HTTP in place of a handshake",
            [](Visit& visit) {
              visit.peer.receive();
              visit.peer.send_bare("HTTP/1.1 400 The plain HTTP request was sent to HTTPS port\r\n\r\n");
              visit.outwait();
            },
            502, "transient"),
        failed(
            "a TLS alert in place of a handshake",
            [](Visit& visit) {
              visit.peer.receive();
              visit.peer.send_bare(std::string_view{"\x15\x03\x03\x00\x02\x02\x28", 7});
              visit.outwait();
            },
            502, "transient"),
        failed(
            "TLS 1.1 and no other",
            [](Visit& visit) {
              visit.peer.accept_tls(visit.world->provider(), &visit.world->ca(), TLS1_1_VERSION);
              visit.outwait();
            },
            502, "transient"),
    };
    append(rows, certificate_rows());
    // With TLS 1.3 the refusal comes after the handshake, where the request may be on its way already: it reads none.
    rows.push_back(
        failed("a refusal of the gateway's certificate, TLS 1.2", wants_others(TLS1_2_VERSION), 502, "transient"));
    rows.push_back(
        failed("a refusal of the gateway's certificate, TLS 1.3", wants_others(TLS1_3_VERSION), 502, "transient"));
    return rows;
  }();
  return all;
}

const std::vector<RecipientRow>& rows_of_the_request() {
  static const auto all = [] {
    const auto large = [](const char* fault, Act act, int told, std::string_view issue) {
      return RecipientRow{
          .fault = fault, .act = std::move(act), .told = told, .issue = issue, .state = State::kFailed, .large = true};
    };
    auto stuck = large(
        "no more is read in the middle of the task",
        [](Visit& visit) {
          visit.seen += visit.peer.receive_until("\r\n\r\n");
          visit.wait_until_told();
        },
        504, "timeout");
    stuck.limits = [](app::Config& config) { config.delivery.timeouts.write = kShort; };
    std::vector<RecipientRow> rows{
        large(
            "reset in the middle of the task",
            [](Visit& visit) {
              visit.seen += visit.peer.receive_until("\r\n\r\n");
              visit.peer.reset();
            },
            502, "transient"),
        large(
            "closed in the middle of the task",
            [](Visit& visit) {
              visit.seen += visit.peer.receive_until("\r\n\r\n");
              visit.peer.end_sending();
              visit.wait_until_told();  // who read on might have the whole task before the gateway sees the end
            },
            502, "transient"),
        std::move(stuck),
        doubtful("reset when the task has come, unread",
                 [](Visit& visit) {
                   if (visit.peer.has_more()) visit.peer.reset();
                 }),
        doubtful("reset after the task", says_and_resets({})),
        doubtful("closed after the task", says({})),
        with(doubtful("silence after the task", says_and_waits({}), "timeout"), set_answer_limit),
        with(doubtful("silence until the sender's waiting time is over", says_and_waits({}), "timeout"),
             [](app::Config& config) { config.exchange.sender_wait = kEnoughForAHead; }),
    };
    append(rows, early_rows());
    return rows;
  }();
  return all;
}

}  // namespace gw::test
