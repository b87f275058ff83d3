#include "directory/spine_cache.hpp"

namespace gw::directory {

SpineCache::Found SpineCache::find(const SpineKey& key, Instant now) {
  const auto place = places_.find(key);
  if (place == places_.end()) return {};
  const auto& entry = *place->second;
  const auto age = now - entry.at;
  const bool registered = !entry.systems->empty();
  const auto fresh = registered ? limits_.fresh : limits_.absent;
  const auto usable = registered ? limits_.fresh + limits_.stale : limits_.absent;
  if (age < milliseconds{0} || age >= usable) return {};
  entries_.splice(entries_.begin(), entries_, place->second);
  return {.age = age < fresh ? Age::kFresh : Age::kStale, .systems = entry.systems};
}

void SpineCache::put(const SpineKey& key, SpineSystems systems, Instant now) {
  if (const auto place = places_.find(key); place != places_.end()) {
    entries_.erase(place->second);
    places_.erase(place);
  }
  while (!entries_.empty() && entries_.size() >= limits_.entries) {
    places_.erase(entries_.back().key);
    entries_.pop_back();
  }
  entries_.push_front({.key = key, .systems = std::move(systems), .at = now});
  places_.emplace(key, entries_.begin());
}

}  // namespace gw::directory
