// Time limits of connections, coarse and almost free: arming one stores a number, and one timer for each io_context
// looks at all of them every kSweep. Must not know what a stage is.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>
#include <chrono>

#include "base/time.hpp"

namespace gw::net {

namespace asio = boost::asio;

/// Monotonic time, for limits.
using SteadyTime = std::chrono::steady_clock::time_point;

/// How late a limit can be noticed.
inline constexpr milliseconds kSweep{100};

class Deadlines;

/// One connection's limit. When it passes, all waits on the socket are cancelled and expired() turns true.
/// Belongs to the thread of the socket's io_context; the socket must outlive it.
class Deadline : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  explicit Deadline(asio::ip::tcp::socket& socket);
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  ~Deadline() = default;

  /// Replace the limit that stood; clears expired().
  void arm(milliseconds from_now) { arm_at(std::chrono::steady_clock::now() + from_now); }
  void arm_at(SteadyTime at);
  void disarm() { at_ = SteadyTime::max(); }
  /// The limit passed; stays until armed anew.
  [[nodiscard]] bool expired() const { return expired_; }

 private:
  friend class Deadlines;
  asio::ip::tcp::socket& socket_;
  Deadlines& sweeper_;
  SteadyTime at_ = SteadyTime::max();
  bool expired_ = false;
};

/// The sweeper of one io_context, found with asio::use_service. Its timer runs only while a limit is armed, so that
/// it keeps no io_context alive.
class Deadlines final : public asio::execution_context::service {
 public:
  using key_type = Deadlines;
  static asio::execution_context::id id;
  /// `owner` must be an io_context that one thread runs.
  explicit Deadlines(asio::execution_context& owner);

 private:
  friend class Deadline;
  void shutdown() override {}
  void add(Deadline& deadline);
  void schedule();
  void sweep();

  using List = boost::intrusive::list<Deadline, boost::intrusive::constant_time_size<false>>;
  asio::steady_timer timer_;
  List armed_;
  bool scheduled_ = false;
};

}  // namespace gw::net
