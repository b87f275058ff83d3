// A simulated network: each dial and each exchange waits until the walk decides what becomes of it. No sockets.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "delivery/dialer.hpp"

namespace gw::test {

namespace asio = boost::asio;

/// What becomes of one exchange, and whether the recipient stores the task.
struct Fate {
  net::ExchangeResult result;
  bool stores = false;
};

/// A dial or an exchange that waits for its fate. Made and woken on its io thread.
class Held {
 public:
  Held(asio::any_io_executor executor, std::string task, std::string trace)
      : task_(std::move(task)), trace_(std::move(trace)), wake_(std::move(executor)) {
    wake_.expires_at(asio::steady_timer::time_point::max());
  }
  /// The task's body; empty for a dial.
  [[nodiscard]] const std::string& task() const { return task_; }
  [[nodiscard]] const std::string& trace() const { return trace_; }
  [[nodiscard]] bool is_dial() const { return task_.empty(); }
  /// From any thread, once.
  static void decide(const std::shared_ptr<Held>& held, Fate fate) {
    asio::post(held->wake_.get_executor(), [held, fate = std::move(fate)]() mutable {
      held->fate_ = std::move(fate);
      held->wake_.cancel();
    });
  }
  static asio::awaitable<Fate> wait(std::shared_ptr<Held> held) {
    co_await held->wake_.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return std::move(held->fate_);
  }

 private:
  std::string task_;
  std::string trace_;
  asio::steady_timer wake_;
  Fate fate_;
};

/// Tells of each operation that begins to wait, on the io thread.
using OnHeld = std::function<void(std::shared_ptr<Held>)>;

class ModelConnection final : public net::ClientConnection {
 public:
  /// `sends_again`: what was sent and not answered is sent once more, as no courier may.
  ModelConnection(asio::any_io_executor executor, OnHeld on_held, bool sends_again)
      : executor_(std::move(executor)), on_held_(std::move(on_held)), sends_again_(sends_again) {}

  asio::awaitable<net::ExchangeResult> exchange(const net::WireRequest& request, const net::ClientTimeouts&,
                                                const net::ClientLimits&) override {
    auto fate = co_await one_exchange(request);
    const bool in_doubt = fate.result.fault && fate.result.progress == net::Progress::kAllSent;
    if (sends_again_ && in_doubt) fate = co_await one_exchange(request);
    open_ = !fate.result.fault;
    co_return std::move(fate.result);
  }
  asio::awaitable<net::ExchangeResult> begin(const net::WireRequest&, net::BodySource&, const net::ClientTimeouts&,
                                             const net::ClientLimits&) override {
    throw std::logic_error("a task is never streamed");
  }
  net::BodySource& answer_body() override { throw std::logic_error("a task is never streamed"); }
  bool may_be_kept() override { return open_; }
  bool reusable() override { return open_; }
  void close() override { open_ = false; }

 private:
  asio::awaitable<Fate> one_exchange(const net::WireRequest& request) {
    auto held = std::make_shared<Held>(executor_, std::string{request.body},
                                       std::string{header_value(request.headers, "Ssp-TraceID")});
    on_held_(held);
    co_return co_await Held::wait(std::move(held));
  }

  asio::any_io_executor executor_;
  OnHeld on_held_;
  bool sends_again_;
  bool open_ = true;
};

/// A dial whose fate holds a fault fails with it.
class ModelDialer final : public delivery::Dialer {
 public:
  ModelDialer(OnHeld on_held, bool sends_again) : on_held_(std::move(on_held)), sends_again_(sends_again) {}
  asio::awaitable<Result<std::unique_ptr<net::ClientConnection>>> dial(asio::any_io_executor executor,
                                                                       const net::Target&,
                                                                       net::ClientTimeouts) override {
    auto held = std::make_shared<Held>(executor, std::string{}, std::string{});
    on_held_(held);
    auto fate = co_await Held::wait(std::move(held));
    if (fate.result.fault) co_return *fate.result.fault;
    co_return std::make_unique<ModelConnection>(std::move(executor), on_held_, sends_again_);
  }

 private:
  OnHeld on_held_;
  bool sends_again_;
};

}  // namespace gw::test
