// Each table of the file and what may stand in it.
#include "app/config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>

#include "app/config_console.hpp"
#include "app/config_section.hpp"
#include "app/config_text.hpp"

namespace gw::app {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMaxCount = 1'000'000;
constexpr std::int64_t kMaxBytes = std::int64_t{1} << 30;
/// What the outbox keeps of a task or an answer must fit into an entry (outbox::kEntryBytes), or it cannot be recorded.
constexpr std::int64_t kMaxKeptBytes = std::int64_t{2} << 20;
constexpr std::int64_t kMaxKeptHeadBytes = std::int64_t{256} << 10;
constexpr std::int64_t kMaxPort = 65'535;
/// A new revocation list is seen within this, in seconds (TLS-07).
constexpr std::int64_t kLongestWatch = 60;
/// A certificate that ended is found on an open connection within this, in milliseconds (TLS-07).
constexpr std::int64_t kLongestRecheck = 60'000;

void read_listener(Section section, net::ListenAddress& listen) {
  section.text("address", listen.host);
  section.number("port", listen.port, 0, kMaxPort);
  section.finish();
}

void read_tls(Section section, Config& config) {
  auto& tls = config.tls;
  auto& resumption = config.resumption;
  section.existing("certificate", tls.certificate, true);
  section.existing("key", tls.key, true);
  section.existing("trust", tls.trust, true);
  section.existing("crl", tls.crl, false);
  section.existing("ocsp_staple", tls.ocsp_staple, false);
  section.flag("resumption", resumption.on);
  std::int64_t life = resumption.life.count();
  section.number("session_life_s", life, 1, net::kLongestSession.count());
  resumption.life = seconds{life};
  section.number("sessions", resumption.sessions, 1, kMaxCount);
  std::int64_t watch = config.tls_watch.count();
  section.number("watch_s", watch, 0, kLongestWatch);
  config.tls_watch = seconds{watch};
  section.finish();
}

void read_directory(Section section, Config& config) {
  std::string source = "files";
  section.choice("source", source, {"files", "ldap"});
  config.asks_service = source == "ldap";
  section.existing("organisations", config.organisations, true);
  section.existing("patients", config.patients, true);
  section.finish();
}

void read_limits_of_cache(Section& section, directory::SpineCacheLimits& cache) {
  section.duration("fresh_s", cache.fresh);
  section.duration("absent_s", cache.absent);
  section.duration("stale_s", cache.stale);
  section.number("cache_entries", cache.entries, 100, kMaxCount);
}

/// [ldap]: how the directory service is reached. Its files are those of [tls] where it names none.
void read_ldap(Section section, Config& config) {
  constexpr std::int64_t most_threads = 64;
  auto& settings = config.service;
  auto& ldap = settings.service.ldap;
  ldap.certificate = config.tls.certificate;
  ldap.key = config.tls.key;
  ldap.trust = config.tls.trust;
  ldap.crl = config.tls.crl;
  section.text("url", ldap.url);
  section.text("base", settings.service.base);
  section.existing("certificate", ldap.certificate, false);
  section.existing("key", ldap.key, false);
  section.existing("trust", ldap.trust, false);
  section.existing("crl", ldap.crl, false);
  section.duration("connect_ms", ldap.connect);
  section.duration("search_ms", ldap.search);
  section.duration("idle_s", ldap.idle);
  section.number("entries", ldap.entries, 1, kMaxCount);
  section.number("answer_bytes", ldap.answer_bytes, 1024, kMaxBytes);
  section.number("systems", settings.service.systems, 1, kMaxCount);
  read_limits_of_cache(section, settings.cache);
  section.number("threads", settings.threads, 1, most_threads);
  section.number("waiting", settings.waiting, 1, kMaxCount);
  section.duration("wait_ms", settings.wait);
  section.duration("retry_s", settings.retry);
  if (!config.asks_service && section.there()) {
    section.mistake("[ldap] is set, but [directory] source is not \"ldap\", so nothing of it is used", section.begin());
  }
  section.finish();
}

void read_retention(Section& section, outbox::Settings& outbox) {
  constexpr std::int64_t most_days = 36'500;
  std::int64_t days = 0;
  section.number("retention_days", days, 0, most_days);
  outbox.retention = std::chrono::days{days};
  if (days == 0 || outbox.retention >= outbox::least_retention(outbox)) return;
  section.mistake(fmt::format("[outbox] retention_days is {}; tasks must stay at least as long as repeats of their "
                              "requests are told what they came to: repeat_window_s is {}, identifier_window_s is {}",
                              days, outbox.repeat_window.count(), outbox.identifier_window.count()),
                  section.line("retention_days"));
}

void read_outbox(Section section, outbox::Settings& outbox) {
  section.path("path", outbox.path);
  section.path("received_log", outbox.received_log);
  section.number("queue_limit", outbox.queue_limit, 1, kMaxCount);
  section.number("batch_limit", outbox.batch_limit, 1, kMaxCount);
  section.number("checkpoint_pages", outbox.checkpoint_pages, 10, kMaxCount);
  section.number("min_free_bytes", outbox.min_free_bytes, 0, std::numeric_limits<std::int64_t>::max());
  section.duration("repeat_window_s", outbox.repeat_window);
  section.duration("identifier_window_s", outbox.identifier_window);
  section.number("keys_in_memory", outbox.keys_in_memory, 16, kMaxCount);
  read_retention(section, outbox);
  section.duration("duplicate_window_s", outbox.duplicate_window);
  section.number("duplicate_entries", outbox.duplicate_entries, 0, kMaxCount);
  if (outbox.path.empty()) section.mistake("[outbox] needs path = \"file\" for its database", 0);
  section.finish();
}

/// [audit]: after [outbox], beside whose file the witness is kept where nothing else is said.
void read_audit(Section section, outbox::Settings& outbox) {
  auto& audit = outbox.audit;
  section.existing("key_file", audit.key_file, false);
  section.paths("old_key_files", audit.old_key_files);
  if (!outbox.path.empty()) audit.witness = outbox.path.string() + ".witness";
  section.path_or_none("witness", audit.witness);
  section.duration("witness_sync_s", audit.witness_sync);
  section.finish();
}

void read_spine(Section section, Config& config) {
  auto& caller = config.exchange.caller;
  section.text("public_url", caller.public_url);
  section.texts("trusted_proxies", caller.trusted_proxies);
  section.duration("token_future_leeway_s", caller.token_future_leeway);
  section.existing("token_keys", config.token_keys, false);
  section.finish();
}

void read_delivery(Section section, Config& config) {
  auto& delivery = config.delivery;
  section.duration("connect_ms", delivery.timeouts.connect);
  section.duration("tls_ms", delivery.timeouts.tls);
  section.duration("write_ms", delivery.timeouts.write);
  section.duration("answer_ms", delivery.timeouts.answer);
  section.duration("stall_ms", delivery.timeouts.stall);
  section.duration("stream_ms", delivery.timeouts.stream);
  section.duration("idle_ms", delivery.idle);
  section.duration("sender_wait_ms", config.exchange.sender_wait);
  section.number("connections_per_recipient", delivery.connections_per_recipient, 1, kMaxCount);
  section.number("connects_per_recipient", delivery.connects_per_recipient, 1, kMaxCount);
  section.number("waiting_per_recipient", delivery.waiting_per_recipient, 0, kMaxCount);
  section.flag("allow_loopback", delivery.addresses.allow_loopback);
  section.number("connect_attempts", delivery.connect_attempts, 1, 3);
  section.number("answer_head_bytes", delivery.limits.answer_head_bytes, 1024, kMaxKeptHeadBytes);
  section.number("answer_body_bytes", delivery.limits.answer_body_bytes, 1024, kMaxKeptBytes);
  section.finish();
}

void read_deferred(Section section, exchange::Settings& exchange) {
  auto& deferred = exchange.deferred;
  section.duration("first_delay_ms", deferred.backoff.first);
  section.duration("longest_delay_ms", deferred.backoff.longest);
  section.duration("last_try_ms", deferred.backoff.last_try);
  section.number("at_once_per_recipient", deferred.at_once_per_recipient, 1, kMaxCount);
  section.number("waiting_per_recipient", deferred.waiting_per_recipient, 1, kMaxCount);
  section.duration("longest_limit_s", deferred.longest_limit);
  section.duration("poll_s", exchange.poll_after);
  if (deferred.backoff.longest < deferred.backoff.first) {
    const auto line = section.line("longest_delay_ms");
    section.mistake(fmt::format("[deferred] longest_delay_ms is {}; it must be at least first_delay_ms, which is {}",
                                deferred.backoff.longest.count(), deferred.backoff.first.count()),
                    line != 0 ? line : section.line("first_delay_ms"));
  }
  section.finish();
}

void read_limits(Section section, Config& config) {
  auto& server = config.server;
  section.number("head_bytes", server.head_bytes, 1024, kMaxBytes);
  section.number("target_bytes", server.target_bytes, 64, kMaxBytes);
  section.number("header_count", server.header_count, 8, kMaxCount);
  section.number("connections", server.connections, 1, kMaxCount);
  section.number("connections_per_peer", server.connections_per_peer, 1, kMaxCount);
  section.number("requests_per_connection", server.requests_per_connection, 1, kMaxBytes);
  section.duration("handshake_ms", server.handshake);
  section.duration("head_ms", server.head);
  section.duration("body_ms", server.body);
  section.duration("write_ms", server.write);
  section.duration("idle_ms", server.idle);
  std::int64_t recheck = server.recheck.count();
  section.number("recheck_ms", recheck, 1, kLongestRecheck);
  server.recheck = milliseconds{recheck};
  section.duration("drain_ms", server.drain);
  if (server.drain <= config.exchange.sender_wait) {
    section.mistake(
        fmt::format("[limits] drain_ms is {}; it must be above [delivery] sender_wait_ms, which is {}, or a "
                    "stop cuts deliveries that are still in time",
                    server.drain.count(), config.exchange.sender_wait.count()),
        section.line("drain_ms"));
  }
  section.number("body_bytes", config.exchange.body_bytes, 1024, kMaxKeptBytes);
  section.number("inflated_bytes", config.exchange.inflated_bytes, 1024, kMaxKeptBytes);
  section.number("gzip_from_bytes", config.exchange.gzip_from_bytes, 0, kMaxBytes);
  section.number("bundle_entries", config.exchange.bundle_entries, 1, 1000);
  section.number("bundle_answer_bytes", config.exchange.bundle_answer_bytes, 0, kMaxBytes);
  auto& throttle = config.exchange.throttle;
  section.number("sender_rate_per_s", throttle.sender_rate.per_second, 1, kMaxCount);
  section.number("sender_burst_s", throttle.sender_rate.burst_seconds, 1, 3600);
  section.number("requests_at_once", throttle.requests_at_once, 1, kMaxCount);
  section.number("bodies_at_once_bytes", throttle.bodies_at_once_bytes, 1024, kMaxBytes);
  if (throttle.bodies_at_once_bytes < config.exchange.body_bytes + config.exchange.inflated_bytes) {
    section.mistake(
        "[limits] bodies_at_once_bytes must be at least body_bytes and inflated_bytes together, or the "
        "largest request could never be served",
        0);
  }
  section.number("nesting_depth", config.exchange.read.depth, 8, 1000);
  section.number("elements", config.exchange.read.elements, 100, kMaxCount);
  section.number("issues", config.exchange.validate.issues, 1, kMaxCount);
  section.finish();
}

/// Where no delivery may go. A listener that is named by a name is taken for one on every address of this machine.
std::vector<boost::asio::ip::tcp::endpoint> own_listeners(const Config& config) {
  std::vector<boost::asio::ip::tcp::endpoint> own;
  std::vector<net::ListenAddress> listeners{config.listen, config.admin};
  if (config.console.on) listeners.push_back(config.console.listen);
  for (const auto& listener : listeners) {
    boost::system::error_code no_address;
    const auto address = boost::asio::ip::make_address(listener.host, no_address);
    own.emplace_back(no_address ? boost::asio::ip::address_v4::any() : address, listener.port);
  }
  return own;
}

/// Nothing: it cannot be read.
std::optional<std::string> text_of(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  if (!in || fs::is_directory(file)) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>{in}, {}};
}

}  // namespace

