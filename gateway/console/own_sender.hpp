// Sends a task of one of this gateway's own organisations, in process: the request that the organisation's system would
// send, with a token that names the signed-in person, goes through the very handler that serves the wire. Every check,
// limit and audit record is the same; in the audit the peer is "_console", without a certificate.
//
// Not chosen: calling exchange::send_task past the envelope's checks, which would have made two ways for a task; and a
// connection to the own listener, which would have needed a client certificate to prove to itself who it is.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "console/parts.hpp"
#include "console/settings.hpp"
#include "directory/directory.hpp"
#include "outbox/entry.hpp"

namespace gw::console {

/// What stands in the place of a peer's address where the console sent a task.
inline constexpr std::string_view kOwnPeer = "_console";

/// What a person wants to send. The pointers are of a directory that outlives the call.
struct Draft {
  const directory::Organisation* from = nullptr;
  const directory::Organisation* to = nullptr;
  const directory::Patient* patient = nullptr;
  bool action_needed = false;
  std::string text;
  std::string identifier;  ///< a UUID: what makes sending again safe, for the outbox knows a repeat by it (OUT-03)
};

/// What became of it, as far as staff are concerned.
enum class Outcome : unsigned char {
  kReceived,      ///< the recipient has stored it
  kQueued,        ///< it will be sent
  kInDoubt,       ///< it may have arrived: never to be sent again blindly
  kNotDelivered,  ///< it certainly did not arrive; may be sent again
  kRefused,       ///< something about it is wrong, or the recipient does not want it
};

struct Sent {
  Outcome outcome = Outcome::kInDoubt;
  int status = 0;
  std::string trace;
  std::vector<std::string> reasons;          ///< the diagnostics of what refused it
  std::optional<outbox::StoredTask> stored;  ///< the outbox's entry, without its body; none when it was not let in
};

/// Whether this gateway is the organisation's own system: its registered FQDN is this gateway's. Else the recipient
/// would turn it away (TLS-04).
[[nodiscard]] bool is_own(const directory::Organisation& organisation, const Parts& parts);

/// `user` and what `draft` and `parts` refer to outlive the call.
asio::awaitable<Sent> send_as(const Parts& parts, const User& user, Draft draft);

}  // namespace gw::console
