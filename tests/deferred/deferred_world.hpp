// A gateway in this process, a recipient's system with moods, senders with certificates of their own, and a clock that
// is set: deferred delivery as its sender sees it (OUT-06).
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/instance.hpp"
#include "base/time.hpp"
#include "support/blocking_peer.hpp"
#include "support/test_pki.hpp"

namespace gw::test {

class TestClock final : public Clock {
 public:
  explicit TestClock(Instant now) : now_ms_(now.time_since_epoch().count()) {}
  [[nodiscard]] Instant now() const override { return Instant{milliseconds{now_ms_.load()}}; }
  void advance(milliseconds by) { now_ms_ += by.count(); }

 private:
  std::atomic<std::int64_t> now_ms_;
};

/// What the recipient's system does with whoever connects.
enum class Mood {
  kStores,   ///< 201
  kDown,     ///< closes before the handshake
  kBusy,     ///< 503
  kRefuses,  ///< 422
  kBreaks,   ///< takes the request and closes without an answer
};

/// An answer, taken apart.
struct Answer {
  int status = 0;
  std::string head, body;
  [[nodiscard]] std::string header(std::string_view name) const;
};

class DeferredWorld {
 public:
  /// `policy` is the end of the recipient's row in the directory: "If-None-Exist,Deferred Limit,Policy Reason".
  explicit DeferredWorld(Instant now, std::string policy = ",,", std::function<void(app::Config&)> adjust = {});
  DeferredWorld(const DeferredWorld&) = delete;
  DeferredWorld& operator=(const DeferredWorld&) = delete;
  ~DeferredWorld();

  struct Task {
    std::string text = "Please ring.";
    std::string patient = "1";
    std::string identifier;  ///< a UUID; empty: none
    std::string trace;       ///< empty: a fresh one, kept here by post()
    std::string extra = "Prefer: respond-async\r\n";
    std::string base = "/C33333/DSTU2/1";
  };
  Answer post(Task& task);
  /// Asks at the Content-Location of `deferred`. `extra` as above.
  Answer poll(const Answer& deferred, std::string_view extra = "", bool as_stranger = false);
  /// Polls, waiting each time, until it is not pending.
  Answer outcome(const Answer& deferred);
  /// Polls until the answer's text has `words`.
  Answer poll_until(const Answer& deferred, std::string_view words);
  Answer get(const std::string& target, bool as_stranger = false, std::string_view extra = "");

  void recipient_is(Mood mood) { mood_ = mood; }
  /// Whole requests that the recipient's system took, in order: stored or not.
  [[nodiscard]] std::vector<std::string> arrived() const;
  void restart();
  [[nodiscard]] const app::Config& config() const { return config_; }
  [[nodiscard]] std::string audit() const;

  TestClock clock;

 private:
  void serve(BlockingPeer& peer);
  [[nodiscard]] Answer ask(const std::string& message, const Identity& as) const;
  [[nodiscard]] std::string head(std::string_view verb, std::string_view target, std::string_view interaction,
                                 const std::string& trace, bool as_stranger) const;

  TemporaryFolder folder_;
  TestCa ca_{"Deferred Root"};
  Identity hub_, sender_, stranger_, provider_;
  std::atomic<Mood> mood_{Mood::kStores};
  mutable std::mutex mutex_;
  std::vector<std::string> arrived_;
  ScriptedServer recipient_;
  app::Config config_;
  std::unique_ptr<app::Instance> gateway_;
};

}  // namespace gw::test
