// The demo's small world: a practice and a hub with mailboxes, a practice with an endpoint of its own, a practice they
// share nothing with, and a spine-style proxy between them; each a gateway process of its own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app/child_process.hpp"
#include "base/result.hpp"
#include "outbox/file_lock.hpp"

namespace gw::app {

/// One party of the world: an organisation with a gateway, or the proxy.
struct Party {
  std::string name;       ///< file name, "hub"
  std::string kind;       ///< "practice", "hub" or "proxy"
  std::string ods, asid;  ///< empty for the proxy
  std::string title;      ///< "Beacon Extended Access Hub"
  std::string logical_id;
  std::string sharing_group;
  std::string fqdn;
  std::string recipient;  ///< "mailbox" or "endpoint"; empty for the proxy, which is nobody's recipient
  std::uint16_t port = 0;
  std::uint16_t admin_port = 0;
  std::uint16_t console_port = 0;  ///< 0: it has no console

  [[nodiscard]] std::string url() const;   ///< "https://hub.test:18001"
  [[nodiscard]] std::string base() const;  ///< "https://hub.test:18001/U10002/DSTU2/1"
};

/// Who may sign in to a party's console; all with the world's one password.
struct DemoUser {
  std::string party, id, name, role;
};

struct DemoPatient {
  std::string nhs_number, logical_id, family, given, title, born, registered_at;
};

/// Files below one folder: PKI in pki/, one folder a party with its config, directory, database and logs.
class DemoWorld {
 public:
  /// Choose free ports on loopback; nothing is written yet.
  explicit DemoWorld(std::filesystem::path dir);

  [[nodiscard]] const std::vector<Party>& parties() const { return parties_; }
  [[nodiscard]] const Party& party(std::string_view name) const;
  [[nodiscard]] const std::vector<DemoPatient>& patients() const { return patients_; }
  [[nodiscard]] const std::vector<DemoUser>& users() const { return users_; }
  /// Of every console's users. Made anew with each world: none has a password that is known beforehand.
  [[nodiscard]] const std::string& console_password() const { return console_password_; }
  [[nodiscard]] std::filesystem::path dir() const { return dir_; }
  [[nodiscard]] std::filesystem::path pki() const { return dir_ / "pki"; }
  [[nodiscard]] std::filesystem::path home(const Party& party) const { return dir_ / party.name; }
  [[nodiscard]] std::filesystem::path config(const Party& party) const { return home(party) / "gateway.toml"; }

  /// Take the folder for this world alone, and clear away a topology.json that an earlier one left. Fault (kStorage):
  /// another world runs in it; nothing of it was touched.
  Status claim();
  /// Make the PKI with `pki_script`, then each party's folder and config.
  Status write(const std::filesystem::path& pki_script) const;
  /// Start a party's gateway, or start it again. `program` is the gateway's own binary; `environment` as in
  /// ChildProcess.
  Status start(std::string_view party_name, const std::filesystem::path& program,
               const std::vector<std::string>& environment = {});
  /// SIGTERM and wait.
  void stop(std::string_view party_name);
  /// The party's process, as last started.
  [[nodiscard]] ChildProcess& process(std::string_view party_name);
  /// topology.json, which lets an outside client, test kit or load generator use the world. It is there while the world
  /// may be used, so its coming tells that the world is ready.
  Status write_topology() const;
  void remove_topology() const;

 private:
  [[nodiscard]] std::filesystem::path topology() const { return dir_ / "topology.json"; }

  std::filesystem::path dir_;
  std::unique_ptr<outbox::FileLock> lock_;
  std::vector<Party> parties_;
  std::vector<DemoPatient> patients_;
  std::vector<DemoUser> users_;
  std::string console_password_;
  std::vector<ChildProcess> processes_;  ///< in the order of parties_
};

}  // namespace gw::app
