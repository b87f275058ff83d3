// The addresses of host names, for many at once: a name that its server does not answer for keeps nobody waiting but
// those who ask for it (OUT-09). Must not know what is sent where.
//
// Not asio's resolver: that has one thread for each io_context, so that one practice's dead name server would hold up
// the connections to all others. Here every name that is being looked up has a thread of its own, for as long as the
// system's resolver takes; who asks for the same name meanwhile shares it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace gw::net {

namespace asio = boost::asio;

/// The look-ups of one io_context, found with asio::use_service.
class Names final : public asio::execution_context::service {
 public:
  using key_type = Names;
  using Addresses = std::vector<asio::ip::address>;
  /// At the same time; what hangs does so for the system resolver's own time limits, some ten seconds.
  static constexpr std::size_t kMost = 64;

  static asio::execution_context::id id;
  /// `owner` must be an io_context that one thread runs.
  explicit Names(asio::execution_context& owner);

  /// The addresses of `host`, in the order to be tried, without waiting longer than `limit`. On the context's thread.
  /// Faults: kTimeout, kUnreachable (there is no such name; kMost others are being looked up; no thread can be made).
  asio::awaitable<Result<Addresses>> find(std::string host, milliseconds limit);

 private:
  struct Waiter;
  struct Question {
    std::vector<std::weak_ptr<Waiter>> waiters;  ///< those that gave up are gone
    std::thread thread;
  };

  /// Waits for the look-ups that are under way: they cannot be stopped.
  void shutdown() override;
  bool ask(const std::string& host, const std::shared_ptr<Waiter>& waiter);
  void settle(const std::string& host, const Result<Addresses>& found);

  asio::io_context& context_;
  std::map<std::string, Question> questions_;
};

}  // namespace gw::net
