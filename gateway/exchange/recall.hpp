// A deferred task taken up again: its sender's request as it was, and its parties as the directory has them now
// (OUT-06). What has changed since may forbid to send it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>

#include "base/http.hpp"
#include "exchange/caller.hpp"
#include "exchange/parts.hpp"
#include "outbox/entry.hpp"

namespace gw::exchange {

namespace asio = boost::asio;

struct Recalled {
  Recalled() = default;
  Recalled(const Recalled&) = delete;
  Recalled& operator=(const Recalled&) = delete;
  ~Recalled() = default;

  RequestHead head;
  Caller caller;  ///< borrows from `head`; its token names the user, and when the sender's own token ends

  /// Where it stands, for who cannot be asked now.
  std::string why;        ///< not empty: it cannot be sent, in words
  bool for_good = false;  ///< and that will not change by itself
  [[nodiscard]] bool can_be_sent() const { return why.empty(); }
};

/// `stored` has its deferral. Never null.
asio::awaitable<std::unique_ptr<Recalled>> recall(const Parts& parts, const outbox::StoredTask& stored);

}  // namespace gw::exchange
