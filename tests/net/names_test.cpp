// Names that hang, by a getaddrinfo of the test's own in front of the system's; and a system without threads to give.
#include "net/names.hpp"

#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>

#include "net/client.hpp"
#include "net/io_threads.hpp"
#include "net/net_world.hpp"

using namespace gw;
namespace asio = net::asio;

namespace {

/// What begins with "hangs" has no answer until this is opened; "answers.test" is this machine.
struct Gate {
  std::mutex mutex;
  std::condition_variable opened;
  bool open = false;
  int hanging = 0;  ///< since it was closed
  void close() {
    const std::lock_guard lock{mutex};
    open = false;
    hanging = 0;
  }
  void let_through() {
    const std::lock_guard lock{mutex};
    open = true;
    opened.notify_all();
  }
  /// How many look-ups hang, once there is one.
  int begun() {
    std::unique_lock lock{mutex};
    opened.wait(lock, [this] { return hanging > 0; });
    return hanging;
  }
};

Gate& gate() {
  static Gate instance;
  return instance;
}

std::atomic<bool> no_threads{false};

/// One io thread, whose names hang for as long as this lives.
class World {
 public:
  World() {
    gate().close();
    threads.start();
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World() { gate().let_through(); }

  Result<net::Names::Addresses> find(const std::string& host, milliseconds limit) {
    auto& names = asio::use_service<net::Names>(threads.context(0));
    return asio::co_spawn(threads.context(0), names.find(host, limit), asio::use_future).get();
  }

  net::IoThreads threads{1};
};

}  // namespace

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** list) {
  using Real = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto real = reinterpret_cast<Real>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  const std::string_view name = node == nullptr ? "" : node;
  if (name.starts_with("hangs")) {
    std::unique_lock lock{gate().mutex};
    ++gate().hanging;
    gate().opened.notify_all();
    gate().opened.wait(lock, [] { return gate().open; });
    return EAI_NONAME;
  }
  return real(name == "answers.test" ? "127.0.0.1" : node, service, hints, list);
}

extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*),
                              void* argument) noexcept {
  using Real = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static const auto real = reinterpret_cast<Real>(::dlsym(RTLD_NEXT, "pthread_create"));
  return no_threads ? EAGAIN : real(thread, attributes, start, argument);
}

TEST_CASE("names: one that is not answered for keeps no connection to another waiting (OUT-09)", "[net]") {
  World world;
  test::TestPki pki;
  const auto tls = net::ClientTls::load(pki.files("client", pki.client));
  REQUIRE(tls.has_value());
  const auto open = [&](const std::string& host, milliseconds connect) {
    const net::Target target{host, 443, ""};
    const net::ClientTimeouts timeouts{.connect = connect};
    const auto executor = world.threads.context(0).get_executor();
    auto opened =
        asio::co_spawn(executor, net::open_connection(executor, target, **tls, timeouts, {}), asio::use_future).get();
    REQUIRE_FALSE(opened.has_value());
    return opened.error();
  };
  for (const auto* const host : {"hangs.test", "hangs.test", "hangs-too.test"}) {
    CHECK(open(host, milliseconds{50}).kind == FaultKind::kTimeout);
  }
  // It was resolved: this machine's own address is what speaks against it.
  CHECK(open("answers.test", seconds{5}).detail.find("loopback") != std::string::npos);
}

TEST_CASE("names: those who ask for one that is being looked up share that look-up", "[net]") {
  World world;
  for (int i = 0; i < 3; ++i) CHECK(world.find("hangs.test", milliseconds{20}).error().kind == FaultKind::kTimeout);
  CHECK(gate().begun() == 1);
}

TEST_CASE("names: beyond the number that may be looked up at once one is refused, and none is once they ended (OUT-09)",
          "[net]") {
  World world;
  for (std::size_t i = 0; i < net::Names::kMost; ++i) {
    CHECK(world.find("hangs-" + std::to_string(i), milliseconds{1}).error().kind == FaultKind::kTimeout);
  }
  CHECK(world.find("answers.test", seconds{5}).error().kind == FaultKind::kUnreachable);
  gate().let_through();
  // A look-up that is under way still is shared, so that its end can be waited for.
  for (std::size_t i = 0; i < net::Names::kMost; ++i) {
    CHECK(world.find("hangs-" + std::to_string(i), seconds{5}).error().kind == FaultKind::kUnreachable);
  }
  const auto found = world.find("answers.test", seconds{5});
  REQUIRE(found.has_value());
  REQUIRE_FALSE(found->empty());
  CHECK(found->front() == asio::ip::make_address("127.0.0.1"));
}

TEST_CASE("names: where no thread can be had a name is refused at once, and is found when one can (OUT-09)", "[net]") {
  World world;
  no_threads = true;
  const auto refused = world.find("answers.test", seconds{5});
  no_threads = false;
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().kind == FaultKind::kUnreachable);
  CHECK(world.find("answers.test", seconds{5}).has_value());
}
