#include "app/config.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "app/config_text.hpp"
#include "base/digest.hpp"

namespace fs = std::filesystem;
using gw::app::config_text;
using gw::app::Config;
using gw::app::ConfigMistakes;
using gw::app::load_config;

namespace {

constexpr std::string_view kGood = R"(log_level = "warn"
threads = 2

[listen]
address = "0.0.0.0"
port = 9443

[admin]
port = 9444

[tls]
certificate = "hub.pem"
key = "hub.key"
trust = "trust.pem"
resumption = true
session_life_s = 120
sessions = 500
watch_s = 15

[directory]
organisations = "organisations.csv"
patients = "patients.csv"

[outbox]
path = "outbox.db"
received_log = "received.log"
repeat_window_s = 3600

[spine]
public_url = "https://hub.example.test"
trusted_proxies = ["proxy.example.test", "proxy2.example.test"]
token_future_leeway_s = 45

[delivery]
connect_ms = 1500
stall_ms = 7000
allow_loopback = true
stream_ms = 90000
connections_per_recipient = 8
connects_per_recipient = 3
sender_wait_ms = 20000

[deferred]
first_delay_ms = 2000
at_once_per_recipient = 3
longest_limit_s = 600
poll_s = 9

[limits]
body_bytes = 2097152
head_ms = 5000
nesting_depth = 32

[hosts]
"provider.example.test:443" = "127.0.0.1:9001"
)";

/// A folder with the files that a good config names, gone at the end of the test.
class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("gateway-config-" + gw::random_uuid())) {
    fs::create_directories(path_);
    for (const auto* const name : {"hub.pem", "hub.key", "trust.pem", "organisations.csv", "patients.csv"})
      (void)put(name, "x");
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  [[nodiscard]] const fs::path& path() const { return path_; }
  [[nodiscard]] fs::path put(const std::string& name, std::string_view text) const {
    std::ofstream{path_ / name} << text;
    return path_ / name;
  }

 private:
  fs::path path_;
};

/// The good config with the line that begins with `line` replaced; its number is kept.
std::string with(std::string_view line, std::string_view replacement) {
  std::string text{kGood};
  const auto at = text.find("\n" + std::string{line}) + 1;
  REQUIRE(at != 0);
  return text.replace(at, text.find('\n', at) - at, replacement);
}

