// The real gateway, dispatcher and store over a simulated network, disk and clock, beside a model of what senders were
// told and what recipients hold. The model knows nothing of the gateway's inside: it holds the three promises against
// what is told.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/http.hpp"
#include "fault/model_network.hpp"
#include "fault/power_vfs.hpp"

namespace gw::test {

enum class Told : unsigned char { kNothing, kDelivered, kFailed, kUnknown };

/// One task as its sender and its recipient see it. Repeats of it are the same task.
struct ModelTask {
  bool relayed = false;
  bool deferred = false;  ///< relayed, and its sender asks for deferred delivery (OUT-06)
  int patient = 10;
  std::string trace;       ///< of the first request
  std::string identifier;  ///< empty: none
  std::string date;
  int stored = 0;  ///< how often the recipient stored it
};

/// A request under one trace id. After a failure that was told, the sender may send the same task under another one.
struct Attempt {
  Told told = Told::kNothing;
  bool stored = false;
  std::string place;        ///< where its sender was told to ask what becomes of it; empty: it was not
  std::uint64_t order = 0;  ///< which one it was of those that were told so
  bool arrived = false;     ///< it came to the recipient, whatever became of it there
};

/// What outlives a crash: people's knowledge and the recipients.
struct Model {
  std::map<int, ModelTask> tasks;           ///< by number
  std::map<std::string, Attempt> attempts;  ///< by trace id
  std::uint64_t deferred = 0;               ///< attempts that were told where to ask
  Instant now{};
};

/// Everything up to one moment of a crash.
struct Moment {
  DiskState disk;
  Model model;
};

class SimulatedClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return Instant{milliseconds{now_ms_.load()}}; }
  void set(Instant now) { now_ms_ = now.time_since_epoch().count(); }
  void advance(milliseconds by) { now_ms_ += by.count(); }

 private:
  std::atomic<std::int64_t> now_ms_{0};
};

/// A fault put into the world around the gateway, to show that the walk finds it; kNone in earnest.
enum class SeededFault : unsigned char {
  kNone,
  kHalfIsStored,         ///< recipients store tasks whose request broke off half way
  kDoubtIsSentAgain,     ///< what was sent and not answered is sent once more
  kDoubtIsToldAsFailed,  ///< senders hear 502 for 504
  kDoubtIsToldAsStored,  ///< senders hear 201 for 504
  kDiskLies,             ///< nothing that is synced is on disk
};

class ModelWorld {
 public:
  explicit ModelWorld(std::uint64_t seed, SeededFault seeded = SeededFault::kNone);
  ModelWorld(const ModelWorld&) = delete;
  ModelWorld& operator=(const ModelWorld&) = delete;
  ~ModelWorld();

  /// One step of the walk, then every promise is looked at. Gives what is broken; empty: nothing.
  std::vector<std::string> step();
  /// Everything comes to an end; then outbox, audit, recipients and what was told are compared.
  std::vector<std::string> finish();

  struct Counts {
    std::size_t tasks = 0, repeats = 0, crashes = 0, deliveries = 0, deferred = 0, polls = 0, expired = 0;
  };
  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  struct Instance;

  void send_new();
  void repeat(bool under_new_trace);
  void contradict();
  void poll_one();
  void poll(int number, const std::string& trace, const std::string& place);
  void let_time_pass();
  void decide_one();
  void decide(const std::shared_ptr<Held>& held);
  void arm_crash();
  void crash();
  void start_instance(const DiskState& disk);
  void send(int number, const std::string& trace, const std::string& text, bool contradicts);
  [[nodiscard]] int heard(int status) const;
  void start(int number, const std::string& trace, RequestHead head, std::string text, bool contradicts);
  void hear(int number, const std::string& trace, const Response& response, bool contradicts, std::uint64_t life);
  void wait_until_quiet();
  void run_to_the_end();
  void end_instance();
  [[nodiscard]] bool is_quiet() const;
  void note_broken(int number, std::string_view what);
  void note_arrival(int number, const std::string& trace);
  [[nodiscard]] int pick_task();

  std::uint64_t seed_;
  std::uint64_t steps_ = 0;
  std::mt19937_64 random_;  // seeded anew for each step, so that a walk replays although threads differ
  const SeededFault seeded_;
  SimulatedClock clock_;
  PowerVfs vfs_;
  std::unique_ptr<Instance> instance_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  Model model_;
  std::vector<std::shared_ptr<Held>> held_;
  std::map<int, int> live_;             // requests on their way, by task
  std::size_t turns_ = 0;               // of deferred tasks, under way
  std::map<int, std::string> history_;  // of each task, for who must find out why a promise was broken
  std::vector<std::string> broken_;
  std::uint64_t life_ = 0;  // of the instance: answers of an earlier one reach nobody
  std::uint64_t crash_at_ = 0;
  std::optional<Moment> crashed_;
  Counts counts_;
};

}  // namespace gw::test
