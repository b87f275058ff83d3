// gpconnect-gateway serve: runs one gateway until SIGTERM or SIGINT; SIGHUP reloads certificates, directory, token
// keys and the console's users.
#include <fmt/format.h>
#include <malloc.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <cstdio>
#include <utility>

#include "app/commands.hpp"
#include "app/config.hpp"
#include "app/hold.hpp"
#include "app/instance.hpp"
#include "app/no_room.hpp"
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

/// How much freed memory each of glibc's heaps keeps. By its default of 128 KB a heap's end is given back and asked for
/// again at about every request, which costs a system call and the faults of fresh pages.
void keep_freed_memory() {
  constexpr int kept_bytes = 4 << 20;
  ::mallopt(M_TRIM_THRESHOLD, kept_bytes);
}

/// Serve refusals until there is room for the outbox. False when told to stop meanwhile.
bool wait_for_room(asio::io_context& context, asio::signal_set& signals, const Config& config) {
  static constexpr seconds kBetweenLooks{1};
  struct Look {
    asio::steady_timer& timer;
    asio::signal_set& signals;
    const Config& config;
    void again() const {
      timer.expires_after(kBetweenLooks);
      timer.async_wait(*this);
    }
    void operator()(const boost::system::error_code& error) const {
      if (error) return;
      if (!NoRoom::has_room(config)) return again();
      signals.cancel();
    }
  };
  struct Wait {
    asio::signal_set& signals;
    asio::steady_timer& timer;
    bool& told_to_stop;
    void operator()(const boost::system::error_code& error, int signal) const {
      if (error) return;
      if (signal == SIGHUP) return signals.async_wait(*this);
      told_to_stop = true;
      timer.cancel();
    }
  };
  bool told_to_stop = false;
  asio::steady_timer timer{context};
  Look{timer, signals, config}.again();
  signals.async_wait(Wait{signals, timer, told_to_stop});
  context.restart();
  context.run();
  context.restart();
  return !told_to_stop;
}

/// Tells the service manager, where one started us (OPS-06), and whoever holds the other end of `fd`.
void tell_ready(int fd) {
  ::sd_notify(0, "READY=1");
  if (fd < 0) return;
  constexpr std::string_view word = "ready\n";
  if (::write(fd, word.data(), word.size()) < 0) log::warn("nobody reads the ready pipe");
  ::close(fd);
}

/// Gives whether there is room now; else it was told to stop. Faults: as NoRoom::make.
Result<bool> refuse_until_room(const Config& config, const Fault& cause, asio::io_context& context,
                               asio::signal_set& signals, int& ready_fd) {
  const auto refusing = NoRoom::make(config, cause);
  if (!refusing) return refusing.error();
  (*refusing)->start();
  tell_ready(std::exchange(ready_fd, -1));
  return wait_for_room(context, signals, config);
}

}  // namespace

int run_serve(const ServeOptions& options) {
  keep_freed_memory();
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
  auto instance = make_or_hold(config, clock, context, signals);
  int ready_fd = options.ready_fd;
  while (!instance && NoRoom::is_why(config, instance.error())) {
    const auto room = refuse_until_room(config, instance.error(), context, signals, ready_fd);
    if (!room) {
      instance = room.error();
      break;
    }
    if (!*room) {
      log::stop();
      return kExitDone;
    }
    instance = make_or_hold(config, clock, context, signals);
  }
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
  tell_ready(ready_fd);
  run_until_told_to_stop(context, signals, **instance, config.tls_watch);
  ::sd_notify(0, "STOPPING=1");
  (*instance)->stop();
  log::stop();
  return kExitDone;
}

}  // namespace gw::app
