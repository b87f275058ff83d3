// Every way a recipient's system can fail, one row each: what it does, and what must come of the task.
#pragma once

#include <functional>
#include <future>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.hpp"
#include "outbox/state.hpp"
#include "proxy/proxy_world.hpp"

namespace gw::test {

/// One connection as the recipient's system meets it.
struct Visit {
  BlockingPeer& peer;
  ProxyWorld* world;              ///< for rows that make certificates
  std::shared_future<void> told;  ///< ready when the sender has its answer
  std::string seen{};             ///< what was read of the last request
  int whole = 0;                  ///< requests read to their end

  /// The ordinary handshake. False when it failed.
  bool secure();
  /// Read what is left of the request. False when it ended before its end.
  bool read_request();
  void answer(std::string_view bytes) { peer.send(bytes); }
  /// Read until the gateway gives up, so that it is the gateway's limit that ends the wait.
  void outwait();
  /// Do nothing, not even read, while the sender waits.
  void wait_until_told() const;
};

using Act = std::function<void(Visit&)>;

struct RecipientRow {
  const char* fault;
  Act act;                 ///< on a secured connection; for `bare` rows on one as it comes
  int told;                ///< the sender's status
  std::string_view issue;  ///< the issue's code; empty: the recipient's own answer, or a 201 without a body
  outbox::State state;     ///< of the entry
  bool bare = false;
  bool large = false;  ///< the task is more than the sockets between take in
  std::function<void(app::Config&)> limits{};
  std::function<void(ProxyWorld&)> before{};  ///< what happens before the task is sent
};

/// Nothing of the task may reach the recipient's system in these.
[[nodiscard]] const std::vector<RecipientRow>& rows_before_the_request();
/// While the request goes out and until the answer's head is there. Each also on a connection that served before.
[[nodiscard]] const std::vector<RecipientRow>& rows_of_the_request();
/// From the first byte of the answer on. Each also on a connection that served before.
[[nodiscard]] const std::vector<RecipientRow>& rows_of_the_answer();

/// A 201 as it should be.
inline constexpr std::string_view kStored =
    "HTTP/1.1 201 Created\r\nLocation: https://provider.example.test:8443/C33333/DSTU2/1/Order/7/_history/1\r\n"
    "Content-Length: 0\r\n\r\n";

}  // namespace gw::test
