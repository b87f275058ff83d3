// The way of one task: an idle connection, else a slot (perhaps after a wait) and a new connection; then one exchange.
#include "delivery/courier.hpp"

#include <boost/asio/post.hpp>
#include <map>
#include <mutex>
#include <utility>

#include "delivery/attempts.hpp"
#include "delivery/dialer.hpp"
#include "delivery/pooled_lease.hpp"
#include "delivery/recipient.hpp"
#include "net/io_threads.hpp"
#include "net/tls_context.hpp"

namespace gw::delivery {

namespace {

using Connection = std::unique_ptr<net::ClientConnection>;

class TlsDialer final : public Dialer {
 public:
  TlsDialer(net::ClientTls& tls, net::AddressRules rules) : tls_(tls), rules_(std::move(rules)) {}
  asio::awaitable<Result<Connection>> dial(asio::any_io_executor executor, const net::Target& target,
                                           net::ClientTimeouts timeouts) override {
    co_return co_await net::open_connection(std::move(executor), target, tls_, timeouts, rules_);
  }

 private:
  net::ClientTls& tls_;
  const net::AddressRules rules_;
};

class PooledCourier final : public Courier {
 public:
  PooledCourier(net::IoThreads& threads, std::unique_ptr<Dialer> own, Dialer& dialer, const Settings& settings)
      : own_dialer_(std::move(own)), core_(std::make_shared<Core>(threads, dialer, settings)), known_(threads.size()) {}
  PooledCourier(const PooledCourier&) = delete;
  PooledCourier& operator=(const PooledCourier&) = delete;
  ~PooledCourier() override {
    *core_->stopped = true;
    for (const auto& [target, recipient] : recipients_) recipient->dismantle();
  }

  std::unique_ptr<Lease> take(const Route& route) override {
    const auto thread = core_->threads.current();
    if (thread == core_->threads.size() || *core_->stopped) return nullptr;
    const auto recipient = recipient_for(route.target, thread);
    auto idle = recipient->take_idle(thread);
    if (!idle) return nullptr;
    return std::make_unique<PooledLease>(core_, recipient, thread, std::move(*idle), true);
  }

  asio::awaitable<Result<std::unique_ptr<Lease>>> connect(const Route& route, TimePoint deadline) override {
    const auto thread = core_->threads.current();
    if (thread == core_->threads.size()) co_return fault(FaultKind::kInternal, "connect() outside the io threads");
    if (*core_->stopped) co_return fault(FaultKind::kClosed, "stopping");
    const auto recipient = recipient_for(route.target, thread);

    if (auto idle = recipient->take_idle(thread)) co_return lease(recipient, thread, std::move(*idle), true);
    if (auto down = recipient->down()) co_return std::move(*down);
    Berth berth{.slot = recipient->try_slot(thread), .connection = nullptr};
    if (!berth.slot) {
      auto waited = co_await recipient->wait(thread, deadline);
      if (!waited) co_return waited.error();
      if (waited->connection && waited->connection->reusable()) {
        co_return lease(recipient, thread, std::move(*waited), true);
      }
      berth.slot = std::move(waited->slot);
      berth.slot.connecting_again();
    }
    auto connection = co_await open_for(core_, recipient, thread, deadline);
    if (!connection) co_return connection.error();
    berth.connection = std::move(*connection);
    berth.slot.connected();
    co_return lease(recipient, thread, std::move(berth), false);
  }

  void stop() override {
    *core_->stopped = true;
    const std::scoped_lock lock(mutex_);
    for (const auto& entry : recipients_) {
      for (std::size_t thread = 0; thread < core_->threads.size(); ++thread) {
        asio::post(core_->threads.context(thread),
                   [recipient = entry.second, thread] { recipient->close_idle(thread); });
      }
    }
  }

  [[nodiscard]] std::vector<RecipientHealth> health() const override {
    std::vector<RecipientHealth> all;
    const std::scoped_lock lock(mutex_);
    all.reserve(recipients_.size());
    for (const auto& [target, recipient] : recipients_) all.push_back(recipient->health());
    return all;
  }

 private:
  using Recipients = std::map<net::Target, std::shared_ptr<Recipient>>;

  Result<std::unique_ptr<Lease>> lease(std::shared_ptr<Recipient> recipient, std::size_t thread, Berth berth,
                                       bool kept) const {
    return std::make_unique<PooledLease>(core_, std::move(recipient), thread, std::move(berth), kept);
  }

  /// Each thread remembers what it has seen, so that the lock is taken once for each recipient and thread. Recipients
  /// are never forgotten: there are no more of them than endpoints in the directories of this process's life.
  std::shared_ptr<Recipient> recipient_for(const net::Target& target, std::size_t thread) {
    auto& known = known_[thread];
    if (const auto found = known.find(target); found != known.end()) return found->second;
    const std::scoped_lock lock(mutex_);
    auto& recipient = recipients_[target];
    if (!recipient) recipient = std::make_shared<Recipient>(target, core_->settings, core_->threads, core_->stopped);
    known.emplace(target, recipient);
    return recipient;
  }

  const std::unique_ptr<Dialer> own_dialer_;
  const std::shared_ptr<Core> core_;
  std::vector<Recipients> known_;  ///< by io thread; each touches its own only
  mutable std::mutex mutex_;
  Recipients recipients_;
};

}  // namespace

std::unique_ptr<Courier> Courier::make(net::IoThreads& threads, net::ClientTls& tls, const Settings& settings) {
  auto dialer = std::make_unique<TlsDialer>(tls, settings.addresses);
  auto& borrowed = *dialer;
  return std::make_unique<PooledCourier>(threads, std::move(dialer), borrowed, settings);
}

std::unique_ptr<Courier> Courier::make(net::IoThreads& threads, Dialer& dialer, const Settings& settings) {
  return std::make_unique<PooledCourier>(threads, nullptr, dialer, settings);
}

}  // namespace gw::delivery
