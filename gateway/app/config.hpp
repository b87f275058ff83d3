// The configuration file: TOML, checked as a whole, every mistake named with file and line (OPS-01).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "console/settings.hpp"
#include "delivery/courier.hpp"
#include "directory/spine_directory.hpp"
#include "exchange/parts.hpp"
#include "net/server.hpp"
#include "net/tls_context.hpp"
#include "outbox/outbox.hpp"

namespace gw::app {

/// Everything the gateway can be told. Defaults are safe; paths are resolved against the file's own folder.
struct Config {
  std::filesystem::path file;
  std::string log_level = "info";
  std::size_t threads = 0;  ///< io threads; 0 is one per core
  net::ListenAddress listen{.host = "127.0.0.1", .port = 8443};
  net::ServerLimits server;
  net::TlsFiles tls;
  net::Resumption resumption;
  seconds tls_watch{30};  ///< how often the files of [tls] are looked at for changes; 0: on SIGHUP alone
  net::ListenAddress admin{.host = "127.0.0.1", .port = 8444};
  std::filesystem::path organisations;
  std::filesystem::path patients;
  bool asks_service = false;  ///< [directory] source is "ldap": the files' rows without an ASID are filled in
  directory::SpineDirectorySettings service;
  std::filesystem::path token_keys;  ///< empty: no token is signed
  outbox::Settings outbox;
  delivery::Settings delivery;
  exchange::Settings exchange;
  console::Settings console;
};

/// What is wrong with a config file: one entry a mistake, "gateway.toml:12: ...".
struct ConfigMistakes {
  std::vector<std::string> lines;
  std::map<std::string, std::uint32_t, std::less<>> places;  ///< "tls.certificate": the line where it is set

  /// Note a mistake at the line where `setting` ("tls.certificate") is set; without a line when it is not.
  void add(const std::filesystem::path& file, std::string_view setting, std::string_view what);
};

/// Read and check a file. On success `mistakes` is empty. Unknown keys, wrong types, values out of range and files that
/// do not exist are mistakes; all of them are found in one go.
[[nodiscard]] Config load_config(const std::filesystem::path& file, ConfigMistakes& mistakes);

/// What one line alone does not show: addresses that cannot be listened on, folders that are not there, host names that
/// are none, two settings that do not go together. load_config calls it.
void check_settings(const Config& config, ConfigMistakes& mistakes);

/// Whether the certificate files can be used, together and at `now`: a gateway whose own certificate is out of date
/// does not start, since every peer would turn it away. Reads files.
void check_certificates(const Config& config, Instant now, ConfigMistakes& mistakes);

/// Whether the file of the keys for signed tokens can be used, if there is one. Reads it.
void check_token_keys(const Config& config, ConfigMistakes& mistakes);

/// Whether the keys of the audit can be used, if there are any. Reads them.
void check_audit_keys(const Config& config, ConfigMistakes& mistakes);
/// What is not wrong with the audit's settings, but weakens it.
[[nodiscard]] std::vector<std::string> audit_warnings(const Config& config);

/// Whether the directory's files can be used. Reads them whole.
void check_directory(const Config& config, ConfigMistakes& mistakes);

}  // namespace gw::app
