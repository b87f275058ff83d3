// What the console works with: references to what app/ owns. Everything referenced outlives the io threads' run.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "base/time.hpp"
#include "console/audit_desk.hpp"
#include "console/passwords.hpp"
#include "console/settings.hpp"
#include "console/sign_in_limit.hpp"
#include "delivery/courier.hpp"
#include "directory/source.hpp"
#include "net/handler.hpp"
#include "outbox/outbox.hpp"

namespace gw::console {

namespace asio = boost::asio;

/// What an operator may do to a task, as the command line does it; implemented in app/. Thread-safe.
class Operations {
 public:
  Operations() = default;
  Operations(const Operations&) = delete;
  Operations& operator=(const Operations&) = delete;
  virtual ~Operations() = default;
  /// Put on record what became of a task in doubt, durably and audited; a sentence that says so. `as` is "delivered" or
  /// "not-delivered". Errors: kInvalid and kNotFound with a sentence for the operator; what the outbox gives.
  virtual asio::awaitable<Result<std::string>> resolve(std::string id, std::string as, std::string reason,
                                                       std::string user_id, std::string user_name) = 0;
  /// Have a deferred task tried now, audited; a sentence that says so. Errors: as resolve().
  virtual asio::awaitable<Result<std::string>> redrive(std::string id, std::string reason, std::string user_id,
                                                       std::string user_name) = 0;
};

struct Parts {
  const Clock& clock;
  const directory::DirectorySource& directory;
  outbox::Outbox& outbox;
  const delivery::Courier& courier;
  net::Handler& gateway;  ///< what serves requests from the wire: a task from the console goes the same way
  Operations& operations;
  AuditDesk& audit;
  const Settings& settings;
  std::string own_fqdn;  ///< host of this gateway's public URL, lower case
};

}  // namespace gw::console
