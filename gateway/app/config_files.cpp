// Whether the files that a configuration names can be used. Reads them.
#include <fmt/format.h>

#include <sstream>
#include <string>

#include "app/config.hpp"
#include "app/directory_findings.hpp"
#include "app/own_certificate.hpp"
#include "directory/source.hpp"
#include "exchange/key_source.hpp"
#include "outbox/audit_key.hpp"

namespace gw::app {

namespace {

/// Whether there are keys at all for the senders whose tokens must be signed.
void check_signers(const Config& config, const directory::Directory& directory, ConfigMistakes& mistakes) {
  if (!config.token_keys.empty()) return;
  for (const auto& organisation : directory.organisations()) {
    if (!organisation.policy.signs_tokens) continue;
    mistakes.add(config.file, "spine.public_url",
                 fmt::format("[spine] needs token_keys = \"jwks.json\": the tokens of {} must be signed, by its Token "
                             "Signature in {}, and without keys all of them are refused",
                             organisation.ods.text(), config.organisations.filename().string()));
    return;
  }
}

/// Whether the organisations of the console's users are known.
void check_console_organisations(const Config& config, const directory::Directory& directory,
                                 ConfigMistakes& mistakes) {
  for (const auto& user : config.console.users) {
    if (user.organisation.empty() || directory.by_ods(user.organisation.text()) != nullptr) continue;
    mistakes.add(config.file, fmt::format("console.users.{}.organisation", user.id),
                 fmt::format("[console.users.{}] organisation {} is not in {}", user.id, user.organisation.text(),
                             config.organisations.filename().string()));
  }
}

}  // namespace

void check_certificates(const Config& config, Instant now, ConfigMistakes& mistakes) {
  if (const auto loaded = net::ServerTls::load(config.tls, config.resumption); !loaded) {
    // The fault begins with the file that it is about: "the key file ...".
    const auto& detail = loaded.error().detail;
    const auto about = [&detail](std::string_view what) { return detail.starts_with(what); };
    const auto* const setting = about("the key ")     ? "tls.key"
                                : about("the trust ") ? "tls.trust"
                                : about("the CRL ")   ? "tls.crl"
                                                      : "tls.certificate";
    mistakes.add(config.file, setting, detail);
    return;
  }
  const auto dates = dates_of_certificate(config.tls.certificate);
  if (!dates) {
    mistakes.add(config.file, "tls.certificate", dates.error().detail);
  } else if (now >= dates->until || now < dates->from) {
    mistakes.add(
        config.file, "tls.certificate",
        fmt::format("the certificate file {} is good from {} until {}, and it is {} now: every peer would turn "
                    "this gateway away. Put a certificate in its place that is good today",
                    config.tls.certificate.string(), to_iso8601(dates->from), to_iso8601(dates->until),
                    to_iso8601(now)));
  }
}

void check_token_keys(const Config& config, ConfigMistakes& mistakes) {
  const auto read = exchange::KeySource{config.token_keys}.reload();
  if (!read) mistakes.add(config.file, "spine.token_keys", read.error().detail);
}

void check_audit_keys(const Config& config, ConfigMistakes& mistakes) {
  const auto& audit = config.outbox.audit;
  const auto read = outbox::read_audit_keys(audit.key_file, audit.old_key_files);
  if (read) return;
  const bool current = audit.key_file.empty() || read.error().detail.find(audit.key_file.string()) != std::string::npos;
  mistakes.add(config.file, current && !audit.key_file.empty() ? "audit.key_file" : "audit.old_key_files",
               read.error().detail);
}

std::vector<std::string> audit_warnings(const Config& config) {
  std::vector<std::string> warnings;
  if (config.outbox.audit.key_file.empty()) {
    warnings.emplace_back(
        "[audit] names no key_file: whoever can write the outbox's file can make the audit anew, and audit verify "
        "would "
        "not find it");
  }
  if (config.outbox.audit.witness.empty()) {
    warnings.emplace_back(
        "[audit] witness is \"\": an older copy of the outbox, and audit records cut off at the end, are taken for "
        "right");
  }
  return warnings;
}

void check_directory(const Config& config, ConfigMistakes& mistakes) {
  directory::DirectorySource source{config.organisations, config.patients};
  const auto read = source.reload();
  if (read) {
    check_signers(config, *source.current(), mistakes);
    check_console_organisations(config, *source.current(), mistakes);
    for (const auto& line : examine_directory(*source.current(), config).mistakes)
      mistakes.add(config.file, "directory.organisations", line);
    return;
  }
  std::istringstream lines{read.error().detail};
  for (std::string line; std::getline(lines, line);) {
    // The faults name their file without its folder.
    const bool of_patients = line.starts_with(config.patients.filename().string() + ":");
    mistakes.add(config.file, of_patients ? "directory.patients" : "directory.organisations", line);
  }
}

}  // namespace gw::app