std::size_t line_of(std::string_view text, std::string_view needle) {
  const auto at = text.find(needle);
  REQUIRE(at != std::string_view::npos);
  return 1 + static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

std::vector<std::string> mistakes_in(const Folder& folder, std::string_view text) {
  ConfigMistakes mistakes;
  (void)load_config(folder.put("gateway.toml", text), mistakes);
  return mistakes.lines;
}

/// The one mistake that replacing `line` makes; checks that it names file and line.
std::string mistake_of(std::string_view line, std::string_view replacement) {
  const Folder folder;
  const auto text = with(line, replacement);
  const auto mistakes = mistakes_in(folder, text);
  INFO(replacement);
  REQUIRE(mistakes.size() == 1);
  const auto where =
      (folder.path() / "gateway.toml").string() + ':' + std::to_string(line_of(text, replacement)) + ": ";
  CHECK(mistakes.front().substr(0, where.size()) == where);
  return mistakes.front().substr(where.size());
}

bool mentions(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("config: a good file is read whole, paths against its own folder (OPS-01)", "[app]") {
  const Folder folder;
  ConfigMistakes mistakes;
  const auto config = load_config(folder.put("gateway.toml", kGood), mistakes);
  CHECK(mistakes.lines == std::vector<std::string>{});
  CHECK(config.log_level == "warn");
  CHECK(config.threads == 2);
  CHECK(config.listen.host == "0.0.0.0");
  CHECK(config.listen.port == 9443);
  CHECK(config.admin.host == "127.0.0.1");
  CHECK(config.admin.port == 9444);
  CHECK(config.tls.certificate == folder.path() / "hub.pem");
  CHECK(config.tls.key == folder.path() / "hub.key");
  CHECK(config.tls.trust == folder.path() / "trust.pem");
  CHECK(config.tls.crl.empty());
  CHECK(config.tls.ocsp_staple.empty());
  CHECK(config.resumption.on);
  CHECK(config.resumption.life == gw::seconds{120});
  CHECK(config.resumption.sessions == 500);
  CHECK(config.tls_watch == gw::seconds{15});
  CHECK(config.organisations == folder.path() / "organisations.csv");
  CHECK(config.patients == folder.path() / "patients.csv");
  CHECK(config.outbox.path == folder.path() / "outbox.db");
  CHECK(config.outbox.repeat_window == gw::seconds{3600});
  CHECK(config.exchange.caller.public_url == "https://hub.example.test");
  CHECK(config.exchange.caller.trusted_proxies ==
        std::vector<std::string>{"proxy.example.test", "proxy2.example.test"});
  CHECK(config.exchange.caller.token_future_leeway == gw::seconds{45});
  CHECK(config.delivery.timeouts.connect == gw::milliseconds{1500});
  CHECK(config.delivery.timeouts.stall == gw::milliseconds{7000});
  CHECK(config.delivery.addresses.allow_loopback);
  REQUIRE(config.delivery.addresses.own.size() == 2);
  CHECK(config.delivery.addresses.own[0].port() == 9443);
  CHECK(config.delivery.addresses.own[1].address().to_string() == "127.0.0.1");
  CHECK(config.delivery.timeouts.stream == gw::milliseconds{90000});
  CHECK(config.delivery.connections_per_recipient == 8);
  CHECK(config.delivery.connects_per_recipient == 3);
  CHECK(config.exchange.sender_wait == gw::milliseconds{20'000});
  CHECK(config.exchange.deferred.backoff.first == gw::milliseconds{2'000});
  CHECK(config.exchange.deferred.at_once_per_recipient == 3);
  CHECK(config.exchange.deferred.longest_limit == gw::seconds{600});
  CHECK(config.exchange.poll_after == gw::seconds{9});
  CHECK(config.exchange.body_bytes == 2'097'152);
  CHECK(config.exchange.read.depth == 32);
  CHECK(config.server.head == gw::milliseconds{5000});
  REQUIRE(config.exchange.hosts.size() == 1);
  CHECK(config.exchange.hosts.begin()->first == "provider.example.test:443");
  CHECK(config.exchange.hosts.begin()->second == "127.0.0.1:9001");
}

TEST_CASE("config: what is not said keeps its default (OPS-01)", "[app]") {
  const Folder folder;
  ConfigMistakes mistakes;
  const auto config = load_config(folder.put("gateway.toml", kGood), mistakes);
  const Config fresh;
  CHECK(config.server.body == fresh.server.body);
  CHECK(config.server.connections == fresh.server.connections);
  CHECK(config.delivery.timeouts.answer == fresh.delivery.timeouts.answer);
  CHECK(config.outbox.queue_limit == fresh.outbox.queue_limit);
  CHECK(fresh.listen.host == "127.0.0.1");
  CHECK(fresh.exchange.body_bytes == std::size_t{1} << 20U);
}

TEST_CASE("config: an absolute path stays as it is (OPS-01)", "[app]") {
  const Folder folder;
  const Folder elsewhere;
  const auto key = elsewhere.put("other.key", "x");
  ConfigMistakes mistakes;
  const auto config =
      load_config(folder.put("gateway.toml", with("key = ", "key = \"" + key.string() + "\"")), mistakes);
  CHECK(mistakes.lines.empty());
  CHECK(config.tls.key == key);
}

TEST_CASE("config: unknown keys and tables are mistakes, with what is known there (OPS-01)", "[app]") {
  const auto key = mistake_of("connect_ms", "conect_ms = 1500");
  CHECK(mentions(key, "[delivery]"));
  CHECK(mentions(key, "'conect_ms'"));
  CHECK(mentions(key, "connect_ms"));
  CHECK(mentions(mistake_of("threads", "thread = 2"), "unknown key 'thread'"));
  CHECK(mentions(mistake_of("port = 9443", "Port = 9443"), "unknown key 'Port'"));
  const Folder folder;
  const auto table = mistakes_in(folder, std::string{kGood} + "\n[outbocks]\npath = \"x\"\n");
  REQUIRE(table.size() == 1);
  CHECK(mentions(table.front(), "unknown key 'outbocks'"));
}

TEST_CASE("config: a value of the wrong type is a mistake (OPS-01)", "[app]") {
  CHECK(mentions(mistake_of("threads", "threads = \"2\""), "threads must be a whole number"));
  CHECK(mentions(mistake_of("threads", "threads = 2.0"), "threads must be a whole number"));
  CHECK(mentions(mistake_of("resumption", "resumption = 1"), "[tls] resumption must be true or false"));
  CHECK(mentions(mistake_of("threads", "threads = true"), "threads must be a whole number"));
  CHECK(mentions(mistake_of("address", "address = 1"), "[listen] address must be a text"));
  CHECK(mentions(mistake_of("received_log", "received_log = 7"), "[outbox] received_log must be a text"));
  CHECK(mentions(mistake_of("trusted_proxies", "trusted_proxies = \"proxy\""),
                 "trusted_proxies must be a list of texts"));
  CHECK(mentions(mistake_of("trusted_proxies", "trusted_proxies = [\"a\", 1]"),
                 "trusted_proxies must be a list of texts"));
  CHECK(mentions(mistake_of("\"provider", "\"provider.example.test:443\" = 9001"), "must be a text"));
  CHECK(mentions(mistake_of("connect_ms", "connect_ms = \"1500\""), "[delivery] connect_ms must be a whole number"));
}

TEST_CASE("config: an empty list of proxies is right (OPS-01)", "[app]") {
  const Folder folder;
  CHECK(mistakes_in(folder, with("trusted_proxies", "trusted_proxies = []")).empty());
}

TEST_CASE("config: a value where a table belongs is a mistake (OPS-01)", "[app]") {
  const Folder folder;
  const auto mistakes = mistakes_in(folder, "delivery = 5\n" + std::string{kGood}.substr(0, kGood.find("[delivery]")));
  REQUIRE(mistakes.size() == 1);
  CHECK(mentions(mistakes.front(), "gateway.toml:1: delivery must be a table"));
}

TEST_CASE("config: a value out of range is a mistake that tells the range (OPS-01)", "[app]") {
  CHECK(mentions(mistake_of("port = 9443", "port = 65536"), "from 0 to 65535"));
  CHECK(mentions(mistake_of("port = 9443", "port = -1"), "from 0 to 65535"));
  CHECK(mentions(mistake_of("threads", "threads = 257"), "from 0 to 256"));
  CHECK(mentions(mistake_of("connect_ms", "connect_ms = 0"), "connect_ms must be"));
  CHECK(mentions(mistake_of("session_life_s", "session_life_s = 301"), "from 1 to 300"));
  CHECK(mentions(mistake_of("head_ms", "recheck_ms = 60001"), "from 1 to 60000"));
  CHECK(mentions(mistake_of("head_ms", "connections_per_peer = 0"), "from 1 to"));
  CHECK(mentions(mistake_of("nesting_depth", "nesting_depth = 1"), "nesting_depth must be"));
  CHECK(mentions(mistake_of("body_bytes", "body_bytes = 9223372036854775807"), "body_bytes must be"));
  // More than an entry of the outbox has room for could not be recorded.
  CHECK(mentions(mistake_of("body_bytes", "body_bytes = 2097153"), "to 2097152"));
  CHECK(mentions(mistake_of("head_ms", "sender_rate_per_s = 0"), "sender_rate_per_s must be"));
  CHECK(mentions(mistake_of("head_ms", "sender_burst_s = 3601"), "sender_burst_s must be"));
  CHECK(mentions(mistake_of("head_ms", "requests_at_once = 0"), "requests_at_once must be"));
  CHECK(mentions(mistake_of("connections_per", "connections_per_recipient = 0"), "connections_per_recipient must be"));
  const Folder folder;
  const auto level = mistakes_in(folder, "log_level = \"loud\"\n" + std::string{kGood}.substr(kGood.find('\n') + 1));
  REQUIRE(level.size() == 1);
  CHECK(mentions(level.front(), "gateway.toml:1: log_level must be one of: debug, info, warn, error"));
}

TEST_CASE("config: a file that does not exist is a mistake that names it (OPS-01)", "[app]") {
  for (const std::string key : {"certificate", "key", "trust", "organisations", "patients"}) {
    const auto mistake = mistake_of(key + " = ", key + " = \"gone.file\"");
    CHECK(mentions(mistake, "there is no file"));
    CHECK(mentions(mistake, "gone.file"));
  }
  const Folder folder;
  const auto crl = mistakes_in(folder, with("trust", "trust = \"trust.pem\"\ncrl = \"gone.crl\""));
  REQUIRE(crl.size() == 1);
  CHECK(mentions(crl.front(), "gone.crl"));
}

TEST_CASE("config: the config file itself must exist (OPS-01)", "[app]") {
  const Folder folder;
  ConfigMistakes mistakes;
  (void)load_config(folder.path() / "gone.toml", mistakes);
  REQUIRE(mistakes.lines.size() == 1);
  CHECK(mentions(mistakes.lines.front(), (folder.path() / "gone.toml").string()));
}

TEST_CASE("config: what must be said and is not is a mistake that names it (OPS-01)", "[app]") {
  const Folder folder;
  const auto mistakes = mistakes_in(folder, "");
  const auto named = [&](std::string_view what) {
    return std::count_if(mistakes.begin(), mistakes.end(), [&](const std::string& line) {
      return mentions(line, what) && mentions(line, (folder.path() / "gateway.toml").string());
    });
  };
  for (const auto* const what :
       {"[tls] needs certificate", "[tls] needs key", "[tls] needs trust", "[directory] needs organisations",
        "[outbox] needs path", "[spine] needs public_url"}) {
    INFO(what);
    CHECK(named(what) == 1);
  }
}

TEST_CASE("config: the public URL is https and ends without a slash (OPS-01)", "[app]") {
  for (const std::string url : {"http://hub.example.test", "https://hub.example.test/", "hub.example.test", ""}) {
    INFO(url);
    const Folder folder;
    const auto mistakes = mistakes_in(folder, with("public_url", "public_url = \"" + url + "\""));
    REQUIRE(mistakes.size() == 1);
    CHECK(mentions(mistakes.front(), "public_url"));
  }
}

TEST_CASE("config: a syntax error is named with file and line (OPS-01)", "[app]") {
  CHECK_FALSE(mistake_of("port = 9443", "port = = 9443").empty());
  const Folder folder;
  const auto twice = mistakes_in(folder, std::string{kGood} + "\n[listen]\nport = 1\n");
  REQUIRE(twice.size() == 1);
  CHECK(mentions(twice.front(), "gateway.toml:"));
}

TEST_CASE("config: hostile nesting is a mistake, not a crash (OPS-01)", "[app]") {
  const Folder folder;
  CHECK(mistakes_in(folder, "a = " + std::string(100'000, '[')).size() == 1);
}

TEST_CASE("config: tasks must stay as long as their repeats may come (OUT-03)", "[app]") {
  CHECK(mentions(mistake_of("repeat_window_s", "retention_days = 89"), "identifier_window_s is 7776000"));
  const Folder folder;
  CHECK(mistakes_in(folder, with("repeat_window_s", "retention_days = 90")).empty());
}

TEST_CASE("config: a stop must wait longer than a sender does (OUT-10)", "[app]") {
  CHECK(mentions(mistake_of("head_ms", "drain_ms = 20000"), "must be above [delivery] sender_wait_ms"));
  const Folder folder;
  CHECK(mistakes_in(folder, with("head_ms", "drain_ms = 20001")).empty());
}

TEST_CASE("config: the longest pause of deferred tasks is no shorter than the first (OUT-06)", "[app]") {
  CHECK(mentions(mistake_of("first_delay_ms", "first_delay_ms = 900001"), "must be at least first_delay_ms"));
}

TEST_CASE("config: all mistakes are named in one go (OPS-01)", "[app]") {
  const Folder folder;
  std::string text = with("threads", "threads = \"two\"");
  const auto replace = [&](std::string_view from, std::string_view to) {
    text.replace(text.find(from), from.size(), to);
  };
  replace("port = 9443", "port = 99999");
  replace("\"hub.key\"", "\"gone.key\"");
  replace("connect_ms", "conect_ms");
  replace("https://hub", "http://hub");
  const auto mistakes = mistakes_in(folder, text);
  REQUIRE(mistakes.size() == 5);
  const auto named = [&](std::string_view what) {
    return std::any_of(mistakes.begin(), mistakes.end(), [&](const std::string& line) { return mentions(line, what); });
  };
  for (const auto* const what : {"threads", "port", "gone.key", "conect_ms", "public_url"}) {
    INFO(what);
    CHECK(named(what));
  }
}

TEST_CASE("config: room for bodies that could never hold the largest one is a mistake (OPS-01, OUT-09)", "[app]") {
  const Folder folder;
  const auto mistakes = mistakes_in(folder, with("head_ms", "bodies_at_once_bytes = 2097152"));
  REQUIRE(mistakes.size() == 1);
  CHECK(mentions(mistakes.front(), "bodies_at_once_bytes must be at least"));
  CHECK(mistakes_in(folder, with("head_ms", "bodies_at_once_bytes = 4194304")).empty());
}

TEST_CASE("config: a character beyond ASCII outside of strings and comments is a mistake with its line (OPS-01)",
          "[app]") {
  const Folder folder;
  for (const auto* const text : {"log_level = \"info\"\nthreads\xEF\xBB\x9F = 2\n", "# \xCB\x8B '\n[li\xCB\x8Bten]\n",
                                 "log_level = \"\\\"\xCB\x8B\"\n\xCB\x8B = 1\n", "a = 1\nlog_level = '\xCB\x8B'\n",
                                 "a = 1\nlog_level = \"\\\xCB\x8B\"\n", "a = 1\nlog_level = \"\xCB\"\n"}) {
    const auto mistakes = mistakes_in(folder, text);
    REQUIRE(mistakes.size() == 1);
    CHECK(mentions(mistakes.front(), ":2: a character beyond ASCII"));
  }
  const std::string comment = "# Zo\xC3\xAB's \"hub\n";
  CHECK(mistakes_in(folder, "\xEF\xBB\xBF" + comment + with("threads", "threads = 2  # \xC3\xAB")).empty());
}

TEST_CASE("config: the parser sees ASCII alone, and strings say what was written (OPS-01)", "[app]") {
  CHECK(config_text("name = \"Zo\xC3\xAB\"  # \xC3\xAB").ascii == "name = \"Zo\\U000000EB\"  # ??");
  CHECK(config_text("\xEF\xBB\xBFname = \"\"\"\xF0\x9F\x8F\xA5\\\"\"\"\"").ascii ==
        "name = \"\"\"\\U0001F3E5\\\"\"\"\"");
  CHECK(config_text("a = 'b'\nc = \"\\\\\" # \"").ascii == "a = 'b'\nc = \"\\\\\" # \"");
}
