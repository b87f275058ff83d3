// Whether there is room to write, as the writer knows it from the file system, from the database's own empty pages, and
// from its own failures. For the writer's thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>

#include "base/result.hpp"

namespace gw::outbox {

class Disk {
 public:
  /// `reusable_bytes`: of pages in the database that hold nothing any more, after a purge for one. They count as room,
  /// but for half of what is kept back, which the log needs. Asked for only where there is too little without
  /// them.
  Disk(std::filesystem::path folder, std::int64_t min_free_bytes, std::function<std::int64_t()> reusable_bytes);

  /// Look at the free space, at most each 50 ms: what is kept back must outlast what others write between two looks,
  /// since a commit that meets a full disk ends the process. `force`: now.
  void look(bool force);
  /// A write failed: nothing new is taken in until a trial works.
  void note_trouble(Fault cause);
  [[nodiscard]] bool in_trouble() const { return trouble_.has_value(); }
  /// A trial is due: in trouble, and some time since the last one. Counts as that trial's start.
  [[nodiscard]] bool trial_is_due();
  void note_trial_worked() { trouble_.reset(); }

  /// Success when new tasks can be taken. Errors: kStorage, with the reason.
  [[nodiscard]] Status may_admit() const;

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;

  std::filesystem::path folder_;
  std::int64_t min_free_bytes_;
  std::function<std::int64_t()> reusable_bytes_;
  SteadyTime last_look_{}, last_trial_{};
  std::optional<Fault> nearly_full_, trouble_;
};

}  // namespace gw::outbox
