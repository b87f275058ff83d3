// The demo's small world as a test fixture: real gateway processes, real certificates, real sockets on loopback.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/demo_client.hpp"
#include "app/demo_world.hpp"
#include "base/time.hpp"

namespace gw::test {

/// Where something goes: practice A's gateway sends to one of these.
enum class Way { kMailbox, kRelay };

/// Made once per test binary; all parties run until the binary ends.
class World {
 public:
  static World& shared();

  app::DemoWorld& demo() { return demo_; }
  [[nodiscard]] const app::DemoClient& practice() const { return practice_; }
  [[nodiscard]] const app::DemoClient& hub() const { return hub_; }
  [[nodiscard]] Instant now() const { return clock_.now(); }

  /// A task from practice A to the hub's mailbox, or through the proxy to practice B's endpoint.
  [[nodiscard]] app::DemoClient::Task task(Way way) const;
  [[nodiscard]] app::DemoClient::Request request(Way way) const;
  [[nodiscard]] Result<net::WireAnswer> send(const app::DemoClient::Request& request) const {
    return practice_.send(request);
  }

  /// How often a task of this trace id is in the party's received log.
  [[nodiscard]] std::size_t received(std::string_view party, std::string_view trace) const;
  /// Stop the party as it is, and start it with `environment` added.
  void restart(std::string_view party, const std::vector<std::string>& environment = {});

 private:
  World();
  app::DemoWorld demo_;
  SystemClock clock_;
  app::DemoClient practice_, hub_;
};

/// The value of the request's Ssp-TraceID.
[[nodiscard]] std::string trace_of(const app::DemoClient::Request& request);
/// Replace a header's value; the header must be there.
void set_header(app::DemoClient::Request& request, std::string_view name, std::string value);
/// Replace the first occurrence of `what` in `text`; it must be there.
[[nodiscard]] std::string replaced(std::string text, std::string_view what, std::string_view with);

}  // namespace gw::test
