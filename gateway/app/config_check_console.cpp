// What [console] needs to be of use, and who may sign in (OPS-05).
#include <fmt/format.h>

#include "app/config_console.hpp"
#include "app/config_listener.hpp"
#include "console/passwords.hpp"

namespace gw::app {

namespace {

/// What a console's user must have, and must not.
void check_console_user(const Config& config, const console::User& user, ConfigMistakes& mistakes) {
  const auto table = fmt::format("console.users.{}", user.id);
  const auto mistake = [&](std::string_view key, std::string_view what) {
    const auto place = fmt::format("{}.{}", table, key);
    mistakes.add(config.file, mistakes.places.contains(place) ? place : table, fmt::format("[{}] {}", table, what));
  };
  if (user.name.empty()) mistake("name", "needs name = \"Dr Ada Jones\"");
  const bool staff = console::sees_tasks(user.role);
  if (staff && user.name.find(' ') == std::string::npos) {
    mistake("name", "name must be a given name and a family name, with or without a title: the audit token needs both");
  }
  if (staff && (user.organisation.empty() || user.sds_user_id.empty() || user.job_role.empty())) {
    mistake("role",
            fmt::format("a {} needs organisation (ODS code), sds_user_id and job_role (sds-job-role-name code): "
                        "they go into the audit token of each task",
                        console::name_of(user.role)));
  }
  if (!staff && !user.organisation.empty()) {
    mistake("organisation", fmt::format("an {} belongs to no organisation: take it out", console::name_of(user.role)));
  }
  if (user.password_hash.empty() && user.certificate.empty()) {
    mistake("password",
            "needs a password (made by `gpconnect-gateway console hash-password`), a certificate_sha256, or "
            "both");
  }
  if (!user.password_hash.empty() && !console::is_password_hash(user.password_hash)) {
    mistake("password", "password is no hash; make one with `gpconnect-gateway console hash-password`");
  }
  constexpr std::size_t digits = 64;
  const bool hex = user.certificate.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!user.certificate.empty() && (user.certificate.size() != digits || !hex)) {
    mistake("certificate_sha256",
            "certificate_sha256 must be 64 hexadecimal digits in lower case, without colons: the SHA-256 of the client "
            "certificate (openssl x509 -noout -fingerprint -sha256)");
  }
}

}  // namespace

void check_console(const Config& config, ConfigMistakes& mistakes) {
  const auto& console = config.console;
  if (!console.on) return;
  check_listener(config, "console", console.listen, mistakes);
  for (const auto* other : {&config.listen, &config.admin}) {
    if (!collide(console.listen, *other)) continue;
    mistakes.add(
        config.file, mistakes.places.contains("console.port") ? "console.port" : "console",
        fmt::format("[console] has port {}, which another listener has; it needs one of its own", console.listen.port));
  }
  if (console.users.empty()) {
    mistakes.add(config.file, "console",
                 "[console] has no users: nobody could sign in; add [console.users.NAME] with name, role and password");
  }
  for (const auto& user : console.users) check_console_user(config, user, mistakes);
}

}  // namespace gw::app
