// The command line's commands, one function each. Each gives the process's exit code, and they mean the same
// everywhere:
//
//   0   done; the answer is yes
//   1   the answer is no: a task was refused or not delivered, a file is not right, there is no such task
//   2   wrong use of the command line; nothing was done
//   3   it could not be done: the configuration is not right, a file cannot be read, no gateway is there
//   70  serve alone: a commit to the outbox failed; what is on disk is settled at the next start
//
// Each command's --help says what its "no" is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace gw::app {

inline constexpr int kExitDone = 0;
inline constexpr int kExitRefused = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitFailed = 3;

struct ServeOptions {
  std::filesystem::path config;
  int ready_fd = -1;  ///< "ready\n" is written here once it serves; -1: nowhere
};
int run_serve(const ServeOptions& options);

int run_check_config(const std::filesystem::path& config, bool json);

struct SendOptions {
  std::filesystem::path config;  ///< of the gateway to send through
  std::string from, to, patient;
  std::string type = "info";
  std::string text;
  std::filesystem::path file;  ///< an Order as it is, instead of patient, type and text
  std::string identifier;      ///< "auto" makes one
  std::string trace;           ///< empty: a fresh one
  std::string user;            ///< in whose name; empty: exchange::User as it is
  std::string sds_id, role;    ///< that user's; empty: none, as in exchange::User
  std::string print;           ///< "headers" or "body": print that instead of sending
  bool json = false;
};
int run_send(const SendOptions& options);

struct OutboxOptions {
  std::filesystem::path config;
  std::string state;  ///< empty: any
  bool problems = false;
  std::string after;  ///< a page begins after this task; empty: with the newest
  std::string id;
  std::size_t count = 50;
  bool json = false;
};
int run_outbox_list(const OutboxOptions& options);
int run_outbox_show(const OutboxOptions& options);

struct OutboxResolveOptions {
  std::filesystem::path config;
  std::string id;
  std::string as;  ///< "delivered" or "not-delivered"
  std::string reason;
  bool json = false;
};
int run_outbox_resolve(const OutboxResolveOptions& options);

struct OutboxRedriveOptions {
  std::filesystem::path config;
  std::string id;
  std::string reason;
  bool json = false;
};
int run_outbox_redrive(const OutboxRedriveOptions& options);

struct OutboxPurgeOptions {
  std::filesystem::path config;
  int older_than_days = 0;
  bool json = false;
};
int run_outbox_purge(const OutboxPurgeOptions& options);

struct OutboxBackupOptions {
  std::filesystem::path config;
  std::filesystem::path file;
  bool json = false;
};
int run_outbox_backup(const OutboxBackupOptions& options);

struct AuditVerifyOptions {
  std::filesystem::path config;
  std::string head;  ///< one printed before, NUMBER:HASH, that the audit must still hold; empty: none
  bool json = false;
};
int run_audit_verify(const AuditVerifyOptions& options);

struct AuditAcceptOptions {
  std::filesystem::path config;
  std::string reason;
  bool json = false;
};
int run_audit_accept(const AuditAcceptOptions& options);

/// Which records: all of what is set. Texts are compared as a whole.
struct AuditSelection {
  std::filesystem::path config;
  std::string patient, task, identifier, trace, user, organisation;
  std::string from, to;  ///< dateTimes or dates; the end of what `to` names is not in it
};

struct AuditSearchOptions {
  AuditSelection wanted;
  bool newest_first = false;
  std::int64_t after = 0;  ///< a page begins after this record; 0: at the beginning
  std::size_t count = 50;
  bool json = false;
};
int run_audit_search(const AuditSearchOptions& options);

struct AuditExportOptions {
  AuditSelection wanted;
  std::filesystem::path output;  ///< empty: standard output
};
int run_audit_export(const AuditExportOptions& options);

struct DirectoryOptions {
  std::filesystem::path config;
  std::string who;  ///< show: an ODS code, an ASID or an FQDN
  bool json = false;
};
int run_directory_check(const DirectoryOptions& options);
int run_directory_show(const DirectoryOptions& options);

struct ValidateOptions {
  std::vector<std::string> files;  ///< "-" or none: standard input; a folder: what is below it
  std::string format;              ///< "json", "xml", or empty: told by the content
  std::string profile;             ///< canonical URL; empty: the task profile for an Order, else the base type
  std::string base;                ///< of the recipient, for absolute references
  std::size_t jobs = 0;            ///< threads; 0: one a core
  bool any_date = false;
  bool json = false;
};
int run_validate(const ValidateOptions& options);

struct LintJwtOptions {
  std::string file = "-";  ///< "-": standard input; never the token itself, which the process list would show
  std::string interaction = "create:order";
  std::string at;     ///< a dateTime; empty: now
  bool show = false;  ///< the patient's NHS number in full
  bool json = false;
};
int run_lint_jwt(const LintJwtOptions& options);

/// Reads a password from standard input and prints its hash, for [console.users].
int run_console_hash_password();

struct DoctorOptions {
  std::filesystem::path config;
  bool local = false;  ///< ask nobody else
  int within_s = 20;   ///< for all recipients together
  bool json = false;
};
int run_doctor(const DoctorOptions& options);

struct DemoOptions {
  std::filesystem::path dir;
  std::filesystem::path pki_script;
  bool once = false;
};
int run_demo(const DemoOptions& options);

}  // namespace gw::app
