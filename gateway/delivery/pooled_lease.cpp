#include "delivery/pooled_lease.hpp"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <utility>

#include "base/failpoint.hpp"
#include "delivery/keep_alive.hpp"
#include "net/io_threads.hpp"

namespace gw::delivery {

namespace {

using Clock = std::chrono::steady_clock;

/// Closes a connection at the deadline, unless it goes out of scope before.
class DeadlineWatch {
 public:
  DeadlineWatch(asio::io_context& context, net::ClientConnection& connection, TimePoint deadline)
      : state_(std::make_shared<State>(context, &connection)) {
    state_->timer.expires_at(deadline);
    state_->timer.async_wait([state = state_](boost::system::error_code ec) {
      if (ec || state->connection == nullptr) return;
      state->fired = true;
      state->connection->close();
    });
  }
  DeadlineWatch(const DeadlineWatch&) = delete;
  DeadlineWatch& operator=(const DeadlineWatch&) = delete;
  ~DeadlineWatch() {
    state_->connection = nullptr;
    state_->timer.cancel();
  }
  [[nodiscard]] bool fired() const { return state_->fired; }

 private:
  struct State {
    State(asio::io_context& context, net::ClientConnection* watched) : timer(context), connection(watched) {}
    asio::steady_timer timer;
    net::ClientConnection* connection;
    bool fired = false;
  };
  std::shared_ptr<State> state_;
};

/// The recipient had closed a kept connection: nothing of the request was sent, and nothing refused it.
bool is_lost_before_sending(const net::ExchangeResult& result) {
  return result.progress == net::Progress::kNothingSent && !result.tls_alert &&
         (!result.fault || (result.fault->kind != FaultKind::kTimeout && result.fault->kind != FaultKind::kInternal));
}

}  // namespace

PooledLease::PooledLease(std::shared_ptr<const Core> core, std::shared_ptr<Recipient> recipient, std::size_t thread,
                         Berth berth, bool kept)
    : core_(std::move(core)), recipient_(std::move(recipient)), thread_(thread), berth_(std::move(berth)), kept_(kept) {
  if (!kept_) berth_.usable_until = Clock::now() + core_->settings.idle;
}

PooledLease::~PooledLease() {
  if (core_->threads.current() == thread_) settle();
}

/// Give back what can be used again, close the rest. What was not used stays as long as it would have stayed; what was
/// used, as long as its answer lets it. Whether the recipient has closed it is asked when it is taken.
void PooledLease::settle() {
  if (berth_.connection && berth_.connection->may_be_kept()) recipient_->give_back(thread_, std::move(berth_));
  berth_.connection.reset();
  berth_ = {};
}

asio::awaitable<Delivery> PooledLease::send(const net::WireRequest& request, TimePoint deadline) {
  auto result = co_await exchange(request, nullptr, deadline);
  if (!result) co_return classify(result.error());
  co_return classify(std::move(*result));
}

asio::awaitable<Result<net::ExchangeResult>> PooledLease::begin(const net::WireRequest& request, net::BodySource& body,
                                                                TimePoint deadline) {
  return exchange(request, &body, deadline);
}

/// One exchange, over a fresh connection where the kept one turns out to be lost.
asio::awaitable<Result<net::ExchangeResult>> PooledLease::exchange(const net::WireRequest& request,
                                                                   net::BodySource* body, TimePoint deadline) {
  net::ExchangeResult result;
  if (!kept_ || berth_.connection->reusable()) result = co_await attempt(request, body, deadline);
  if (kept_ && is_lost_before_sending(result)) {
    berth_.connection.reset();
    berth_.slot.connecting_again();
    auto fresh = co_await open_for(core_, recipient_, thread_, deadline);
    if (!fresh) {
      berth_ = {};
      co_return fresh.error();
    }
    berth_.connection = std::move(*fresh);
    berth_.slot.connected();
    result = co_await attempt(request, body, deadline);
  }
  if (result.progress == net::Progress::kAnswered) recipient_->answered();
  if (result.answer) berth_.usable_until = Clock::now() + usable_for(result.answer->headers, core_->settings.idle);
  // Others may wait for it, and the lease may be kept for a while.
  const bool whole = result.answer && result.answer->complete;
  if (!whole && (body == nullptr || !result.answer)) berth_.connection.reset();
  if (body == nullptr || !result.answer) settle();
  co_return result;
}

asio::awaitable<net::ExchangeResult> PooledLease::attempt(const net::WireRequest& request, net::BodySource* body,
                                                          TimePoint deadline) {
  auto timeouts = core_->settings.timeouts;
  const auto left = remaining(deadline);
  if (left == milliseconds{0}) {
    co_return net::ExchangeResult{.progress = net::Progress::kNothingSent,
                                  .answer = std::nullopt,
                                  .fault = fault(FaultKind::kTimeout, "the sender's waiting time is over")};
  }
  timeouts.write = std::min(timeouts.write, left);
  timeouts.answer = std::min(timeouts.answer, left);
  const DeadlineWatch watch(core_->threads.context(thread_), *berth_.connection, deadline);
  const auto& limits = core_->settings.limits;
  failpoint("delivery.before_write");
  net::ExchangeResult result;
  if (body == nullptr) {
    result = co_await berth_.connection->exchange(request, timeouts, limits);
  } else {
    result = co_await berth_.connection->begin(request, *body, timeouts, limits);
  }
  failpoint("delivery.after_answer");
  if (watch.fired() && result.fault && !result.source_failed) {
    result.fault = fault(FaultKind::kTimeout, "the sender's waiting time is over");
  }
  co_return result;
}

}  // namespace gw::delivery
