#include "app/demo_world.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include "base/digest.hpp"
#include "console/passwords.hpp"

namespace gw::app {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kNorth = "North Sharing Group";
constexpr std::string_view kSouth = "South Sharing Group";
constexpr milliseconds kStartPatience{20'000};

/// Ports that are free now: bound together, so that they differ, then let go.
std::vector<std::uint16_t> free_ports(std::size_t count) {
  std::vector<int> sockets;
  std::vector<std::uint16_t> ports;
  for (std::size_t i = 0; i < count; ++i) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (fd < 0 || ::bind(fd, generic, size) != 0 || ::getsockname(fd, generic, &size) != 0) {
      throw std::runtime_error("no free port on loopback");
    }
    sockets.push_back(fd);
    ports.push_back(ntohs(address.sin_port));
  }
  for (const int fd : sockets) ::close(fd);
  return ports;
}

Status write_file(const fs::path& path, const std::string& text) {
  std::ofstream out{path, std::ios::binary | std::ios::trunc};
  out << text;
  out.close();
  if (!out) return fault(FaultKind::kIo, fmt::format("cannot write {}", path.string()));
  return Done{};
}

std::string organisations_csv(const std::vector<Party>& parties, const Party& own) {
  std::string csv =
      "ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,FHIR Endpoint,FQDN,Logical ID\n";
  for (const auto& party : parties) {
    if (party.kind == "proxy") continue;
    csv += fmt::format("{},{},{},{},{},{},{},{}\n", party.ods, party.asid,
                       party.kind == "hub" ? "Extended Access Hub" : "GP Practice", party.title, party.sharing_group,
                       party.name == own.name ? "mailbox" : party.base(), party.fqdn, party.logical_id);
  }
  return csv;
}

std::string patients_csv(const std::vector<DemoPatient>& patients) {
  std::string csv =
      "NHS_NUMBER,DATE_OF_BIRTH,DATE_OF_DEATH,FAMILY_NAME,GIVEN_NAME,OTHER_GIVEN_NAME,TITLE,ADDR1,ADDR2,ADDR3,ADDR4,"
      "ADDR5,POST_CODE,SENSITIVE_FLAG,PRIMARY_CARE_CODE,LOGICAL_ID\n";
  for (const auto& patient : patients) {
    csv += fmt::format("{},{},,{},{},,{},,,,,,,,{},{}\n", patient.nhs_number, patient.born, patient.family,
                       patient.given, patient.title, patient.registered_at, patient.logical_id);
  }
  return csv;
}

std::string config_toml(const std::vector<Party>& parties, const Party& own) {
  std::string toml = fmt::format(
      R"(# The demo's gateway of {title}.
log_level = "info"
threads = 1

[listen]
address = "127.0.0.1"
port = {port}

[admin]
address = "127.0.0.1"
port = {admin_port}

[tls]
certificate = "../pki/{name}.pem"
key = "../pki/{name}.key"
trust = "../pki/trust.pem"
crl = "../pki/crl.pem"

[directory]
organisations = "organisations.csv"
patients = "patients.csv"

[spine]
public_url = "{url}"
trusted_proxies = [{proxies}]

[outbox]
path = "outbox.db"
received_log = "received.jsonl"

[audit]
key_file = "../pki/{name}.audit.key"

[hosts]
)",
      fmt::arg("title", own.title), fmt::arg("port", own.port), fmt::arg("admin_port", own.admin_port),
      fmt::arg("name", own.name), fmt::arg("url", own.url()), fmt::arg("proxies", [&] {
        std::string names;
        for (const auto& party : parties) {
          if (party.kind == "proxy") names += fmt::format("\"{}\"", party.fqdn);
        }
        return names;
      }()));
  for (const auto& party : parties) {
    toml += fmt::format("\"{}:{}\" = \"127.0.0.1:{}\"\n", party.fqdn, party.port, party.port);
  }
  return toml;
}

/// [console] and its users, where the party has one.
std::string console_toml(const Party& own, const std::vector<DemoUser>& users, const std::string& password_hash) {
  if (own.console_port == 0) return {};
  auto toml = fmt::format("\n[console]\naddress = \"127.0.0.1\"\nport = {}\n", own.console_port);
  for (const auto& user : users) {
    if (user.party != own.name) continue;
    toml += fmt::format("\n[console.users.{}]\nname = \"{}\"\nrole = \"{}\"\npassword = \"{}\"\n", user.id, user.name,
                        user.role, password_hash);
    if (user.role != "clinician" && user.role != "administrator") continue;
    toml += fmt::format("organisation = \"{}\"\nsds_user_id = \"111222333444\"\njob_role = \"{}\"\n", own.ods,
                        user.role == "clinician" ? "R0260" : "R8008");
  }
  return toml;
}

Status make_pki(const fs::path& script, const fs::path& dir, const std::vector<Party>& parties) {
  std::vector<std::string> words{fs::absolute(script).string(), dir.string()};
  for (const auto& party : parties) words.push_back(fmt::format("{}={}", party.name, party.fqdn));
  auto made = ChildProcess::run(std::move(words), dir.string() + ".log");
  if (!made) return fault(FaultKind::kIo, fmt::format("{} failed: {}", script.string(), made.error().detail));
  return Done{};
}

}  // namespace

