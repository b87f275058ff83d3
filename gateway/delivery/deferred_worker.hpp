// Gives each deferred task its turns, until it has come to its end: in order per patient and recipient, a few at once
// per recipient, at the times that the tasks themselves say (OUT-06). Must not know what a turn does: its Carrier does
// that. Nothing here is durable; a restart makes it anew from the outbox (RecoveryReport::planned).
//
// Turns share the courier's pools and breakers with all other tasks, and wait in this worker, not in its queues: a
// recipient that is down costs a refused connect a turn.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "delivery/backoff.hpp"
#include "delivery/lanes.hpp"

namespace gw::net {
class IoThreads;
}

namespace gw::delivery {

namespace asio = boost::asio;

struct DeferredSettings {
  BackoffSettings backoff;
  std::size_t at_once_per_recipient = 4;
  std::size_t waiting_per_recipient = 1'000;  ///< beyond it a sender that asks for deferred delivery gets 503
  seconds longest_limit{24 * 3600};           ///< no task is deferred for longer than this, whoever asks
  milliseconds look{250};                     ///< how often the clock is looked at while tasks wait
};

class Carrier {
 public:
  Carrier() = default;
  Carrier(const Carrier&) = delete;
  Carrier& operator=(const Carrier&) = delete;
  virtual ~Carrier() = default;
  /// One turn of the task: all of it that can be done now. Gives when its next one is; nothing when it has come to its
  /// end, or rests. Called on io threads, for one task once at a time.
  virtual asio::awaitable<std::optional<Instant>> carry(TaskId id) = 0;
};

/// Thread-safe.
class DeferredWorker {
 public:
  /// All must outlive the io threads' run.
  DeferredWorker(net::IoThreads& threads, const Clock& clock, Carrier& carrier, const DeferredSettings& settings);
  DeferredWorker(const DeferredWorker&) = delete;
  DeferredWorker& operator=(const DeferredWorker&) = delete;
  /// What was started must be stopped before.
  ~DeferredWorker();

  /// Once. Begins with what an earlier process left.
  void start(const std::vector<outbox::Planned>& left);
  /// Whether one more task for this recipient may be taken on.
  [[nodiscard]] bool has_room(const OdsCode& recipient) const;
  /// A new task, on disk already.
  void add(const outbox::Planned& task);
  /// An operator wants its next turn now (it is planned so on disk).
  void hasten(const outbox::Planned& task);
  /// Look at the clock now.
  void look();
  /// No new turns from now on. Does not wait.
  void close();
  /// close(); blocks until running ones have ended, `patience` at most, then cuts them off: what they leave is on
  /// disk. Not from an io thread. Idempotent.
  void stop(milliseconds patience);
  [[nodiscard]] std::size_t waiting() const;

 private:
  struct Core;
  std::shared_ptr<Core> core_;
};

}  // namespace gw::delivery
