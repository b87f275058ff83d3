// Many connections that do nothing: they cost little, and whoever does something is served (OUT-09).
//
// GW_FAULT_IDLE: how many (default: the short form; the full form is 10,000).
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "fault/fault_settings.hpp"
#include "fault/memory.hpp"
#include "fault/sending.hpp"

using namespace gw;
using namespace gw::test;

namespace {

/// As many of `wanted` connections as there may be file descriptors for: each has two ends in this process.
std::size_t connections_that_fit(std::size_t wanted) {
  constexpr rlim_t others = 300;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t needed = 2 * wanted + others;
  if (limit.rlim_cur >= needed) return wanted;
  const rlimit raised{needed, std::max(limit.rlim_max, needed)};
  if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) return wanted;
  const rlimit most{limit.rlim_max, limit.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &most);
  return std::min<std::size_t>(wanted, (limit.rlim_max - others) / 2);
}

bool is_open(int socket) {
  pollfd end{socket, POLLIN | POLLRDHUP, 0};
  return ::poll(&end, 1, 0) == 0;
}

}  // namespace

TEST_CASE("client faults: idle connections cost little memory, and the others are served as ever (OUT-09)",
          "[fault][idle]") {
  constexpr long most_kb_each = 50;
  const auto wanted = count_from_environment("GW_FAULT_IDLE", 1'000);
  const auto count = connections_that_fit(wanted);
  if (count < wanted)
    WARN(wanted << " idle connections need more open files than are allowed here: " << count << " are made");
  const ProxyWorld world{[](BlockingPeer&) {},
                         [&](app::Config& config) {
                           config.threads = 0;
                           config.server.connections = count + 100;
                           config.server.connections_per_peer = count + 100;
                           config.server.idle = std::chrono::hours{1};
                         }};
  CHECK(sent(world, task_for(world, "Before", kMailbox)).status == 201);
  const auto before_kb = resident_kb();
  std::vector<int> idle;
  for (std::size_t i = 0; i < count; ++i) idle.push_back(world.sender().release());
  const auto grown_kb = resident_kb() - before_kb;
  const auto each_kb = static_cast<double>(grown_kb) / static_cast<double>(count);
  WARN(count << " idle connections: " << grown_kb << " kB, " << each_kb << " kB each");
  if (kMemoryTells) CHECK(grown_kb < most_kb_each * static_cast<long>(count));
  CHECK(std::ranges::all_of(idle, is_open));
  CHECK(sent(world, task_for(world, "Among them", kMailbox)).status == 201);
  for (const int socket : idle) ::close(socket);
  CHECK(sent(world, task_for(world, "After", kMailbox)).status == 201);
}
