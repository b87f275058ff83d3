// The command line's commands, one function each. Each gives the process's exit code:
// 0 done; 1 the answer is "no" (a task was refused, a file is not right); 2 wrong use; 3 it could not be tried.
#pragma once

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
  std::string print;           ///< "headers" or "body": print that instead of sending
  bool json = false;
};
int run_send(const SendOptions& options);

struct OutboxOptions {
  std::filesystem::path config;
  std::string state;
  std::string id;
  std::size_t count = 50;
  bool json = false;
};
int run_outbox_list(const OutboxOptions& options);
int run_outbox_show(const OutboxOptions& options);

struct AuditOptions {
  std::filesystem::path config;
  std::string head;  ///< one printed before, NUMBER:HASH, that the audit must still hold; empty: none
  bool json = false;
};
int run_audit_verify(const AuditOptions& options);

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

struct DemoOptions {
  std::filesystem::path dir;
  std::filesystem::path pki_script;
  bool once = false;
};
int run_demo(const DemoOptions& options);

}  // namespace gw::app
