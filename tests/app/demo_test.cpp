// The demo as a process of its own, told to stop while its tour runs: it may leave nothing behind.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rapidjson/document.h>

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "base/digest.hpp"

namespace fs = std::filesystem;

namespace {

/// `gpconnect-gateway demo` in a folder of its own. All it starts becomes a child of this process when it ends, so that
/// waitpid tells of each whether it is gone.
class Demo {
 public:
  explicit Demo(const fs::path& dir) {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::dup2(ends[1], STDOUT_FILENO);
      ::dup2(ends[1], STDERR_FILENO);
      ::execl(GW_BINARY, GW_BINARY, "demo", "--dir", dir.c_str(), "--pki-script", GW_PKI_SCRIPT, nullptr);
      ::_exit(127);
    }
    ::close(ends[1]);
    output_ = ::fdopen(ends[0], "r");
  }
  Demo(const Demo&) = delete;
  Demo& operator=(const Demo&) = delete;
  ~Demo() {
    if (pid_ > 0) {
      tell(SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    std::fclose(output_);
  }

  /// Read its output up to a line that holds `text`; false when it ended first.
  bool says(std::string_view text) {
    std::array<char, 4096> line{};
    while (std::fgets(line.data(), line.size(), output_) != nullptr) {
      if (std::string_view{line.data()}.find(text) != std::string_view::npos) return true;
    }
    return false;
  }
  void tell(int signal) const { ::kill(pid_, signal); }
  /// Waits for its end; its exit code, or 128 + signal.
  int end() {
    int status = 0;
    REQUIRE(::waitpid(std::exchange(pid_, -1), &status, 0) > 0);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }

 private:
  pid_t pid_ = -1;
  std::FILE* output_ = nullptr;
};

/// Whether all processes that a demo started are gone, or go within half a minute.
bool nothing_left() {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (std::chrono::steady_clock::now() < deadline) {
    const auto ended = ::waitpid(-1, nullptr, WNOHANG);
    if (ended < 0) return true;
    if (ended == 0) std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return false;
}

class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("gateway-demo-" + gw::random_uuid())) {}
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  [[nodiscard]] const fs::path& path() const { return path_; }
  [[nodiscard]] std::string bytes_of(const fs::path& below) const {
    std::ifstream in{path_ / below, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

 private:
  fs::path path_;
};

/// The body of GET `path` at "address:port", plain HTTP; empty when there is none.
std::string got(const std::string& address, const std::string& path) {
  boost::asio::ip::tcp::iostream stream;
  stream.connect(address.substr(0, address.find(':')), address.substr(address.find(':') + 1));
  stream << "GET " << path << " HTTP/1.1\r\nHost: " << address << "\r\nConnection: close\r\n\r\n" << std::flush;
  const std::string answer{std::istreambuf_iterator<char>{stream}, {}};
  const auto end_of_head = answer.find("\r\n\r\n");
  return answer.starts_with("HTTP/1.1 200 ") && end_of_head != std::string::npos ? answer.substr(end_of_head + 4) : "";
}

constexpr std::string_view kFirstStep = "practice sends the hub an information task";
constexpr int kCouldNot = 3;

}  // namespace

TEST_CASE("demo: told to stop in the middle of its tour, it takes its gateways with it", "[app]") {
  for (const int signal : {SIGTERM, SIGINT}) {
    const Folder folder;
    Demo demo{folder.path()};
    REQUIRE(demo.says(kFirstStep));
    demo.tell(signal);
    CHECK(demo.says("stopped before its tour was over"));
    CHECK(demo.end() == kCouldNot);
    CHECK(nothing_left());
    CHECK_FALSE(fs::exists(folder.path() / "topology.json"));
  }
}

TEST_CASE("demo: killed, it leaves no gateway behind", "[app]") {
  const Folder folder;
  Demo demo{folder.path()};
  REQUIRE(demo.says(kFirstStep));
  demo.tell(SIGKILL);
  CHECK(demo.end() == 128 + SIGKILL);
  CHECK(nothing_left());
}

TEST_CASE("demo: a second one in the same folder changes nothing of the first", "[app]") {
  const Folder folder;
  Demo first{folder.path()};
  REQUIRE(first.says("Ctrl-C stops it."));
  const auto config = folder.bytes_of("hub/gateway.toml");
  const auto topology = folder.bytes_of("topology.json");
  CHECK(topology.find("\"admin_address\"") != std::string::npos);
  CHECK((fs::status(folder.path() / "hub/patients.csv").permissions() & fs::perms::others_all) == fs::perms::none);
  Demo second{folder.path()};
  CHECK(second.says("another demo"));
  CHECK(second.end() == kCouldNot);
  CHECK(folder.bytes_of("hub/gateway.toml") == config);
  CHECK(folder.bytes_of("topology.json") == topology);
  first.tell(SIGINT);
  CHECK(first.end() == 0);
  CHECK_FALSE(fs::exists(folder.path() / "topology.json"));
  CHECK(nothing_left());
}

TEST_CASE("demo: after the tour the admin listener and the logs tell what happened (OPS-02, OPS-03)", "[app]") {
  const Folder folder;
  Demo demo{folder.path()};
  REQUIRE(demo.says("Ctrl-C stops it."));
  rapidjson::Document topology;
  topology.Parse(folder.bytes_of("topology.json").c_str());
  REQUIRE(topology.IsObject());
  const auto& proxy = topology["parties"][4];
  REQUIRE(std::string_view{proxy["kind"].GetString()} == "proxy");
  const std::string admin = proxy["admin_address"].GetString();
  CHECK(got(admin, "/healthz") == "ok\n");
  CHECK(got(admin, "/readyz") == "ready\n");
  const auto metrics = got(admin, "/metrics");
  CHECK(metrics.find("\ngpconnect_requests_total{interaction=\"create:order\",status=\"2xx\"} 3\n") !=
        std::string::npos);
  CHECK(metrics.find("\ngpconnect_task_outcomes_total{outcome=\"delivered\"} 3\n") != std::string::npos);
  CHECK(metrics.find("\ngpconnect_task_outcomes_total{outcome=\"failed\"} 1\n") != std::string::npos);
  CHECK(metrics.find("\ngpconnect_stage_seconds_count{stage=\"send\"} 3\n") != std::string::npos);
  CHECK(metrics.find("\ngpconnect_recipient_connections{host=\"cedar.practice.test:") != std::string::npos);
  CHECK(metrics.find("9990") == std::string::npos);
  demo.tell(SIGTERM);
  CHECK(demo.end() == 0);

  // Stopped in order, so every line is written.
  std::istringstream log{folder.bytes_of("proxy/gateway.log")};
  int delivered = 0;
  for (std::string line; std::getline(log, line);) {
    CAPTURE(line);
    rapidjson::Document entry;
    entry.Parse(line.c_str());
    REQUIRE(entry.IsObject());
    if (std::string_view{entry["event"].GetString()} != "request") continue;
    CHECK(entry["trace"].GetStringLength() == 36);
    if (std::string_view{entry["outcome"].GetString()} != "delivered") continue;
    ++delivered;
    CHECK(entry["task"].GetStringLength() > 0);
    for (const auto* const stage : {"identify_ms", "parse_ms", "validate_ms", "admit_ms", "send_ms", "conclude_ms"}) {
      CAPTURE(stage);
      CHECK((entry.HasMember(stage) && entry[stage].GetDouble() > 0));
    }
    CHECK(entry["trace_id"].GetStringLength() == 32);
    CHECK(entry["span_id"].GetStringLength() == 16);
    CHECK(entry["parent_id"].GetStringLength() == 16);
  }
  CHECK(delivered == 3);
}
