// What a config file's lines do not show one by one: how settings go together. What the files that they name hold is
// config_files.cpp's.
#include <fmt/format.h>

#include <boost/asio/ip/address.hpp>
#include <charconv>

#include "app/config.hpp"
#include "app/config_console.hpp"
#include "app/config_listener.hpp"
#include "delivery/route.hpp"

namespace gw::app {

namespace {

namespace fs = std::filesystem;

/// A host name (and port) as it must be written to be found again: "host:port", in lower case.
bool is_authority(std::string_view text, bool with_port) {
  const auto port = text.find(':');
  if ((port != std::string_view::npos) != with_port) return false;
  // localhost is a name too, if one that is only a route with an address of its own.
  const delivery::Hosts own{{std::string{text}, "127.0.0.1:1"}, {fmt::format("{}:443", text), "127.0.0.1:1"}};
  const auto route = delivery::route_to(fmt::format("https://{}", text), own);
  if (!route || !route->base_path.empty()) return false;
  return text.substr(0, port) == route->target.host;
}

/// "127.0.0.1:8443" or "name:8443".
bool is_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  auto host = text.substr(0, colon);
  const auto digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size() || port == 0) return false;
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  boost::system::error_code no_literal;
  const auto literal = boost::asio::ip::make_address(std::string{host}, no_literal);
  if (no_literal) return is_authority(host, false);
  return literal.is_v6() == bracketed;
}

void check_folder(const Config& config, std::string_view table, std::string_view setting, const fs::path& path,
                  ConfigMistakes& mistakes) {
  std::error_code error;
  if (path.empty() || fs::is_directory(path.parent_path(), error)) return;
  mistakes.add(config.file, fmt::format("{}.{}", table, setting),
               fmt::format("[{}] {}: there is no folder '{}'; make it, writable for the gateway's user", table, setting,
                           path.parent_path().string()));
}

void check_names(const Config& config, ConfigMistakes& mistakes) {
  const auto& caller = config.exchange.caller;
  constexpr std::string_view scheme = "https://";
  const std::string_view url = caller.public_url;
  const auto authority = url.starts_with(scheme) ? url.substr(scheme.size()) : std::string_view{};
  if (!is_authority(authority, false) && !is_authority(authority, true)) {
    mistakes.add(
        config.file, "spine.public_url",
        "[spine] needs public_url = \"https://host\" (or https://host:port), in lower case, without a slash at "
        "the end: it is the base of what is stored here");
  }
  for (const auto& proxy : caller.trusted_proxies) {
    if (is_authority(proxy, false)) continue;
    mistakes.add(config.file, "spine.trusted_proxies",
                 fmt::format("[spine] trusted_proxies has '{}'; each is the host name in that proxy's certificate, in "
                             "lower case, such as \"proxy.example.nhs.uk\"",
                             proxy));
  }
  for (const auto& [name, address] : config.exchange.hosts) {
    if (is_authority(name, true) && is_address(address)) continue;
    mistakes.add(
        config.file, fmt::format("hosts.{}", name),
        fmt::format("[hosts] \"{}\" = \"{}\": each line is \"host:port\" = \"address:port\", the host in lower "
                    "case, such as \"hub.example.nhs.uk:443\" = \"10.0.0.5:8443\"",
                    name, address));
  }
}

void check_ldap(const Config& config, ConfigMistakes& mistakes) {
  if (!config.asks_service) return;
  const std::string_view url = config.service.service.ldap.url;
  const auto scheme = std::string_view{url.starts_with("ldap://") ? "ldap://" : "ldaps://"};
  const auto host = url.starts_with(scheme) ? url.substr(scheme.size()) : std::string_view{};
  if (!is_authority(host, false) && !is_authority(host, true) && !is_address(host)) {
    mistakes.add(config.file, "ldap.url",
                 fmt::format("[ldap] url is '{}'; [directory] source = \"ldap\" needs url = \"ldaps://host:636\", or "
                             "\"ldap://host:389\", on which TLS is begun before anything else; the host in lower case, "
                             "as in the server's certificate",
                             url));
  }
  if (config.service.service.base.find('=') == std::string::npos) {
    mistakes.add(config.file, "ldap.base",
                 fmt::format("[ldap] base is '{}'; it must be the distinguished name that the entries are below, such "
                             "as \"ou=services,o=nhs\"",
                             config.service.service.base));
  }
}

}  // namespace

void check_listener(const Config& config, std::string_view table, const net::ListenAddress& listen,
                    ConfigMistakes& mistakes) {
  boost::system::error_code error;
  (void)boost::asio::ip::make_address(listen.host, error);
  if (!error) return;
  mistakes.add(
      config.file, fmt::format("{}.address", table),
      fmt::format("[{}] address is '{}'; it must be an IP address: 127.0.0.1 for this machine alone, 0.0.0.0 for "
                  "every interface (or ::1 and :: for IPv6); a name may stand for several addresses",
                  table, listen.host));
}

bool collide(const net::ListenAddress& one, const net::ListenAddress& other) {
  const auto any = [](const std::string& host) { return host == "0.0.0.0" || host == "::"; };
  return one.port != 0 && one.port == other.port && (one.host == other.host || any(one.host) || any(other.host));
}

void ConfigMistakes::add(const fs::path& file, std::string_view setting, std::string_view what) {
  const auto place = places.find(setting);
  lines.push_back(place == places.end() ? fmt::format("{}: {}", file.string(), what)
                                        : fmt::format("{}:{}: {}", file.string(), place->second, what));
}

void check_settings(const Config& config, ConfigMistakes& mistakes) {
  check_listener(config, "listen", config.listen, mistakes);
  check_listener(config, "admin", config.admin, mistakes);
  if (collide(config.listen, config.admin)) {
    mistakes.add(config.file, mistakes.places.contains("admin.port") ? "admin.port" : "listen.port",
                 fmt::format("[admin] and [listen] both have port {}; the admin listener needs one of its own",
                             config.admin.port));
  }
  check_folder(config, "outbox", "path", config.outbox.path, mistakes);
  check_folder(config, "outbox", "received_log", config.outbox.received_log, mistakes);
  if (mistakes.places.contains("audit.witness")) {
    check_folder(config, "audit", "witness", config.outbox.audit.witness, mistakes);
  }
  check_names(config, mistakes);
  check_ldap(config, mistakes);
  check_console(config, mistakes);
}

}  // namespace gw::app
