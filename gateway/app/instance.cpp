#include "app/instance.hpp"

#include <algorithm>
#include <utility>

#include "app/admin.hpp"
#include "app/console_operations.hpp"
#include "app/control.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "console/console.hpp"
#include "delivery/courier.hpp"
#include "directory/source.hpp"
#include "directory/spine_directory.hpp"
#include "exchange/deferred_carrier.hpp"
#include "exchange/gateway.hpp"
#include "net/io_threads.hpp"
#include "net/server.hpp"
#include "net/tls_context.hpp"

namespace gw::app {

/// Members in the order they are built; destroyed in reverse.
struct Instance::Inside {
  explicit Inside(Config config_in, const Clock& clock_in)
      : config(std::move(config_in)),
        clock(clock_in),
        directory(config.organisations, config.patients),
        token_keys(config.token_keys),
        threads(config.threads) {}

  const Config config;
  const Clock& clock;
  directory::DirectorySource directory;
  exchange::KeySource token_keys;
  std::unique_ptr<net::ServerTls> server_tls;
  std::unique_ptr<net::ClientTls> client_tls;
  net::IoThreads threads;                              // outlives the outbox, whose waiters it resumes
  std::unique_ptr<directory::SpineDirectory> service;  // null: the directory is its files alone
  std::unique_ptr<outbox::Outbox> outbox;
  std::unique_ptr<delivery::Courier> courier;
  exchange::Meters meters;
  SystemRandom random;
  std::unique_ptr<exchange::DeferredCarrier> carrier;
  std::unique_ptr<delivery::DeferredWorker> deferred;
  std::unique_ptr<Control> control;
  std::unique_ptr<exchange::Gateway> gateway;
  std::unique_ptr<net::Server> server;
  std::unique_ptr<Admin> admin;
  std::unique_ptr<net::Server> admin_server;
  std::unique_ptr<net::ServerTls> console_tls;  // null, as all of the console's, where there is no [console]
  std::unique_ptr<ConsoleOperations> console_operations;
  std::unique_ptr<console::AuditDesk> audit_desk;
  std::unique_ptr<console::Console> console;
  std::unique_ptr<net::Server> console_server;
  bool running = false;