std::string Party::url() const {
  return fmt::format("https://{}:{}", fqdn, port);
}
std::string Party::base() const {
  return kind == "proxy" ? url() : fmt::format("{}/{}/DSTU2/1", url(), ods);
}

DemoWorld::DemoWorld(fs::path dir) : dir_(fs::absolute(std::move(dir))) {
  const std::string north{kNorth};
  const std::string south{kSouth};
  parties_ = {
      {"practice-a", "practice", "A20001", "200000000101", "Alder Lane Surgery", "1", north, "alder.practice.test",
       "mailbox"},
      {"hub", "hub", "U20002", "200000000102", "Beacon Extended Access Hub", "2", north, "beacon.hub.test", "mailbox"},
      {"practice-b", "practice", "B20003", "200000000103", "Cedar Park Practice", "3", north, "cedar.practice.test",
       "endpoint"},
      {"practice-c", "practice", "C20004", "200000000104", "Dale View Practice", "4", south, "dale.practice.test",
       "mailbox"},
      {"proxy", "proxy", "", "", "Spine-style proxy", "", "", "proxy.spine.test", ""},
  };
  patients_ = {
      {"9990000018", "1", "Appleby", "Rowan", "Ms", "14/07/1945", "A20001"},
      {"9990001383", "2", "Birch", "Hazel", "Mrs", "02/11/1953", "A20001"},
      {"9990002754", "3", "Cotton", "Ash", "Mr", "31/05/1962", "B20003"},
      {"9990004129", "4", "Dunn", "Willow", "Miss", "18/09/1985", "B20003"},
      {"9990005494", "5", "Elder", "Linden", "Mr", "29/02/2004", "C20004"},
  };
  users_ = {
      {"practice-a", "shah", "Dr Amina Shah", "clinician"},
      {"practice-a", "lee", "Robin Lee", "administrator"},
      {"practice-a", "operator", "Sam Field", "operator"},
      {"practice-a", "auditor", "Kim Reed", "auditor"},
      {"hub", "cole", "Dr Jamie Cole", "clinician"},
      {"hub", "operator", "Sam Field", "operator"},
      {"hub", "auditor", "Kim Reed", "auditor"},
  };
  constexpr std::size_t password_characters = 18;
  console_password_ = random_uuid().substr(0, password_characters);
  constexpr std::size_t listeners = 3;
  const auto ports = free_ports(parties_.size() * listeners);
  for (std::size_t i = 0; i < parties_.size(); ++i) {
    parties_[i].port = ports[listeners * i];
    parties_[i].admin_port = ports[listeners * i + 1];
    const bool has_console =
        std::any_of(users_.begin(), users_.end(), [&](const DemoUser& user) { return user.party == parties_[i].name; });
    if (has_console) parties_[i].console_port = ports[listeners * i + 2];
  }
  processes_.resize(parties_.size());
}

const Party& DemoWorld::party(std::string_view name) const {
  const auto found =
      std::find_if(parties_.begin(), parties_.end(), [&](const Party& party) { return party.name == name; });
  if (found == parties_.end()) throw std::logic_error("the demo has no such party");
  return *found;
}

Status DemoWorld::claim() {
  std::error_code error;
  fs::create_directories(dir_, error);
  if (error) return fault(FaultKind::kIo, fmt::format("cannot make {}: {}", dir_.string(), error.message()));
  auto lock = outbox::FileLock::take(dir_ / "world",
                                     "another demo runs in this folder; stop it, or choose another folder with --dir");
  if (!lock) return lock.error();
  lock_ = std::move(*lock);
  remove_topology();
  return Done{};
}

Status DemoWorld::write(const fs::path& pki_script) const {
  std::error_code error;
  fs::create_directories(dir_, error);
  if (error) return fault(FaultKind::kIo, fmt::format("cannot make {}: {}", dir_.string(), error.message()));
  if (auto made = make_pki(pki_script, pki(), parties_); !made) return made;
  const auto password_hash = console::hash_password(console_password_);
  if (!password_hash) return password_hash.error();
  for (const auto& party : parties_) {
    fs::create_directories(home(party), error);
    if (auto written = write_file(home(party) / "organisations.csv", organisations_csv(parties_, party)); !written)
      return written;
    const auto patients = home(party) / "patients.csv";
    if (auto written = write_file(patients, patients_csv(patients_)); !written) return written;
    fs::permissions(patients, fs::perms::owner_read | fs::perms::owner_write, error);
    if (auto written =
            write_file(config(party), config_toml(parties_, party) + console_toml(party, users_, *password_hash));
        !written)
      return written;
  }
  return Done{};
}

Status DemoWorld::start(std::string_view party_name, const fs::path& program,
                        const std::vector<std::string>& environment) {
  const auto& which = party(party_name);
  auto child = ChildProcess::serve(program, config(which), home(which) / "gateway.log", kStartPatience, environment);
  if (!child) return fault(child.error().kind, fmt::format("{}: {}", which.name, child.error().detail));
  process(party_name) = std::move(*child);
  return Done{};
}

void DemoWorld::stop(std::string_view party_name) {
  process(party_name).stop();
}

ChildProcess& DemoWorld::process(std::string_view party_name) {
  return processes_[static_cast<std::size_t>(&party(party_name) - parties_.data())];
}

}  // namespace gw::app
