#include <memory>
#include <vector>

#include "bench/peer/load.hpp"

namespace gw::bench {

namespace {

using Clock = std::chrono::steady_clock;
using asio::ip::tcp;

struct FreeSession {
  void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};
using Session = std::unique_ptr<SSL_SESSION, FreeSession>;

struct Run {
  const Target& target;
  const HandshakePlan& plan;
  SslContext tls = client_context(target.files);
  asio::io_context context{1};
  Clock::time_point end;
  HandshakeResult result;
};

/// Connects again and again. The peer has done its part of the handshake when it answers our close.
class Shaker {
 public:
  explicit Shaker(Run& run) : run_(run) {}

  void connect() {
    begun_ = Clock::now();
    if (begun_ >= run_.end) return;
    link_ = std::make_unique<TlsLink>(tcp::socket{run_.context});
    const tcp::endpoint to{asio::ip::address_v4::loopback(), run_.target.port};
    link_->connect(run_.tls.get(), to, run_.target.host, run_.plan.resumed ? session_.get() : nullptr,
                   [this](bool worked) { worked ? shaken() : again(false); });
  }

  void keep(SSL_SESSION* session) { session_.reset(session); }

 private:
  void shaken() {
    // For keep_session(): TLS 1.3 brings the ticket after the handshake.
    SSL_set_app_data(link_->ssl(), this);
    resumed_ = SSL_session_reused(link_->ssl()) == 1;
    link_->finish([this](bool worked) { again(worked); });
  }

  void again(bool worked) {
    if (worked) {
      run_.result.latencies.add(Clock::now() - begun_);
      run_.result.resumed += resumed_ ? 1U : 0U;
    } else {
      ++run_.result.broken;
    }
    // Not inside the link's own callback.
    asio::post(run_.context, [this] { connect(); });
  }

  Run& run_;
  std::unique_ptr<TlsLink> link_;
  Session session_;
  Clock::time_point begun_;
  bool resumed_ = false;
};

int keep_session(SSL* ssl, SSL_SESSION* session) {
  auto* const shaker = static_cast<Shaker*>(SSL_get_app_data(ssl));
  if (shaker == nullptr) return 0;
  shaker->keep(session);
  return 1;
}

}  // namespace

HandshakeResult run_handshakes(const Target& target, const HandshakePlan& plan) {
  Run run{target, plan};
  SSL_CTX_set_session_cache_mode(run.tls.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(run.tls.get(), keep_session);
  const auto begun = Clock::now();
  run.end = begun + std::chrono::duration_cast<Clock::duration>(plan.measured);
  std::vector<std::unique_ptr<Shaker>> shakers;
  for (std::size_t i = 0; i < plan.connections; ++i) {
    shakers.push_back(std::make_unique<Shaker>(run));
    shakers.back()->connect();
  }
  run.context.run();
  run.result.seconds = std::chrono::duration<double>(Clock::now() - begun).count();
  return run.result;
}

}  // namespace gw::bench
