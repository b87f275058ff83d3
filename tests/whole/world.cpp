#include "whole/world.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <stdexcept>

namespace gw::test {

namespace {

namespace fs = std::filesystem;

/// A world of its own in the build folder, fresh each time.
app::DemoWorld started_world() {
  const auto dir = fs::current_path() / ("world-" + std::to_string(::getpid()));
  fs::remove_all(dir);
  app::DemoWorld world{dir};
  if (auto written = world.write(GW_PKI_SCRIPT); !written) throw std::runtime_error(written.error().detail);
  for (const auto& party : world.parties()) {
    if (auto started = world.start(party.name, GW_BINARY); !started) throw std::runtime_error(started.error().detail);
  }
  return world;
}

}  // namespace

World& World::shared() {
  static World world;
  return world;
}

World::World() : demo_(started_world()), practice_(demo_, demo_.party("practice-a")), hub_(demo_, demo_.party("hub")) {}

app::DemoClient::Task World::task(Way way) const {
  if (way == Way::kMailbox) {
    return {.from = "A20001", .to = "U20002", .patient = "1", .base = demo_.party("hub").base()};
  }
  return {.from = "A20001", .to = "B20003", .patient = "3", .base = demo_.party("proxy").url() + "/B20003/DSTU2/1"};
}

app::DemoClient::Request World::request(Way way) const {
  return practice_.request_of(task(way), now());
}

std::size_t World::received(std::string_view party, std::string_view trace) const {
  std::ifstream in{demo_.home(demo_.party(party)) / "received.jsonl"};
  std::size_t count = 0;
  for (std::string line; std::getline(in, line);) count += line.find(trace) != std::string::npos ? 1U : 0U;
  return count;
}

void World::restart(std::string_view party, const std::vector<std::string>& environment) {
  demo_.stop(party);
  if (auto started = demo_.start(party, GW_BINARY, environment); !started)
    throw std::runtime_error(started.error().detail);
}

std::string trace_of(const app::DemoClient::Request& request) {
  return std::string{header_value(request.headers, "Ssp-TraceID")};
}

void set_header(app::DemoClient::Request& request, std::string_view name, std::string value) {
  for (auto& header : request.headers) {
    if (iequals(header.name, name)) {
      header.value = std::move(value);
      return;
    }
  }
  throw std::logic_error("no such header to replace");
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const auto at = text.find(what);
  if (at == std::string::npos) throw std::logic_error("nothing to replace: " + std::string{what});
  return text.replace(at, what.size(), with);
}

}  // namespace gw::test
