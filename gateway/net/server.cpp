#include "net/server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>
#include <mutex>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "net/io_threads.hpp"
#include "net/session.hpp"
#include "net/task_group.hpp"

namespace gw::net {

namespace {

using asio::ip::tcp;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
/// After an accept that failed (EMFILE): long enough for the machine to recover, short enough not to be felt.
constexpr milliseconds kAcceptPause{100};
/// How many connections beyond the limit are told 503 before the rest is closed unanswered.
constexpr std::size_t kSurplusAnswered = 64;
/// After the drain: how long cancelled sessions may take to end.
constexpr milliseconds kCancelled{2'000};

/// How many connections each address has. Thread-safe.
class Peers {
 public:
  /// Count one more, and tell how many there are with it.
  std::size_t enter(const asio::ip::address& peer) {
    const std::lock_guard lock(mutex_);
    return ++open_[peer];
  }
  void leave(const asio::ip::address& peer) {
    const std::lock_guard lock(mutex_);
    const auto found = open_.find(peer);
    if (found != open_.end() && --found->second == 0) open_.erase(found);
  }

 private:
  std::mutex mutex_;
  std::map<asio::ip::address, std::size_t> open_;
};

/// What the sessions need; lives as long as the last of them.
struct Core {
  Core(IoThreads& io, tcp::acceptor listener, ServerTls* tls, const ServerLimits& limits, Handler& handler)
      : threads(io), acceptor(std::move(listener)), setting{limits, handler, tls}, sessions(io.size()) {}
  IoThreads& threads;
  tcp::acceptor acceptor;  ///< used on context 0 only, once started
  SessionSetting setting;
  std::vector<std::unordered_set<Session*>> sessions;  ///< of each context, touched on its own thread
  std::atomic<std::size_t> open{0};
  Peers peers;
  TaskGroup tasks{"server"};
};

using CorePointer = std::shared_ptr<Core>;

/// Keeps a session in its context's list while it runs.
class Listed {
 public:
  Listed(Core& core, std::size_t index, const asio::ip::address& peer, Session& session)
      : core_(core), index_(index), peer_(peer), session_(session) {
    core_.sessions[index_].insert(&session_);
  }
  Listed(const Listed&) = delete;
  Listed& operator=(const Listed&) = delete;
  ~Listed() {
    core_.sessions[index_].erase(&session_);
    core_.peers.leave(peer_);
    --core_.open;
  }

 private:
  Core& core_;
  std::size_t index_;
  asio::ip::address peer_;
  Session& session_;
};

asio::awaitable<void> run_session(CorePointer core, tcp::socket socket, std::size_t index, asio::ip::address peer,
                                  std::string_view surplus) {
  Session session{core->setting, std::move(socket), surplus};
  const Listed listed{*core, index, peer, session};
  co_await session.run();
}

asio::awaitable<void> pause_accepting(CorePointer core) {
  asio::steady_timer timer{core->threads.context(0), kAcceptPause};
  co_await timer.async_wait(kTuple);
}

asio::awaitable<void> accept_all(CorePointer core) {
  const auto limit = core->setting.limits.connections;
  const auto peer_limit = core->setting.limits.connections_per_peer;
  for (std::size_t next = 0; !core->setting.draining; next = (next + 1) % core->threads.size()) {
    auto& context = core->threads.context(next);
    auto [error, socket] = co_await core->acceptor.async_accept(context, kTuple);
    if (core->setting.draining) break;
    if (error) {
      log::warn("accept_failed", {{"why", std::string_view{error.message()}}});
      co_await pause_accepting(core);
      continue;
    }
    boost::system::error_code unknown;
    const auto peer = socket.remote_endpoint(unknown).address();
    const auto open = core->open.load();
    const auto of_peer = core->peers.enter(peer);
    if (open >= limit + kSurplusAnswered || of_peer > peer_limit + kSurplusAnswered) {
      core->peers.leave(peer);
      continue;  // the socket closes here
    }
    std::string_view surplus;
    if (open >= limit) surplus = "the server has as many connections as it may have";
    if (of_peer > peer_limit) surplus = "the server has as many connections from this address as one may have";
    ++core->open;
    core->tasks.spawn(context.get_executor(), run_session(core, std::move(socket), next, peer, surplus));
  }
}

/// Call `act` on every session, each on its own thread.
void for_each_session(const CorePointer& core, void (Session::*act)()) {
  for (std::size_t i = 0; i < core->sessions.size(); ++i) {
    asio::post(core->threads.context(i), [core, i, act] {
      for (auto* session : core->sessions[i]) (session->*act)();
    });
  }
}

class TcpServer final : public Server {
 public:
  explicit TcpServer(CorePointer core, std::uint16_t port) : core_(std::move(core)), port_(port) {}
  ~TcpServer() override { end(); }

  void start() override { core_->tasks.spawn(core_->threads.context(0).get_executor(), accept_all(core_)); }
  void stop() override { end(); }
  [[nodiscard]] std::uint16_t port() const override { return port_; }
  [[nodiscard]] std::size_t open_connections() const override { return core_->open; }

 private:
  void end() {
    if (core_->setting.draining.exchange(true)) return;
    asio::post(core_->threads.context(0), [core = core_] {
      boost::system::error_code ignored;
      core->acceptor.close(ignored);
    });
    for_each_session(core_, &Session::drain);
    if (core_->tasks.wait_empty(core_->setting.limits.drain)) return;
    log::warn("server_drain_ended", {{"requests_cut", static_cast<long long>(core_->open.load())}});
    for_each_session(core_, &Session::abort);
    core_->tasks.cancel();
    if (!core_->tasks.wait_empty(kCancelled)) log::error("server_sessions_remain");
  }

  CorePointer core_;
  std::uint16_t port_;
};

Fault cannot_listen(const ListenAddress& address, const std::string& why) {
  return fault(FaultKind::kIo, "cannot listen on " + address.host + ":" + std::to_string(address.port) + ": " + why);
}

Result<tcp::endpoint> endpoint_of(asio::io_context& context, const ListenAddress& address) {
  boost::system::error_code error;
  const auto literal = asio::ip::make_address(address.host, error);
  if (!error) return tcp::endpoint{literal, address.port};
  tcp::resolver resolver{context};
  const auto found = resolver.resolve(address.host, std::to_string(address.port), tcp::resolver::passive, error);
  if (error || found.empty()) return cannot_listen(address, error.message());
  return found.begin()->endpoint();
}

}  // namespace

Result<std::unique_ptr<Server>> Server::bind(IoThreads& threads, const ListenAddress& address, ServerTls* tls,
                                             const ServerLimits& limits, Handler& handler) {
  const auto endpoint = endpoint_of(threads.context(0), address);
  if (!endpoint) return endpoint.error();
  tcp::acceptor acceptor{threads.context(0)};
  boost::system::error_code error;
  acceptor.open(endpoint->protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address{true}, error);
  if (!error) acceptor.bind(*endpoint, error);
  if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
  const auto bound = error ? tcp::endpoint{} : acceptor.local_endpoint(error);
  if (error) return cannot_listen(address, error.message());
  auto core = std::make_shared<Core>(threads, std::move(acceptor), tls, limits, handler);
  return std::unique_ptr<Server>{std::make_unique<TcpServer>(std::move(core), bound.port())};
}

}  // namespace gw::net
