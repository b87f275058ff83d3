// What is counted of requests, for /metrics (OPS-02). Must not know how it is shown, nor who sent what: nothing of a
// patient, user, organisation or trace is in here.
//
// On every request's way, so: no lock and no allocation but for refusals, whose rule is looked up in a small map under
// a mutex. All else is relaxed additions to numbers that were laid out at the start. Every set of labels is closed:
// interactions are the table's, statuses come by class, rules are the program's own literals.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/histogram.hpp"
#include "exchange/stages.hpp"
#include "spine/interaction.hpp"

namespace gw::exchange {

/// What became of tasks; other outcomes are those of requests that never became one.
inline constexpr std::array<std::string_view, 6> kTaskOutcomes = {"delivered", "rejected", "failed",
                                                                  "in-doubt",  "repeat",   "queued"};
/// How a turn of a deferred task can end (OUT-06).
inline constexpr std::array<std::string_view, 6> kDeferredOutcomes = {"delivered", "rejected", "failed",
                                                                      "expired",   "in-doubt", "retry-wait"};

/// Thread-safe.
class Meters {
 public:
  struct Served {
    std::string_view interaction;  ///< as sent; unknown ones are counted together
    int status = 0;
    std::string_view outcome;     ///< of kTaskOutcomes, else not counted as a task's
    std::string_view refused_by;  ///< rule id, a literal; empty: not refused, or not by a rule
  };
  void served(const Served& request, const StageClock& stages);
  /// A turn of a deferred task ended; `outcome` is of kDeferredOutcomes.
  void deferred(std::string_view outcome);
  /// A request that was refused before it was one.
  void refused_early(int status);

  struct RequestCount {
    std::string_view interaction;  ///< "create:order"; "unknown"
    std::size_t status_class = 0;  ///< 2 for 2xx
    std::uint64_t count = 0;
  };
  /// Those that are not zero.
  [[nodiscard]] std::vector<RequestCount> requests() const;
  [[nodiscard]] std::uint64_t task_outcomes(std::size_t outcome) const { return outcomes_.at(outcome).load(); }
  [[nodiscard]] std::uint64_t deferred_outcomes(std::size_t outcome) const { return deferred_.at(outcome).load(); }
  [[nodiscard]] std::map<std::string_view, std::uint64_t> refusals() const;
  [[nodiscard]] HistogramCounts stage(std::size_t stage) const { return stages_.at(stage).counts(); }
  [[nodiscard]] HistogramCounts whole() const { return whole_.counts(); }

 private:
  static constexpr std::size_t kMostInteractions = spine::kMostInteractions;
  static constexpr std::size_t kStatusClasses = 6;

  void count(std::size_t interaction, int status);

  std::array<std::array<std::atomic<std::uint64_t>, kStatusClasses>, kMostInteractions + 1> requests_{};
  std::array<std::atomic<std::uint64_t>, kTaskOutcomes.size()> outcomes_{};
  std::array<std::atomic<std::uint64_t>, kDeferredOutcomes.size()> deferred_{};
  std::array<Histogram, kStageNames.size()> stages_;
  Histogram whole_;
  mutable std::mutex mutex_;  ///< guards refusals_
  std::map<std::string_view, std::uint64_t> refusals_;
};

}  // namespace gw::exchange
