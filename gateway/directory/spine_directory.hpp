// The directory as a request sees it when systems come from a Spine Directory Service (SSP-09): the operator's file,
// with the request's sender and recipient filled in.
//
// The file says with whom an organisation shares, its policy and whether its mailbox is here, so nobody is served who
// has no row there. A row with an ASID stands as it is. One without an ASID is filled in from the service: ASID, party
// key, endpoint, FQDN, interactions.
//
// libldap blocks, so the service is asked on a few threads of this object's own; requests that want the same key share
// one question. While the service is away, what it said last is used for a named time, and one question at a time is
// put to find out whether it is back.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "directory/source.hpp"
#include "directory/spine_cache.hpp"

namespace gw::directory {

namespace asio = boost::asio;

struct SpineDirectorySettings {
  SpineSettings service;
  SpineCacheLimits cache;
  std::size_t threads = 2;   ///< each with a connection of its own
  std::size_t waiting = 64;  ///< questions that wait for a thread; beyond them a request is turned away
  milliseconds wait{8'000};  ///< how long a request waits for each of its two questions at most
  seconds retry{5};          ///< while the service is away it is asked so often
};

/// What a request is about, each in its right form.
struct Wanted {
  Asid from, to;
  OdsCode recipient;
  std::string interaction;
};

/// How it stands with the service.
struct SpineHealth {
  bool away = false;
  Instant since{};  ///< when that began
  std::uint64_t questions = 0, failures = 0;
  std::size_t cached = 0;
};

/// Thread-safe. What is asked on an executor is answered there; the executor runs one thing at a time, and its context
/// outlives this object.
class SpineDirectory {
 public:
  /// `overlay` and `clock` outlive it. Nothing is asked before the first request.
  SpineDirectory(const DirectorySource& overlay, SpineDirectorySettings settings, const Clock& clock);
  SpineDirectory(const SpineDirectory&) = delete;
  SpineDirectory& operator=(const SpineDirectory&) = delete;
  /// Waits for the questions that are being asked: for as long as the settings' times allow.
  ~SpineDirectory();

  /// The directory for this request, where nobody has to be asked; else null. Does not block.
  [[nodiscard]] std::shared_ptr<const Directory> at_hand(const Wanted& wanted);
  /// The directory for this request. Who is not registered is not in it.
  /// Faults: kOverloaded; kTimeout; any fault of LdapConnection::search. Nothing old enough to use was there then.
  [[nodiscard]] asio::awaitable<Result<std::shared_ptr<const Directory>>> find(Wanted wanted);
  [[nodiscard]] SpineHealth health() const;

 private:
  struct Waiter;
  using Waiters = std::vector<std::shared_ptr<Waiter>>;

  /// What can be said of a key without waiting: an answer, a fault, or nothing.
  std::optional<Result<SpineSystems>> without_waiting(const SpineKey& key);
  bool enqueue(const SpineKey& key, std::shared_ptr<Waiter> waiter);
  asio::awaitable<Result<SpineSystems>> ask(SpineKey key);
  void work(const std::stop_token& stop);
  void settle(const SpineKey& key, const Result<std::vector<SpineSystem>>& found);
  void note(const Status& status);

  const DirectorySource& overlay_;
  const SpineDirectorySettings settings_;
  const Clock& clock_;
  mutable std::mutex mutex_;  ///< guards what follows, but for the threads
  SpineCache cache_;
  std::map<SpineKey, Waiters> questions_;  ///< being asked, or waiting for a thread
  std::deque<SpineKey> queue_;
  std::condition_variable_any queued_;
  SpineHealth health_;
  Fault cause_;  ///< why it is away
  Instant retry_at_{};
  std::vector<std::jthread> threads_;
};

}  // namespace gw::directory
