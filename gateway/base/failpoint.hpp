// Points in the code where a test can have the process killed, to show that a crash there loses and doubles nothing.
// Compiled in always, so that what is tested is what runs: one relaxed load of a flag when nothing is armed.
//
// GW_FAILPOINT="name" or "name:nth" in the environment arms one point for the process: at its nth hit (the first, when
// not said) the process sends itself SIGKILL, as close to a power cut as a process comes. A name that is not in the
// list ends the process at its start with exit code 64, so that a misspelt test cannot pass by testing nothing.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <string_view>

namespace gw {

/// Every point there is; tests walk this list.
inline constexpr std::array<std::string_view, 34> kFailpoints = {
    "outbox.before_begin",          "outbox.after_apply",       "outbox.before_commit",    "outbox.after_commit",
    "outbox.before_resume",         "outbox.before_checkpoint", "outbox.after_checkpoint", "outbox.in_recovery",
    "outbox.after_recovery_commit", "exchange.after_envelope",  "exchange.after_parse",    "exchange.after_validate",
    "exchange.before_admit",        "exchange.after_admit",     "exchange.after_connect",  "exchange.after_sending",
    "exchange.before_conclude",     "exchange.after_conclude",  "exchange.before_answer",  "net.after_answer",
    "delivery.before_write",        "delivery.after_write",     "delivery.after_answer",   "mailbox.before_admit",
    "mailbox.after_admit",          "deferred.after_admit",     "deferred.before_turn",    "deferred.after_connect",
    "deferred.after_sending",       "deferred.before_conclude", "deferred.after_conclude", "deferred.before_expire",
    "deferred.before_repeat",       "deferred.before_fresh",
};

/// The place of a point in the list. A name that is not there does not compile.
class FailpointName {
 public:
  consteval FailpointName(const char* name) : index_(find(name)) {}  // NOLINT: converts from a literal on purpose
  [[nodiscard]] constexpr std::size_t index() const { return index_; }

 private:
  static consteval std::size_t find(std::string_view name) {
    for (std::size_t i = 0; i < kFailpoints.size(); ++i) {
      if (kFailpoints[i] == name) return i;
    }
    throw "this name is not in kFailpoints";
  }
  std::size_t index_;
};

/// Arm the point that `spec` ("name" or "name:nth") names, in place of the one armed before. Empty: none.
/// False, and none armed, when there is no such point or `nth` is not a number above 0.
[[nodiscard]] bool arm_failpoint(std::string_view spec);

namespace detail {
extern std::atomic<bool> failpoint_armed;
void hit_failpoint(std::size_t index);
}  // namespace detail

/// Does nothing, unless this point is armed and this is its nth hit: then it does not return. Thread-safe.
inline void failpoint(FailpointName name) {
  if (detail::failpoint_armed.load(std::memory_order_relaxed)) detail::hit_failpoint(name.index());
}

}  // namespace gw
