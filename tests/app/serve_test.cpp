// What `serve` tells the service manager (OPS-06): the real program, with the test in systemd's place.
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <string>

#include "app/child_process.hpp"
#include "support/test_pki.hpp"

namespace fs = std::filesystem;
using gw::app::ChildProcess;

namespace {

/// A service manager's end of the notify protocol.
class Manager {
 public:
  explicit Manager(const fs::path& path) : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(path.string().size() < sizeof address.sun_path);
    std::strcpy(address.sun_path, path.c_str());  // NOLINT(clang-analyzer-security.insecureAPI.strcpy): it fits
    REQUIRE(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    const timeval patience{.tv_sec = 30, .tv_usec = 0};
    REQUIRE(::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0);
  }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;
  ~Manager() { ::close(socket_); }

  /// The next message; empty when none comes.
  std::string told() const {
    std::array<char, 4096> piece{};
    const auto size = ::recv(socket_, piece.data(), piece.size(), 0);
    return size < 0 ? std::string{} : std::string{piece.data(), static_cast<std::size_t>(size)};
  }

 private:
  int socket_;
};

}  // namespace

TEST_CASE("serve: the service manager is told when it serves, reloads and stops (OPS-06)", "[app]") {
  const gw::test::TemporaryFolder folder;
  gw::test::TestCa ca{"Root"};
  const auto identity = ca.issue({.dns_names = {"hub.example.test"}});
  folder.write("own.pem", identity.certificate);
  folder.write("own.key", identity.key);
  folder.write("trust.pem", ca.certificate());
  folder.write("organisations.csv",
               "ODS Code,ASID,Organisation Type,Organisation Name,Data Sharing Group,FHIR Endpoint\n");
  folder.write("patients.csv",
               "NHS_NUMBER,DATE_OF_BIRTH,DATE_OF_DEATH,FAMILY_NAME,GIVEN_NAME,OTHER_GIVEN_NAME,TITLE,ADDR1,ADDR2,ADDR3,"
               "ADDR4,ADDR5,POST_CODE,SENSITIVE_FLAG,PRIMARY_CARE_CODE\n");
  const auto config = folder.write("gateway.toml", R"([listen]
port = 0
[admin]
port = 0
[tls]
certificate = "own.pem"
key = "own.key"
trust = "trust.pem"
[directory]
organisations = "organisations.csv"
patients = "patients.csv"
[outbox]
path = "outbox.db"
min_free_bytes = 0
[spine]
public_url = "https://hub.example.test"
)");
  const Manager manager{folder.path() / "notify"};
  auto child = ChildProcess::serve(GW_BINARY, config, folder.path() / "log", gw::milliseconds{30'000},
                                   {"NOTIFY_SOCKET=" + (folder.path() / "notify").string()});
  if (!child) FAIL(child.error().detail);
  CHECK(manager.told() == "READY=1\nSTATUS=serving");
  REQUIRE(::kill(child->pid(), SIGHUP) == 0);
  CHECK(manager.told() == "RELOADING=1");
  CHECK(manager.told() == "READY=1");
  CHECK(child->stop() == 0);
  CHECK(manager.told() == "STOPPING=1");
}