Config load_config(const fs::path& file, ConfigMistakes& mistakes) {
  Config config;
  config.file = fs::absolute(file);
  const auto read = text_of(config.file);
  if (!read) {
    mistakes.lines.push_back(fmt::format("{}: there is no such file, or it cannot be read", config.file.string()));
    return config;
  }
  const auto text = config_text(*read);
  if (text.bad_line != 0) {
    mistakes.lines.push_back(fmt::format(
        "{}:{}: a character beyond ASCII, which may stand in comments and in strings in double quotes alone",
        config.file.string(), text.bad_line));
    return config;
  }
  const auto parsed = toml::parse(text.ascii, config.file.string());
  if (!parsed) {
    const auto& error = parsed.error();
    mistakes.lines.push_back(
        fmt::format("{}:{}: {}", config.file.string(), error.source().begin.line, error.description()));
    return config;
  }
  Section root{&parsed.table(), "", config.file, mistakes};
  root.choice("log_level", config.log_level, {"debug", "info", "warn", "error"});
  root.number("threads", config.threads, 0, 256);
  read_listener(root.sub("listen"), config.listen);
  read_listener(root.sub("admin"), config.admin);
  read_tls(root.sub("tls"), config);
  read_directory(root.sub("directory"), config);
  read_ldap(root.sub("ldap"), config);
  read_outbox(root.sub("outbox"), config.outbox);
  read_audit(root.sub("audit"), config.outbox);
  read_spine(root.sub("spine"), config);
  read_delivery(root.sub("delivery"), config);
  read_deferred(root.sub("deferred"), config.exchange);
  read_limits(root.sub("limits"), config);
  read_console(root.sub("console"), config);
  root.sub("hosts").all_texts(config.exchange.hosts);
  root.finish();
  check_settings(config, mistakes);
  config.delivery.addresses.own = own_listeners(config);
  return config;
}

}  // namespace gw::app
