#include "exchange/meters.hpp"

#include <algorithm>

namespace gw::exchange {

namespace {

/// "create:order" of "urn:nhs:names:services:gpconnect:fhir:rest:create:order".
std::string_view short_name(std::string_view interaction) {
  constexpr std::string_view before = ":rest:";
  const auto at = interaction.find(before);
  return at == std::string_view::npos ? interaction : interaction.substr(at + before.size());
}

}  // namespace

void Meters::count(std::size_t interaction, int status) {
  const auto status_class = std::clamp<std::size_t>(static_cast<std::size_t>(std::max(status, 0)) / 100, 0, 5);
  requests_.at(std::min(interaction, kMostInteractions)).at(status_class).fetch_add(1, std::memory_order_relaxed);
}

void Meters::served(const Served& request, const StageClock& stages) {
  const auto* const known = spine::find_interaction(request.interaction);
  count(known == nullptr ? kMostInteractions : static_cast<std::size_t>(known - spine::interactions().data()),
        request.status);
  const auto outcome = std::find(kTaskOutcomes.begin(), kTaskOutcomes.end(), request.outcome);
  if (outcome != kTaskOutcomes.end()) {
    outcomes_.at(static_cast<std::size_t>(outcome - kTaskOutcomes.begin())).fetch_add(1, std::memory_order_relaxed);
  }
  for (std::size_t i = 0; i < kStageNames.size(); ++i) {
    if (const auto spent = stages.spent(i); spent.count() > 0) stages_.at(i).observe(spent);
  }
  whole_.observe(stages.since_start());
  if (request.refused_by.empty()) return;
  const std::lock_guard lock{mutex_};
  ++refusals_[request.refused_by];
}

void Meters::deferred(std::string_view outcome) {
  const auto known = std::find(kDeferredOutcomes.begin(), kDeferredOutcomes.end(), outcome);
  if (known == kDeferredOutcomes.end()) return;
  deferred_.at(static_cast<std::size_t>(known - kDeferredOutcomes.begin())).fetch_add(1, std::memory_order_relaxed);
}

void Meters::refused_early(int status) {
  count(kMostInteractions, status);
}

std::vector<Meters::RequestCount> Meters::requests() const {
  std::vector<RequestCount> counts;
  const auto known = spine::interactions();
  for (std::size_t i = 0; i < requests_.size(); ++i) {
    for (std::size_t status_class = 0; status_class < kStatusClasses; ++status_class) {
      const auto count = requests_.at(i).at(status_class).load(std::memory_order_relaxed);
      if (count == 0) continue;
      counts.push_back({i < known.size() ? short_name(known[i].id) : "unknown", status_class, count});
    }
  }
  return counts;
}

std::map<std::string_view, std::uint64_t> Meters::refusals() const {
  const std::lock_guard lock{mutex_};
  return refusals_;
}

}  // namespace gw::exchange
