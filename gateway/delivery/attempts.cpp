#include "delivery/attempts.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <optional>
#include <utility>

#include "net/io_threads.hpp"

namespace gw::delivery {

namespace {

using Clock = std::chrono::steady_clock;
using Connection = std::unique_ptr<net::ClientConnection>;

/// Connect and handshake together stay within what is left until the deadline.
net::ClientTimeouts squeezed(net::ClientTimeouts timeouts, milliseconds left) {
  const auto wanted = timeouts.connect + timeouts.tls;
  if (wanted <= left) return timeouts;
  timeouts.connect = left * timeouts.connect.count() / wanted.count();
  timeouts.tls = left - timeouts.connect;
  return timeouts;
}

}  // namespace

milliseconds remaining(TimePoint deadline) {
  return std::max(std::chrono::duration_cast<milliseconds>(deadline - Clock::now()), milliseconds{0});
}

asio::awaitable<Result<Connection>> open_for(std::shared_ptr<const Core> core, std::shared_ptr<Recipient> recipient,
                                             std::size_t thread, TimePoint deadline) {
  const auto& timeouts = core->settings.timeouts;
  auto pause = core->settings.connect_backoff;
  const auto executor = core->threads.context(thread).get_executor();
  std::optional<Fault> last;
  for (std::size_t attempt = 1;; ++attempt) {
    const auto left = remaining(deadline);
    if (left == milliseconds{0}) {
      co_return last.value_or(fault(FaultKind::kTimeout, "no time was left to connect"));
    }
    if (auto down = recipient->ask_breaker()) co_return last.value_or(std::move(*down));
    auto connection = co_await core->dialer.dial(executor, recipient->target(), squeezed(timeouts, left));
    if (connection) {
      recipient->reached();
      co_return connection;
    }
    last = connection.error();
    if (last->kind == FaultKind::kClosed) {
      if (*core->stopped) co_return *last;
      last->kind = FaultKind::kReset;
    }
    if (last->kind == FaultKind::kTimeout && left < timeouts.connect + timeouts.tls) {
      recipient->attempt_abandoned();
      co_return *last;
    }
    recipient->not_reached(*last);
    if (last->kind == FaultKind::kTls || attempt >= core->settings.connect_attempts) co_return *last;

    const auto wake_at = Clock::now() + std::chrono::duration_cast<milliseconds>(pause * recipient->jitter(thread));
    if (wake_at >= deadline) co_return *last;
    pause *= 2;
    asio::steady_timer timer(executor, wake_at);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    if (*core->stopped) co_return fault(FaultKind::kClosed, "stopping");
  }
}

}  // namespace gw::delivery
