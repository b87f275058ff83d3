#include "support/slapd.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

extern char** environ;

namespace gw::test {

namespace {

constexpr const char* kProgram = "/usr/sbin/slapd";
constexpr std::chrono::seconds kStartLimit{30};

constexpr std::string_view kSchema = R"(
attributetype ( 1.1.2.1.1 NAME 'nhsIDCode' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( 1.1.2.1.2 NAME 'nhsAsSvcIA' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( 1.1.2.1.3 NAME 'nhsMhsPartyKey' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( 1.1.2.1.4 NAME 'nhsMhsSvcIA' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( 1.1.2.1.5 NAME 'nhsMhsEndPoint' EQUALITY caseExactMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( 1.1.2.1.6 NAME 'nhsMhsFQDN' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( 1.1.2.1.7 NAME 'uniqueIdentifier' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
objectclass ( 1.1.2.2.1 NAME 'nhsAs' SUP top STRUCTURAL MUST uniqueIdentifier
  MAY ( nhsIDCode $ nhsAsSvcIA $ nhsMhsPartyKey ) )
objectclass ( 1.1.2.2.2 NAME 'nhsMhs' SUP top STRUCTURAL MUST uniqueIdentifier
  MAY ( nhsMhsPartyKey $ nhsMhsSvcIA $ nhsMhsEndPoint $ nhsMhsFQDN ) )
)";

constexpr std::string_view kTop =
    "dn: o=nhs\nobjectClass: organization\no: nhs\n\n"
    "dn: ou=services,o=nhs\nobjectClass: organizationalUnit\nou: services\n\n";

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::uint16_t free_port() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  const bool bound = ::bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(listener);
  if (!bound) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

bool listens(std::uint32_t host, std::uint16_t port) {
  const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(port);
  address.sin_addr.s_addr = htonl(host);
  const bool connected = ::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(client);
  return connected;
}

/// Its messages go to the folder's own file: they are many.
pid_t spawn(std::vector<std::string> words, const std::filesystem::path& messages) {
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, messages.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  pid_t process = -1;
  const int failed = posix_spawn(&process, kProgram, &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("slapd cannot be run");
  return process;
}

int wait_for(pid_t process) {
  int status = 0;
  ::waitpid(process, &status, 0);
  return status;
}

std::string line(const std::string& attribute, const std::string& value) {
  return value.empty() ? std::string{} : attribute + ": " + value + '\n';
}

}  // namespace

bool Slapd::present() {
  return ::access(kProgram, X_OK) == 0;
}

Slapd::Slapd(const std::string& ldif) : port_(free_port()), plain_port_(free_port()) {
  CertificateWish of_server;
  of_server.common_name = "directory.example.test";
  of_server.ip_addresses = {"127.0.0.1"};
  const auto server = ca_.issue(of_server);
  CertificateWish of_client;
  of_client.common_name = "hub.example.test";
  const auto client = ca_.issue(of_client);
  const auto data = folder_.path() / "data";
  std::filesystem::create_directory(data);
  folder_.write("client.pem", client.certificate);
  folder_.write("client.key", client.key);
  std::ostringstream config;
  config << "include /etc/ldap/schema/core.schema\n"
         << kSchema << "TLSCACertificateFile " << folder_.write("trust.pem", ca_.certificate()).string()
         << "\nTLSCertificateFile " << folder_.write("server.pem", server.certificate).string()
         << "\nTLSCertificateKeyFile " << folder_.write("server.key", server.key).string()
         << "\nTLSVerifyClient demand\ndatabase ldif\nsuffix \"o=nhs\"\nrootdn \"cn=loader,o=nhs\"\ndirectory "
         << data.string() << '\n';
  folder_.write("slapd.conf", config.str());
  folder_.write("entries.ldif", std::string{kTop} + ldif);
  const auto messages = folder_.path() / "messages";
  // slapd, called with -T, is slapadd.
  const auto loaded = wait_for(spawn({"slapd", "-Tadd", "-f", (folder_.path() / "slapd.conf").string(), "-l",
                                      (folder_.path() / "entries.ldif").string()},
                                     messages));
  if (loaded != 0) throw std::runtime_error("slapd did not take the entries; see " + messages.string());
  start();
}

Slapd::~Slapd() {
  stop();
}

void Slapd::start() {
  std::string urls;
  for (const std::string host : {"127.0.0.1", "127.0.0.2"}) {
    urls +=
        "ldaps://" + host + ':' + std::to_string(port_) + " ldap://" + host + ':' + std::to_string(plain_port_) + ' ';
  }
  process_ = spawn({"slapd", "-d", "0", "-h", urls, "-f", (folder_.path() / "slapd.conf").string()},
                   folder_.path() / "messages");
  const auto limit = std::chrono::steady_clock::now() + kStartLimit;
  const auto listens_everywhere = [this](std::uint32_t host) {
    return listens(host, port_) && listens(host, plain_port_);
  };
  while (!listens_everywhere(INADDR_LOOPBACK) || !listens_everywhere(INADDR_LOOPBACK + 1)) {
    if (std::chrono::steady_clock::now() > limit) throw std::runtime_error("slapd did not start");
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
}

void Slapd::stop() {
  if (process_ < 0) return;
  ::kill(process_, SIGKILL);
  wait_for(process_);
  process_ = -1;
}

directory::SpineSettings Slapd::settings() const {
  directory::SpineSettings settings;
  settings.ldap.url = "ldaps://127.0.0.1:" + std::to_string(port_);
  settings.ldap.certificate = folder_.path() / "client.pem";
  settings.ldap.key = folder_.path() / "client.key";
  settings.ldap.trust = folder_.path() / "trust.pem";
  return settings;
}

directory::SpineSettings Slapd::settings_with_start_tls() const {
  auto settings = this->settings();
  settings.ldap.url = "ldap://127.0.0.1:" + std::to_string(plain_port_);
  return settings;
}

std::string ldif_of_system(const std::string& ods, const std::string& asid, const std::string& party,
                           const std::string& interactions) {
  auto text = "dn: uniqueIdentifier=" + asid + ",ou=services,o=nhs\nobjectClass: nhsAs\n" +
              line("uniqueIdentifier", asid) + line("nhsIDCode", ods) + line("nhsMhsPartyKey", party);
  std::istringstream words{interactions};
  for (std::string word; words >> word;) text += line("nhsAsSvcIA", word);
  return text + '\n';
}

std::string ldif_of_service(const std::string& id, const std::string& party, const std::string& interaction,
                            const std::string& endpoint, const std::string& fqdn) {
  return "dn: uniqueIdentifier=" + id + ",ou=services,o=nhs\nobjectClass: nhsMhs\n" + line("uniqueIdentifier", id) +
         line("nhsMhsPartyKey", party) + line("nhsMhsSvcIA", interaction) + line("nhsMhsEndPoint", endpoint) +
         line("nhsMhsFQDN", fqdn) + '\n';
}

}  // namespace gw::test