  Status build();
  Status build_console();
  void note_certificate() const {
    if (const auto dates = dates_of_certificate(config.tls.certificate)) admin->note_certificate(*dates);
    admin->note_crl(first_crl_end(config.tls.crl));
  }
  void note_reload(Reload what, const Status& status) const;
  void reload_tls();
  void reload_console_users();
  void warn_of_tls() const;
};

namespace {

/// "hub.example.nhs.uk" of "https://hub.example.nhs.uk:8443".
std::string host_of(std::string_view url) {
  const auto authority = url.substr(std::min(url.find("//") + 2, url.size()));
  return std::string{authority.substr(0, authority.find(':'))};
}

}  // namespace

void Instance::Inside::note_reload(Reload what, const Status& status) const {
  const auto name = kReloads.at(static_cast<std::size_t>(what));
  admin->note_reload(what, status.has_value());
  if (status) {
    log::info("reloaded", {{"what", name}});
  } else {
    const auto fault = status.error();
    log::error("not reloaded; what was there stays in use", {{"what", name}, {"cause", fault.detail}});
  }
}

void Instance::Inside::reload_tls() {
  auto served = server_tls->reload();
  if (console_tls) {
    auto console_served = console_tls->reload();
    if (served) served = std::move(console_served);
  }
  note_reload(Reload::kServerCertificates, served);
  warn_of_tls();
  note_reload(Reload::kClientCertificates, client_tls->reload());
  note_certificate();
}

void Instance::Inside::reload_console_users() {
  if (!console) return;
  ConfigMistakes mistakes;
  auto fresh = load_config(config.file, mistakes);
  Status read{Done{}};
  if (!mistakes.lines.empty()) read = fault(FaultKind::kInvalid, mistakes.lines.front());
  if (read) console->replace_users(std::move(fresh.console.users));
  note_reload(Reload::kConsoleUsers, read);
}

void Instance::Inside::warn_of_tls() const {
  for (const auto& warning : server_tls->warnings()) log::warn("tls", {{"what", warning}});
}

Status Instance::Inside::build() {
  if (auto loaded = directory.reload(); !loaded) return loaded;
  if (auto loaded = token_keys.reload(); !loaded) return loaded;
  if (config.asks_service) {
    service = std::make_unique<directory::SpineDirectory>(directory, config.service, clock);
  }
  auto inbound = net::ServerTls::load(config.tls, config.resumption);
  if (!inbound) return inbound.error();
  server_tls = std::move(*inbound);
  warn_of_tls();
  auto outbound = net::ClientTls::load(config.tls);
  if (!outbound) return outbound.error();
  client_tls = std::move(*outbound);
  for (const auto& warning : audit_warnings(config)) log::warn("audit", {{"what", std::string_view{warning}}});
  auto opened = outbox::Outbox::open(config.outbox, clock);
  if (!opened) return opened.error();
  outbox = std::move(*opened);
  courier = delivery::Courier::make(threads, *client_tls, config.delivery);
  exchange::Parts parts{clock, directory, *outbox, *courier, config.exchange, &meters, &token_keys, service.get()};
  carrier = std::make_unique<exchange::DeferredCarrier>(parts, random);
  deferred = std::make_unique<delivery::DeferredWorker>(threads, clock, *carrier, config.exchange.deferred);
  auto ear = Control::bind(threads, config.outbox.path, *outbox, deferred.get());
  if (!ear) return ear.error();
  control = std::move(*ear);
  parts.deferred = deferred.get();
  gateway = std::make_unique<exchange::Gateway>(parts);
  auto bound = net::Server::bind(threads, config.listen, server_tls.get(), config.server, *gateway);
  if (!bound) return bound.error();
  server = std::move(*bound);
  admin = std::make_unique<Admin>(AdminView{clock, *outbox, *courier, *server, meters, service.get()});
  note_certificate();
  auto admin_bound = net::Server::bind(threads, config.admin, nullptr, config.server, *admin);
  if (!admin_bound) return admin_bound.error();
  admin_server = std::move(*admin_bound);
  return config.console.on ? build_console() : Status{Done{}};
}

Status Instance::Inside::build_console() {
  const auto& settings = config.console;
  if (auto started = console::start_sodium(); !started) return started;
  const bool by_certificate = std::any_of(settings.users.begin(), settings.users.end(),
                                          [](const console::User& user) { return !user.certificate.empty(); });
  const auto wanted = by_certificate ? net::ClientCertificate::kWanted : net::ClientCertificate::kNone;
  auto loaded = net::ServerTls::load(settings.tls, {}, wanted);
  if (!loaded) return loaded.error();
  console_tls = std::move(*loaded);
  console_operations = std::make_unique<ConsoleOperations>(*outbox, *deferred);
  audit_desk = std::make_unique<console::AuditDesk>(config.outbox, settings.audit_searches);
  console = std::make_unique<console::Console>(console::Parts{clock, directory, *outbox, *courier, *gateway,
                                                              *console_operations, *audit_desk, config.console,
                                                              host_of(config.exchange.caller.public_url)});
  auto bound = net::Server::bind(threads, settings.listen, console_tls.get(), config.server, *console);
  if (!bound) return bound.error();
  console_server = std::move(*bound);
  return Done{};
}

Instance::Instance(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Instance::~Instance() {
  stop();
}

Result<std::unique_ptr<Instance>> Instance::make(const Config& config, const Clock& clock) {
  auto inside = std::make_unique<Inside>(config, clock);
  if (auto built = inside->build(); !built) return built.error();
  return std::unique_ptr<Instance>{new Instance{std::move(inside)}};
}

void Instance::start() {
  inside_->threads.start();
  inside_->deferred->start(recovery().planned);
  inside_->server->start();
  inside_->admin_server->start();
  if (inside_->console_server) inside_->console_server->start();
  inside_->control->start();
  inside_->running = true;
  const auto& recovered = recovery();
  log::info("started", {{"port", static_cast<long long>(port())},
                        {"admin_port", static_cast<long long>(admin_port())},
                        {"console_port", static_cast<long long>(console_port())},
                        {"abandoned", static_cast<long long>(recovered.abandoned)},
                        {"in_doubt", static_cast<long long>(recovered.in_doubt)},
                        {"deferred", static_cast<long long>(recovered.planned.size())}});
}

void Instance::stop() {
  if (!std::exchange(inside_->running, false)) return;
  log::info("stopping");
  // First, so that running turns end while requests do: one after the other would take longer than a stop may (OUT-10).
  inside_->deferred->close();
  inside_->server->stop();
  if (inside_->console_server) inside_->console_server->stop();
  inside_->control->stop();
  inside_->deferred->stop(inside_->config.server.drain);
  inside_->courier->stop();
  inside_->outbox->stop();
  inside_->admin_server->stop();
  inside_->threads.stop();
  log::info("stopped");
}

void Instance::reload() {
  inside_->note_reload(Reload::kDirectory, inside_->directory.reload());
  inside_->note_reload(Reload::kTokenKeys, inside_->token_keys.reload());
  inside_->reload_tls();
  inside_->reload_console_users();
}

void Instance::reload_changed_certificates() {
  if (inside_->server_tls->files_changed()) inside_->reload_tls();
}

std::uint16_t Instance::port() const {
  return inside_->server->port();
}
std::uint16_t Instance::admin_port() const {
  return inside_->admin_server->port();
}
std::uint16_t Instance::console_port() const {
  return inside_->console_server ? inside_->console_server->port() : std::uint16_t{0};
}
const outbox::RecoveryReport& Instance::recovery() const {
  return inside_->outbox->recovery();
}

}  // namespace gw::app
