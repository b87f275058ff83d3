// gpconnect-gateway serve: runs one gateway until SIGTERM or SIGINT; SIGHUP reloads certificates, directory, token
// keys and the console's users.
#include <fmt/format.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <cstdio>
#include <string_view>
#include <utility>

#include "app/commands.hpp"
#include "app/config.hpp"
#include "app/instance.hpp"
#include "app/waiting.hpp"
#include "base/log.hpp"

namespace gw::app {

namespace {

namespace asio = boost::asio;

/// Waits for signals on the calling thread: reloads on SIGHUP, returns on SIGTERM or SIGINT. Meanwhile looks at the
/// files of [tls] every `watch`, so that a new revocation list counts without anybody's doing (TLS-07); 0: never.
void run_until_told_to_stop(asio::io_context& context, asio::signal_set& signals, Instance& instance, seconds watch) {
  struct Look {
    asio::steady_timer& timer;
    Instance& instance;
    seconds watch;
    void again() const {
      timer.expires_after(watch);
      timer.async_wait(*this);
    }
    void operator()(const boost::system::error_code& error) const {
      if (error) return;
      instance.reload_changed_certificates();
      again();
    }
  };
  struct Wait {
    asio::signal_set& signals;
    asio::steady_timer& timer;
    Instance& instance;
    void operator()(const boost::system::error_code& error, int signal) const {
      if (!error && signal == SIGHUP) {
        ::sd_notify(0, "RELOADING=1");
        instance.reload();
        ::sd_notify(0, "READY=1");
        signals.async_wait(*this);
      } else {
        timer.cancel();
      }
    }
  };
  asio::steady_timer timer{context};
  if (watch > seconds{0}) Look{timer, instance, watch}.again();
  signals.async_wait(Wait{signals, timer, instance});
  context.run();
}

/// Tells the service manager, where one started us (OPS-06), that we are up and how it stands; and, the first time,
/// whoever holds the other end of `fd`.
void tell_up(std::string_view how, int& fd) {
  ::sd_notify(0, fmt::format("READY=1\nSTATUS={}", how).c_str());
  if (fd < 0) return;
  constexpr std::string_view word = "ready\n";
  if (::write(fd, word.data(), word.size()) < 0) log::warn("nobody reads the ready pipe");
  ::close(std::exchange(fd, -1));
}

}  // namespace

int run_serve(const ServeOptions& options) {
  ConfigMistakes mistakes;
  const auto config = load_config(options.config, mistakes);
  const SystemClock clock;
  if (mistakes.lines.empty()) check_certificates(config, clock.now(), mistakes);
  if (!mistakes.lines.empty()) {
    for (const auto& line : mistakes.lines) fmt::print(stderr, "{}\n", line);
    return kExitFailed;
  }
  log::start(config.log_level);
  // Before anybody can know that it runs, so that no signal meets its default.
  asio::io_context context{1};
  asio::signal_set signals{context, SIGTERM, SIGINT, SIGHUP};
  int ready_fd = options.ready_fd;
  const auto up = [&ready_fd](std::string_view how) { tell_up(how, ready_fd); };
  auto instance = make_or_wait(config, clock, context, signals, up);
  if (!instance) {
    log::stop();
    if (instance.error().kind == FaultKind::kClosed) return kExitDone;
    // A directory or key file that cannot be used is named as check-config would, with the setting's line.
    check_directory(config, mistakes);
    check_token_keys(config, mistakes);
    check_audit_keys(config, mistakes);
    for (const auto& line : mistakes.lines) fmt::print(stderr, "{}\n", line);
    if (mistakes.lines.empty()) fmt::print(stderr, "gpconnect-gateway cannot start: {}\n", instance.error().detail);
    return kExitFailed;
  }
  (*instance)->start();
  up("serving");
  run_until_told_to_stop(context, signals, **instance, config.tls_watch);
  ::sd_notify(0, "STOPPING=1");
  (*instance)->stop();
  log::stop();
  return kExitDone;
}

}  // namespace gw::app
