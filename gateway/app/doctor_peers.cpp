// The doctor's look at others: every recipient by connect, TLS and metadata, many at once, and the directory service.
//
// One thread, one io_context; each recipient is a coroutine, and a shared deadline ends them all: an address that
// swallows packets costs its own limits and nobody else's.
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <optional>

#include "app/counted.hpp"
#include "app/doctor.hpp"
#include "app/send.hpp"
#include "delivery/route.hpp"
#include "directory/spine_lookup.hpp"
#include "exchange/task_message.hpp"
#include "net/client.hpp"
#include "net/tls_context.hpp"

namespace gw::app {

namespace {

namespace asio = boost::asio;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::size_t kAtOnce = 32;

struct Visit {
  const directory::Organisation* organisation;
  delivery::Route route;
  const directory::Organisation* from;      ///< in whose name it is asked; null: nobody's, so for TLS alone
  std::optional<Finding> finding;           ///< none: its turn did not end in time
  std::optional<milliseconds> clock_ahead;  ///< of the recipient's over ours
};

/// What all visits share; outlives io_context::run.
struct Round {
  const Config& config;
  net::ClientTls& tls;
  SteadyTime until;
  std::vector<Visit> visits;
  std::size_t next = 0;
  const PeerProgress& progress;
};

std::string mend_of(const Fault& fault) {
  switch (fault.kind) {
    case FaultKind::kUnreachable:
      return "check the endpoint in organisations.csv, DNS, and the firewall between; [hosts] gives a name an address";
    case FaultKind::kTimeout:
      return "a firewall that drops, or a peer that stands still: ask who runs it";
    case FaultKind::kTls:
      return "their certificate must be for that name, in date, not revoked, by a CA below [tls] trust";
    default:
      return "ask who runs it whether they refuse our certificate, and look into their log";
  }
}

std::string about(const directory::Organisation& organisation) {
  return "recipient " + organisation.ods.text();
}

Finding finding_of_answer(const Visit& visit, const net::ExchangeResult& result) {
  const auto& organisation = *visit.organisation;
  const auto where = organisation.endpoint;
  if (!result.answer) {
    const auto why = result.tls_alert ? std::string{"it refuses our certificate"}
                     : result.fault   ? result.fault->detail
                                      : std::string{"no answer"};
    return {Grade::kFault, about(organisation),
            fmt::format("{}: TLS is made, metadata is not answered: {}", where, why),
            mend_of(result.fault.value_or(Fault{}))};
  }
  const int status = result.answer->status;
  if (visit.from == nullptr) {
    return {Grade::kGood, about(organisation), fmt::format("{}: TLS is made, and it answers", where), {}};
  }
  if (status == 200) {
    return {Grade::kGood, about(organisation), fmt::format("{}: TLS is made, metadata is answered", where), {}};
  }
  return {Grade::kFault, about(organisation),
          fmt::format("{}: metadata, asked in the name of {}, is answered {}: {}", where, visit.from->ods.text(),
                      status, outcome_lines(result.answer->body)),
          "its words say what it lacks: most often ASID, FQDN or sharing agreement are not registered there as here"};
}

/// How far the answer's clock is ahead of ours. A Date has whole seconds, cut off.
std::optional<milliseconds> clock_ahead(const net::WireAnswer& answer, Instant sent, Instant came) {
  const auto date = parse_http_date(header_value(answer.headers, "Date"));
  if (!date) return std::nullopt;
  const auto ours = sent + (came - sent) / 2;
  return *date + milliseconds{500} - ours;
}

asio::awaitable<void> visit(asio::any_io_executor executor, Round& round, Visit& one) {
  const auto& timeouts = round.config.delivery.timeouts;
  auto rules = round.config.delivery.addresses;
  auto connection = co_await net::open_connection(executor, one.route.target, round.tls, timeouts, std::move(rules));
  if (!connection) {
    one.finding = Finding{Grade::kFault, about(*one.organisation),
                          fmt::format("{}: {}", one.organisation->endpoint, connection.error().detail),
                          mend_of(connection.error())};
    co_return;
  }
  const SystemClock clock;
  net::WireRequest request;
  request.method = "GET";
  request.target = one.route.base_path + "/metadata";
  const auto sent = clock.now();
  // Without a name to ask in, any answer shows that TLS holds; in another's name nothing is asked.
  request.headers = {{"Accept", "application/json+fhir"}};
  if (one.from != nullptr) {
    request.headers =
        exchange::make_headers(*one.from, *one.organisation, nullptr, exchange::kReadMetadata, exchange::User{}, sent);
  }
  const auto result = co_await (*connection)->exchange(request, timeouts, round.config.delivery.limits);
  (*connection)->close();
  one.finding = finding_of_answer(one, result);
  if (result.answer) one.clock_ahead = clock_ahead(*result.answer, sent, clock.now());
}

/// One of kAtOnce that take the recipients in turn.
asio::awaitable<void> take_turns(asio::any_io_executor executor, Round& round) {
  while (round.next < round.visits.size() && std::chrono::steady_clock::now() < round.until) {
    auto& one = round.visits[round.next++];
    co_await visit(executor, round, one);
    round.progress(round.next, round.visits.size());
  }
}

void make_visits(Round& round) {
  asio::io_context context{1};
  for (std::size_t i = 0; i < std::min(kAtOnce, round.visits.size()); ++i) {
    asio::co_spawn(context, take_turns(context.get_executor(), round), [](std::exception_ptr bug) {
      if (bug) std::rethrow_exception(bug);
    });
  }
  context.run_until(round.until);  // what is still under way then ends with the context
}

/// The organisation in whose name our certificate lets us ask; null when there is none.
const directory::Organisation* own_organisation(const Config& config, const directory::Directory& directory) {
  for (const auto& organisation : directory.organisations()) {
    if (organisation.has_mailbox() && !organisation.fqdn.empty() &&
        config.exchange.caller.public_url.find("//" + organisation.fqdn) != std::string::npos) {
      return &organisation;
    }
  }
  return nullptr;
}

void judge_clocks(const Round& round, Report& report) {
  std::vector<milliseconds> ahead;
  for (const auto& one : round.visits) {
    if (one.clock_ahead) ahead.push_back(*one.clock_ahead);
  }
  if (ahead.empty()) return;
  // The median: one recipient with a wrong clock of its own says nothing about ours.
  const auto middle = ahead.begin() + static_cast<std::ptrdiff_t>(ahead.size() / 2);
  std::nth_element(ahead.begin(), middle, ahead.end());
  const double behind = std::chrono::duration<double>(*middle).count();
  // Their clocks tell whole seconds.
  const auto ours = std::abs(behind) < 1
                        ? std::string{"right to the second"}
                        : fmt::format("{:.0f} s {}", std::abs(behind), behind > 0 ? "behind" : "ahead");
  const auto what = fmt::format("by the clocks of {}, ours is {}", counted(ahead.size(), "recipient"), ours);
  constexpr milliseconds slight{3'000};
  constexpr milliseconds grave{30'000};
  const auto off = std::max(*middle, -*middle);
  constexpr auto mend = "set this machine's clock by a time service; or ask the recipients about theirs";
  if (off >= grave) {
    report.fail("clock", what + ": tokens are refused", mend);
  } else if (off >= slight) {
    report.warn("clock", what, mend);
  } else {
    report.good("clock", what);
  }
}

void examine_service_directory(const Config& config, Report& report) {
  if (!config.asks_service) return;
  directory::SpineLookup lookup{config.service.service};
  const auto found = lookup.find({directory::SpineKey::By::kAsid, "000000000000", {}});
  if (found) {
    report.good("directory service", config.service.service.ldap.url + " answers");
  } else {
    report.fail("directory service", fmt::format("{}: {}", config.service.service.ldap.url, found.error().detail),
                "check [ldap] url, base and certificate, and the way there; meanwhile what is known is used");
  }
}

}  // namespace

void examine_peers(const Config& config, const directory::Directory& directory, seconds within,
                   const PeerProgress& progress, Report& report) {
  examine_service_directory(config, report);
  auto tls = net::ClientTls::load(config.tls);
  if (!tls) return;  // examine_files says why
  const auto* const own = own_organisation(config, directory);
  Round round{config, **tls, std::chrono::steady_clock::now() + within, {}, 0, progress};
  for (const auto& organisation : directory.organisations()) {
    if (organisation.endpoint.empty()) continue;
    auto route = delivery::route_to(organisation.endpoint, config.exchange.hosts);
    if (route) {
      const bool may_ask = own != nullptr && directory.share(*own, organisation);
      round.visits.push_back({&organisation, std::move(*route), may_ask ? own : nullptr, std::nullopt, std::nullopt});
    } else {
      report.fail(about(organisation), route.error().detail, "mend its FHIR Endpoint in organisations.csv");
    }
  }
  make_visits(round);
  std::size_t left_over = 0;
  for (auto& one : round.visits) {
    if (!one.finding) {
      ++left_over;
    } else if (one.finding->grade == Grade::kGood) {
      report.good(std::move(one.finding->about), std::move(one.finding->what));
    } else {
      report.fail(std::move(one.finding->about), std::move(one.finding->what), std::move(one.finding->mend));
    }
  }
  if (left_over > 0) {
    report.warn(
        "recipients",
        fmt::format("{} of {} had not been looked at within {} s", left_over, round.visits.size(), within.count()),
        "give it longer: --within SECONDS");
  }
  judge_clocks(round, report);
}

}  // namespace gw::app
