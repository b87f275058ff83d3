// [console]: where the web console listens, its limits, and who may sign in (OPS-05).
#include "app/config_console.hpp"

#include "app/config_section.hpp"

namespace gw::app {

namespace {

constexpr std::int64_t kMaxCount = 1'000'000;
constexpr std::int64_t kMaxPort = 65'535;
constexpr std::int64_t kMaxFormBytes = std::int64_t{2} << 20;

console::Role role_from(std::string_view name) {
  using console::Role;
  for (const auto role : {Role::kClinician, Role::kAdministrator, Role::kOperator}) {
    if (name == console::name_of(role)) return role;
  }
  return Role::kAuditor;
}

void read_console_user(std::string_view id, Section section, std::vector<console::User>& users) {
  console::User user{.id = std::string{id}};
  std::string role;
  std::string organisation;
  section.text("name", user.name);
  section.choice("role", role, {"clinician", "administrator", "operator", "auditor"});
  section.text("organisation", organisation);
  section.text("sds_user_id", user.sds_user_id);
  section.text("job_role", user.job_role);
  section.text("password", user.password_hash);
  section.text("certificate_sha256", user.certificate);
  if (role.empty()) section.mistake(fmt::format("[console.users.{}] needs a role", id), section.begin());
  user.role = role_from(role);
  user.organisation = OdsCode{organisation};
  users.push_back(std::move(user));
  section.finish();
}

}  // namespace

void read_console(Section section, Config& config) {
  auto& console = config.console;
  console.on = section.there();
  console.tls = config.tls;
  section.text("address", console.listen.host);
  section.number("port", console.listen.port, 0, kMaxPort);
  section.existing("certificate", console.tls.certificate, false);
  section.existing("key", console.tls.key, false);
  section.duration("idle_s", console.idle);
  section.duration("session_s", console.session);
  section.number("sessions", console.sessions, 1, kMaxCount);
  section.number("sign_in_failures", console.sign_in_failures, 1, 100);
  section.duration("sign_in_wait_s", console.sign_in_wait);
  section.number("sign_ins_waiting", console.sign_ins_waiting, 1, kMaxCount);
  section.number("audit_records", console.audit_records, 1, 500);
  section.number("audit_searches", console.audit_searches, 1, kMaxCount);
  section.number("form_bytes", console.form_bytes, 8 * 1024, kMaxFormBytes);
  section.number("text_characters", console.text_characters, 100, 100'000);
  section.sub("users").each_table(
      [&console](std::string_view id, Section user) { read_console_user(id, std::move(user), console.users); });
  section.finish();
}

}  // namespace gw::app
